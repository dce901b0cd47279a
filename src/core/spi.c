/*-------------------------------------------------------------------------
 *
 * spi.c
 *	  Running SQL: every call of SPI goes through here.
 *
 * Queries are constant text with parameters.  Results live in the procedure's
 * memory until spm_spi_end(); what must outlive it is copied by the caller.
 *
 * src/core/spi.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/params.h"

#include "core/spi.h"

static void check_result(int result, const char *query);
static SPIPlanPtr keep(const char *query, const SpmArgs *args, int options);
static SPIPlanPtr prepare(const char *query, const SpmArgs *args, int options);
static uint64 execute(const char *query, const SpmArgs *args, bool read_only);

/* Open a nested SPI procedure. */
void
spm_spi_begin(void)
{
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

/* Close it, which frees its results. */
void
spm_spi_end(void)
{
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
}

/* Run a query that may write; returns the number of rows. */
uint64
spm_spi_run(const char *query, const SpmArgs *args)
{
	return execute(query, args, false);
}

/* Run a query under the active snapshot; returns the number of rows. */
uint64
spm_spi_read(const char *query, const SpmArgs *args)
{
	return execute(query, args, true);
}

/* Run statements whose results do not matter, such as DDL. */
void
spm_spi_utility(const char *script)
{
	check_result(SPI_execute(script, false, 0), script);
}

/*
 * Prepare a query for the life of the session.  It is planned once: planning
 * again for each commit would cost more than any plan could save.
 */
SPIPlanPtr
spm_spi_keep(const char *query, const SpmArgs *args)
{
	return keep(query, args, CURSOR_OPT_GENERIC_PLAN);
}

/* The same for one that reads much: workers may take part. */
SPIPlanPtr
spm_spi_keep_parallel(const char *query, const SpmArgs *args)
{
	return keep(query, args, CURSOR_OPT_GENERIC_PLAN | CURSOR_OPT_PARALLEL_OK);
}

/* Prepare a query until spm_spi_end(). */
SPIPlanPtr
spm_spi_prepare(const char *query, const SpmArgs *args)
{
	return prepare(query, args, CURSOR_OPT_GENERIC_PLAN);
}

/* Run a kept plan under the active snapshot and hand each row to receiver. */
void
spm_spi_stream(SPIPlanPtr plan, const SpmArgs *args, DestReceiver *receiver)
{
	SPIExecuteOptions options = {0};
	ParamListInfo params = makeParamList(args->count);

	for (int i = 0; i < args->count; i++)
	{
		params->params[i].value = args->values[i];
		params->params[i].isnull = false;
		params->params[i].pflags = PARAM_FLAG_CONST;
		params->params[i].ptype = args->types[i];
	}
	options.params = params;
	options.read_only = true;
	options.dest = receiver;
	check_result(SPI_execute_plan_extended(plan, &options), "kept plan");
}

/* Run a kept plan under the active snapshot; returns its number of rows. */
uint64
spm_spi_read_kept(SPIPlanPtr plan, const SpmArgs *args)
{
	check_result(SPI_execute_plan(plan, (Datum *) args->values, NULL, true, 0),
				 "kept plan");
	return SPI_processed;
}

/* A column of the last result as palloc'd text, NULL for null. */
char *
spm_spi_text(uint64 row, int column)
{
	return SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column);
}

/* A column of the last result as a datum inside the result's memory. */
Datum
spm_spi_datum(uint64 row, int column, bool *is_null)
{
	return SPI_getbinval(SPI_tuptable->vals[row],
						 SPI_tuptable->tupdesc,
						 column,
						 is_null);
}

static uint64
execute(const char *query, const SpmArgs *args, bool read_only)
{
	check_result(SPI_execute_with_args(query,
									   args ? args->count : 0,
									   args ? (Oid *) args->types : NULL,
									   args ? (Datum *) args->values : NULL,
									   NULL,
									   read_only,
									   0),
				 query);
	return SPI_processed;
}

static SPIPlanPtr
keep(const char *query, const SpmArgs *args, int options)
{
	SPIPlanPtr plan = prepare(query, args, options);

	SPI_keepplan(plan);
	return plan;
}

static SPIPlanPtr
prepare(const char *query, const SpmArgs *args, int options)
{
	SPIPlanPtr plan =
		SPI_prepare_cursor(query, args->count, (Oid *) args->types, options);

	if (plan == NULL)
		elog(ERROR,
			 "SPI_prepare_cursor failed: %s: %s",
			 SPI_result_code_string(SPI_result),
			 query);
	return plan;
}

static void
check_result(int result, const char *query)
{
	if (result < 0)
		elog(ERROR,
			 "SPI failed: %s: %s",
			 SPI_result_code_string(result),
			 query);
}
