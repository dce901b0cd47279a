/*-------------------------------------------------------------------------
 *
 * totals.c
 *	  The builds that are built and their totals, as a reader keeps them.
 *
 * Totals change when pending deltas are folded and when measures are built,
 * and at no other time.  Who does either writes its transaction's id into the
 * one row of table kept_version; so a session that is shown the same id again
 * knows that the snapshot shows the totals it has.  See README.md here.
 *
 * There may be many measures, and a session that reads one figure has them
 * all: a build takes 28 bytes, a total 16.  Scopes are not kept, but a second
 * hash of each, so that no other scope with the same id is taken for it.
 *
 * src/measure/totals.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/transam.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/xid8.h"

#include "core/catalog.h"
#include "core/rows.h"
#include "measure/totals.h"

typedef struct KeptBuild
{
	int64 measure_id;
	uint64 check; /* spm_scope_check() of its scope */
	int32 build_id;
	int first; /* of its totals */
} KeptBuild;

/* Of a build in a month; one whose amount no int64 holds points to it. */
typedef struct KeptTotal
{
	union
	{
		int64 scaled;
		const SpmSum *large;
	} amount;
	DateADT month;
	uint32 number : 28; /* of the build */
	uint32 groups : 4;	/* scale of scaled, or LARGE */
} KeptTotal;

#define LARGE 15
StaticAssertDecl(SPM_DECIMAL_GROUPS < LARGE, "groups of decimals");
#define MAX_BUILDS (1 << 28)

struct SpmTotals
{
	MemoryContext context;
	uint64 version;
	int count;
	int room;
	KeptBuild *builds;
	int *by_measure; /* numbers of builds in order of measure_id */
	int total_count;
	int total_room;
	KeptTotal *totals; /* in order of number and month */
};

/* Where scopes go to. */
typedef struct ScopeScan
{
	const SpmTotals *totals;
	SpmScopeTaker take;
	void *state;
	MemoryContext context;
} ScopeScan;

/* What the last snapshot showed. */
static SpmTotals *shown = NULL;

static uint64 read_version(void);
static void take_version(TupleTableSlot *row, void *state);
static void take_build(TupleTableSlot *row, void *state);
static void take_total(TupleTableSlot *row, void *state);
static void take_scope(TupleTableSlot *row, void *state);
static void take_check(int number, Jsonb *scope, void *state);
static void keep_amount(SpmTotals *totals, KeptTotal *total, Numeric amount);
static SpmSum amount_of(const KeptTotal *total);
static void *grow(MemoryContext context, void *elements, int count, int *room,
				  Size size);
static void order_builds(SpmTotals *totals);
static void order_totals(SpmTotals *totals);
static int compare_builds(const void *a, const void *b);
static int compare_measures(const void *a, const void *b, void *totals);
static int compare_totals(const void *a, const void *b);
static int find_measure(const SpmTotals *totals, int64 measure_id);
static int end_of(const SpmTotals *totals, int number);

/*
 * The totals that the active snapshot shows, which stay until the next call.
 */
SpmTotals *
spm_totals_shown(void)
{
	SpmTotals *totals;

	if (shown != NULL && shown->version == read_version())
		return shown;
	if (shown != NULL)
		MemoryContextDelete(shown->context);
	shown = NULL;
	totals = spm_totals_load(CurrentMemoryContext);
	MemoryContextSetParent(totals->context, CacheMemoryContext);
	shown = totals;
	return totals;
}

/* The same, read from the tables into a memory context of their own. */
SpmTotals *
spm_totals_load(MemoryContext parent)
{
	MemoryContext context =
		AllocSetContextCreate(parent, "salesperf totals", ALLOCSET_SMALL_SIZES);
	SpmTotals *totals = MemoryContextAllocZero(context, sizeof(SpmTotals));

	totals->context = context;
	totals->version = read_version();
	spm_scan_table(spm_relation_oid("build", false), take_build, totals);
	order_builds(totals);
	spm_totals_scan_scopes(totals, take_check, totals);
	spm_scan_table(spm_relation_oid("total", false), take_total, totals);
	order_totals(totals);
	return totals;
}

/* The transaction that changed them last. */
uint64
spm_totals_version(const SpmTotals *totals)
{
	return totals->version;
}

/* How many builds there are. */
int
spm_totals_count(const SpmTotals *totals)
{
	return totals->count;
}

/*
 * The number of a build, -1 if it is not there.  Ids are given in order, so
 * that it is mostly where it would be if none were left out.
 */
