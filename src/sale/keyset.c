/*-------------------------------------------------------------------------
 *
 * keyset.c
 *	  Sets of keys of one or several columns, of any types.
 *
 * Keys are told apart by the equality of their types.  A set lives as long as
 * the transaction.  It is gone through in the order in which keys came: rows
 * that were written one after the other are mostly near each other.
 *
 * src/sale/keyset.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/array.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "core/equality.h"
#include "core/room.h"
#include "sale/keyset.h"

/* Room for so many at first: most transactions touch one document. */
#define FEW_KEYS 8

/* How one column of a key is compared, hashed and copied. */
typedef struct KeyColumn
{
	FmgrInfo *hash;
	FmgrInfo *equal;
	FmgrInfo own_hash; /* where they are those of a known type */
	FmgrInfo own_equal;
	Oid type;
	Oid collation;
	bool by_value;
	int16 length;
	char align;
} KeyColumn;

typedef struct KeyOps
{
	int count;
	KeyColumn columns[SPM_MAX_KEYS];
} KeyOps;

static uint32 key_hash(const KeyOps *ops, const Datum *key);
static bool key_equal(const KeyOps *ops, const Datum *a, const Datum *b);

/* Entries stay where they are when the table grows. */
typedef struct KeySlot
{
	Datum *key;
	SpmKeyEntry *entry;
	uint32 hash;
	char status;
} KeySlot;

#define SH_PREFIX keys
#define SH_ELEMENT_TYPE KeySlot
#define SH_KEY_TYPE Datum *
#define SH_KEY key
#define SH_HASH_KEY(table, key) key_hash((table)->private_data, key)
#define SH_EQUAL(table, a, b) key_equal((table)->private_data, a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(table, entry) (entry)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct SpmKeySet
{
	keys_hash *keys;
	SpmKeyEntry *first; /* NULL: the set is empty */
	SpmKeyEntry *last;	/* that was added */
	SpmKeyEntry *found; /* that was asked for last; NULL: none was */
	SpmRoom room;		/* for entries and keys */
	KeyOps ops;
};

static void describe_column(KeyColumn *column, Oid type, Oid collation,
							MemoryContext context);
static SpmKeyEntry *add_entry(SpmKeySet *set, const Datum *key, uint32 hash);
static bool is_same(const KeyOps *ops, const Datum *a, const Datum *b);
static bool is_any_taken(const SpmKeySet *set, SpmKeyFilter filter);
static Datum *copy_key(SpmKeySet *set, const Datum *key);
static Datum copy_column(const KeyColumn *column, Datum value);

/* An empty set for keys of those types. */
SpmKeySet *
spm_keyset_create(const SpmKeyTypes *types)
{
	MemoryContext context = AllocSetContextCreate(TopTransactionContext,
												  "salesperf documents",
												  ALLOCSET_DEFAULT_SIZES);
	SpmKeySet *set = MemoryContextAllocZero(context, sizeof(SpmKeySet));

	set->ops.count = types->count;
	for (int i = 0; i < types->count; i++)
		describe_column(&set->ops.columns[i],
						types->types[i],
						types->collations[i],
						context);
	set->keys = keys_create(context, FEW_KEYS, &set->ops);
	return set;
}

/* Say how a column of a key is compared, hashed and copied. */
static void
describe_column(KeyColumn *column, Oid type, Oid collation,
				MemoryContext context)
{
	const SpmEquality *known = spm_known_equality(type);

	column->type = type;
	column->collation = collation;
	if (known != NULL)
	{
		fmgr_info_cxt(known->hash, &column->own_hash, context);
		fmgr_info_cxt(known->equal, &column->own_equal, context);
		column->hash = &column->own_hash;
		column->equal = &column->own_equal;
		column->by_value = known->by_value;
		column->length = known->length;
		column->align = known->align;
	}
	else
	{
		TypeCacheEntry *entry = lookup_type_cache(type,
												  TYPECACHE_HASH_PROC_FINFO |
													  TYPECACHE_EQ_OPR_FINFO);

		column->hash = &entry->hash_proc_finfo;
		column->equal = &entry->eq_opr_finfo;
		column->by_value = entry->typbyval;
		column->length = entry->typlen;
		column->align = entry->typalign;
	}
}

/* Are the set's keys of those types? */
bool
spm_keyset_has_types(const SpmKeySet *set, const SpmKeyTypes *types)
{
	if (set->ops.count != types->count)
		return false;
	for (int i = 0; i < types->count; i++)
		if (set->ops.columns[i].type != types->types[i])
			return false;
	return true;
}

/* How many keys there are; a set that was never made has none. */
int
spm_keyset_count(const SpmKeySet *set)
{
	return set == NULL ? 0 : set->keys->members;
}

