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
#include "utils/array.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "core/catalog.h"
#include "core/export.h"
#include "core/guard.h"
#include "core/snapshot.h"
#include "measure/commit.h"
#include "measure/pending.h"
#include "measure/reader.h"
#include "measure/report.h"

SPM_FUNCTION_INFO_V1(spm_measure_figure);

typedef struct Figure
{
	int64 measure_id;
	Jsonb *scope;
	Numeric actual; /* NULL: a source could not be read */
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
static void load_live_figures(Report *report, Jsonb *wanted);
static void find_live_scopes(const Report *report, LivePass *pass);
static void add_live_scope(LivePass *pass, Jsonb *scope);
static bool contains_scope(const LivePass *pass, Jsonb *scope);
static Figure *find_figure(const Report *report, Jsonb *scope);
static void store_figure(Report *report, Jsonb *scope, int64 id,
						 Numeric actual);
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
	Jsonb *scope = PG_GETARG_JSONB_P(0);
	Report *report;
	Figure *figure;

	spm_source_refuse_nested();
	report = current_report();
	figure = find_figure(report, scope);
	if (figure == NULL)
	{
		load_live_figures(report, scope);
		figure = find_figure(report, scope);
	}
	if (figure == NULL || figure->actual == NULL)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(DatumGetNumericCopy(NumericGetDatum(figure->actual)));
}

/* Kept totals and pending deltas under the active snapshot. */
SpmKept *
spm_kept_load(MemoryContext parent)
{
	SpmBuildSet *set = spm_builds_load(SPM_BUILDS_BUILT, parent);
	SpmKept *kept = MemoryContextAlloc(set->context, sizeof(SpmKept));

	kept->set = set;
	kept->deltas = spm_deltas_create(set->context);
	kept->usable = MemoryContextAlloc(set->context, set->count + 1);
	memset(kept->usable, true, set->count + 1);
	spm_pending_add(set, kept->deltas);
	add_own_changes(kept);
	distrust_lost_sources(kept);
	return kept;
}

/* The kept actual of a measure, in the current memory context. */
Numeric
spm_kept_actual(const SpmKept *kept, int index)
{
	Numeric delta = spm_deltas_get(kept->deltas, index);
	Numeric total = kept->set->builds[index].total;

	return delta ? numeric_add_opt_error(total, delta, NULL) : total;
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
						 kept->set->builds[i].measure_id,
						 spm_kept_actual(kept, i));
}

/* Compute all live measures, or, if that was done before, the wanted one. */
static void
load_live_figures(Report *report, Jsonb *wanted)
{
	MemoryContext caller_context = MemoryContextSwitchTo(report->context);
	LivePass pass = {spm_matcher_create(report->context), 0, NULL};
	SpmDeltas *deltas = spm_deltas_create(report->context);
	bool *unknown;

	if (!report->live_loaded)
		find_live_scopes(report, &pass);
	else
		pass.scopes = palloc(sizeof(Jsonb *));
	report->live_loaded = true;
	if (!contains_scope(&pass, wanted))
		add_live_scope(&pass, wanted);

	unknown = palloc0(pass.count);
	(void) spm_sum_sources(pass.matcher, deltas, unknown, false);
	for (int i = 0; i < pass.count; i++)
	{
		Numeric actual = spm_deltas_get(deltas, i);

		if (actual == NULL)
			actual = int64_to_numeric(0);
		if (find_figure(report, pass.scopes[i]) == NULL)
			store_figure(report,
						 pass.scopes[i],
						 spm_scope_id(pass.scopes[i]),
						 unknown[i] ? NULL : actual);
	}
	spm_deltas_free(deltas);
	spm_matcher_free(pass.matcher);
	MemoryContextSwitchTo(caller_context);
}

/* All scopes that somebody reads and that are not kept. */
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
	pass->scopes = palloc(mul_size(count + 1, sizeof(Jsonb *)));
	for (int i = 0; i < count; i++)
		if (find_figure(report, DatumGetJsonbP(scopes[i])) == NULL)
			add_live_scope(pass, DatumGetJsonbP(scopes[i]));
}

static void
add_live_scope(LivePass *pass, Jsonb *scope)
{
	scope = (Jsonb *) PG_DETOAST_DATUM_COPY(JsonbPGetDatum(scope));
	spm_matcher_add(pass->matcher, spm_scope_parse(scope));
	pass->scopes[pass->count++] = scope;
}

static bool
contains_scope(const LivePass *pass, Jsonb *scope)
{
	for (int i = 0; i < pass->count; i++)
		if (spm_scope_equal(pass->scopes[i], scope))
			return true;
	return false;
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
store_figure(Report *report, Jsonb *scope, int64 id, Numeric actual)
{
	bool found;
	Figure *figure = figures_insert(report->figures, id, &found);

	figure->scope = scope;
	figure->actual = actual;
}

static void
read_source(void *argument)
{
	SourceRead *read = argument;

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
