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
#include "sale/attribute_cache.h"
#include "sale/direct_scan.h"

/*
 * So many rows can be looked for at the cost of reading a block, of which
 * there may be so many.
 */
#define MISSES_PER_BLOCK 6
#define CACHED_BLOCKS 256

static bool keep_all(TableScan *scan);
static void rescan(TableScan *scan, const DirectTable *table);
static bool is_same_text(Datum a, Datum b);

/* Open a table; rows are looked for later, under the active snapshot. */
void
spm_scan_open(TableScan *scan, DirectTable *table)
{
	scan->table = table;
	scan->context = CurrentMemoryContext;
	scan->relation = table_open(table->table, AccessShareLock);
	scan->slot = table_slot_create(scan->relation, NULL);
}

/* Close it, if it was opened. */
void
spm_scan_close(TableScan *scan)
{
	if (scan->run != NULL)
		index_endscan(scan->run);
	if (scan->scan != NULL)
	{
		index_endscan(scan->scan);
		index_close(scan->index, NoLock);
	}
	if (scan->table == NULL)
		return;
	ExecDropSingleTupleTableSlot(scan->slot);
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

/*
 * Fetch the row with a code, of which there is one at most: from the place where
 * it was last, if it is there.
 */
void
spm_scan_find_by_code(TableScan *scan, Datum code, ItemPointer place)
{
	scan->key[0] = code;
	if (ItemPointerIsValid(place) &&
		ItemPointerGetBlockNumber(place) <
			RelationGetNumberOfBlocks(scan->relation) &&
		table_tuple_fetch_row_version(scan->relation,
									  place,
									  GetActiveSnapshot(),
									  scan->slot) &&
		spm_scan_is_equal(scan))
		return;
	spm_scan_find(scan);
	if (spm_scan_next(scan))
		*place = scan->slot->tts_tid;
	else
		ExecClearTuple(scan->slot);
}

/* Read the attributes of a code, which are not kept, and keep them. */
const SpmAttributes *
spm_scan_attributes(TableScan *scan, Datum code)
{
	SpmAttributeCache *cache = scan->table->attributes;
	const SpmAttributes *attributes = NULL;

	if (keep_all(scan))
		attributes = spm_attributes_find(cache, code);
	if (attributes != NULL)
		return attributes;
	scan->key[0] = code;
	spm_scan_find(scan);
	return spm_attributes_keep(cache,
							   code,
							   spm_scan_next(scan) ? scan->slot : NULL);
}

/*
 * Keep the attributes of all rows, if so many had to be looked for, or will have
 * to be, that it costs no more.  A serializable transaction would have read them
 * all by that.
 */
static bool
keep_all(TableScan *scan)
{
	SpmAttributeCache *cache = scan->table->attributes;
	uint64 misses = spm_attributes_misses(cache);
	BlockNumber blocks;
	TableScanDesc rows;

	if ((misses % MISSES_PER_BLOCK != 0 &&
		 (misses > 1 || scan->expected <= MISSES_PER_BLOCK)) ||
		IsolationIsSerializable())
		return false;
	blocks = RelationGetNumberOfBlocks(scan->relation);
	if (blocks > CACHED_BLOCKS ||
		(misses != blocks * MISSES_PER_BLOCK &&
		 (misses > 1 || scan->expected <= blocks * MISSES_PER_BLOCK)))
		return false;
	spm_attributes_forget(cache, Max(scan->relation->rd_rel->reltuples, 0));
	rows = table_beginscan(scan->relation, GetActiveSnapshot(), 0, NULL);
	while (table_scan_getnextslot(rows, ForwardScanDirection, scan->slot))
	{
		bool is_null;
		Datum code;

		slot_getsomeattrs(scan->slot, scan->table->last_used);
		code = slot_getattr(scan->slot, scan->table->columns[0], &is_null);
		if (!is_null)
			spm_attributes_add(cache, code, scan->slot);
	}
	table_endscan(rows);
	return true;
}

/* Begin to read the rows with the scan's key. */
void
spm_scan_find(TableScan *scan)
{
	if (scan->scan == NULL)
		spm_scan_begin(scan);
	rescan(scan, scan->table);
}

static void
rescan(TableScan *scan, const DirectTable *table)
{
	ScanKeyData keys[SPM_MAX_KEYS];

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
		if (table->index_count == table->key_count || spm_scan_is_equal(scan))
			return true;
	return false;
}

/*
 * Has the index of a table that many entries with the scan's key, those of dead
 * rows included?  As no row is read the table is not opened, and the scan is of
 * no snapshot, so that serializable transactions which add entries to the same
 * page do not conflict over it.
 */
bool
spm_scan_has(TableScan *scan, const DirectTable *table, int count)
{
	if (scan->scan == NULL)
	{
		scan->index = index_open(table->index, AccessShareLock);
		scan->scan = spm_index_beginscan_alone(scan->index,
											   SnapshotAny,
											   table->index_count);
	}
	rescan(scan, table);
	while (index_getnext_tid(scan->scan, ForwardScanDirection) != NULL)
		if (--count < 0)
			return false;
	return count == 0;
}

/* Has the fetched row the scan's key? */
bool
spm_scan_is_equal(const TableScan *scan)
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
		int column = table->used[i].number - 1;
		int place = table->used[i].place;

		row->tts_values[place] = scan->slot->tts_values[column];
		row->tts_isnull[place] = scan->slot->tts_isnull[column];
	}
}

/* The same where there is none. */
void
spm_scan_clear(const TableScan *scan, TupleTableSlot *row)
{
	for (int i = 0; i < scan->table->used_count; i++)
		row->tts_isnull[scan->table->used[i].place] = true;
}
