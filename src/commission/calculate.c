/*-------------------------------------------------------------------------
 *
 * calculate.c
 *	  CALL calculate_commissions(starts_on, ends_on)
 *
 * Two transactions: the first enters that the run began, the second computes
 * and enters all of it.  A run that is interrupted leaves the items that were
 * there.  Inside a transaction block it is all one.
 *
 * One run at a time: the second waits, and computes with what the first has
 * left.
 *
 * src/commission/calculate.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "commission/post_int.h"
#include "commission/progress_int.h"
#include "core/catalog.h"
#include "core/export.h"
#include "core/owner.h"
#include "core/spi.h"

SPM_FUNCTION_INFO_V1(spm_calculate_commissions);

/* One run at a time. */
#define RUN_LOCK ShareUpdateExclusiveLock

/* $1, $2: the days. */
static const char enter_run[] =
	"WITH old AS (DELETE FROM salesperf.commission_run"
	" WHERE started_at < now() - interval '1 year')"
	" INSERT INTO salesperf.commission_run (starts_on, ends_on, started_at)"
	" VALUES ($1, $2, clock_timestamp()) RETURNING run_id";

/* The periods themselves, and those between them and others. */
static const char enter_periods[] =
	"INSERT INTO salesperf.commission_period (starts_on, ends_on)"
	" SELECT p.starts_on, p.ends_on FROM salesperf.commission_periods("
	" (SELECT LEAST($1, max(c.ends_on) + 1) FROM salesperf.commission_period c"
	" WHERE c.ends_on < $1 OR $1 BETWEEN c.starts_on AND c.ends_on),"
	" (SELECT GREATEST($2, min(c.starts_on) - 1)"
	" FROM salesperf.commission_period c"
	" WHERE c.starts_on > $2 OR $2 BETWEEN c.starts_on AND c.ends_on)) p"
	" WHERE NOT p.entered";

/* $1: run, $2: sales, $3: items kept, written, removed, exceptions. */
static const char finish_run[] =
	"UPDATE salesperf.commission_run SET finished_at = clock_timestamp(),"
	" sales = $2, items = $3[1] + $3[2], written = $3[2], removed = $3[3],"
	" exceptions = $3[4] WHERE run_id = $1";

static void check_days(FunctionCallInfo fcinfo);
static int32 begin_run(DateADT from, DateADT to);
static void run_and_post(int32 run_id, DateADT from, DateADT to);
static void report(const SpmRun *run, const SpmPosted *posted);

/* calculate_commissions(starts_on date, ends_on date) */
Datum
spm_calculate_commissions(PG_FUNCTION_ARGS)
{
	CallContext *context = (CallContext *) fcinfo->context;
	bool atomic = context == NULL || !IsA(context, CallContext) ||
				  context->atomic;
	DateADT from;
	DateADT to;
	int32 run_id;

	check_days(fcinfo);
	from = PG_GETARG_DATEADT(0);
	to = PG_GETARG_DATEADT(1);
	SPI_connect_ext(atomic ? 0 : SPI_OPT_NONATOMIC);
	run_id = begin_run(from, to);
	if (!atomic)
		SPI_commit();
	run_and_post(run_id, from, to);
	SPI_finish();
	PG_RETURN_VOID();
}

static void
check_days(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) ||
		DATE_NOT_FINITE(PG_GETARG_DATEADT(0)) ||
		DATE_NOT_FINITE(PG_GETARG_DATEADT(1)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("starts_on and ends_on must be days"),
				 errhint("Give the first and the last day that commissions "
						 "are to be computed for.")));
	if (PG_GETARG_DATEADT(0) > PG_GETARG_DATEADT(1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("starts_on must not be after ends_on")));
	if (PG_GETARG_DATEADT(1) - PG_GETARG_DATEADT(0) > SPM_RUN_MAX_DAYS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("commissions are computed for ten years at most"),
				 errhint("Call calculate_commissions several times.")));
}

/* Enter that a run begins. */
static int32
begin_run(DateADT from, DateADT to)
{
	SpmArgs args = {2,
					{DATEOID, DATEOID},
					{DateADTGetDatum(from), DateADTGetDatum(to)}};
	SpmCaller caller;
	int32 run_id;
	bool is_null;

	spm_become_extension_owner(&caller);
	spm_spi_begin();
	spm_spi_run(enter_run, &args);
	run_id = DatumGetInt32(spm_spi_datum(0, 1, &is_null));
	spm_spi_end();
	spm_return_to(&caller);
	return run_id;
}

/* Compute and enter everything, as the owner of the items. */
static void
run_and_post(int32 run_id, DateADT from, DateADT to)
{
	Oid items = spm_relation_oid("commission_item", false);
	SpmArgs args = {2,
					{DATEOID, DATEOID},
					{DateADTGetDatum(from), DateADTGetDatum(to)}};
	MemoryContext context;
	MemoryContext caller_context;
	SpmCaller caller;
	SpmPosted posted;
	SpmRun *run;

	spm_run_begin(run_id);
	LockRelationOid(items, RUN_LOCK);
	spm_become(spm_relation_owner(items), &caller);
	spm_spi_begin();
	spm_spi_run(enter_periods, &args);
	spm_spi_end();
	CommandCounterIncrement();
	context = AllocSetContextCreate(CurrentMemoryContext,
									"salesperf commissions",
									ALLOCSET_DEFAULT_SIZES);
	caller_context = MemoryContextSwitchTo(context);
	PushActiveSnapshot(GetTransactionSnapshot());
	run = spm_run_create(context, from, to, false);
	spm_run_want_spans(run);
	run->run_id = run_id;
	run->progress = spm_run_show;
	spm_run_show(run_id, "reading", 0);
	spm_run_read(run);
	spm_run_compute(run);
	spm_post(run, &posted);
	spm_run_end(run);
	PopActiveSnapshot();
	spm_return_to(&caller);
	report(run, &posted);
	MemoryContextSwitchTo(caller_context);
	MemoryContextDelete(context);
}

/* Say, and keep, what became of the run. */
static void
report(const SpmRun *run, const SpmPosted *posted)
{
	Datum counts[] = {Int64GetDatum(posted->kept),
					  Int64GetDatum(posted->written),
					  Int64GetDatum(posted->removed),
					  Int64GetDatum(run->exception_count)};
	SpmArgs args = {.count = 3,
					.types = {INT4OID, INT8OID, INT8ARRAYOID},
					.values = {Int32GetDatum(run->run_id),
							   Int64GetDatum(run->sale_count)}};
	SpmCaller caller;

	args.values[2] = PointerGetDatum(construct_array(counts,
													 lengthof(counts),
													 INT8OID,
													 sizeof(int64),
													 FLOAT8PASSBYVAL,
													 TYPALIGN_DOUBLE));
	spm_become_extension_owner(&caller);
	spm_spi_begin();
	spm_spi_run(finish_run, &args);
	spm_spi_end();
	spm_return_to(&caller);
	ereport(NOTICE,
			(errmsg("commission items: " INT64_FORMAT " written, " INT64_FORMAT
					" removed, " INT64_FORMAT " as before",
					posted->written,
					posted->removed,
					posted->kept),
			 run->exception_count > 0
				 ? errdetail_plural("%lld credit could not be computed.",
									"%lld credits could not be computed.",
									(unsigned long) run->exception_count,
									(long long) run->exception_count)
				 : 0,
			 run->exception_count > 0
				 ? errhint("Table commission_exception lists them.")
				 : 0));
}
