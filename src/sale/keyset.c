/*-------------------------------------------------------------------------
 *
 * keyset.c
 *	  Sets of keys of one or several columns, of any types.
 *
 * Keys are told apart by the equality of their types.  A set lives as long as
 * the transaction.
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

#include "sale/keyset.h"

/* Room for so many at first: most transactions touch one document. */
#define FEW_KEYS 8

/* How one column of a key is compared, hashed and copied. */
typedef struct KeyColumn
{
	FmgrInfo *hash;
	FmgrInfo *equal;
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

#define SH_PREFIX keys
#define SH_ELEMENT_TYPE SpmKeyEntry
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
	KeyOps ops;
};

static bool is_any_taken(const SpmKeySet *set, SpmKeyFilter filter);
static Datum *copy_key(const SpmKeySet *set, const Datum *key);
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
	{
		KeyColumn *column = &set->ops.columns[i];
		TypeCacheEntry *type = lookup_type_cache(types->types[i],
												 TYPECACHE_HASH_PROC_FINFO |
													 TYPECACHE_EQ_OPR_FINFO);

		column->hash = &type->hash_proc_finfo;
		column->equal = &type->eq_opr_finfo;
		column->type = types->types[i];
		column->collation = types->collations[i];
		column->by_value = type->typbyval;
		column->length = type->typlen;
		column->align = type->typalign;
	}
	set->keys = keys_create(context, FEW_KEYS, &set->ops);
	return set;
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

/* The entry of a key, which is copied if it is new. */
SpmKeyEntry *
spm_keyset_add(SpmKeySet *set, Datum *key, bool *found)
{
	SpmKeyEntry *entry = keys_lookup(set->keys, key);

	*found = entry != NULL;
	if (!*found)
	{
		bool exists;

		entry = keys_insert(set->keys, copy_key(set, key), &exists);
		entry->exclusive = false;
		entry->partial = false;
		entry->changes = NULL;
		entry->header = NULL;
		entry->created_in = InvalidSubTransactionId;
		entry->since = DATEVAL_NOBEGIN;
	}
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
		keys_iterator iterator;
		SpmKeyEntry *entry;

		count = 0;
		keys_start_iterate(set->keys, &iterator);
		while ((entry = keys_iterate(set->keys, &iterator)) != NULL)
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
	keys_iterator iterator;
	SpmKeyEntry *entry;

	keys_start_iterate(set->keys, &iterator);
	while ((entry = keys_iterate(set->keys, &iterator)) != NULL)
		if (filter(entry))
			return true;
	return false;
}

/* Call take for each entry. */
void
spm_keyset_each(const SpmKeySet *set,
				void (*take)(SpmKeyEntry *entry, void *state), void *state)
{
	keys_iterator iterator;
	SpmKeyEntry *entry;

	if (set == NULL)
		return;
	keys_start_iterate(set->keys, &iterator);
	while ((entry = keys_iterate(set->keys, &iterator)) != NULL)
		take(entry, state);
}

/* A copy of a key that lives as long as the set. */
static Datum *
copy_key(const SpmKeySet *set, const Datum *key)
{
	MemoryContext caller_context = MemoryContextSwitchTo(set->keys->ctx);
	Datum *copy = palloc(set->ops.count * sizeof(Datum));

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
