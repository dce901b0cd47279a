/*-------------------------------------------------------------------------
 *
 * report.c
 *	  The actual of measures under the reader's snapshot.
 *
 * The first figure asked for under a snapshot loads a report: all kept
 * totals, what is pending, and what this transaction itself has changed so
 * far.  The first figure that is not kept adds all live measures to it, in
 * one pass over the sources.  Further figures under the same snapshot are
 * look-ups.
 *
 * src/measure/report.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "core/catalog.h"
#include "core/export.h"
#include "core/guard.h"
#include "core/snapshot.h"
#include "measure/commit.h"
#include "measure/dimension.h"
#include "measure/kept.h"
#include "measure/pending.h"
#include "measure/progress.h"
#include "measure/reader.h"
#include "measure/report.h"

SPM_FUNCTION_INFO_V1(spm_measure_figure);
SPM_FUNCTION_INFO_V1(spm_measure_figures);
SPM_FUNCTION_INFO_V1(spm_measure_months);

typedef struct Figure
{
	int64 measure_id;
	Jsonb *scope;
	Numeric actual;	   /* NULL: a source could not be read */
	SpmDeltas *deltas; /* that it is the sum of */
	int number;		   /* there */
	char status;
} Figure;

#define SH_PREFIX figures
#define SH_ELEMENT_TYPE Figure
#define SH_KEY_TYPE int64
#define SH_KEY measure_id
#define SH_HASH_KEY(table, key) murmurhash32((uint32) (key))
#define SH_EQUAL(table, a, b) ((a) == (b))
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
	figures_hash *figures;
	bool live_loaded;
} Report;

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
static void add_own_changes(SpmKept *kept);
static void distrust_lost_sources(SpmKept *kept);
static void require_followed(void *name);
static void distrust_source(SpmKept *kept, const char *root);
static void load_kept_figures(Report *report);
static Figure *ensure_figures(const Datum *scopes, int count);
static void load_live_figures(Report *report, LivePass *pass);
static void find_live_scopes(const Report *report, LivePass *pass);
static void add_live_scope(LivePass *pass, Jsonb *scope);
static Figure *find_figure(const Report *report, Jsonb *scope);
static void store_figure(Report *report, Jsonb *scope, Numeric actual,
						 SpmDeltas *deltas, int number);
static void read_source(void *argument);
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

/*
 * The actual of a scope under the active snapshot, unrounded and in the
 * current memory context; NULL if a source could not be read.
 */
Numeric
spm_report_actual(Jsonb *scope)
{
	Datum wanted = JsonbPGetDatum(scope);
	Figure *figure;

	spm_source_refuse_nested();
	figure = find_figure(current_report(), scope);
	if (figure == NULL)
		figure = ensure_figures(&wanted, 1);
	if (figure == NULL || figure->actual == NULL)
		return NULL;
	return DatumGetNumericCopy(NumericGetDatum(figure->actual));
}

/* measure_figures(scopes) → (scope, actual) */
Datum
spm_measure_figures(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Datum *scopes;
	bool *nulls;
	int count;
	int known = 0;

	spm_source_refuse_nested();
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0),
					  JSONBOID,
					  -1,
					  false,
					  TYPALIGN_INT,
					  &scopes,
					  &nulls,
					  &count);
	for (int i = 0; i < count; i++)
		if (!nulls[i])
			scopes[known++] = scopes[i];
	InitMaterializedSRF(fcinfo, 0);
	(void) ensure_figures(scopes, known);
	for (int i = 0; i < known; i++)
	{
		Figure *figure = ensure_figures(&scopes[i], 1);
		Datum values[] = {scopes[i], NumericGetDatum(figure->actual)};
		bool no_figure[] = {false, figure->actual == NULL};

		tuplestore_putvalues(result->setResult,
							 result->setDesc,
							 values,
							 no_figure);
	}
	return (Datum) 0;
}

