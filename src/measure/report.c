/*-------------------------------------------------------------------------
 *
 * report.c
 *	  The actual of measures under the reader's snapshot.
 *
 * The first figure asked for under a snapshot begins a report: the kept
 * totals, which a session has already if they have not changed, what is
 * pending, and what this transaction itself has changed so far.  The first
 * figure that is not kept adds all live measures to it, in one pass over the
 * sources.  Further figures under the same snapshot are look-ups.
 *
 * src/measure/report.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "funcapi.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "core/catalog.h"
#include "core/export.h"
#include "core/guard.h"
#include "core/snapshot.h"
#include "measure/kept.h"
#include "measure/progress.h"
#include "measure/reader.h"
#include "measure/report.h"

SPM_FUNCTION_INFO_V1(spm_measure_figure);
SPM_FUNCTION_INFO_V1(spm_measure_figures);
SPM_FUNCTION_INFO_V1(spm_measure_months);

/* A figure that is not kept. */
typedef struct Figure
{
	Jsonb *scope;
	uint32 hash;
	bool unknown;	   /* a source could not be read */
	SpmDeltas *deltas; /* that it is the sum of */
	int number;		   /* there */
	char status;
} Figure;

#define SH_PREFIX figures
#define SH_ELEMENT_TYPE Figure
#define SH_KEY_TYPE Jsonb *
#define SH_KEY scope
#define SH_HASH_KEY(table, key) murmurhash32((uint32) spm_scope_id(key))
#define SH_EQUAL(table, a, b) spm_scope_equal(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(table, figure) (figure)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* All figures under one snapshot. */
typedef struct Report
{
	MemoryContext context;
	SpmSnapshotMark snapshot;
	SubTransactionId made_in;
	uint64 statements; /* whose changes are in it */
	SpmKept *kept;
	figures_hash *live;
	bool live_loaded;
} Report;

/* Where a figure is. */
typedef struct Place
{
	const SpmKept *kept; /* NULL: it is live */
	int number;			 /* there */
	const Figure *live;	 /* NULL: it is kept */
} Place;

/* Scopes that one pass over the sources computes. */
typedef struct LivePass
{
	SpmMatcher *matcher;
	int count;
	int room;
	Jsonb **scopes;
} LivePass;

/* Arguments of read_source(), which runs guarded. */
typedef struct SourceRead
{
	const char *name;
	const SpmMatcher *matcher;
	SpmDeltas *deltas;
	bool to_keep;
} SourceRead;

/* The report of the last snapshot asked under, in TopTransactionContext. */
static Report *last_report = NULL;

static Report *current_report(void);
static bool place_of(Jsonb *scope, Place *place);
static Report *ensure_figures(Jsonb **scopes, int count);
static bool has_figures(const Report *report, Jsonb **scopes, int count);
static void load_live_figures(Report *report, LivePass *pass);
static void add_live_scopes(const Report *report, LivePass *pass,
							Jsonb **scopes, int count);
static void add_live_scope(LivePass *pass, Jsonb *scope);
static bool find_figure(const Report *report, Jsonb *scope, Place *place);
static void read_source(void *argument);
static void require_followed(const char *name);
static void forget_report(XactEvent event, void *argument);
static void forget_subreport(SubXactEvent event, SubTransactionId mine,
							 SubTransactionId parent, void *argument);

/* Start following transactions, which end reports. */
void
spm_report_init(void)
{
	RegisterXactCallback(forget_report, NULL);
	RegisterSubXactCallback(forget_subreport, NULL);
}

/* measure_figure(scope) → numeric, NULL if a source can't be read */
Datum
spm_measure_figure(PG_FUNCTION_ARGS)
{
	Numeric actual = spm_report_actual(PG_GETARG_JSONB_P(0));

	if (actual == NULL)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(actual);
}

