/*-------------------------------------------------------------------------
 *
 * build_keys.c
 *	  The builds that a writer meets, loaded as their keys come by.
 *
 * A session that writes orders meets few of many measures.  Table build_key
 * lists each build under the keys of its most selective filter, or under none,
 * and a key's builds are read when a sale has the key for the first time.
 *
 * Who has looked for so many keys that reading all builds would have cost no
 * more reads them all, if they are not too many (builds.c).
 *
 * What is kept is dropped as a whole when builds come or go, as a writer hears
 * before it books.  So it need not be read under one snapshot: who enters a
 * build waits for all that may have read less.
 *
 * A reader whose transaction changed sales meets them in the same way, and
 * drops what it has loaded when a snapshot shows other builds (kept.c).
 *
 * src/measure/build_keys.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"

#include "core/catalog.h"
#include "core/rows.h"
#include "measure/builds.h"
#include "measure/key_directory.h"
#include "measure/scope_form.h"
#include "org/version.h"

/*
 * As many blocks of the directory can be read at the cost of looking for a key
 * by the index.
 */
#define DIRECTORY_BLOCKS_PER_PROBE 6

/*
 * As many keys can be looked for with a directory at the cost of reading what
 * all builds have in a block of build_key.
 */
#define PROBES_FOR_WHOLE 13

/* A key has so many builds about; there is room for so many to begin with. */
#define BUILDS_PER_PROBE 4
#define FEWEST_BUILDS 64
#define MOST_BUILDS 4096

/* Of more blocks these take too much memory. */
#define WHOLE_BLOCKS 1024
#define DIRECTORY_BLOCKS 320

/* Builds that can't be used any more. */
typedef struct UnusableBuilds
{
	int32 first;
	int32 last;
} UnusableBuilds;

typedef struct BuildNumber
{
	int32 build_id;
	int number;
	char status;
} BuildNumber;

#define SH_PREFIX numbers
#define SH_ELEMENT_TYPE BuildNumber
#define SH_KEY_TYPE int32
#define SH_KEY build_id
#define SH_HASH_KEY(table, key) murmurhash32((uint32) (key))
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* What a set knows of the builds that it was made for. */
struct SpmBuildKeys
{
	bool whole; /* all of them are there */
	Oid build_key;
	BlockNumber blocks; /* it has; SPM_NOT_LOCKED: not asked yet */
	uint64 transaction; /* spm_org_state() since when it is locked */
	uint64 rollbacks;
	MemoryContext row;	   /* for what is read of a key, or of a build */
	numbers_hash *numbers; /* of those that were met */
	int expected;		   /* builds: room for so many to begin with */
	int capacity;		   /* of the set's builds */
	int unusable_count;
	UnusableBuilds *unusable;
	uint32 uses;		 /* of sales by all, as spm_scope_uses() has it */
	uint64 probes;		 /* keys that were looked for */
	uint64 whole_probes; /* that cost as much as all builds */
	uint64 index_probes; /* that cost as much as a directory */
	bool has_directory;	 /* was it read, as far as there is one? */
	SpmKeyDirectory *directory;
};

/* The key whose builds are loaded. */
typedef struct LoadedKey
{
	SpmBuildSet *set;
	SpmKey column;
	const char *key;
	int length;
	int32 last_build; /* no row of others is wanted */
	List *rows;		  /* what build_key has of it, as bytea */
} LoadedKey;

/* A build whose scope is loaded, and its number in the set, -1: it is gone. */
typedef struct LoadedBuild
{
	SpmBuildSet *set;
	int number;
} LoadedBuild;

static void prepare_probes(SpmBuildKeys *keys);
static void take_build(TupleTableSlot *row, void *state);
static void load_key(SpmKey column, const char *key, int length, void *state);
static void forget_lost_lock(SpmBuildKeys *keys);
static int places_of_key(const LoadedKey *loaded, ItemPointerData *places);
static void read_key(LoadedKey *loaded);
static void take_row_of_key(Datum *values, void *state);
static void list_builds(const LoadedKey *loaded, bytea *builds);
static void list_build(SpmBuildSet *set, const SpmBuildEntry *entry,
					   const char *form);
