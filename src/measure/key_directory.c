/*-------------------------------------------------------------------------
 *
 * key_directory.c
 *	  Where the rows of table build_key are.
 *
 * To look a key up by the index costs many times what it takes to fetch a row
 * whose place is known, and most keys of sales may be in no row.  So table
 * key_directory holds a hash table of places, which a session copies as it is.
 *
 * A refresh writes build_key, and then the directory of all that is in it, in
 * one transaction; nobody else writes either.  So in each snapshot both are as
 * the same refresh left them, and a key that is not in the directory has no
 * row: not under the snapshot that the directory was read by, nor under one
 * that shows the same builds.  A snapshot that shows those of a later refresh
 * may have rows that an older directory lacks.  They are of new builds, since
 * what stays is there before and after; who has not heard of these may miss
 * them, and the builder waits for him (README.md, Building).
 *
 * A place is a hint.  VACUUM FULL moves rows, and where a row was removed there
 * may be another: who does not find the key's rows at all places asks the index.
 * So does who finds a row of builds that the directory does not know, which may
 * stand where an older one of the key has been.  What remains is right: either
 * rows are those that the directory was made of, and as many; or a later refresh
 * has written all anew, and then each key has one row of the builds that stay.
 *
 * src/measure/key_directory.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "core/catalog.h"
#include "core/export.h"
#include "core/rows.h"
#include "measure/key_directory.h"

SPM_FUNCTION_INFO_V1(spm_directory_of_keys);

/* A place in 32 bits, 0 for none. */
#define OFFSET_BITS 11
#define FARTHEST_BLOCK (PG_UINT32_MAX >> OFFSET_BITS)

StaticAssertDecl(MaxHeapTuplesPerPage < (1 << OFFSET_BITS),
				 "numbers of rows in a block fit");

/* As table key_directory has it. */
typedef struct DirectorySlot
{
	uint32 hash;
	uint32 place;
} DirectorySlot;

/* About as many slots are in a block. */
#define SLOTS_PER_ROW ((BLCKSZ - 128) / sizeof(DirectorySlot))

/* Stands for a row that is too far away to say where. */
#define FAR_AWAY PG_UINT32_MAX

struct SpmKeyDirectory
{
	uint32 count;
	uint32 filled; /* slots that were read, or taken */
	int32 last_build;
	DirectorySlot *slots;
};

static SpmKeyDirectory *create(MemoryContext context, uint32 count);
static void take_slots(TupleTableSlot *row, void *state);
static void count_key(TupleTableSlot *row, void *state);
static void enter_key(TupleTableSlot *row, void *state);
static uint32 place_of(ItemPointer row);
static uint32 first_slot_for(const SpmKeyDirectory *directory, uint32 hash);
static uint32 hash_key(int column, const char *key, int length);

/* How many blocks there are to read. */
BlockNumber
spm_key_directory_blocks(void)
{
	return spm_count_blocks("key_directory");
}

/* The directory under the active snapshot; NULL: there is none. */
SpmKeyDirectory *
spm_key_directory_read(MemoryContext context)
{
	SpmKeyDirectory *directory = create(context, 0);

	spm_scan_table(spm_relation_oid("key_directory", false),
				   take_slots,
				   directory);
	return directory->count > 0 && directory->filled == directory->count
			   ? directory
			   : NULL;
}

