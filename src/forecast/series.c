/*-------------------------------------------------------------------------
 *
 * series.c
 *	  forecast() of an array, and the aggregate forecast_series().
 *
 * src/forecast/series.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "core/export.h"
#include "forecast/arguments_int.h"

/* Columns of a step: step, forecast, lower, upper. */
#define COLUMNS 4

#define FIRST_CAPACITY 64

#define DEFAULT_SEASON 12
#define DEFAULT_METHOD "auto"
#define DEFAULT_LEVEL 0.95

/* What the aggregate has seen; how to forecast is the first row's. */
typedef struct Collected
{
	SpmSeries series;
	int capacity;
	SpmForecastRequest request;
} Collected;

SPM_FUNCTION_INFO_V1(spm_forecast_array);
SPM_FUNCTION_INFO_V1(spm_forecast_series_add);
SPM_FUNCTION_INFO_V1(spm_forecast_series_result);

static MemoryContext work_context(void);
static Collected *start_collecting(FunctionCallInfo fcinfo);
static SpmForecastRequest request_of_row(FunctionCallInfo fcinfo);
static void step_values(const SpmForecastStep *step, int number, Datum *values);
static Datum steps_array(FunctionCallInfo fcinfo, const SpmForecastStep *steps,
						 int count);

/*
 * forecast(series, horizon, season, method, level, missing) returns setof
 * (step, forecast, lower, upper)
 */
Datum
spm_forecast_array(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rows = (ReturnSetInfo *) fcinfo->resultinfo;
	SpmForecastRequest request = spm_request_arguments(PG_GETARG_INT32(1),
													   PG_GETARG_INT32(2),
													   PG_GETARG_TEXT_PP(3),
													   PG_GETARG_FLOAT8(4));
	SpmMissing missing = spm_missing_argument(PG_GETARG_TEXT_PP(5));
	MemoryContext work = work_context();
	MemoryContext before;
	SpmForecastStep *steps;
	SpmSeries series;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	before = MemoryContextSwitchTo(work);
	series = spm_series_argument(PG_GETARG_ARRAYTYPE_P(0));
	count = spm_forecast_series(&series, &request, missing, &steps);
	MemoryContextSwitchTo(before);
	for (int i = 0; i < count; i++)
	{
		Datum values[COLUMNS];
		bool nulls[COLUMNS] = {false};

		step_values(&steps[i], i + 1, values);
		tuplestore_putvalues(rows->setResult, rows->setDesc, values, nulls);
	}
	MemoryContextDelete(work);
	return (Datum) 0;
}

/* Transition of forecast_series(value, horizon [, season, method, level]) */
Datum
spm_forecast_series_add(PG_FUNCTION_ARGS)
{
	Collected *collected;
	SpmSeries *series;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "aggregate function called in non-aggregate context");
	collected = PG_ARGISNULL(0) ? start_collecting(fcinfo)
								: (Collected *) PG_GETARG_POINTER(0);
	series = &collected->series;
	if (series->count == collected->capacity)
	{
		collected->capacity *= 2;
		series->values =
			repalloc_huge(series->values,
						  sizeof(double) * (Size) collected->capacity);
		series->missing =
			repalloc_huge(series->missing,
						  sizeof(bool) * (Size) collected->capacity);
	}
	series->missing[series->count] = PG_ARGISNULL(1);
	series->values[series->count] = 0;
	if (!PG_ARGISNULL(1))
		series->values[series->count] =
			spm_value_argument(PG_GETARG_NUMERIC(1), series->count + 1);
	series->count++;
	PG_RETURN_POINTER(collected);
}

/* Result of forecast_series: an array of steps, NULL without values. */
Datum
spm_forecast_series_result(PG_FUNCTION_ARGS)
{
	const Collected *collected;
	MemoryContext work;
	MemoryContext before;
	SpmForecastStep *steps;
	Datum result = (Datum) 0;
	int count;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "aggregate function called in non-aggregate context");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	collected = (const Collected *) PG_GETARG_POINTER(0);
	work = work_context();
	before = MemoryContextSwitchTo(work);
	count = spm_forecast_series(&collected->series,
								&collected->request,
								SPM_MISSING_INTERPOLATE,
								&steps);
	MemoryContextSwitchTo(before);
	if (count > 0)
		result = steps_array(fcinfo, steps, count);
	MemoryContextDelete(work);
	if (count == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(result);
}

/* Where a forecast leaves what it does not need any more. */
static MemoryContext
work_context(void)
{
	return AllocSetContextCreate(CurrentMemoryContext,
								 "salesperf forecast",
								 ALLOCSET_DEFAULT_SIZES);
}

static Collected *
start_collecting(FunctionCallInfo fcinfo)
{
	MemoryContext context;
	MemoryContext before;
	Collected *collected;

	AggCheckCallContext(fcinfo, &context);
	before = MemoryContextSwitchTo(context);
	collected = palloc0(sizeof(Collected));
	collected->capacity = FIRST_CAPACITY;
	collected->series.values = palloc(sizeof(double) * FIRST_CAPACITY);
	collected->series.missing = palloc(sizeof(bool) * FIRST_CAPACITY);
	collected->request = request_of_row(fcinfo);
	MemoryContextSwitchTo(before);
	return collected;
}

/* How to forecast: the aggregate's arguments after the value. */
static SpmForecastRequest
request_of_row(FunctionCallInfo fcinfo)
{
	for (int i = 2; i < PG_NARGS(); i++)
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("horizon, season, method and level of a forecast "
							"cannot be null")));
	return spm_request_arguments(PG_GETARG_INT32(2),
								 PG_NARGS() > 3 ? PG_GETARG_INT32(3)
												: DEFAULT_SEASON,
								 PG_NARGS() > 4
									 ? PG_GETARG_TEXT_PP(4)
									 : cstring_to_text(DEFAULT_METHOD),
								 PG_NARGS() > 5 ? PG_GETARG_FLOAT8(5)
												: DEFAULT_LEVEL);
}

static void
step_values(const SpmForecastStep *step, int number, Datum *values)
{
	values[0] = Int32GetDatum(number);
	values[1] = Float8GetDatum(step->mean);
	values[2] = Float8GetDatum(step->lower);
	values[3] = Float8GetDatum(step->upper);
}

/* The steps as an array of the composite type that the function returns. */
static Datum
steps_array(FunctionCallInfo fcinfo, const SpmForecastStep *steps, int count)
{
	Oid type = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));
	TupleDesc columns = lookup_rowtype_tupdesc(type, -1);
	Datum *rows = palloc(sizeof(Datum) * count);
	ArrayType *array;

	for (int i = 0; i < count; i++)
	{
		Datum values[COLUMNS];
		bool nulls[COLUMNS] = {false};

		step_values(&steps[i], i + 1, values);
		rows[i] = HeapTupleGetDatum(heap_form_tuple(columns, values, nulls));
	}
	ReleaseTupleDesc(columns);
	array = construct_array(rows, count, type, -1, false, TYPALIGN_DOUBLE);
	return PointerGetDatum(array);
}
