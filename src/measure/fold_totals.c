/*-------------------------------------------------------------------------
 *
 * fold_totals.c
 *	  Adding deltas to table total.
 *
 * Nearly all of them are of rows that are there.  Nobody else writes totals
 * meanwhile, so these are updated without the executor; what is left is
 * entered by a query.
 *
 * src/measure/fold_totals.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "core/catalog.h"
#include "core/compat.h"
#include "core/owner.h"
#include "core/spi.h"
#include "measure/fold_totals.h"
#include "measure/totals.h"

/* Table total, open for updates. */
typedef struct Totals
{
	Relation table;
	Relation index;
	IndexScanDesc scan;
	TupleTableSlot *slot;
	CatalogIndexState indexes;
	MemoryContext row;
} Totals;

/* Columns of total. */
enum
{
	BUILD_ID,
	MONTH,
	ACTUAL,
	COLUMNS
};

static int update_totals(SpmDelta *list, int count);
static bool update_total(Totals *totals, const SpmDelta *delta);
static void add_amount(Totals *totals, Numeric amount);
static void enter_totals(const SpmDelta *list, int count);

/* Add to the totals of builds that are still there and can be used. */
void
spm_fold_into_totals(SpmDeltas *deltas)
{
	SpmDelta *list;
	int count = spm_deltas_list(deltas, &list);
	SpmCaller caller;

	count = update_totals(list, count);
	spm_become_extension_owner(&caller);
	if (count > 0)
		enter_totals(list, count);
	spm_spi_run(SPM_NOTE_NEW_TOTALS, NULL);
	spm_return_to(&caller);
}

/* Add to the rows that are there; the other deltas, returned, come first. */
static int
update_totals(SpmDelta *list, int count)
{
	Totals totals;
	int left = 0;

	totals.table =
		table_open(spm_relation_oid("total", false), RowExclusiveLock);
	totals.index =
		index_open(spm_relation_oid("total_pkey", false), RowExclusiveLock);
	totals.scan =
		spm_index_beginscan(totals.table, totals.index, GetActiveSnapshot(), 2);
	totals.slot = table_slot_create(totals.table, NULL);
	totals.indexes = CatalogOpenIndexes(totals.table);
	totals.row = AllocSetContextCreate(CurrentMemoryContext,
									   "salesperf total",
									   ALLOCSET_DEFAULT_SIZES);
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!update_total(&totals, &list[i]))
			list[left++] = list[i];
	}
	MemoryContextDelete(totals.row);
	CatalogCloseIndexes(totals.indexes);
	ExecDropSingleTupleTableSlot(totals.slot);
	index_endscan(totals.scan);
	index_close(totals.index, NoLock);
	table_close(totals.table, NoLock);
	CommandCounterIncrement();
	return left;
}

/* Add to the row of a build and month; false: there is none. */
static bool
update_total(Totals *totals, const SpmDelta *delta)
{
	ScanKeyData keys[2];

	ScanKeyInit(&keys[0],
				BUILD_ID + 1,
				BTEqualStrategyNumber,
				F_INT4EQ,
				Int32GetDatum(delta->number));
	ScanKeyInit(&keys[1],
				MONTH + 1,
				BTEqualStrategyNumber,
				F_DATE_EQ,
				DateADTGetDatum(delta->month));
	index_rescan(totals->scan, keys, lengthof(keys), NULL, 0);
	if (!index_getnext_slot(totals->scan, ForwardScanDirection, totals->slot))
		return false;
	add_amount(totals, delta->amount);
	return true;
}

/* Add to the row in the slot. */
static void
add_amount(Totals *totals, Numeric amount)
{
	MemoryContext caller_context = MemoryContextSwitchTo(totals->row);
	bool nulls[COLUMNS] = {false};
	Datum values[COLUMNS];
	ItemPointerData place = totals->slot->tts_tid;

	slot_getallattrs(totals->slot);
	memcpy(values, totals->slot->tts_values, sizeof(values));
	values[ACTUAL] = DirectFunctionCall2(numeric_add,
										 values[ACTUAL],
										 NumericGetDatum(amount));
	CatalogTupleUpdateWithInfo(totals->table,
							   &place,
							   heap_form_tuple(RelationGetDescr(totals->table),
											   values,
											   nulls),
							   totals->indexes);
	MemoryContextSwitchTo(caller_context);
	MemoryContextReset(totals->row);
}

/* Enter deltas for which there is no row. */
static void
enter_totals(const SpmDelta *list, int count)
{
	Datum *builds = palloc(count * sizeof(Datum));
	Datum *months = palloc(count * sizeof(Datum));
	Datum *amounts = palloc(count * sizeof(Datum));
	SpmArgs args = {.count = 3,
					.types = {INT4ARRAYOID, DATEARRAYOID, NUMERICARRAYOID}};

	for (int i = 0; i < count; i++)
	{
		builds[i] = Int32GetDatum(list[i].number);
		months[i] = DateADTGetDatum(list[i].month);
		amounts[i] = NumericGetDatum(list[i].amount);
	}
	args.values[0] = PointerGetDatum(
		construct_array(builds, count, INT4OID, 4, true, TYPALIGN_INT));
	args.values[1] = PointerGetDatum(
		construct_array(months, count, DATEOID, 4, true, TYPALIGN_INT));
	args.values[2] = PointerGetDatum(
		construct_array(amounts, count, NUMERICOID, -1, false, TYPALIGN_INT));
	spm_spi_run("INSERT INTO salesperf.total (build_id, month, actual)"
				" SELECT u.build_id, u.month, u.amount"
				" FROM unnest($1, $2, $3) AS u (build_id, month, amount)"
				" JOIN salesperf.build AS b ON b.build_id = u.build_id"
				" WHERE NOT EXISTS (SELECT FROM salesperf.invalidation AS i"
				" WHERE u.build_id BETWEEN i.first_build AND i.last_build)",
				&args);
}
