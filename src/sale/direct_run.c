/*-------------------------------------------------------------------------
 *
 * direct_run.c
 *	  Rows with consecutive numbers, fetched one after the other.
 *
 * A statement that changes many documents mostly changes those that were
 * entered one after the other.  The index is then gone through, where it would
 * have to be searched for each.
 *
 * src/sale/direct_run.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "access/xact.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "common/int.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "core/compat.h"
#include "sale/direct_scan.h"

/* A run is of so many numbers: not much more is read of the index. */
#define RUN_LENGTH 64

static bool follows(TableScan *scan);
static void begin_run(TableScan *scan);
static bool has_numbers(const TableScan *scan);
static ScanKeyData bound(const TableScan *scan, StrategyNumber strategy,
						 int64 number);
static bool fetch_of_run(TableScan *scan);

/*
 * Fetch the row with the scan's key, of which there is one at most.  A run is
 * left where a number in it has no row.
 */
bool
spm_scan_find_one(TableScan *scan)
{
	if (follows(scan))
	{
		if (scan->run_left == 0)
			begin_run(scan);
		if (scan->run_left > 0 && fetch_of_run(scan))
			return true;
	}
	scan->run_left = 0;
	spm_scan_find(scan);
	return spm_scan_next(scan);
}

/*
 * Does the key follow that of the search before?  In a serializable transaction
 * what is read of the index may be others' conflicts, so it is searched.
 */
static bool
follows(TableScan *scan)
{
	int64 last = scan->last_number;
	int64 next;

	switch (scan->table->equal[0].fn_oid)
	{
		case F_INT4EQ:
			scan->last_number = DatumGetInt32(scan->key[0]);
			break;
		case F_INT8EQ:
			scan->last_number = DatumGetInt64(scan->key[0]);
			break;
		default:
			return false;
	}
	return scan->table->key_count == 1 &&
		   !pg_add_s64_overflow(last, 1, &next) && scan->last_number == next &&
		   !IsolationIsSerializable();
}

/* Begin a run with the scan's key, if the index is in the order of numbers. */
static void
begin_run(TableScan *scan)
{
	MemoryContext caller_context = MemoryContextSwitchTo(scan->context);
	ScanKeyData keys[2];

	if (scan->scan == NULL)
		spm_scan_begin(scan);
	if (has_numbers(scan))
	{
		if (scan->run == NULL)
			scan->run = spm_index_beginscan(scan->relation,
											scan->index,
											GetActiveSnapshot(),
											lengthof(keys));
		keys[0] = bound(scan, BTGreaterEqualStrategyNumber, scan->last_number);
		keys[1] = bound(scan,
						BTLessEqualStrategyNumber,
						scan->last_number + RUN_LENGTH - 1);
		index_rescan(scan->run, keys, lengthof(keys), NULL, 0);
		scan->run_left = RUN_LENGTH;
	}
	MemoryContextSwitchTo(caller_context);
}

/* Is the index one of numbers of the key's type, so far from its end, upwards? */
static bool
has_numbers(const TableScan *scan)
{
	bool is_long = scan->table->equal[0].fn_oid == F_INT8EQ;

	return scan->index->rd_opcintype[0] == (is_long ? INT8OID : INT4OID) &&
		   (scan->index->rd_indoption[0] & INDOPTION_DESC) == 0 &&
		   scan->last_number <=
			   (is_long ? PG_INT64_MAX : PG_INT32_MAX) - RUN_LENGTH;
}

/* One end of a run. */
static ScanKeyData
bound(const TableScan *scan, StrategyNumber strategy, int64 number)
{
	bool is_long = scan->table->equal[0].fn_oid == F_INT8EQ;
	bool lower = strategy == BTGreaterEqualStrategyNumber;
	ScanKeyData key;

	ScanKeyInit(&key,
				1,
				strategy,
				is_long ? (lower ? F_INT8GE : F_INT8LE)
						: (lower ? F_INT4GE : F_INT4LE),
				is_long ? Int64GetDatum(number) : Int32GetDatum(number));
	return key;
}

/* Fetch the next row of the run; false if it has not the scan's key. */
static bool
fetch_of_run(TableScan *scan)
{
	MemoryContext caller_context = MemoryContextSwitchTo(scan->context);
	bool found =
		index_getnext_slot(scan->run, ForwardScanDirection, scan->slot);

	MemoryContextSwitchTo(caller_context);
	scan->run_left--;
	return found && spm_scan_is_equal(scan);
}