/*
 * The entry of a key, which is copied if it is new.  Lines of one document
 * mostly come one after the other.
 */
SpmKeyEntry *
spm_keyset_add(SpmKeySet *set, Datum *key, bool *found)
{
	uint32 hash;
	KeySlot *slot;

	*found = true;
	if (set->found != NULL && is_same(&set->ops, set->found->key, key))
		return set->found;
	hash = key_hash(&set->ops, key);
	slot = keys_lookup_hash(set->keys, key, hash);
	*found = slot != NULL;
	set->found = *found ? slot->entry : add_entry(set, key, hash);
	return set->found;
}

static SpmKeyEntry *
add_entry(SpmKeySet *set, const Datum *key, uint32 hash)
{
	SpmKeyEntry *entry =
		spm_room_take(&set->room, set->keys->ctx, sizeof(SpmKeyEntry));
	bool exists;

	memset(entry, 0, sizeof(SpmKeyEntry));
	entry->key = copy_key(set, key);
	entry->hash = hash;
	entry->created_in = InvalidSubTransactionId;
	entry->since = DATEVAL_NOBEGIN;
	keys_insert_hash(set->keys, entry->key, hash, &exists)->entry = entry;
	if (set->last != NULL)
		set->last->next = entry;
	else
		set->first = entry;
	set->last = entry;
	return entry;
}

/*
 * The keys, an array for each column, in the current memory context: those
 * that the filter, if there is one, takes.  Returns how many; if it takes none,
 * there are no arrays.
 */
int
spm_keyset_arrays(const SpmKeySet *set, SpmKeyFilter filter, Datum *arrays)
{
	Datum *values;
	int count = 0;

	if (filter != NULL && !is_any_taken(set, filter))
		return 0;
	values = palloc(set->keys->members * sizeof(Datum));
	for (int i = 0; i < set->ops.count; i++)
	{
		const KeyColumn *column = &set->ops.columns[i];

		count = 0;
		for (const SpmKeyEntry *entry = set->first; entry != NULL;
			 entry = entry->next)
			if (filter == NULL || filter(entry))
				values[count++] = entry->key[i];
		arrays[i] = PointerGetDatum(construct_array(values,
													count,
													column->type,
													column->length,
													column->by_value,
													column->align));
	}
	pfree(values);
	return count;
}

/* Does a filter take any key? */
static bool
is_any_taken(const SpmKeySet *set, SpmKeyFilter filter)
{
	for (const SpmKeyEntry *entry = set->first; entry != NULL;
		 entry = entry->next)
		if (filter(entry))
			return true;
	return false;
}

/* Call take for each entry. */
void
spm_keyset_each(const SpmKeySet *set,
				void (*take)(SpmKeyEntry *entry, void *state), void *state)
{
	for (SpmKeyEntry *entry = set ? set->first : NULL; entry != NULL;
		 entry = entry->next)
		take(entry, state);
}

/* A copy of a key that lives as long as the set. */
static Datum *
copy_key(SpmKeySet *set, const Datum *key)
{
	MemoryContext caller_context = MemoryContextSwitchTo(set->keys->ctx);
	Datum *copy = spm_room_take(&set->room,
								set->keys->ctx,
								set->ops.count * sizeof(Datum));

	for (int i = 0; i < set->ops.count; i++)
		copy[i] = copy_column(&set->ops.columns[i], key[i]);
	MemoryContextSwitchTo(caller_context);
	return copy;
}

/* A copy of a key's column that needs nothing outside of it. */
static Datum
copy_column(const KeyColumn *column, Datum value)
{
	if (!column->by_value && column->length == -1)
		return PointerGetDatum(PG_DETOAST_DATUM_COPY(value));
	return datumCopy(value, column->by_value, column->length);
}

static uint32
key_hash(const KeyOps *ops, const Datum *key)
{
	uint32 hash = 0;

	for (int i = 0; i < ops->count; i++)
		hash = hash_combine(hash,
							DatumGetUInt32(
								FunctionCall1Coll(ops->columns[i].hash,
												  ops->columns[i].collation,
												  key[i])));
	return hash;
}

static bool
key_equal(const KeyOps *ops, const Datum *a, const Datum *b)
{
	for (int i = 0; i < ops->count; i++)
		if (!DatumGetBool(FunctionCall2Coll(ops->columns[i].equal,
											ops->columns[i].collation,
											a[i],
											b[i])))
			return false;
	return true;
}

/* Are two keys the same to the byte? */
static bool
is_same(const KeyOps *ops, const Datum *a, const Datum *b)
{
	for (int i = 0; i < ops->count; i++)
		if (ops->columns[i].by_value
				? a[i] != b[i]
				: !datum_image_eq(a[i], b[i], false, ops->columns[i].length))
			return false;
	return true;
}
