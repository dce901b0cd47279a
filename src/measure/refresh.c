/*-------------------------------------------------------------------------
 *
 * refresh.c
 *	  refresh_measures(): start keeping the totals of live measures.
 *
 * Three transactions.  The first enters the builds: from its commit on every
 * writer books for them.  Then all writers that may not have seen them are
 * waited for, without a lock that stops a new one.  The second takes one
 * snapshot and enters what the sources hold in it, less what writers have
 * booked in it.  Then it folds.  A refresh that was stopped leaves builds
 * that count; the next one goes on with them.  See README.md here.
 *
 * src/measure/refresh.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "core/catalog.h"
#include "core/export.h"
#include "core/owner.h"
#include "core/spi.h"
#include "measure/fold.h"
#include "measure/pending.h"
#include "measure/progress.h"
#include "measure/reader.h"
#include "measure/report.h"
#include "measure/totals.h"

SPM_FUNCTION_INFO_V1(spm_refresh_measures);
SPM_FUNCTION_INFO_V1(spm_sources_changed);

/* Conditions on what build_scope lists, which is written last. */
#define ANY_BUILD_GONE                                                         \
	" WHERE EXISTS (SELECT FROM salesperf.build_scope s"                       \
	" WHERE NOT EXISTS (SELECT FROM salesperf.build b"                         \
	" WHERE b.build_id = s.build_id))"
#define NEW_BUILDS                                                             \
	" FROM salesperf.build b"                                                  \
	" JOIN salesperf.measure m ON m.measure_id = b.measure_id"                 \
	" WHERE NOT EXISTS (SELECT FROM salesperf.build_scope s"                   \
	" WHERE s.build_id = b.build_id)"

/* $1: the scopes that somebody reads. */
static const char *const enter_builds[] = {
	/*
	 * What is not read any more, or not usable, goes.  One statement, and so
	 * one snapshot: a note made meanwhile stays as long as its builds.
	 */
	"WITH unusable AS (DELETE FROM salesperf.invalidation"
	" RETURNING first_build, last_build)"
	" DELETE FROM salesperf.build b"
	" WHERE NOT EXISTS (SELECT FROM salesperf.measure m"
	" JOIN unnest($1) AS r (scope) ON r.scope = m.scope"
	" WHERE m.measure_id = b.measure_id)"
	" OR EXISTS (SELECT FROM unusable i"
	" WHERE b.build_id BETWEEN i.first_build AND i.last_build)",
	"DELETE FROM salesperf.total t"
	" WHERE NOT EXISTS (SELECT FROM salesperf.build b"
	" WHERE b.build_id = t.build_id)",
	"DELETE FROM salesperf.measure m"
	" WHERE NOT EXISTS (SELECT FROM salesperf.build b"
	" WHERE b.measure_id = m.measure_id)",
	/* A second scope with the same id stays live. */
	"INSERT INTO salesperf.measure (measure_id, scope)"
	" SELECT DISTINCT ON (r.measure_id) r.measure_id, r.scope"
	" FROM (SELECT salesperf.measure_id(u.scope), u.scope"
	" FROM unnest($1) AS u (scope)) AS r (measure_id, scope)"
	" WHERE NOT EXISTS (SELECT FROM salesperf.measure m"
	" WHERE m.measure_id = r.measure_id)"
	" ORDER BY r.measure_id, r.scope",
	"INSERT INTO salesperf.build (measure_id)"
	" SELECT m.measure_id FROM salesperf.measure m"
	" WHERE NOT EXISTS (SELECT FROM salesperf.build b"
	" WHERE b.measure_id = m.measure_id) ORDER BY 1",
	/* Rows of several builds: if one of them is gone all are written anew. */
	"DELETE FROM salesperf.build_key" ANY_BUILD_GONE,
	"DELETE FROM salesperf.build_scope" ANY_BUILD_GONE,
	"INSERT INTO salesperf.build_key"
	" (filter_column, key, first_build, builds)"
	" SELECT k.filter_column, k.key, pg_catalog.min(b.build_id),"
	" pg_catalog.string_agg(b.entry, '' ORDER BY b.build_id)"
	" FROM (SELECT b.build_id, m.scope,"
	" salesperf.build_entry(b.build_id, m.scope) AS entry" NEW_BUILDS
	" OFFSET 0) b, LATERAL salesperf.scope_keys(b.scope) AS k"
	" GROUP BY k.filter_column, k.key",
	/* After build_key, in its transaction: what key_directory.c relies on. */
	"DELETE FROM salesperf.key_directory k WHERE NOT EXISTS ("
	"SELECT FROM salesperf.directory_of_keys() d"
	" WHERE d.first_slot = k.first_slot AND d.slot_count = k.slot_count"
	" AND d.last_build = k.last_build AND d.slots = k.slots)",
	"INSERT INTO salesperf.key_directory (first_slot, slot_count,"
	" last_build, slots)"
	" SELECT d.first_slot, d.slot_count, d.last_build, d.slots"
	" FROM salesperf.directory_of_keys() d"
	" WHERE NOT EXISTS (SELECT FROM salesperf.key_directory k"
	" WHERE k.first_slot = d.first_slot)",
	"INSERT INTO salesperf.build_scope (build_id, form)"
	" SELECT b.build_id, salesperf.scope_form(m.scope)" NEW_BUILDS,
	"DELETE FROM salesperf.build_use",
	"INSERT INTO salesperf.build_use (uses)"
	" SELECT DISTINCT salesperf.scope_uses(m.scope) FROM salesperf.measure m",
	SPM_NOTE_NEW_TOTALS,
};