int
spm_totals_find(const void *totals_of, int32 build_id)
{
	const SpmTotals *totals = totals_of;
	int low = 0;
	int high = totals->count - 1;

	if (high < 0 || build_id < totals->builds[0].build_id)
		return -1;
	high = Min((int64) high, (int64) build_id - totals->builds[0].build_id);
	if (totals->builds[high].build_id == build_id)
		return high;
	while (low <= high)
	{
		int middle = low + (high - low) / 2;

		if (totals->builds[middle].build_id == build_id)
			return middle;
		if (totals->builds[middle].build_id < build_id)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return -1;
}

/* How many builds have ids from first to last, and the number of the first. */
int
spm_totals_range(const SpmTotals *totals, int32 first, int32 last, int *number)
{
	int low = 0;
	int high = totals->count;
	int end;

	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (totals->builds[middle].build_id < first)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < totals->count && totals->builds[end].build_id <= last;
		 end++)
		;
	*number = low;
	return end - low;
}

/* The number of the build of a scope, -1 if there is none. */
int
spm_totals_find_scope(const SpmTotals *totals, Jsonb *scope)
{
	int number = find_measure(totals, spm_scope_id(scope));

	if (number >= 0 && totals->builds[number].check != spm_scope_check(scope))
		return -1;
	return number;
}

/* Add a build's total of all months to a sum. */
void
spm_totals_add_to(const SpmTotals *totals, int number, SpmSum *sum)
{
	int end = end_of(totals, number);

	for (int i = totals->builds[number].first; i < end; i++)
	{
		const KeptTotal *total = &totals->totals[i];

		if (total->groups == LARGE)
			spm_sum_merge(sum, total->amount.large);
		else
			spm_sum_add_scaled(sum, total->amount.scaled, total->groups);
	}
}

/* A build's totals by month, in order; returns how many. */
int
spm_totals_months(const SpmTotals *totals, int number, SpmMonthSum **months)
{
	int first = totals->builds[number].first;
	int count = end_of(totals, number) - first;

	*months = palloc(Max(count, 1) * sizeof(SpmMonthSum));
	for (int i = 0; i < count; i++)
	{
		(*months)[i].month = totals->totals[first + i].month;
		(*months)[i].sum = amount_of(&totals->totals[first + i]);
	}
	return count;
}

/* Hand on the scopes of all builds, in any order, under the active snapshot. */
void
spm_totals_scan_scopes(const SpmTotals *totals, SpmScopeTaker take, void *state)
{
	ScopeScan scan = {totals, take, state, NULL};

	if (totals->count == 0)
		return;
	scan.context = AllocSetContextCreate(CurrentMemoryContext,
										 "salesperf scope",
										 ALLOCSET_SMALL_SIZES);
	spm_scan_table(spm_relation_oid("measure", false), take_scope, &scan);
	MemoryContextDelete(scan.context);
}

static uint64
read_version(void)
{
	uint64 version = 0;

	spm_scan_table(spm_relation_oid("kept_version", false),
				   take_version,
				   &version);
	if (version == 0)
		elog(ERROR, "table \"kept_version\" has no row");
	return version;
}

/* Take a row of kept_version: changed_by. */
static void
take_version(TupleTableSlot *row, void *state)
{
	*(uint64 *) state =
		U64FromFullTransactionId(DatumGetFullTransactionId(row->tts_values[0]));
}

/* Take a row of build: build_id, measure_id, built_at. */
static void
take_build(TupleTableSlot *row, void *state)
{
	SpmTotals *totals = state;
	KeptBuild *build;

	if (row->tts_isnull[2])
		return;
	totals->builds = grow(totals->context,
						  totals->builds,
						  totals->count,
						  &totals->room,
						  sizeof(KeptBuild));
	build = &totals->builds[totals->count++];
	build->build_id = DatumGetInt32(row->tts_values[0]);
	build->measure_id = DatumGetInt64(row->tts_values[1]);
	build->check = 0;
}

/* Take a row of total: build_id, month, actual. */
static void
take_total(TupleTableSlot *row, void *state)
{
	SpmTotals *totals = state;
	int number = spm_totals_find(totals, DatumGetInt32(row->tts_values[0]));
	KeptTotal *total;

	if (number < 0)
		return;
	totals->totals = grow(totals->context,
						  totals->totals,
						  totals->total_count,
						  &totals->total_room,
						  sizeof(KeptTotal));
	total = &totals->totals[totals->total_count++];
	total->number = number;
	total->month = DatumGetDateADT(row->tts_values[1]);
	keep_amount(totals, total, DatumGetNumeric(row->tts_values[2]));
}

