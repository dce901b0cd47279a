/*-------------------------------------------------------------------------
 *
 * kept.c
 *	  What is kept of measures, as the reader's snapshot shows it.
 *
 * The totals, what is pending and what this transaction has changed itself are
 * not added up before somebody asks for a figure.  Scopes are needed where a
 * transaction that has changed sales reads, and then those alone that these
 * sales meet, and where some totals can't be used.
 *
 * src/measure/kept.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "core/catalog.h"
#include "core/guard.h"
#include "core/rows.h"
#include "measure/commit.h"
#include "measure/dimension.h"
#include "measure/kept.h"
#include "measure/pending.h"

/* What makes totals unusable. */
typedef struct Distrust
{
	SpmKept *kept;
	List *sources; /* those that may count documents of one of these */
} Distrust;

/*
 * Builds that this transaction's sales have met, for its reports, as long as
 * they are of the same version.
 */
static SpmBuildSet *met = NULL;
static uint64 met_version;

/* Beyond this they are forgotten after a report. */
#define MET_LIMIT (4 * 1024 * 1024)

static void add_up(const SpmMonthSum *a, const SpmMonthSum *b,
				   SpmMonthSum *both);
static void take_invalidation(TupleTableSlot *row, void *state);
static void mark_unusable(SpmKept *kept, int number);
static List *add_own_changes(SpmKept *kept, List *distrusted);
static SpmBuildSet *builds_to_meet(uint64 version);
static void forget_met(void);
static void add_changes(SpmKept *kept, const SpmBuildSet *set,
						SpmDeltas *changes);
static List *add_lost_sources(List *distrusted);
static void require_followed(void *name);
static void take_scope(int number, Jsonb *text, void *state);

/* Totals and what is to be added to them, under the active snapshot. */
SpmKept *
spm_kept_load(const SpmTotals *totals, MemoryContext parent)
{
	SpmKept *kept = MemoryContextAllocZero(parent, sizeof(SpmKept));
	Distrust distrust = {kept, NIL};

	kept->totals = totals;
	kept->changes = spm_deltas_create(parent);
	if (spm_totals_count(totals) == 0)
		return kept;
	spm_pending_add(spm_totals_find, totals, kept->changes, false);
	spm_scan_table(spm_relation_oid("invalidation", false),
				   take_invalidation,
				   kept);
	distrust.sources = add_lost_sources(add_own_changes(kept, NIL));
	if (distrust.sources != NIL || spm_shared_anything())
		spm_totals_scan_scopes(totals, take_scope, &distrust);
	return kept;
}

/* The number of a scope whose total can be used, -1 if it has none. */
int
spm_kept_find(const SpmKept *kept, Jsonb *scope)
{
	int number = spm_totals_find_scope(kept->totals, scope);

	return number >= 0 && spm_kept_is_usable(kept, number) ? number : -1;
}

/* Can its total be used? */
bool
spm_kept_is_usable(const SpmKept *kept, int number)
{
	return kept->unusable == NULL || !kept->unusable[number];
}

/* The actual of a measure, in the current memory context. */
Numeric
spm_kept_actual(const SpmKept *kept, int number)
{
	SpmSum sum;

	spm_sum_init(&sum);
	spm_totals_add_to(kept->totals, number, &sum);
	spm_deltas_add_to(kept->changes, number, &sum);
	return spm_sum_result(&sum);
}

/*
 * The same by month, in order, to be read and not changed; returns how many
 * there are.
 */
int
spm_kept_months(const SpmKept *kept, int number, SpmMonthSum **months)
{
	SpmMonthSum *totals;
	SpmMonthSum *changes;
	int total_count = spm_totals_months(kept->totals, number, &totals);
	int change_count = spm_deltas_months(kept->changes, number, &changes);
	int count = 0;

	*months = totals;
	if (change_count == 0)
		return total_count;
	*months = palloc((total_count + change_count) * sizeof(SpmMonthSum));
	for (int i = 0, j = 0; i < total_count || j < change_count;)
	{
		SpmMonthSum *next = &(*months)[count++];

		if (j == change_count ||
			(i < total_count && totals[i].month < changes[j].month))
			*next = totals[i++];
		else if (i == total_count || changes[j].month < totals[i].month)
			*next = changes[j++];
		else
			add_up(&totals[i++], &changes[j++], next);
	}
	return count;
}