static bool is_unusable(const SpmBuildSet *set, int32 build_id);
static int meet_build(SpmBuildSet *set, int32 build_id, const char *form);
static void read_scope(int32 build_id, LoadedBuild *loaded);
static void take_scope(Datum *values, void *state);
static int keep_build(SpmBuildSet *set, int32 build_id, const char *form);
static void take_uses(TupleTableSlot *row, void *state);
static void take_unusable(TupleTableSlot *row, void *state);

/*
 * The set of all builds under the active snapshot, or of those that can be
 * used, of which none was met yet; or with all of them, for somebody who will
 * look for that many keys.
 */
SpmBuildSet *
spm_builds_to_meet(MemoryContext parent, bool usable, uint64 probes)
{
	MemoryContext context = AllocSetContextCreate(parent,
												  "salesperf builds",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	SpmBuildSet *set = palloc0(sizeof(SpmBuildSet));
	SpmBuildKeys *keys = palloc0(sizeof(SpmBuildKeys));

	set->context = context;
	set->keys = keys;
	keys->expected =
		Max(Min(probes, MOST_BUILDS / BUILDS_PER_PROBE) * BUILDS_PER_PROBE,
			FEWEST_BUILDS);
	set->matcher =
		spm_matcher_create_for(context,
							   keys->expected,
							   Max(Min(probes, MOST_BUILDS), FEWEST_BUILDS));
	keys->probes = probes;
	keys->row =
		AllocSetContextCreate(context, "salesperf row", ALLOCSET_SMALL_SIZES);
	keys->build_key = spm_relation_oid("build_key", false);
	keys->blocks = SPM_NOT_LOCKED;
	prepare_probes(keys);
	keys->whole = probes >= keys->whole_probes;
	if (usable)
		spm_scan_table(spm_relation_oid("invalidation", false),
					   take_unusable,
					   set);
	spm_scan_table(spm_relation_oid("build_use", false), take_uses, set);
	if (keys->whole)
	{
		LoadedBuild loaded = {set, -1};

		spm_matcher_trust_lists(set->matcher);
		spm_scan_table(spm_relation_oid("build_scope", false),
					   take_build,
					   &loaded);
	}
	else if (set->any)
	{
		keys->numbers = numbers_create(context, keys->expected, NULL);
		spm_matcher_load_later(set->matcher, keys->uses, load_key, set);
	}
	MemoryContextSwitchTo(caller_context);
	return set;
}

/* How many keys whoever has the set has looked for. */
uint64
spm_builds_probes(const SpmBuildSet *set)
{
	return set->keys->probes;
}

/* Has a set cost as much, or will it, as one with all builds? */
bool
spm_builds_are_met(const SpmBuildSet *set, uint64 probes)
{
	return !set->keys->whole &&
		   set->keys->probes + probes >= set->keys->whole_probes;
}

/*
 * How many probes cost as much as reading the directory, or all builds; no
 * number of them does if these are too large.
 */
static void
prepare_probes(SpmBuildKeys *keys)
{
	BlockNumber blocks = spm_count_blocks("build_key");
	BlockNumber directory_blocks = spm_key_directory_blocks();

	keys->whole_probes = blocks <= WHOLE_BLOCKS
							 ? (uint64) blocks * PROBES_FOR_WHOLE
							 : PG_UINT64_MAX;
	keys->index_probes = directory_blocks <= DIRECTORY_BLOCKS
							 ? directory_blocks / DIRECTORY_BLOCKS_PER_PROBE
							 : PG_UINT64_MAX;
}

/* Take a row of build_scope: build_id, form. */
static void
take_build(TupleTableSlot *row, void *state)
{
	LoadedBuild *loaded = state;
	MemoryContext caller_context;

	if (is_unusable(loaded->set, DatumGetInt32(row->tts_values[0])))
		return;
	MemoryContextReset(loaded->set->keys->row);
	caller_context = MemoryContextSwitchTo(loaded->set->keys->row);
	take_scope(row->tts_values, state);
	MemoryContextSwitchTo(caller_context);
}

/* Load the builds under a key, or those under none. */
static void
load_key(SpmKey column, const char *key, int length, void *state)
{
	SpmBuildSet *set = state;
	SpmBuildKeys *keys = set->keys;
	LoadedKey loaded = {.set = set,
						.column = column,
						.key = key,
						.length = length};
	ItemPointerData places[SPM_KEY_PLACES];
	int count = places_of_key(&loaded, places);
	MemoryContext caller_context;
	ListCell *cell;

	if (count == 0)
		return;
	MemoryContextReset(keys->row);
	caller_context = MemoryContextSwitchTo(keys->row);
	if (count > 0)
	{
		loaded.last_build = spm_key_directory_last_build(keys->directory);
		forget_lost_lock(keys);
		spm_read_rows_at(keys->build_key,
						 &keys->blocks,
						 places,
						 count,
						 take_row_of_key,
						 &loaded);
	}
	if (list_length(loaded.rows) != count)
		read_key(&loaded);
	foreach (cell, loaded.rows)
		list_builds(&loaded, lfirst(cell));
	MemoryContextSwitchTo(caller_context);
	MemoryContextReset(keys->row);
}

/* A lock ends with its transaction, and may with a rollback to a savepoint. */
static void
forget_lost_lock(SpmBuildKeys *keys)
{
	const SpmOrgState *state = spm_org_state();

	if (keys->transaction != state->transaction ||
		keys->rollbacks != state->rollbacks)
		keys->blocks = SPM_NOT_LOCKED;
	keys->transaction = state->transaction;
	keys->rollbacks = state->rollbacks;
}

/* Where the rows of a key were, as spm_key_directory_find() has it. */
static int
places_of_key(const LoadedKey *loaded, ItemPointerData *places)
{
	SpmBuildKeys *keys = loaded->set->keys;

	if (keys->probes++ >= keys->index_probes && !keys->has_directory)
	{
		keys->directory = spm_key_directory_read(loaded->set->context);
		keys->has_directory = true;
	}
	return keys->directory == NULL
			   ? SPM_KEY_ANYWHERE
			   : spm_key_directory_find(keys->directory,
										spm_build_key_column(loaded->column),
										loaded->key,
										loaded->length,
										places);
}

/* Find the rows of a key by the index, and no others. */
static void
read_key(LoadedKey *loaded)
{
	ScanKeyData keys[2];

	loaded->last_build = PG_INT32_MAX;
	loaded->rows = NIL;
	ScanKeyInit(&keys[0],
				1,
				BTEqualStrategyNumber,
				F_INT2EQ,
				Int16GetDatum(spm_build_key_column(loaded->column)));
	ScanKeyEntryInitialize(&keys[1],
						   0,
						   2,
						   BTEqualStrategyNumber,
						   InvalidOid,
						   C_COLLATION_OID,
						   F_TEXTEQ,
						   PointerGetDatum(
							   cstring_to_text_with_len(loaded->key,
														loaded->length)));
	spm_read_rows("build_key",
				  "build_key_pkey",
				  keys,
				  2,
				  take_row_of_key,
				  loaded);
}

/* Take a row of build_key: filter_column, key, first_build, builds. */
static void
take_row_of_key(Datum *values, void *state)
{
	LoadedKey *loaded = state;
	text *key = DatumGetTextPP(values[1]);

	if (DatumGetInt32(values[2]) <= loaded->last_build &&
		DatumGetInt16(values[0]) == spm_build_key_column(loaded->column) &&
		VARSIZE_ANY_EXHDR(key) == loaded->length &&
		memcmp(VARDATA_ANY(key), loaded->key, loaded->length) == 0)
		loaded->rows = lappend(loaded->rows, DatumGetByteaPCopy(values[3]));
}

/* List the builds of a row. */
static void
list_builds(const LoadedKey *loaded, bytea *builds)
{
	const char *next = VARDATA_ANY(builds);
	const char *end = next + VARSIZE_ANY_EXHDR(builds);

	while (next < end)
	{
		SpmBuildEntry entry;

		memcpy(&entry, next, sizeof(entry));
		next += sizeof(entry);
		list_build(loaded->set, &entry, next);
		next += entry.length;
	}
}

/*
 * List a build under the key that is loaded, with the form of its scope, if
 * that is there.
 */
static void
list_build(SpmBuildSet *set, const SpmBuildEntry *entry, const char *form)
{
	BuildNumber *known;
	int number;

	if (is_unusable(set, entry->build_id))
		return;
	known = numbers_lookup(set->keys->numbers, entry->build_id);
	if (known != NULL)
		number = known->number;
	else
		number = meet_build(set, entry->build_id, entry->length ? form : NULL);
	if (number >= 0)
		spm_matcher_list_loaded(set->matcher, number);
}

static bool
is_unusable(const SpmBuildSet *set, int32 build_id)
{
	for (int i = 0; i < set->keys->unusable_count; i++)
		if (build_id >= set->keys->unusable[i].first &&
			build_id <= set->keys->unusable[i].last)
			return true;
	return false;
}

/* Add a build that is met for the first time; -1 if it is gone. */
static int
meet_build(SpmBuildSet *set, int32 build_id, const char *form)
{
	LoadedBuild loaded = {set, -1};
	bool found;

	if (form != NULL)
		loaded.number = keep_build(set, build_id, form);
	else
		read_scope(build_id, &loaded);
	if (loaded.number >= 0)
		numbers_insert(set->keys->numbers, build_id, &found)->number =
			loaded.number;
	return loaded.number;
}

/* Find the scope of a build in build_scope. */
static void
read_scope(int32 build_id, LoadedBuild *loaded)
{
	ScanKeyData key;

	ScanKeyInit(&key,
				1,
				BTEqualStrategyNumber,
				F_INT4EQ,
				Int32GetDatum(build_id));
	spm_read_rows("build_scope",
				  "build_scope_pkey",
				  &key,
				  1,
				  take_scope,
				  loaded);
}

/* Take a row of build_scope: build_id, form. */
static void
take_scope(Datum *values, void *state)
{
	LoadedBuild *loaded = state;

	loaded->number = keep_build(loaded->set,
								DatumGetInt32(values[0]),
								VARDATA_ANY(DatumGetByteaPP(values[1])));
}

/*
 * Keep a build with that form of its scope; returns its number.  Where all are
 * kept it is listed too.
 */
static int
keep_build(SpmBuildSet *set, int32 build_id, const char *form)
{
	SpmBuildKeys *keys = set->keys;
	SpmScope scope;
	int number;

	if (set->count == keys->capacity)
	{
		Size size;

		keys->capacity = Max(keys->expected, 2 * keys->capacity);
		size = mul_size(keys->capacity, sizeof(SpmBuild));
		set->builds = set->builds ? repalloc_huge(set->builds, size)
								  : MemoryContextAllocHuge(set->context, size);
	}
	spm_scope_read(form, &scope);
	number = keys->whole ? spm_matcher_add(set->matcher, &scope)
						 : spm_matcher_add_later(set->matcher, &scope);
	Assert(number == set->count);
	set->builds[set->count++] = (SpmBuild){.build_id = build_id};
	return number;
}

/* Take a row of build_use. */
static void
take_uses(TupleTableSlot *row, void *state)
{
	SpmBuildSet *set = state;

	set->any = true;
	set->keys->uses |= DatumGetUInt32(row->tts_values[0]);
}

/* Take a row of invalidation: first_build, last_build. */
static void
take_unusable(TupleTableSlot *row, void *state)
{
	SpmBuildSet *set = state;
	SpmBuildKeys *keys = set->keys;
	Size size = (keys->unusable_count + 1) * sizeof(UnusableBuilds);

	keys->unusable = keys->unusable ? repalloc(keys->unusable, size)
									: MemoryContextAlloc(set->context, size);
	keys->unusable[keys->unusable_count].first =
		DatumGetInt32(row->tts_values[0]);
	keys->unusable[keys->unusable_count++].last =
		DatumGetInt32(row->tts_values[1]);
}
