/*-------------------------------------------------------------------------
 *
 * path.c
 *	  The units that a seller or a unit belongs to on a day, and the families
 *	  that a family of products does.
 *
 * Assignments are read member by member, when first asked for, and kept for
 * the session, sorted by date.  What is kept is always what the active
 * snapshot shows, neither newer nor older:
 *
 * - It belongs to one version of the organisation (version.c).  A snapshot
 *	 that differs from the last one reads the version first; another version,
 *	 newer or older, drops everything kept.
 * - In a transaction that changed assignments itself, snapshots that differ
 *	 in curcid alone drop everything as well, and so does each change, each
 *	 rollback to a savepoint and the end of the transaction.
 * - A table defined anew, or truncated, drops everything.
 *
 * Members read at different times under one version go together: the version
 * stands for the state of all tables.
 *
 * Reading may fail half way; an entry is published when it is complete.  Kept
 * memory is bounded: beyond MEMORY_LIMIT everything is dropped at the next
 * call.  Whatever is dropped takes the generation of interned units along.
 *
 * src/org/path.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "core/code.h"
#include "core/export.h"
#include "core/room.h"
#include "org/assignment_int.h"
#include "org/path.h"
#include "org/version.h"

SPM_FUNCTION_INFO_V1(spm_unit_path);
SPM_FUNCTION_INFO_V1(spm_seller_path);

/* What a session may keep. */
#define MEMORY_LIMIT (16 * 1024 * 1024)

typedef struct OrgNode OrgNode;

/* A stretch of days that a member belongs to a unit. */
typedef struct Stretch
{
	DateADT valid_from;
	DateADT valid_to;
	OrgNode *unit;
} Stretch;

/* A unit or a seller. */
struct OrgNode
{
	SpmOrgUnit unit; /* of a seller: its code */
	bool loaded;
	int count;
	Stretch *stretches; /* by valid_from */
	uint64 walk;		/* the last walk that came by */
};

typedef struct OrgSlot
{
	SpmCode code;
	OrgNode *node;
	uint32 hash;
	char status;
} OrgSlot;

#define SH_PREFIX nodes
#define SH_ELEMENT_TYPE OrgSlot
#define SH_KEY_TYPE SpmCode
#define SH_KEY code
#define SH_HASH_KEY(table, key) spm_code_hash(key)
#define SH_EQUAL(table, a, b) spm_code_equal(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(table, slot) (slot)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* A stretch as it is read. */
typedef struct ReadStretch
{
	OrgNode *member;
	Stretch stretch;
} ReadStretch;

typedef struct Reading
{
	nodes_hash *members;
	nodes_hash *owners;
	int count;
	int room;
	ReadStretch *stretches;
} Reading;

/*
 * So many members can be looked for at the cost of reading a block, and what
 * is of no more blocks than this is read whole then.
 */
#define MEMBERS_PER_BLOCK 5
#define MOST_BLOCKS 128

static struct PathCache
{
	MemoryContext context; /* of everything kept; NULL: nothing is */
	nodes_hash *units;
	nodes_hash *sellers;
	nodes_hash *families;
	SpmRoom nodes;		  /* for all of them */
	const OrgNode **path; /* of the last call */
	int room;
	uint64 walks;
	uint64 generation;
	bool full;
	int loads[SPM_ASSIGNMENT_TABLES]; /* of members, or all */
	bool whole[SPM_ASSIGNMENT_TABLES];
	uint64 state; /* spm_org_generation() of it */
} cache;

/* About so many members are going to be looked for. */
static uint64 expected = 0;

static Datum path_array(const SpmOrgPath *path);
static void drop_kept(void);
static OrgNode *find_node(nodes_hash *nodes, const char *text, int length);
static void load_node(OrgNode *node, SpmAssignmentTable table);
static bool is_worth_all(SpmAssignmentTable table);
static void read_stretches(SpmAssignmentTable table, const SpmCode *member);
static void keep_stretches(OrgNode *node, Stretch *kept,
						   const ReadStretch *stretches, int count);
static void add_stretch(const SpmAssignment *row, void *state);
static int compare_stretches(const void *a, const void *b);
static OrgNode *unit_on(const OrgNode *node, DateADT day);
static void walk_up(OrgNode *unit, DateADT day, SpmAssignmentTable table,
					SpmOrgPath *path);
static void grow_path(void);

/* unit_path(unit, as_of) → text[] */
Datum
spm_unit_path(PG_FUNCTION_ARGS)
{
	text *code = PG_GETARG_TEXT_PP(0);
	SpmOrgPath path;

	spm_path_of_unit(VARDATA_ANY(code),
					 VARSIZE_ANY_EXHDR(code),
					 PG_GETARG_DATEADT(1),
					 &path);
	return path_array(&path);
}