/* $1: builds, $2, $3, $4: build, month and total. */
static const char *const enter_opening[] = {
	"DELETE FROM salesperf.total WHERE build_id = ANY ($1)",
	"INSERT INTO salesperf.total (build_id, month, actual)"
	" SELECT u.build_id, u.month, u.actual"
	" FROM unnest($2, $3, $4) AS u (build_id, month, actual)",
	"UPDATE salesperf.build SET built_at = pg_catalog.now()"
	" WHERE build_id = ANY ($1)",
	SPM_NOTE_NEW_TOTALS,
};

static int milliseconds_of(const Interval *interval);
static void enter_new_builds(void);
static void wait_for_writers(int milliseconds);
static void enter_opening_totals(void);
static void enter_totals(const SpmBuildSet *set, SpmDeltas *opening,
						 const bool *unknown);
static void add_element(ArrayBuildState *array, Datum value);
static void commit(void);

/* CALL refresh_measures(writer_timeout interval) */
Datum
spm_refresh_measures(PG_FUNCTION_ARGS)
{
	LockRelId lock = {spm_relation_oid("build", false), MyDatabaseId};

	spm_require_own_transactions(fcinfo, "refresh_measures");
	LockRelationIdForSession(&lock, SPM_BUILDER_LOCK);
	PG_TRY();
	{
		SPI_connect_ext(SPI_OPT_NONATOMIC);
		spm_progress_begin();
		enter_new_builds();
		commit();
		spm_progress_enter(SPM_PHASE_WAIT, 0);
		wait_for_writers(milliseconds_of(PG_GETARG_INTERVAL_P(0)));
		commit();
		enter_opening_totals();
		commit();
		spm_progress_end();
		spm_fold();
		SPI_finish();
	}
	PG_FINALLY();
	{
		spm_progress_end();
		UnlockRelationIdForSession(&lock, SPM_BUILDER_LOCK);
	}
	PG_END_TRY();
	PG_RETURN_VOID();
}

/*
 * Trigger before each statement on table source, and for the reporting
 * currency: no build may run while they change, and none that was made before
 * it can be used after it.
 */
Datum
spm_sources_changed(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("sources_changed must be called as a trigger")));
	LockRelationOid(spm_relation_oid("build", false), SPM_BUILDER_LOCK);
	spm_invalidate_all("a source, or the reporting currency, was changed");
	return PointerGetDatum(NULL);
}

/* An interval as a lock_timeout, which can't be 0. */
static int
milliseconds_of(const Interval *interval)
{
	int64 days = (int64) interval->month * DAYS_PER_MONTH + interval->day;
	int64 milliseconds = days * (USECS_PER_DAY / 1000) + interval->time / 1000;

	return (int) Max(Min(milliseconds, PG_INT32_MAX), 1);
}

/* First transaction: measures that are read and not kept begin to count. */
static void
enter_new_builds(void)
{
	SpmArgs args = {1, {JSONBARRAYOID}, {spm_reader_scopes()}};
	SpmCaller caller;

	spm_source_note_splits();
	spm_become_extension_owner(&caller);
	/* Without a build nobody has booked, nor noted lines without a header. */
	spm_source_forget_strays(
		spm_spi_run("SELECT FROM salesperf.build_use", NULL) == 0);
	for (int i = 0; i < lengthof(enter_builds); i++)
		spm_spi_run(enter_builds[i], &args);
	spm_builds_changed();
	spm_return_to(&caller);
}