/* measure_figures(scopes) → (scope, actual) */
Datum
spm_measure_figures(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Jsonb **scopes;
	int count;

	spm_source_refuse_nested();
	scopes = spm_scopes_of(PG_GETARG_ARRAYTYPE_P(0), &count);
	InitMaterializedSRF(fcinfo, 0);
	(void) ensure_figures(scopes, count);
	for (int i = 0; i < count; i++)
	{
		Numeric actual = spm_report_actual(scopes[i]);
		Datum values[] = {JsonbPGetDatum(scopes[i]), NumericGetDatum(actual)};
		bool nulls[] = {false, actual == NULL};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* measure_months(scope) → (month, actual) */
Datum
spm_measure_months(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SpmMonthSum *months;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	count = spm_report_months(PG_GETARG_JSONB_P(0), &months);
	for (int i = 0; i < count; i++)
	{
		Datum values[] = {DateADTGetDatum(months[i].month),
						  NumericGetDatum(spm_sum_result(&months[i].sum))};
		bool nulls[] = {false, false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * The actual of a scope under the active snapshot, unrounded and in the
 * current memory context; NULL if a source could not be read.
 */
Numeric
spm_report_actual(Jsonb *scope)
{
	Place place;

	if (!place_of(scope, &place))
		return NULL;
	return place.kept ? spm_kept_actual(place.kept, place.number)
					  : spm_deltas_get(place.live->deltas, place.number);
}

/*
 * The months of a scope that have sales, in order and in the current memory
 * context, as long as the snapshot is active; returns their number, -1 if a
 * source could not be read.
 */
int
spm_report_months(Jsonb *scope, SpmMonthSum **months)
{
	Place place;

	if (!place_of(scope, &place))
		return -1;
	return place.kept
			   ? spm_kept_months(place.kept, place.number, months)
			   : spm_deltas_months(place.live->deltas, place.number, months);
}

/*
 * Where the figure of a scope is, under the active snapshot; it is computed if
 * it is not there.  False if a source could not be read.
 */
static bool
place_of(Jsonb *scope, Place *place)
{
	spm_source_refuse_nested();
	if (!find_figure(current_report(), scope, place) &&
		!find_figure(ensure_figures(&scope, 1), scope, place))
		elog(ERROR, "a figure was not computed");
	return place->kept != NULL || !place->live->unknown;
}

/*
 * The report of the active snapshot, with figures for all these scopes: those
 * that it lacks are computed in one pass, the first time with all others that
 * somebody reads.  A function in view measure_reader may read figures itself,
 * so that another report may have taken the place of this one.
 */
static Report *
ensure_figures(Jsonb **scopes, int count)
{
	Report *report = current_report();
	MemoryContext caller_context = CurrentMemoryContext;
	LivePass pass = {NULL};
	Jsonb **others = NULL;
	int other_count = 0;

	if (has_figures(report, scopes, count))
		return report;
	if (!report->live_loaded)
	{
		others = spm_scopes_of(DatumGetArrayTypeP(spm_reader_scopes()),
							   &other_count);
		report = current_report();
	}
	MemoryContextSwitchTo(report->context);
	add_live_scopes(report, &pass, scopes, count);
	add_live_scopes(report, &pass, others, other_count);
	report->live_loaded = true;
	if (pass.count > 0)
		load_live_figures(report, &pass);
	MemoryContextSwitchTo(caller_context);
	return report;
}

static bool
has_figures(const Report *report, Jsonb **scopes, int count)
{
	Place place;

	for (int i = 0; i < count; i++)
		if (!find_figure(report, scopes[i], &place))
			return false;
	return true;
}

/*
 * Sum all sources.  Sets unknown[number] for measures that may count a source
 * which can't be read, and returns a list of SpmUnreadable.  With to_keep one
 * whose changes can't be followed is such a source too.
 */
List *
spm_sum_sources(const SpmMatcher *matcher, SpmDeltas *deltas, bool *unknown,
				bool to_keep)
{
	List *unreadable = NIL;
	ListCell *cell;

	foreach (cell, spm_source_names())
	{
		SourceRead read = {lfirst(cell), matcher, deltas, to_keep};
		char *message = spm_guard(read_source, &read);
		SpmUnreadable *failed;
		const char *root;

		if (message == NULL)
			continue;
		failed = palloc(sizeof(SpmUnreadable));
		failed->source = lfirst(cell);
		failed->why = message;
		unreadable = lappend(unreadable, failed);
		ereport(WARNING,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("source \"%s\" cannot be read", read.name),
				 errdetail_internal("%s", message)));
		root = spm_source_root(read.name);
		for (int i = 0; i < spm_matcher_count(matcher); i++)
			unknown[i] |= spm_matcher_may_count(matcher, i, root);
	}
	return unreadable;
}

/* The report of the active snapshot. */
static Report *
current_report(void)
{
	Snapshot snapshot = GetActiveSnapshot();
	MemoryContext context;
	MemoryContext caller_context;
	Report *report;

	if (last_report != NULL &&
		last_report->statements == spm_touched_statements() &&
		last_report->snapshot.curcid == snapshot->curcid &&
		spm_snapshot_is(&last_report->snapshot, snapshot))
		return last_report;
	if (last_report != NULL)
		MemoryContextDelete(last_report->context);
	last_report = NULL;
	context = AllocSetContextCreate(TopTransactionContext,
									"salesperf report",
									ALLOCSET_DEFAULT_SIZES);
	caller_context = MemoryContextSwitchTo(context);
	report = palloc0(sizeof(Report));
	report->context = context;
	report->made_in = GetCurrentSubTransactionId();
	report->statements = spm_touched_statements();
	spm_snapshot_mark(&report->snapshot, snapshot, context);
	report->live = figures_create(context, 16, NULL);
	report->kept = spm_kept_load(spm_totals_shown(), context);
	MemoryContextSwitchTo(caller_context);
	last_report = report;
	return report;
}

/* Compute the figures of a pass. */
static void
load_live_figures(Report *report, LivePass *pass)
{
	SpmDeltas *deltas = spm_deltas_create(report->context);
	bool *unknown = palloc0(pass->count);

	(void) spm_sum_sources(pass->matcher, deltas, unknown, false);
	for (int i = 0; i < pass->count; i++)
	{
		bool found;
		Figure *figure = figures_insert(report->live, pass->scopes[i], &found);

		figure->unknown = unknown[i];
		figure->deltas = deltas;
		figure->number = i;
	}
	spm_matcher_free(pass->matcher);
}

/* Add the scopes that the report has no figures for. */
static void
add_live_scopes(const Report *report, LivePass *pass, Jsonb **scopes, int count)
{
	Place place;

	for (int i = 0; i < count; i++)
		if (!find_figure(report, scopes[i], &place))
			add_live_scope(pass, scopes[i]);
}

static void
add_live_scope(LivePass *pass, Jsonb *scope)
{
	if (pass->matcher == NULL)
		pass->matcher = spm_matcher_create(CurrentMemoryContext);
	if (pass->count == pass->room)
	{
		Size size =
			mul_size(pass->room = Max(16, pass->room * 2), sizeof(Jsonb *));

		pass->scopes = pass->scopes ? repalloc(pass->scopes, size)
									: palloc(size);
	}
	scope = (Jsonb *) PG_DETOAST_DATUM_COPY(JsonbPGetDatum(scope));
	spm_matcher_add(pass->matcher, spm_scope_parse(scope));
	pass->scopes[pass->count++] = scope;
}

/* Find a figure; false if the report has none yet. */
static bool
find_figure(const Report *report, Jsonb *scope, Place *place)
{
	int number = spm_kept_find(report->kept, scope);

	place->kept = number >= 0 ? report->kept : NULL;
	place->live = number >= 0 ? NULL : figures_lookup(report->live, scope);
	place->number = place->live ? place->live->number : number;
	return place->kept != NULL || place->live != NULL;
}

static void
read_source(void *argument)
{
	SourceRead *read = argument;

	spm_progress_source(read->name);
	if (read->to_keep)
		require_followed(read->name);
	spm_deltas_add_sales(read->deltas,
						 read->matcher,
						 spm_source_get(read->name));
}

static void
require_followed(const char *name)
{
	if (!spm_source_is_followed(name))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("changes of source \"%s\" cannot be followed", name)));
}

static void
forget_report(XactEvent event, void *argument)
{
	last_report = NULL;
	spm_kept_end_transaction();
}

/*
 * A report made inside a subtransaction that is rolled back may show changes
 * that are gone.
 */
static void
forget_subreport(SubXactEvent event, SubTransactionId mine,
				 SubTransactionId parent, void *argument)
{
	if (event == SUBXACT_EVENT_ABORT_SUB && last_report != NULL &&
		last_report->made_in >= mine)
	{
		MemoryContextDelete(last_report->context);
		last_report = NULL;
	}
}