/* seller_path(seller, as_of) → text[] */
Datum
spm_seller_path(PG_FUNCTION_ARGS)
{
	text *code = PG_GETARG_TEXT_PP(0);
	SpmOrgPath path;

	spm_path_of_seller(VARDATA_ANY(code),
					   VARSIZE_ANY_EXHDR(code),
					   PG_GETARG_DATEADT(1),
					   &path);
	return path_array(&path);
}

/* A path's codes as text[]. */
static Datum
path_array(const SpmOrgPath *path)
{
	Datum *codes = palloc(Max(path->count, 1) * sizeof(Datum));

	for (int i = 0; i < path->count; i++)
		codes[i] =
			PointerGetDatum(cstring_to_text_with_len(path->units[i]->code,
													 path->units[i]->length));
	return PointerGetDatum(
		construct_array(codes, path->count, TEXTOID, -1, false, TYPALIGN_INT));
}

/* Make sure that what is kept is what the active snapshot shows. */
static inline void
ensure_current(void)
{
	uint64 state = spm_org_generation(SPM_ORG_ASSIGNMENTS);

	if (cache.context == NULL || cache.full || cache.state != state)
		drop_kept();
	cache.state = state;
}

/*
 * The unit itself, and those above it on a day under the active snapshot.
 * A unit that nothing is known of is its own path.
 */
void
spm_path_of_unit(const char *code, int length, DateADT day, SpmOrgPath *path)
{
	ensure_current();
	walk_up(find_node(cache.units, code, length), day, SPM_UNIT_PARENT, path);
}

/* The same for a family of products, on any day. */
void
spm_path_of_family(const char *code, int length, SpmOrgPath *path)
{
	ensure_current();
	walk_up(find_node(cache.families, code, length),
			0,
			SPM_PRODUCT_FAMILY,
			path);
}

/*
 * The unit that a seller belongs to on a day under the active snapshot, and
 * those above it; none if there is none.
 */
void
spm_path_of_seller(const char *code, int length, DateADT day, SpmOrgPath *path)
{
	OrgNode *seller;

	ensure_current();
	seller = find_node(cache.sellers, code, length);
	if (!seller->loaded)
		load_node(seller, SPM_SELLER_UNIT);
	walk_up(unit_on(seller, day), day, SPM_UNIT_PARENT, path);
}

/*
 * About so many sellers, of some units and families, are going to be asked for:
 * what is small enough is read whole at once.  0: it is not known.
 */
void
spm_path_expect(uint64 members)
{
	expected = members;
}

/* Start with nothing. */
static void
drop_kept(void)
{
	MemoryContext context = cache.context;

	cache.context = NULL;
	if (context != NULL)
		MemoryContextDelete(context);
	context = AllocSetContextCreate(CacheMemoryContext,
									"salesperf unit paths",
									ALLOCSET_DEFAULT_SIZES);
	cache.units = nodes_create(context, 64, NULL);
	cache.sellers = nodes_create(context, 64, NULL);
	cache.families = nodes_create(context, 64, NULL);
	cache.nodes = (SpmRoom){.next = NULL};
	memset(cache.loads, 0, sizeof(cache.loads));
	memset(cache.whole, 0, sizeof(cache.whole));
	cache.path = NULL;
	cache.room = 0;
	cache.full = false;
	cache.generation++;
	cache.context = context;
}

/* The node of a code, made if there is none. */
static OrgNode *
find_node(nodes_hash *nodes, const char *text, int length)
{
	SpmCode code = {text, length};
	uint32 hash = spm_code_hash(code);
	OrgSlot *slot = nodes_lookup_hash(nodes, code, hash);
	OrgNode *node;
	char *copy;
	bool found;

	if (slot != NULL)
		return slot->node;
	node = spm_room_take(&cache.nodes,
						 cache.context,
						 sizeof(OrgNode) + (Size) length + 1);
	memset(node, 0, sizeof(OrgNode));
	copy = (char *) node + sizeof(OrgNode);
	memcpy(copy, text, length);
	copy[length] = '\0';
	node->unit.number = nodes->members;
	node->unit.length = length;
	node->unit.code = copy;
	code.text = copy;
	slot = nodes_insert_hash(nodes, code, hash, &found);
	Assert(!found);
	slot->node = node;
	return node;
}

/* Have the stretches of a node, or of all of the table. */
static void
load_node(OrgNode *node, SpmAssignmentTable table)
{
	SpmCode code = {node->unit.code, node->unit.length};

	if (!cache.whole[table])
	{
		bool all = is_worth_all(table);

		read_stretches(table, all ? NULL : &code);
		cache.whole[table] = all;
	}
	node->loaded = true;
	cache.full |= MemoryContextMemAllocated(cache.context, true) > MEMORY_LIMIT;
}