/* Add up two sums of a month, which share nothing with the result. */
static void
add_up(const SpmMonthSum *a, const SpmMonthSum *b, SpmMonthSum *both)
{
	both->month = a->month;
	spm_sum_init(&both->sum);
	spm_sum_merge(&both->sum, &a->sum);
	spm_sum_merge(&both->sum, &b->sum);
}

/* Take a row of invalidation: first_build, last_build. */
static void
take_invalidation(TupleTableSlot *row, void *state)
{
	SpmKept *kept = state;
	int first;
	int count = spm_totals_range(kept->totals,
								 DatumGetInt32(row->tts_values[0]),
								 DatumGetInt32(row->tts_values[1]),
								 &first);

	for (int i = 0; i < count; i++)
		mark_unusable(kept, first + i);
}

static void
mark_unusable(SpmKept *kept, int number)
{
	if (kept->unusable == NULL)
		kept->unusable = MemoryContextAllocZero(GetMemoryChunkContext(kept),
												spm_totals_count(kept->totals));
	kept->unusable[number] = true;
}

/*
 * Add what this transaction has changed, as far as the snapshot shows it.
 * Sources of which that can't be told are added to a list.
 */
static List *
add_own_changes(SpmKept *kept, List *distrusted)
{
	List *sources = spm_touched_sources();
	SpmBuildSet *set;
	SpmDeltas *changes;
	ListCell *cell;

	if (sources == NIL)
		return distrusted;
	set = builds_to_meet(spm_totals_version(kept->totals));
	changes = spm_deltas_create(CurrentMemoryContext);
	foreach (cell, sources)
	{
		SpmTouched *touched = lfirst(cell);
		char *message =
			spm_changes_of(touched, set, GetActiveSnapshot()->curcid, changes);

		if (message != NULL)
			distrusted = lappend(distrusted, touched->root);
	}
	add_changes(kept, set, changes);
	spm_deltas_free(changes);
	if (MemoryContextMemAllocated(set->context, true) > MET_LIMIT)
		forget_met();
	return distrusted;
}

/* All builds of a version, of which those are there that were met before. */
static SpmBuildSet *
builds_to_meet(uint64 version)
{
	SpmBuildSet *set;

	if (met != NULL && met_version == version)
		return met;
	if (met != NULL)
		forget_met();
	set = spm_builds_to_meet(CurrentMemoryContext, false, 0);
	MemoryContextSetParent(set->context, TopTransactionContext);
	met = set;
	met_version = version;
	return set;
}

static void
forget_met(void)
{
	MemoryContextDelete(met->context);
	met = NULL;
}

/* The builds that were met go with their transaction. */
void
spm_kept_end_transaction(void)
{
	met = NULL;
}

/* Add changes of builds that were met and are built. */
static void
add_changes(SpmKept *kept, const SpmBuildSet *set, SpmDeltas *changes)
{
	SpmDeltaSum *list;
	int count = spm_deltas_sums(changes, &list);

	for (int i = 0; i < count; i++)
	{
		int32 build_id = set->builds[list[i].number].build_id;
		int number = spm_totals_find(kept->totals, build_id);

		if (number >= 0)
			spm_deltas_add_sum(kept->changes,
							   number,
							   list[i].month,
							   list[i].sum);
	}
	pfree(list);
}

/*
 * Add sources whose changes are not followed to a list.  A table dropped with
 * CASCADE takes its view along, and one that became a partition is written
 * through its parent: neither fires a trigger.
 */
static List *
add_lost_sources(List *distrusted)
{
	ListCell *cell;

	foreach (cell, spm_source_names())
		if (spm_guard(require_followed, lfirst(cell)) != NULL)
			distrusted =
				lappend(distrusted,
						unconstify(char *, spm_source_root(lfirst(cell))));
	return distrusted;
}

static void
require_followed(void *name)
{
	if (!spm_source_is_followed(name))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("changes of source \"%s\" cannot be followed",
						(const char *) name)));
}

/*
 * Do not use a total that filters by what this transaction changed, or may
 * count documents of a source that is distrusted.
 */
static void
take_scope(int number, Jsonb *text, void *state)
{
	Distrust *distrust = state;
	const SpmScope *scope = spm_scope_parse(text);
	bool concerned = spm_dimensions_concern(scope);
	ListCell *cell;

	foreach (cell, distrust->sources)
		concerned |= spm_scope_may_count(scope, lfirst(cell));
	if (concerned)
		mark_unusable(distrust->kept, number);
}
