/*-------------------------------------------------------------------------
 *
 * accuracy.c
 *	  backtest(): how good forecasts would have been.
 *
 * A series is cut at several origins; from what lies before each the values
 * after it are forecast and compared, by the measures of the M competitions
 * (Makridakis, Spiliotis and Assimakopoulos, International Journal of
 * Forecasting 36, 2020).
 *
 * src/forecast/accuracy.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "core/export.h"
#include "forecast/arguments_int.h"

/* Columns: forecasts, smape, mase, coverage, msis. */
#define COLUMNS 5

/* A mean in the making. */
typedef struct Mean
{
	double sum;
	int count;
} Mean;

typedef struct Accuracy
{
	int forecasts;
	Mean smape;
	Mean mase;
	Mean coverage;
	Mean msis;
} Accuracy;

SPM_FUNCTION_INFO_V1(spm_backtest);

static void check_origins(const SpmSeries *series, int horizon, int origins);
static void compare_origin(const SpmSeries *series, int origin,
						   const SpmForecastRequest *request,
						   SpmMissing missing, Accuracy *accuracy);
static double naive_error(const SpmSeries *series, int count, int season);
static void compare(double actual, const SpmForecastStep *step, double level,
					Accuracy *accuracy);
static void merge(Mean *into, const Mean *from, double divisor);
static Datum mean_datum(const Mean *mean, bool *is_null);

/*
 * backtest(series, horizon, season, method, origins, level, missing) returns
 * (forecasts, smape, mase, coverage, msis)
 */
Datum
spm_backtest(PG_FUNCTION_ARGS)
{
	SpmForecastRequest request = spm_request_arguments(PG_GETARG_INT32(1),
													   PG_GETARG_INT32(2),
													   PG_GETARG_TEXT_PP(3),
													   PG_GETARG_FLOAT8(5));
	int origins = PG_GETARG_INT32(4);
	SpmMissing missing = spm_missing_argument(PG_GETARG_TEXT_PP(6));
	SpmSeries series = spm_series_argument(PG_GETARG_ARRAYTYPE_P(0));
	Accuracy accuracy = {0};
	MemoryContext work = AllocSetContextCreate(CurrentMemoryContext,
											   "salesperf backtest",
											   ALLOCSET_DEFAULT_SIZES);
	TupleDesc columns;
	Datum values[COLUMNS];
	bool nulls[COLUMNS] = {false};

	check_origins(&series, request.horizon, origins);
	for (int i = 0; i < origins; i++)
	{
		MemoryContext before = MemoryContextSwitchTo(work);

		compare_origin(&series,
					   series.count - request.horizon - i,
					   &request,
					   missing,
					   &accuracy);
		MemoryContextSwitchTo(before);
		MemoryContextReset(work);
	}
	values[0] = Int32GetDatum(accuracy.forecasts);
	values[1] = mean_datum(&accuracy.smape, &nulls[1]);
	values[2] = mean_datum(&accuracy.mase, &nulls[2]);
	values[3] = mean_datum(&accuracy.coverage, &nulls[3]);
	values[4] = mean_datum(&accuracy.msis, &nulls[4]);
	if (get_call_result_type(fcinfo, NULL, &columns) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	PG_RETURN_DATUM(HeapTupleGetDatum(
		heap_form_tuple(BlessTupleDesc(columns), values, nulls)));
}

static void
check_origins(const SpmSeries *series, int horizon, int origins)
{
	if (origins < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of origins %d is out of range", origins),
				 errdetail("Forecasts are made from 1 origin at least.")));
	if (series->count - horizon < origins)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg_plural("series of %d value is too short",
							   "series of %d values is too short",
							   series->count,
							   series->count),
				 errdetail("Horizon %d and origins %d need %lld values at "
						   "least.",
						   horizon,
						   origins,
						   (long long) horizon + origins)));
}

/* Forecast from the values before an origin, compare with those after. */
static void
compare_origin(const SpmSeries *series, int origin,
			   const SpmForecastRequest *request, SpmMissing missing,
			   Accuracy *accuracy)
{
	SpmSeries known = *series;
	Accuracy here = {0};
	SpmForecastStep *steps;
	double scale;

	known.count = origin;
	if (spm_forecast_series(&known, request, missing, &steps) == 0)
		return;
	scale = naive_error(&known, origin, request->season);
	for (int i = 0; i < request->horizon; i++)
	{
		if (!series->missing[origin + i])
			compare(series->values[origin + i],
					&steps[i],
					request->level,
					&here);
		else if (missing == SPM_MISSING_ZERO)
			compare(0, &steps[i], request->level, &here);
	}
	accuracy->forecasts += here.forecasts;
	merge(&accuracy->smape, &here.smape, 1);
	merge(&accuracy->coverage, &here.coverage, 1);
	merge(&accuracy->mase, &here.mase, scale);
	merge(&accuracy->msis, &here.msis, scale);
}

/*
 * Mean error of the value a season before, or of the last one where there is
 * no season, among the first so many; 0 if there is nothing to compare.
 */
static double
naive_error(const SpmSeries *series, int count, int season)
{
	Mean error = {0};

	if (season >= count)
		season = 1;
	for (int t = season; t < count; t++)
	{
		if (series->missing[t] || series->missing[t - season])
			continue;
		error.sum += fabs(series->values[t] - series->values[t - season]);
		error.count++;
	}
	return error.count > 0 ? error.sum / error.count : 0;
}

/* Errors of one step, not yet scaled. */
static void
compare(double actual, const SpmForecastStep *step, double level,
		Accuracy *accuracy)
{
	double error = fabs(actual - step->mean);
	double size = fabs(actual) + fabs(step->mean);
	double penalty = 2 / (1 - level);

	accuracy->forecasts++;
	accuracy->smape.sum += size > 0 ? 200 * error / size : 0;
	accuracy->mase.sum += error;
	accuracy->coverage.sum += actual >= step->lower && actual <= step->upper;
	accuracy->msis.sum += step->upper - step->lower +
						  penalty * fmax(step->lower - actual, 0) +
						  penalty * fmax(actual - step->upper, 0);
	accuracy->smape.count++;
	accuracy->mase.count++;
	accuracy->coverage.count++;
	accuracy->msis.count++;
}

/* One more origin in the mean over origins, unless it cannot be scaled. */
static void
merge(Mean *into, const Mean *from, double divisor)
{
	if (from->count == 0 || !(divisor > 0))
		return;
	into->sum += from->sum / from->count / divisor;
	into->count++;
}

static Datum
mean_datum(const Mean *mean, bool *is_null)
{
	double value = mean->count > 0 ? mean->sum / mean->count : 0;

	*is_null = mean->count == 0 || !isfinite(value);
	return Float8GetDatum(value);
}