/*
 * Wait until all transactions that were booking when this began have ended.
 * Who begins to book later sees the new builds.
 */
static void
wait_for_writers(int milliseconds)
{
	LOCKTAG tag;
	int guc_level = NewGUCNestLevel();
	MemoryContext context = CurrentMemoryContext;

	spm_set_locally("lock_timeout", psprintf("%d", milliseconds));
	SET_LOCKTAG_RELATION(tag, MyDatabaseId, spm_relation_oid("writer", false));
	PG_TRY();
	{
		WaitForLockers(tag, ShareLock, false);
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE)
			PG_RE_THROW();
		FlushErrorState();
		ereport(ERROR,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				 errmsg("could not build measures because a transaction did "
						"not end in time"),
				 errdetail("Figures are computed from the sources until "
						   "measures are built."),
				 errhint("Look for prepared transactions in pg_prepared_xacts "
						 "and call refresh_measures again.")));
	}
	PG_END_TRY();
	AtEOXact_GUC(false, guc_level);
}

/*
 * Second transaction, one snapshot: what the sources hold, less what writers
 * have booked, so that both together are the actual.
 */
static void
enter_opening_totals(void)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "salesperf build",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	SpmBuildSet *set;

	PushActiveSnapshot(GetTransactionSnapshot());
	set = spm_builds_load(SPM_BUILDS_COUNTING, context);
	if (set->count > 0)
	{
		SpmDeltas *opening = spm_deltas_create(context);
		bool *unknown = palloc0(set->count);
		List *unreadable;
		ListCell *cell;

		spm_progress_enter(SPM_PHASE_READ, set->count);
		unreadable = spm_sum_sources(set->matcher, opening, unknown, true);
		spm_source_note_strays();
		spm_progress_enter(SPM_PHASE_ENTER, set->count);
		spm_pending_add(spm_builds_find, set, opening, true);
		PopActiveSnapshot();
		PushActiveSnapshot(GetTransactionSnapshot());
		enter_totals(set, opening, unknown);
		foreach (cell, unreadable)
		{
			SpmUnreadable *failed = lfirst(cell);

			spm_invalidate_source(set,
								  failed->source,
								  spm_source_root(failed->source),
								  failed->why);
		}
	}
	PopActiveSnapshot();
	MemoryContextSwitchTo(caller_context);
	MemoryContextDelete(context);
}

/* Enter the totals of all builds of the set that are not unknown. */
static void
enter_totals(const SpmBuildSet *set, SpmDeltas *opening, const bool *unknown)
{
	SpmDelta *list;
	int count = spm_deltas_list(opening, &list);
	ArrayBuildState *built =
		initArrayResult(INT4OID, CurrentMemoryContext, true);
	ArrayBuildState *builds =
		initArrayResult(INT4OID, CurrentMemoryContext, true);
	ArrayBuildState *months =
		initArrayResult(DATEOID, CurrentMemoryContext, true);
	ArrayBuildState *actuals =
		initArrayResult(NUMERICOID, CurrentMemoryContext, true);
	SpmArgs args =
		{.count = 4,
		 .types = {INT4ARRAYOID, INT4ARRAYOID, DATEARRAYOID, NUMERICARRAYOID}};
	SpmCaller caller;

	for (int i = 0; i < set->count; i++)
		if (!unknown[i])
			add_element(built, Int32GetDatum(set->builds[i].build_id));
	for (int i = 0; i < count; i++)
	{
		if (unknown[list[i].number])
			continue;
		add_element(builds,
					Int32GetDatum(set->builds[list[i].number].build_id));
		add_element(months, DateADTGetDatum(list[i].month));
		add_element(actuals, NumericGetDatum(list[i].amount));
	}
	args.values[0] = makeArrayResult(built, CurrentMemoryContext);
	args.values[1] = makeArrayResult(builds, CurrentMemoryContext);
	args.values[2] = makeArrayResult(months, CurrentMemoryContext);
	args.values[3] = makeArrayResult(actuals, CurrentMemoryContext);
	spm_become_extension_owner(&caller);
	for (int i = 0; i < lengthof(enter_opening); i++)
		spm_spi_run(enter_opening[i], &args);
	spm_return_to(&caller);
}

static void
add_element(ArrayBuildState *array, Datum value)
{
	(void) accumArrayResult(array,
							value,
							false,
							array->element_type,
							CurrentMemoryContext);
}

static void
commit(void)
{
	SPI_commit();
	CHECK_FOR_INTERRUPTS();
}
