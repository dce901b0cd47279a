/*-------------------------------------------------------------------------
 *
 * keyset.c
 *	  Sets of keys of one or several columns, of any types.
 *
 * Keys are told apart by the equality of their types.  A set lives as long as
 * the transaction.  Most have one key, which needs no hash table.  It is gone through in the order in which keys came: rows
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

#include "sale/keyset.h"

/* Room for so many at first, when there are several. */
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

static uint32 key_hash(const SpmKeySet *set, const Datum *key);
static bool key_equal(const SpmKeySet *set, const Datum *a, const Datum *b);

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
	int count;
	keys_hash *keys;	/* NULL: there is no more than one */
	SpmKeyEntry *first; /* NULL: the set is empty */
	SpmKeyEntry *last;	/* that was added */
	SpmKeyEntry *found; /* that was asked for last; NULL: none was */
	int column_count;
	KeyColumn columns[FLEXIBLE_ARRAY_MEMBER];
};

static TypeCacheEntry *type_of(Oid type);
static SpmKeyEntry *find_entry(SpmKeySet *set, Datum *key, uint32 hash);
static SpmKeyEntry *add_entry(SpmKeySet *set, const Datum *key, uint32 hash);
static void insert_entry(SpmKeySet *set, SpmKeyEntry *entry);
static bool is_same(const SpmKeySet *set, const Datum *a, const Datum *b);
static bool is_any_taken(const SpmKeySet *set, SpmKeyFilter filter);
static void copy_key(const SpmKeySet *set, const Datum *key, Datum *copy);
static Datum copy_column(const KeyColumn *column, Datum value);

/* An empty set for keys of those types. */
SpmKeySet *
spm_keyset_create(const SpmKeyTypes *types)
{
	SpmKeySet *set =
		MemoryContextAllocZero(TopTransactionContext,
							   offsetof(SpmKeySet, columns) +
								   types->count * sizeof(KeyColumn));

	set->column_count = types->count;
	for (int i = 0; i < types->count; i++)
	{
		KeyColumn *column = &set->columns[i];
		TypeCacheEntry *type = type_of(types->types[i]);

		column->hash = &type->hash_proc_finfo;
		column->equal = &type->eq_opr_finfo;
		column->type = types->types[i];
		column->collation = types->collations[i];
		column->by_value = type->typbyval;
		column->length = type->typlen;
		column->align = type->typalign;
	}
	return set;
}

/* How values of a type are compared and hashed; mostly the type before. */
static TypeCacheEntry *
type_of(Oid type)
{
	static TypeCacheEntry *last = NULL;

	if (last == NULL || last->type_id != type)
		last = lookup_type_cache(type,
								 TYPECACHE_HASH_PROC_FINFO |
									 TYPECACHE_EQ_OPR_FINFO);
	return last;
}

/* Are the set's keys of those types? */
bool
spm_keyset_has_types(const SpmKeySet *set, const SpmKeyTypes *types)
{
	if (set->column_count != types->count)
		return false;
	for (int i = 0; i < types->count; i++)
		if (set->columns[i].type != types->types[i])
			return false;
	return true;
}

/* How many keys there are; a set that was never made has none. */
int
spm_keyset_count(const SpmKeySet *set)
{
	return set == NULL ? 0 : set->count;
}

/*
 * The entry of a key, which is copied if it is new.  Lines of one document
 * mostly come one after the other.
 */
SpmKeyEntry *
spm_keyset_add(SpmKeySet *set, Datum *key, bool *found)
{
	uint32 hash;
	SpmKeyEntry *entry;

	*found = true;
	if (set->found != NULL && is_same(set, set->found->key, key))
		return set->found;
	hash = key_hash(set, key);
	entry = find_entry(set, key, hash);
	*found = entry != NULL;
	set->found = *found ? entry : add_entry(set, key, hash);
	return set->found;
}

/* The entry of a key, NULL if it is not in the set. */
static SpmKeyEntry *
find_entry(SpmKeySet *set, Datum *key, uint32 hash)
{
	KeySlot *slot;

	if (set->keys == NULL)
		return set->first != NULL && set->first->hash == hash &&
					   key_equal(set, set->first->key, key)
				   ? set->first
				   : NULL;
	slot = keys_lookup_hash(set->keys, key, hash);
	return slot ? slot->entry : NULL;
}

static SpmKeyEntry *
add_entry(SpmKeySet *set, const Datum *key, uint32 hash)
{
	SpmKeyEntry *entry =
		MemoryContextAllocZero(TopTransactionContext,
							   sizeof(SpmKeyEntry) +
								   set->column_count * sizeof(Datum));

	entry->key = (Datum *) (entry + 1);
	copy_key(set, key, entry->key);
	entry->hash = hash;
	entry->created_in = InvalidSubTransactionId;
	entry->since = DATEVAL_NOBEGIN;
	if (set->count == 1)
	{
		set->keys = keys_create(TopTransactionContext, FEW_KEYS, set);
		insert_entry(set, set->first);
	}
	if (set->keys != NULL)
		insert_entry(set, entry);
	if (set->last != NULL)
		set->last->next = entry;
	else
		set->first = entry;
	set->last = entry;
	set->count++;
	return entry;
}

/* Have an entry found by the hash table. */
static void
insert_entry(SpmKeySet *set, SpmKeyEntry *entry)
{
	bool exists;

	keys_insert_hash(set->keys, entry->key, entry->hash, &exists)->entry =
		entry;
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
	values = palloc(set->count * sizeof(Datum));
	for (int i = 0; i < set->column_count; i++)
	{
		const KeyColumn *column = &set->columns[i];

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

/* Copy a key, for as long as the set lives. */
static void
copy_key(const SpmKeySet *set, const Datum *key, Datum *copy)
{
	MemoryContext caller_context = MemoryContextSwitchTo(TopTransactionContext);

	for (int i = 0; i < set->column_count; i++)
		copy[i] = copy_column(&set->columns[i], key[i]);
	MemoryContextSwitchTo(caller_context);
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
key_hash(const SpmKeySet *set, const Datum *key)
{
	uint32 hash = 0;

	for (int i = 0; i < set->column_count; i++)
		hash = hash_combine(hash,
							DatumGetUInt32(
								FunctionCall1Coll(set->columns[i].hash,
												  set->columns[i].collation,
												  key[i])));
	return hash;
}

static bool
key_equal(const SpmKeySet *set, const Datum *a, const Datum *b)
{
	for (int i = 0; i < set->column_count; i++)
		if (!DatumGetBool(FunctionCall2Coll(set->columns[i].equal,
											set->columns[i].collation,
											a[i],
											b[i])))
			return false;
	return true;
}

/* Are two keys the same to the byte? */
static bool
is_same(const SpmKeySet *set, const Datum *a, const Datum *b)
{
	for (int i = 0; i < set->column_count; i++)
		if (!datum_image_eq(a[i],
							b[i],
							set->columns[i].by_value,
							set->columns[i].length))
			return false;
	return true;
}