static SpmKeyDirectory *
create(MemoryContext context, uint32 count)
{
	SpmKeyDirectory *directory =
		MemoryContextAllocZero(context, sizeof(SpmKeyDirectory));

	directory->count = count;
	if (count > 0)
		directory->slots =
			MemoryContextAllocExtended(context,
									   mul_size(count, sizeof(DirectorySlot)),
									   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	return directory;
}

/* No row that the directory knows has a greater first_build. */
int32
spm_key_directory_last_build(const SpmKeyDirectory *directory)
{
	return directory->last_build;
}

/* Take a row of key_directory: first_slot, slot_count, last_build, slots. */
static void
take_slots(TupleTableSlot *row, void *state)
{
	SpmKeyDirectory *directory = state;
	uint32 first = DatumGetInt32(row->tts_values[0]);
	uint32 count = DatumGetInt32(row->tts_values[1]);
	bytea *slots = DatumGetByteaPP(row->tts_values[3]);
	Size size = VARSIZE_ANY_EXHDR(slots);

	if (directory->slots == NULL)
	{
		directory->count = count;
		directory->last_build = DatumGetInt32(row->tts_values[2]);
		directory->slots =
			MemoryContextAllocHuge(GetMemoryChunkContext(directory),
								   mul_size(count, sizeof(DirectorySlot)));
	}
	Assert(count == directory->count &&
		   first + size / sizeof(DirectorySlot) <= count);
	memcpy(&directory->slots[first], VARDATA_ANY(slots), size);
	directory->filled += size / sizeof(DirectorySlot);
}

/*
 * Where the rows of a key were, and maybe one of another with the same hash;
 * returns how many places, or SPM_KEY_ANYWHERE.  0: it has no row.
 */
int
spm_key_directory_find(const SpmKeyDirectory *directory, int column,
					   const char *key, int length, ItemPointerData *places)
{
	uint32 hash = hash_key(column, key, length);
	uint32 next = first_slot_for(directory, hash);
	int found = 0;

	while (directory->slots[next].place != 0)
	{
		const DirectorySlot *slot = &directory->slots[next];

		if (slot->hash == hash)
		{
			if (found == SPM_KEY_PLACES || slot->place == FAR_AWAY)
				return SPM_KEY_ANYWHERE;
			ItemPointerSet(&places[found],
						   slot->place >> OFFSET_BITS,
						   slot->place & ((1 << OFFSET_BITS) - 1));
			found++;
		}
		next = next + 1 == directory->count ? 0 : next + 1;
	}
	return found;
}

/* directory_of_keys() → (first_slot, slot_count, last_build, slots) */
Datum
spm_directory_of_keys(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Oid build_key = spm_relation_oid("build_key", false);
	uint32 keys = 0;
	SpmKeyDirectory *directory;

	InitMaterializedSRF(fcinfo, 0);
	spm_scan_table(build_key, count_key, &keys);
	directory = create(CurrentMemoryContext, keys + keys / 3 + 1);
	spm_scan_table(build_key, enter_key, directory);
	for (uint32 first = 0; first < directory->count; first += SLOTS_PER_ROW)
	{
		uint32 count = Min(SLOTS_PER_ROW, directory->count - first);
		Size size = count * sizeof(DirectorySlot);
		bytea *slots = palloc(VARHDRSZ + size);
		Datum values[] = {Int32GetDatum(first),
						  Int32GetDatum(directory->count),
						  Int32GetDatum(directory->last_build),
						  PointerGetDatum(slots)};
		bool nulls[lengthof(values)] = {false};

		SET_VARSIZE(slots, VARHDRSZ + size);
		memcpy(VARDATA(slots), &directory->slots[first], size);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		pfree(slots);
	}
	return (Datum) 0;
}

/* Count a row of build_key. */
static void
count_key(TupleTableSlot *row, void *state)
{
	uint32 *count = state;

	if (++*count > PG_INT32_MAX / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("measures name too many keys")));
}

/* Enter where a row of build_key is: filter_column, key, first_build. */
static void
enter_key(TupleTableSlot *row, void *state)
{
	SpmKeyDirectory *directory = state;
	text *key = DatumGetTextPP(row->tts_values[1]);
	uint32 hash = hash_key(DatumGetInt16(row->tts_values[0]),
						   VARDATA_ANY(key),
						   VARSIZE_ANY_EXHDR(key));
	uint32 next = first_slot_for(directory, hash);

	Assert(directory->filled + 1 < directory->count);
	directory->filled++;
	directory->last_build =
		Max(directory->last_build, DatumGetInt32(row->tts_values[2]));
	while (directory->slots[next].place != 0)
		next = next + 1 == directory->count ? 0 : next + 1;
	directory->slots[next].hash = hash;
	directory->slots[next].place = place_of(&row->tts_tid);
}

static uint32
place_of(ItemPointer row)
{
	BlockNumber block = ItemPointerGetBlockNumber(row);

	if (block >= FARTHEST_BLOCK)
		return FAR_AWAY;
	return block << OFFSET_BITS | ItemPointerGetOffsetNumber(row);
}

/* Where the search for a hash begins. */
static uint32
first_slot_for(const SpmKeyDirectory *directory, uint32 hash)
{
	return ((uint64) hash * directory->count) >> 32;
}

static uint32
hash_key(int column, const char *key, int length)
{
	return hash_combine(hash_bytes((const unsigned char *) key, length),
						murmurhash32(column));
}