/* Take a row of measure: measure_id, scope. */
static void
take_scope(TupleTableSlot *row, void *state)
{
	const ScopeScan *scan = state;
	int number = find_measure(scan->totals, DatumGetInt64(row->tts_values[0]));
	MemoryContext caller_context;

	if (number < 0)
		return;
	caller_context = MemoryContextSwitchTo(scan->context);
	scan->take(number, DatumGetJsonbP(row->tts_values[1]), scan->state);
	MemoryContextSwitchTo(caller_context);
	MemoryContextReset(scan->context);
}

static void
take_check(int number, Jsonb *scope, void *state)
{
	((SpmTotals *) state)->builds[number].check = spm_scope_check(scope);
}

static void
keep_amount(SpmTotals *totals, KeptTotal *total, Numeric amount)
{
	MemoryContext caller_context = MemoryContextSwitchTo(totals->context);
	SpmSum sum;

	spm_sum_init(&sum);
	spm_sum_add(&sum, amount);
	if (sum.large == NULL && sum.scaled == (int64) sum.scaled)
	{
		total->amount.scaled = (int64) sum.scaled;
		total->groups = sum.groups;
	}
	else
	{
		SpmSum *large = palloc(sizeof(SpmSum));

		*large = sum;
		total->amount.large = large;
		total->groups = LARGE;
	}
	MemoryContextSwitchTo(caller_context);
}

static SpmSum
amount_of(const KeptTotal *total)
{
	SpmSum sum = {.scaled = total->amount.scaled, .groups = total->groups};

	return total->groups == LARGE ? *total->amount.large : sum;
}

/* Make room for one element more. */
static void *
grow(MemoryContext context, void *elements, int count, int *room, Size size)
{
	if (count < *room)
		return elements;
	if (count == MAX_BUILDS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a session cannot keep more than %d totals",
						MAX_BUILDS)));
	*room = Max(64, *room + *room / 2);
	return elements ? repalloc_huge(elements, *room * size)
					: MemoryContextAllocHuge(context, *room * size);
}

/* Put builds in order, and number them. */
static void
order_builds(SpmTotals *totals)
{
	if (totals->count == 0)
		return;
	qsort(totals->builds, totals->count, sizeof(KeptBuild), compare_builds);
	totals->by_measure =
		MemoryContextAllocHuge(totals->context,
							   mul_size(totals->count, sizeof(int)));
	for (int i = 0; i < totals->count; i++)
		totals->by_measure[i] = i;
	qsort_arg(totals->by_measure,
			  totals->count,
			  sizeof(int),
			  compare_measures,
			  totals);
}

/* Put totals in order, and note where those of each build begin. */
static void
order_totals(SpmTotals *totals)
{
	int at = 0;

	if (totals->total_count > 0)
		qsort(totals->totals,
			  totals->total_count,
			  sizeof(KeptTotal),
			  compare_totals);
	for (int number = 0; number < totals->count; number++)
	{
		while (at < totals->total_count && totals->totals[at].number < number)
			at++;
		totals->builds[number].first = at;
	}
}

static int
compare_builds(const void *a, const void *b)
{
	int32 left = ((const KeptBuild *) a)->build_id;
	int32 right = ((const KeptBuild *) b)->build_id;

	return (left > right) - (left < right);
}

static int
compare_measures(const void *a, const void *b, void *totals)
{
	const KeptBuild *builds = ((const SpmTotals *) totals)->builds;
	int64 left = builds[*(const int *) a].measure_id;
	int64 right = builds[*(const int *) b].measure_id;

	return (left > right) - (left < right);
}

static int
compare_totals(const void *a, const void *b)
{
	const KeptTotal *left = a;
	const KeptTotal *right = b;

	if (left->number != right->number)
		return left->number < right->number ? -1 : 1;
	return (left->month > right->month) - (left->month < right->month);
}

/* The number of the build of a measure, -1 if there is none. */
static int
find_measure(const SpmTotals *totals, int64 measure_id)
{
	int low = 0;
	int high = totals->count - 1;

	while (low <= high)
	{
		int middle = low + (high - low) / 2;
		int number = totals->by_measure[middle];

		if (totals->builds[number].measure_id == measure_id)
			return number;
		if (totals->builds[number].measure_id < measure_id)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return -1;
}

/* Behind the totals of a build. */
static int
end_of(const SpmTotals *totals, int number)
{
	return number + 1 < totals->count ? totals->builds[number + 1].first
									  : totals->total_count;
}
