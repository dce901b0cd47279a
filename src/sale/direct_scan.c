/*-------------------------------------------------------------------------
 *
 * direct_scan.c
 *	  Rows of one table, fetched by an index without the executor.
 *
 * src/sale/direct_scan.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "executor/executor.h"
#include "storage/bufmgr.h"
#include "utils/acl.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "core/compat.h"
#include "sale/direct_scan.h"
#include "sale/row_cache.h"

/*
 * So many rows can be looked for at the cost of reading a block, of which
 * there may be so many.
 */
#define MISSES_PER_BLOCK 12
#define CACHED_BLOCKS 256

/* After so many places it costs less to ask how long a table is. */
#define MOST_GUESSES 16

static bool has_block(TableScan *scan, const SpmPlace *place);
static BlockNumber count_blocks(TableScan *scan);
static SpmPlace place_of(TupleTableSlot *slot);
static void keep_all(TableScan *scan);
static bool is_equal(const TableScan *scan);
static bool is_same_text(Datum a, Datum b);

/* Open a table; rows are looked for later, under the active snapshot. */
void
spm_scan_open(TableScan *scan, DirectTable *table)
{
	scan->table = table;
	scan->context = CurrentMemoryContext;
	scan->relation = table_open(table->table, AccessShareLock);
	scan->blocks = InvalidBlockNumber;
	scan->guesses = 0;
	scan->slot = table_slot_create(scan->relation, NULL);
}

/* Close it, if it was opened. */
void
spm_scan_close(TableScan *scan)
{
	if (scan->table == NULL)
		return;
	ExecDropSingleTupleTableSlot(scan->slot);
	if (scan->scan != NULL)
	{
		index_endscan(scan->scan);
		index_close(scan->index, NoLock);
	}
	table_close(scan->relation, NoLock);
	scan->table = NULL;
}

/* May a role read the table? */
bool
spm_scan_may_read(const TableScan *scan, Oid role)
{
	return scan->table == NULL || scan->relation->rd_rel->relowner == role ||
		   pg_class_aclcheck(scan->table->table, role, ACL_SELECT) ==
			   ACLCHECK_OK;
}

/* Fetch the row with a code, of which there is one at most. */
void
spm_scan_find_by_code(TableScan *scan, Datum code)
{
	SpmRowCache *places = scan->table->places_kept;
	SpmPlace *place;

	scan->key[0] = code;
	if (!TTS_EMPTY(scan->slot) && is_equal(scan))
		return;
	place = spm_row_cache_find(places, code);
	if (place != NULL && has_block(scan, place) &&
		table_tuple_fetch_row_version(scan->relation,
									  &place->row,
									  GetActiveSnapshot(),
									  scan->slot) &&
		is_equal(scan))
	{
		place->buffer = place_of(scan->slot).buffer;
		return;
	}
	if (spm_row_cache_misses(places) > count_blocks(scan) * MISSES_PER_BLOCK)
		keep_all(scan);
	spm_scan_find(scan);
	if (spm_scan_next(scan))
	{
		SpmPlace found = place_of(scan->slot);

		spm_row_cache_keep(places, code, &found);
	}
	else
		ExecClearTuple(scan->slot);
}

/*
 * Has the table the block of a place?  For a few of them nobody has to be asked
 * how long the table is, if they are in the buffers that they were in.
 */
static bool
has_block(TableScan *scan, const SpmPlace *place)
{
	BlockNumber block = ItemPointerGetBlockNumber(&place->row);

	if (scan->blocks == InvalidBlockNumber && ++scan->guesses <= MOST_GUESSES &&
		BufferIsValid(place->buffer) &&
		ReadRecentBuffer(SPM_LOCATOR(scan->relation),
						 MAIN_FORKNUM,
						 block,
						 place->buffer))
	{
		ReleaseBuffer(place->buffer);
		return true;
	}
	return block < count_blocks(scan);
}

/* How many blocks the table had when this was first asked of the scan. */
static BlockNumber
count_blocks(TableScan *scan)
{
	if (scan->blocks == InvalidBlockNumber)
		scan->blocks = RelationGetNumberOfBlocks(scan->relation);
	return scan->blocks;
}

/* Where the row in a slot of a heap is. */
static SpmPlace
place_of(TupleTableSlot *slot)
{
	SpmPlace place = {slot->tts_tid,
					  ((BufferHeapTupleTableSlot *) slot)->buffer};

	return place;
}

/*
 * Note the places of all rows: so many had to be looked for that it costs no
 * more.  A serializable transaction would have read them all by that.
 */
