/*-------------------------------------------------------------------------
 *
 * pending.c
 *	  Appending what a transaction adds, and reading what is kept.
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
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "core/catalog.h"
#include "core/rows.h"
#include "measure/fold.h"
#include "measure/packed.h"
#include "measure/pending.h"
#include "measure/segment.h"
#include "org/version.h"

/* What rows that are read add to. */
typedef struct Reading
{
	SpmBuildFinder find;
	const void *builds;
	SpmDeltas *deltas;
	bool negate;
} Reading;

static void append_row(Relation table, Datum *values, bool *nulls,
					   ItemPointer place);
static void invalidate(int32 first, int32 last, const char *source,
					   const char *reason);
static int compare_sums(const void *a, const void *b);
static void add_pending_row(TupleTableSlot *row, void *state);

/* Append the deltas of this transaction; nothing if all are 0. */
void
spm_pending_append(const SpmBuildSet *set, SpmDeltas *deltas)
{
	SpmDeltaSum *list;
	int count = spm_deltas_sums(deltas, &list);
	SpmPacking packing;
	ItemPointerData place;
	Datum values[1];
	bool nulls[1] = {false};
	int used;

	if (count == 0)
		return;
	for (int i = 0; i < count; i++)
		list[i].number = set->builds[list[i].number].build_id;
	qsort(list, count, sizeof(SpmDeltaSum), compare_sums);
	spm_packing_begin(&packing);
	for (int i = 0; i < count; i++)
		spm_packing_add(&packing, list[i].number, list[i].month, list[i].sum);
	values[0] = PointerGetDatum(spm_packing_end(&packing));
	append_row(spm_segment_open_current(&used), values, nulls, &place);
	spm_fold_suggest(&place, used);
}

/* By build, which a writer may have met in any order, and month. */
static int
compare_sums(const void *a, const void *b)
{
	const SpmDeltaSum *left = a;
	const SpmDeltaSum *right = b;

	if (left->number != right->number)
		return left->number < right->number ? -1 : 1;
	return (left->month > right->month) - (left->month < right->month);
}

/*
 * Add all pending deltas of builds that find() has a number for, or take them
 * off, under the active snapshot.
 */
void
spm_pending_add(SpmBuildFinder find, const void *builds, SpmDeltas *deltas,
				bool negate)
{
	Oid tables[SPM_SEGMENT_COUNT];
	int count = spm_segments_lock_pending(GetActiveSnapshot(), tables);

	for (int i = 0; i < count; i++)
		spm_pending_add_table(tables[i], find, builds, deltas, negate);
}

/* The same for those of one segment. */
void
spm_pending_add_table(Oid table, SpmBuildFinder find, const void *builds,
					  SpmDeltas *deltas, bool negate)
{
	Reading reading = {find, builds, deltas, negate};

	spm_scan_table(table, add_pending_row, &reading);
}

/* Add one row of pending: deltas. */
static void
add_pending_row(TupleTableSlot *row, void *state)
{
	const Reading *reading = state;
	bytea *packed = DatumGetByteaPP(row->tts_values[0]);
	SpmUnpacking unpacking;

	spm_unpacking_begin(&unpacking, packed);
	while (spm_unpacking_next(&unpacking))
	{
		int number = reading->find(reading->builds, unpacking.build_id);

		if (number < 0)
			continue;
		if (unpacking.numeric != NULL)
			spm_deltas_add(reading->deltas,
						   number,
						   unpacking.month,
						   unpacking.numeric,
						   reading->negate);
		else
			spm_deltas_add_scaled(reading->deltas,
								  number,
								  unpacking.month,
								  reading->negate ? -unpacking.scaled
												  : unpacking.scaled,
								  unpacking.groups);
	}
	if ((Pointer) packed != DatumGetPointer(row->tts_values[0]))
		pfree(packed);
}

/*
 * Make all builds there are, and those being made, unusable.  Whatever has been
 * missed may have left lines without a header, here and below.
 */
void
spm_invalidate_all(const char *reason)
{
	invalidate(0, PG_INT32_MAX, NULL, reason);
	spm_builds_changed();
	spm_org_note_strays(InvalidOid);
}

/* Make builds unusable that are being made and not yet in the set. */
void
spm_invalidate_later(const SpmBuildSet *set, const char *reason)
{
	int32 last = set->count > 0 ? set->builds[set->count - 1].build_id : 0;

	invalidate(last + 1, PG_INT32_MAX, NULL, reason);
	spm_builds_changed();
}

/* Make one build of the set unusable. */
void
spm_invalidate_build(const SpmBuildSet *set, int number, const char *reason)
{
	int32 build = set->builds[number].build_id;

	invalidate(build, build, NULL, reason);
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
	spm_org_note_strays(spm_source_view(source));
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
	ItemPointerData place;

	nulls[2] = source == NULL;
	append_row(table_open(spm_relation_oid("invalidation", false),
						  RowExclusiveLock),
			   values,
			   nulls,
			   &place);
}

/* Append a row to a table, which is closed and stays locked. */
static void
append_row(Relation table, Datum *values, bool *nulls, ItemPointer place)
{
	HeapTuple tuple = heap_form_tuple(RelationGetDescr(table), values, nulls);

	simple_heap_insert(table, tuple);
	*place = tuple->t_self;
	heap_freetuple(tuple);
	table_close(table, NoLock);
}
