/*-------------------------------------------------------------------------
 *
 * key_directory.c
 *	  Where the rows of table build_key are.
 *
 * To look a key up by the index costs several times what it takes to fetch a
 * row whose place is known, and most keys of sales are in no row.  A place is
 * a hint: who finds another row there, or none, asks the index.
 *
 * src/measure/key_directory.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"

#include "core/catalog.h"
#include "core/rows.h"
#include "measure/key_directory.h"

typedef struct DirectoryEntry
{
	uint32 hash;
	ItemPointerData place; /* invalid: there are several rows */
	char status;
} DirectoryEntry;

#define SH_PREFIX directory
#define SH_ELEMENT_TYPE DirectoryEntry
#define SH_KEY_TYPE uint32
#define SH_KEY hash
#define SH_HASH_KEY(table, key) (key)
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct SpmKeyDirectory
{
	directory_hash *entries;
};

static void take_key(TupleTableSlot *row, void *state);
static uint32 hash_key(int column, const char *key, int length);

/*
 * The directory under the active snapshot, of about so many keys.  It is of
 * use when it was read to its end.
 */
SpmKeyDirectory *
spm_key_directory_read(MemoryContext context, uint64 keys)
{
	SpmKeyDirectory *directory =
		MemoryContextAlloc(context, sizeof(SpmKeyDirectory));

	directory->entries = directory_create(context, keys, NULL);
	spm_scan_table(spm_relation_oid("build_key", false), take_key, directory);
	return directory;
}

/* Take a row of build_key: filter_column, key. */
static void
take_key(TupleTableSlot *row, void *state)
{
	SpmKeyDirectory *directory = state;
	text *key = DatumGetTextPP(row->tts_values[1]);
	bool found;
	DirectoryEntry *entry =
		directory_insert(directory->entries,
						 hash_key(DatumGetInt16(row->tts_values[0]),
								  VARDATA_ANY(key),
								  VARSIZE_ANY_EXHDR(key)),
						 &found);

	if (found)
		ItemPointerSetInvalid(&entry->place);
	else
		entry->place = row->tts_tid;
}

/*
 * Where the row of a key was; an invalid place: there are several of its hash.
 * NULL: it has none.
 */
ItemPointer
spm_key_directory_find(const SpmKeyDirectory *directory, int column,
					   const char *key, int length)
{
	DirectoryEntry *entry =
		directory_lookup(directory->entries, hash_key(column, key, length));

	return entry ? &entry->place : NULL;
}

static uint32
hash_key(int column, const char *key, int length)
{
	return hash_combine(hash_bytes((const unsigned char *) key, length),
						murmurhash32(column));
}