/* measure_months(scope) → (month, actual) */
Datum
spm_measure_months(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SpmDelta *months;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	count = spm_report_months(PG_GETARG_DATUM(0), &months);
	for (int i = 0; i < count; i++)
	{
		Datum values[] = {DateADTGetDatum(months[i].month),
						  NumericGetDatum(months[i].amount)};
		bool nulls[] = {false, false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * The months of a scope that have sales; returns their number, -1 if a source
 * could not be read.
 */
int
spm_report_months(Datum scope, SpmDelta **months)
{
	Figure *figure;

	spm_source_refuse_nested();
	figure = ensure_figures(&scope, 1);
	if (figure == NULL || figure->actual == NULL)
		return -1;
	return spm_deltas_months(figure->deltas, figure->number, months);
}

/*
 * Make sure that the report of the active snapshot has figures for all these
 * scopes, those that it lacks in one pass.  Returns that of the first.
 */
static Figure *
ensure_figures(const Datum *scopes, int count)
{
	Report *report = current_report();
	MemoryContext caller_context = MemoryContextSwitchTo(report->context);
	LivePass pass = {NULL};

	for (int i = 0; i < count; i++)
		if (find_figure(report, DatumGetJsonbP(scopes[i])) == NULL)
			add_live_scope(&pass, DatumGetJsonbP(scopes[i]));
	if (pass.count > 0)
	{
		if (!report->live_loaded)
			find_live_scopes(report, &pass);
		report->live_loaded = true;
		load_live_figures(report, &pass);
	}
	MemoryContextSwitchTo(caller_context);
	return count > 0 ? find_figure(report, DatumGetJsonbP(scopes[0])) : NULL;
}

/* Kept totals and pending deltas under the active snapshot. */
SpmKept *
spm_kept_load(MemoryContext parent)
{
	SpmBuildSet *set = spm_builds_of_readers();
	SpmKept *kept = MemoryContextAlloc(parent, sizeof(SpmKept));

	kept->set = set;
	kept->deltas = spm_deltas_create(parent);
	kept->usable = MemoryContextAlloc(parent, set->count + 1);
	memset(kept->usable, true, set->count + 1);
	spm_totals_add(set, kept->deltas);
	spm_pending_add(set, kept->deltas, false);
	add_own_changes(kept);
	spm_distrust_dimensions(set, kept->usable);
	distrust_lost_sources(kept);
	return kept;
}

/* The kept actual of a measure, in the current memory context. */
Numeric
spm_kept_actual(const SpmKept *kept, int index)
{
	Numeric actual = spm_deltas_get(kept->deltas, index);

	return actual ? actual : int64_to_numeric(0);
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
	report->figures = figures_create(context, 256, NULL);
	load_kept_figures(report);
	MemoryContextSwitchTo(caller_context);
	last_report = report;
	return report;
}

/* Add what this transaction has changed, as far as the snapshot shows it. */
static void
add_own_changes(SpmKept *kept)
{
	ListCell *cell;

	foreach (cell, spm_touched_sources())
	{
		SpmTouched *touched = lfirst(cell);
		char *message = spm_changes_of(touched,
									   kept->set,
									   GetActiveSnapshot()->curcid,
									   kept->deltas);

		if (message != NULL)
			distrust_source(kept, touched->root);
	}
}

/*
 * A table dropped with CASCADE takes its view along, and one that became a
 * partition is written through its parent: neither fires a trigger.
 */
static void
distrust_lost_sources(SpmKept *kept)
{
	ListCell *cell;

	foreach (cell, spm_source_names())
		if (spm_guard(require_followed, lfirst(cell)) != NULL)
			distrust_source(kept, spm_source_root(lfirst(cell)));
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

/* Do not use the totals that may count documents of a source. */
static void
distrust_source(SpmKept *kept, const char *root)
{
	for (int i = 0; i < kept->set->count; i++)
		if (spm_matcher_may_count(kept->set->matcher, i, root))
			kept->usable[i] = false;
}

static void
load_kept_figures(Report *report)
{
	SpmKept *kept = spm_kept_load(report->context);

	for (int i = 0; i < kept->set->count; i++)
		if (kept->usable[i])
			store_figure(report,
						 kept->set->builds[i].scope,
						 spm_kept_actual(kept, i),
						 kept->deltas,
						 i);
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
		Numeric actual = spm_deltas_get(deltas, i);

		if (actual == NULL)
			actual = int64_to_numeric(0);
		if (find_figure(report, pass->scopes[i]) == NULL)
			store_figure(report,
						 pass->scopes[i],
						 unknown[i] ? NULL : actual,
						 deltas,
						 i);
	}
	spm_matcher_free(pass->matcher);
}

/* Add all scopes that somebody reads and that are not kept. */
static void
find_live_scopes(const Report *report, LivePass *pass)
{
	Datum *scopes;
	int count;

	deconstruct_array(DatumGetArrayTypeP(spm_reader_scopes()),
					  JSONBOID,
					  -1,
					  false,
					  TYPALIGN_INT,
					  &scopes,
					  NULL,
					  &count);
	for (int i = 0; i < count; i++)
		if (find_figure(report, DatumGetJsonbP(scopes[i])) == NULL)
			add_live_scope(pass, DatumGetJsonbP(scopes[i]));
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

/* The figure of a scope, NULL if the report has none yet. */
static Figure *
find_figure(const Report *report, Jsonb *scope)
{
	Figure *figure = figures_lookup(report->figures, spm_scope_id(scope));

	return figure && spm_scope_equal(figure->scope, scope) ? figure : NULL;
}

/*
 * Store a figure.  Where two scopes have the same id the last one asked for
 * has the place, so that no figure is ever taken for another's.
 */
static void
store_figure(Report *report, Jsonb *scope, Numeric actual, SpmDeltas *deltas,
			 int number)
{
	bool found;
	Figure *figure =
		figures_insert(report->figures, spm_scope_id(scope), &found);

	figure->scope = scope;
	figure->actual = actual;
	figure->deltas = deltas;
	figure->number = number;
}

static void
read_source(void *argument)
{
	SourceRead *read = argument;

	spm_progress_source(read->name);
	if (read->to_keep)
		require_followed(unconstify(char *, read->name));
	spm_deltas_add_sales(read->deltas,
						 read->matcher,
						 spm_source_get(read->name));
}

static void
forget_report(XactEvent event, void *argument)
{
	last_report = NULL;
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
