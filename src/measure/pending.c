/*-------------------------------------------------------------------------
 *
 * pending.c
 *	  Appending what a transaction adds, and reading what is pending.
 *
 * Writers only ever append: one row for all measures of a transaction, and a
 * row for builds that can't be used any more.  No row is shared, so no writer
 * waits for another.  Rows go in below the executor, which would refuse them
 * in a transaction that turned READ ONLY before its COMMIT.
 *
 * src/measure/pending.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "core/catalog.h"
#include "measure/pending.h"

static void append_row(const char *relation, Datum *values, bool *nulls);
static void invalidate(int32 first, int32 last, const char *source,
					   const char *reason);
static void add_row(const SpmBuildSet *set, SpmDeltas *deltas, Datum builds,
					Datum amounts);

/* Append the deltas of this transaction; nothing if all are 0. */
void
spm_pending_append(const SpmBuildSet *set, const SpmDeltas *deltas)
{
	int *numbers = palloc(spm_deltas_count(deltas) * sizeof(int));
	int count = spm_deltas_nonzero(deltas, numbers);
	Datum *builds = palloc(count * sizeof(Datum));
	Datum *amounts = palloc(count * sizeof(Datum));
	Datum values[2];
	bool nulls[2] = {false, false};

	if (count == 0)
		return;
	for (int i = 0; i < count; i++)
	{
		builds[i] = Int32GetDatum(set->builds[numbers[i]].build_id);
		amounts[i] = NumericGetDatum(spm_deltas_get(deltas, numbers[i]));
	}
	values[0] = PointerGetDatum(construct_array(builds,
												count,
												INT4OID,
												sizeof(int32),
												true,
												TYPALIGN_INT));
	values[1] = PointerGetDatum(
		construct_array(amounts, count, NUMERICOID, -1, false, TYPALIGN_INT));
	append_row("pending", values, nulls);
}

/* Add all pending deltas of the set's builds, under the active snapshot. */
void
spm_pending_add(const SpmBuildSet *set, SpmDeltas *deltas)
{
	Relation pending =
		table_open(spm_relation_oid("pending", false), AccessShareLock);
	TupleTableSlot *slot = table_slot_create(pending, NULL);
	TableScanDesc scan = table_beginscan(pending, GetActiveSnapshot(), 0, NULL);

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		CHECK_FOR_INTERRUPTS();
		slot_getallattrs(slot);
		add_row(set, deltas, slot->tts_values[0], slot->tts_values[1]);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	table_close(pending, AccessShareLock);
}

/* Make all builds there are, and those being made, unusable. */
void
spm_invalidate_all(const char *reason)
{
	invalidate(0, PG_INT32_MAX, NULL, reason);
	spm_builds_changed();
}

/* Make builds unusable that are being made and not yet in the set. */
void
spm_invalidate_later(const SpmBuildSet *set, const char *reason)
{
	int32 last = set->count > 0 ? set->builds[set->count - 1].build_id : 0;

	invalidate(last + 1, PG_INT32_MAX, NULL, reason);
	spm_builds_changed();
}

/*
 * Make the builds of the set unusable that may count a source, whose documents
 * are root's.
 */
void
spm_invalidate_source(const SpmBuildSet *set, const char *source,
					  const char *root, const char *reason)
{
	int first = -1;

	for (int i = 0; i <= set->count; i++)
	{
		bool concerned = i < set->count &&
						 spm_matcher_may_count(set->matcher, i, root);

		if (concerned && first < 0)
			first = i;
		if (!concerned && first >= 0)
		{
			invalidate(set->builds[first].build_id,
					   set->builds[i - 1].build_id,
					   source,
					   reason);
			first = -1;
		}
	}
	spm_builds_changed();
}

static void
invalidate(int32 first, int32 last, const char *source, const char *reason)
{
	Datum values[] = {Int32GetDatum(first),
					  Int32GetDatum(last),
					  source ? CStringGetTextDatum(source) : (Datum) 0,
					  CStringGetTextDatum(reason),
					  TimestampTzGetDatum(
						  GetCurrentTransactionStartTimestamp())};
	bool nulls[lengthof(values)] = {false};

	nulls[2] = source == NULL;
	append_row("invalidation", values, nulls);
}

static void
append_row(const char *relation, Datum *values, bool *nulls)
{
	Relation table =
		table_open(spm_relation_oid(relation, false), RowExclusiveLock);
	HeapTuple tuple = heap_form_tuple(RelationGetDescr(table), values, nulls);

	simple_heap_insert(table, tuple);
	heap_freetuple(tuple);
	table_close(table, NoLock);
}

/* Add one pending row. */
static void
add_row(const SpmBuildSet *set, SpmDeltas *deltas, Datum builds, Datum amounts)
{
	ArrayType *build_array = DatumGetArrayTypeP(builds);
	ArrayType *amount_array = DatumGetArrayTypeP(amounts);
	int32 *build_ids = (int32 *) ARR_DATA_PTR(build_array);
	Datum *values;
	int count;

	deconstruct_array(amount_array,
					  NUMERICOID,
					  -1,
					  false,
					  TYPALIGN_INT,
					  &values,
					  NULL,
					  &count);
	for (int i = 0; i < count; i++)
	{
		int number = spm_builds_find(set, build_ids[i]);

		if (number >= 0)
			spm_deltas_add(deltas, number, DatumGetNumeric(values[i]));
	}
	pfree(values);
	if (DatumGetPointer(builds) != (Pointer) build_array)
		pfree(build_array);
	if (DatumGetPointer(amounts) != (Pointer) amount_array)
		pfree(amount_array);
}
