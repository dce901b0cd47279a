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

#include "utils/array.h"
#include "utils/memutils.h"

#include "core/room.h"
#include "sale/key_equality.h"
#include "sale/keyset.h"

/* Room for so many at first, when there are several. */
#define FEW_KEYS 8

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
#define SH_HASH_KEY(table, key) spm_key_hash((table)->private_data, key)
#define SH_EQUAL(table, a, b) spm_key_equal((table)->private_data, a, b)
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
	SpmRoom room;		/* for entries and keys */
	SpmKeyOps ops;		/* last: but few of its columns have room */
};

static SpmKeyEntry *find_entry(SpmKeySet *set, Datum *key, uint32 hash);
static SpmKeyEntry *add_entry(SpmKeySet *set, const Datum *key, uint32 hash);
static void insert_entry(SpmKeySet *set, SpmKeyEntry *entry);
static bool is_any_taken(const SpmKeySet *set, SpmKeyFilter filter);
static void copy_key(const SpmKeySet *set, const Datum *key, Datum *copy);

/* An empty set for keys of those types. */
SpmKeySet *
spm_keyset_create(const SpmKeyTypes *types)
{
	SpmKeySet *set =
		MemoryContextAllocZero(TopTransactionContext,
							   offsetof(SpmKeySet, ops.columns) +
								   types->count * sizeof(SpmKeyColumn));

	spm_key_ops_init(&set->ops, types);
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
	if (set->found != NULL && spm_key_is_same(&set->ops, set->found->key, key))
		return set->found;
	hash = spm_key_hash(&set->ops, key);
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
					   spm_key_equal(&set->ops, set->first->key, key)
				   ? set->first
				   : NULL;
	slot = keys_lookup_hash(set->keys, key, hash);
	return slot ? slot->entry : NULL;
}

static SpmKeyEntry *
add_entry(SpmKeySet *set, const Datum *key, uint32 hash)
{
	SpmKeyEntry *entry =
		spm_room_take(&set->room,
					  TopTransactionContext,
					  sizeof(SpmKeyEntry) + set->ops.count * sizeof(Datum));

	memset(entry, 0, sizeof(SpmKeyEntry));
	entry->key = (Datum *) (entry + 1);
	copy_key(set, key, entry->key);
	entry->hash = hash;
	entry->created_in = InvalidSubTransactionId;
	entry->since = DATEVAL_NOBEGIN;
	if (set->count == 1)
	{
		set->keys = keys_create(TopTransactionContext, FEW_KEYS, &set->ops);
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
	for (int i = 0; i < set->ops.count; i++)
	{
		const SpmKeyColumn *column = &set->ops.columns[i];

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

	spm_key_copy(&set->ops, key, copy);
	MemoryContextSwitchTo(caller_context);
}