/*
 * Has it cost as much to look for members as it takes to read all, or will it?
 * In a serializable transaction others' changes of any would then be conflicts.
 */
static bool
is_worth_all(SpmAssignmentTable table)
{
	int loads = ++cache.loads[table];
	BlockNumber blocks;

	if ((loads > 1 && loads % MEMBERS_PER_BLOCK != 0) ||
		IsolationIsSerializable())
		return false;
	blocks = spm_assignments_blocks(table);
	return blocks <= MOST_BLOCKS &&
		   Max(loads, expected) >= blocks * MEMBERS_PER_BLOCK;
}

/* Read the stretches of a member, or of all (NULL) that have none yet. */
static void
read_stretches(SpmAssignmentTable table, const SpmCode *member)
{
	Reading reading = {.members = table == SPM_SELLER_UNIT	 ? cache.sellers
								  : table == SPM_UNIT_PARENT ? cache.units
															 : cache.families,
					   .owners = table == SPM_PRODUCT_FAMILY ? cache.families
															 : cache.units};
	Stretch *kept;

	spm_assignments_read(table,
						 member,
						 GetActiveSnapshot(),
						 add_stretch,
						 &reading);
	if (reading.count == 0)
		return;
	kept = MemoryContextAlloc(cache.context,
							  mul_size(reading.count, sizeof(Stretch)));
	qsort(reading.stretches,
		  reading.count,
		  sizeof(ReadStretch),
		  compare_stretches);
	for (int first = 0, next; first < reading.count; first = next)
	{
		OrgNode *node = reading.stretches[first].member;

		for (next = first + 1; next < reading.count; next++)
			if (reading.stretches[next].member != node)
				break;
		if (!node->loaded)
			keep_stretches(node,
						   &kept[first],
						   &reading.stretches[first],
						   next - first);
	}
	pfree(reading.stretches);
}

/* Keep the stretches of one node, in the place that there is for them. */
static void
keep_stretches(OrgNode *node, Stretch *kept, const ReadStretch *stretches,
			   int count)
{
	node->stretches = kept;
	for (int i = 0; i < count; i++)
		kept[i] = stretches[i].stretch;
	node->count = count;
	node->loaded = true;
}

/* Keep a row as it is read. */
static void
add_stretch(const SpmAssignment *row, void *state)
{
	Reading *reading = state;
	ReadStretch *read;

	if (reading->count == reading->room)
	{
		reading->room = Max(4, 2 * reading->room);
		reading->stretches =
			reading->stretches
				? repalloc(reading->stretches,
						   mul_size(reading->room, sizeof(ReadStretch)))
				: palloc(mul_size(reading->room, sizeof(ReadStretch)));
	}
	read = &reading->stretches[reading->count++];
	read->member =
		find_node(reading->members, row->member.text, row->member.length);
	read->stretch.valid_from = row->valid_from;
	read->stretch.valid_to = row->valid_to;
	read->stretch.unit =
		find_node(reading->owners, row->owner.text, row->owner.length);
}

static int
compare_stretches(const void *a, const void *b)
{
	const ReadStretch *left = a;
	const ReadStretch *right = b;
	DateADT left_day = left->stretch.valid_from;
	DateADT right_day = right->stretch.valid_from;

	if (left->member != right->member)
		return left->member < right->member ? -1 : 1;
	return (left_day > right_day) - (left_day < right_day);
}

/* The unit that a loaded node belongs to on a day, NULL if none. */
static OrgNode *
unit_on(const OrgNode *node, DateADT day)
{
	int low = 0;
	int high = node->count;

	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (node->stretches[middle].valid_from <= day)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || node->stretches[low - 1].valid_to < day)
		return NULL;
	return node->stretches[low - 1].unit;
}

/*
 * Fill a path from a unit (NULL: none) upwards.  A cycle, which may exist
 * until the end of the transaction that makes it, is gone round once.
 */
static void
walk_up(OrgNode *unit, DateADT day, SpmAssignmentTable table, SpmOrgPath *path)
{
	uint64 walk = ++cache.walks;
	int count = 0;

	while (unit != NULL && unit->walk != walk)
	{
		unit->walk = walk;
		if (count == cache.room)
			grow_path();
		cache.path[count++] = unit;
		if (!unit->loaded)
			load_node(unit, table);
		unit = unit_on(unit, day);
	}
	/* A node begins with its unit. */
	path->count = count;
	path->units = (const SpmOrgUnit *const *) cache.path;
	path->generation = cache.generation;
}

/* Double the room for a path. */
static void
grow_path(void)
{
	int room = Max(16, 2 * cache.room);
	Size size = mul_size(room, sizeof(OrgNode *));

	cache.path = cache.path ? repalloc(cache.path, size)
							: MemoryContextAlloc(cache.context, size);
	cache.room = room;
}