static void
keep_all(TableScan *scan)
{
	SpmRowCache *places = scan->table->places_kept;
	TupleTableSlot *slot;
	TableScanDesc rows;

	spm_row_cache_begin(places);
	if (count_blocks(scan) > CACHED_BLOCKS || IsolationIsSerializable())
		return;
	slot = table_slot_create(scan->relation, NULL);
	rows = table_beginscan(scan->relation, GetActiveSnapshot(), 0, NULL);
	while (table_scan_getnextslot(rows, ForwardScanDirection, slot))
	{
		bool is_null;
		Datum code = slot_getattr(slot, scan->table->columns[0], &is_null);
		SpmPlace place = place_of(slot);

		if (!is_null)
			spm_row_cache_keep(places, code, &place);
	}
	table_endscan(rows);
	ExecDropSingleTupleTableSlot(slot);
}

/* Begin to read the rows with the scan's key. */
void
spm_scan_find(TableScan *scan)
{
	const DirectTable *table = scan->table;
	ScanKeyData keys[SPM_MAX_KEYS];

	if (scan->scan == NULL)
		spm_scan_begin(scan);
	for (int i = 0; i < table->index_count; i++)
	{
		int key = table->index_keys[i];

		ScanKeyEntryInitialize(&keys[i],
							   0,
							   i + 1,
							   BTEqualStrategyNumber,
							   InvalidOid,
							   table->collations[key],
							   table->equal[key].fn_oid,
							   scan->key[key]);
	}
	index_rescan(scan->scan, keys, table->index_count, NULL, 0);
}

/* Open the index. */
void
spm_scan_begin(TableScan *scan)
{
	MemoryContext caller_context = MemoryContextSwitchTo(scan->context);

	scan->index = index_open(scan->table->index, AccessShareLock);
	scan->scan = spm_index_beginscan(scan->relation,
									 scan->index,
									 GetActiveSnapshot(),
									 scan->table->index_count);
	MemoryContextSwitchTo(caller_context);
}

/*
 * Fetch the next row that the index has.  What the index keeps from row to row,
 * as the list of entries to mark as dead, must outlive the row being read.
 */
bool
spm_scan_fetch(TableScan *scan, ScanDirection direction)
{
	MemoryContext caller_context = MemoryContextSwitchTo(scan->context);
	bool found = index_getnext_slot(scan->scan, direction, scan->slot);

	MemoryContextSwitchTo(caller_context);
	return found;
}

/* Fetch the next row with the scan's key. */
bool
spm_scan_next(TableScan *scan)
{
	const DirectTable *table = scan->table;

	while (spm_scan_fetch(scan, ForwardScanDirection))
		if (table->index_count == table->key_count || is_equal(scan))
			return true;
	return false;
}

/*
 * Has the index that many entries with the scan's key, those of dead rows
 * included?  As no row is read the scan is of no snapshot, so that serializable
 * transactions which add entries to the same page do not conflict over it.
 */
bool
spm_scan_has(TableScan *scan, int count)
{
	if (scan->scan == NULL)
		spm_scan_begin(scan);
	scan->scan->xs_snapshot = SnapshotAny;
	spm_scan_find(scan);
	while (index_getnext_tid(scan->scan, ForwardScanDirection) != NULL)
		if (--count < 0)
			return false;
	return count == 0;
}

/* Has the fetched row the scan's key? */
static bool
is_equal(const TableScan *scan)
{
	DirectTable *table = scan->table;

	for (int i = 0; i < table->key_count; i++)
	{
		bool is_null;
		Datum value = slot_getattr(scan->slot, table->columns[i], &is_null);

		if (is_null)
			return false;
		if (table->by_bytes[i]
				? !is_same_text(value, scan->key[i])
				: !DatumGetBool(FunctionCall2Coll(&table->equal[i],
												  table->collations[i],
												  value,
												  scan->key[i])))
			return false;
	}
	return true;
}

static bool
is_same_text(Datum a, Datum b)
{
	text *left = DatumGetTextPP(a);
	text *right = DatumGetTextPP(b);
	Size length = VARSIZE_ANY_EXHDR(left);

	return length == VARSIZE_ANY_EXHDR(right) &&
		   memcmp(VARDATA_ANY(left), VARDATA_ANY(right), length) == 0;
}

/* Put the used columns of a table into a row. */
void
spm_scan_fill(const TableScan *scan, TupleTableSlot *row)
{
	const DirectTable *table = scan->table;

	slot_getsomeattrs(scan->slot, table->last_used);
	for (int i = 0; i < table->used_count; i++)
	{
		int column = table->used[i] - 1;

		row->tts_values[table->places[i]] = scan->slot->tts_values[column];
		row->tts_isnull[table->places[i]] = scan->slot->tts_isnull[column];
	}
}

/* The same where there is none. */
void
spm_scan_clear(const TableScan *scan, TupleTableSlot *row)
{
	for (int i = 0; i < scan->table->used_count; i++)
		row->tts_isnull[scan->table->places[i]] = true;
}
