/*-------------------------------------------------------------------------
 *
 * arguments.c
 *	  Arguments of SQL functions that forecast: what is refused, and why.
 *
 * src/forecast/arguments.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "forecast/arguments_int.h"

/* Names of methods, in the order of SpmMethod. */
static const char *const method_names[] =
	{"auto", "fast", "seasonal_naive", "theta", "ets", "intermittent"};

static SpmMethod method_argument(text *method);
static int trailing_gaps(const SpmSeries *series);

/* The values of an array, NULLs being gaps. */
SpmSeries
spm_series_argument(ArrayType *array)
{
	SpmSeries series;
	Datum *values;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("series must have one dimension"),
				 errdetail("It has %d.", ARR_NDIM(array))));
	deconstruct_array(array,
					  NUMERICOID,
					  -1,
					  false,
					  TYPALIGN_INT,
					  &values,
					  &series.missing,
					  &series.count);
	series.values = palloc(sizeof(double) * (series.count + 1));
	for (int t = 0; t < series.count; t++)
		series.values[t] =
			series.missing[t]
				? 0
				: spm_value_argument(DatumGetNumeric(values[t]), t + 1);
	pfree(values);
	return series;
}

/* A value of a series, which must be finite; its position is for the error. */
double
spm_value_argument(Numeric value, int position)
{
	double result =
		DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
										   NumericGetDatum(value)));

	if (!isfinite(result))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("series has a value that cannot be forecast from: "
						"%.60s",
						DatumGetCString(
							DirectFunctionCall1(numeric_out,
												NumericGetDatum(value)))),
				 errdetail("It is value %d.  Values must be finite and of a "
						   "magnitude below 1e308.",
						   position),
				 errhint("Give NULL where a value is not known.")));
	return result;
}

/* A figure, which must be finite; its name is for the error. */
double
spm_number_argument(Numeric value, const char *name)
{
	double result =
		DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
										   NumericGetDatum(value)));

	if (!isfinite(result))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a finite number", name)));
	return result;
}

SpmForecastRequest
spm_request_arguments(int horizon, int season, text *method, double level)
{
	SpmForecastRequest request = {.method = method_argument(method),
								  .season = season,
								  .horizon = spm_horizon_argument(horizon),
								  .level = spm_level_argument(level)};

	if (season < 1 || season > SPM_MAX_SEASON)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("season of %d values is out of range", season),
				 errdetail("A season has 1 to %d values.", SPM_MAX_SEASON),
				 errhint("Use 12 for months, 4 for quarters, 52 for weeks, 7 "
						 "for days, 1 where there are no seasons.")));
	return request;
}

int
spm_horizon_argument(int horizon)
{
	if (horizon < 1 || horizon > SPM_MAX_HORIZON)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("horizon of %d steps is out of range", horizon),
				 errdetail("1 to %d steps can be forecast.", SPM_MAX_HORIZON)));
	return horizon;
}

/* The probability with which limits are to hold. */
double
spm_level_argument(double level)
{
	if (!(level > 0 && level < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("level %g is out of range", level),
				 errdetail("The probability that a value is inside the limits "
						   "is above 0 and below 1."),
				 errhint("Use 0.95 for 95 %%.")));
	return level;
}

SpmMissing
spm_missing_argument(text *missing)
{
	char *name = text_to_cstring(missing);

	if (strcmp(name, "interpolate") == 0)
		return SPM_MISSING_INTERPOLATE;
	if (strcmp(name, "zero") == 0)
		return SPM_MISSING_ZERO;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unrecognized way to fill gaps: \"%s\"", name),
			 errhint("Ways are interpolate and zero.")));
}

static SpmMethod
method_argument(text *method)
{
	char *name = text_to_cstring(method);

	for (int i = 0; i < lengthof(method_names); i++)
		if (strcmp(name, method_names[i]) == 0)
			return i;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unrecognized forecast method: \"%s\"", name),
			 errhint("Methods are auto, fast, seasonal_naive, theta, ets and "
					 "intermittent.")));
}

/*
 * Forecast a series with gaps.  Those before its first value are left out;
 * those after its last one are forecast too, and not returned, unless a gap
 * is a zero.  Returns the number of steps: 0 for a series without values.
 */
int
spm_forecast_series(const SpmSeries *series, const SpmForecastRequest *request,
					SpmMissing missing, SpmForecastStep **steps)
{
	SpmForecastRequest longer = *request;
	int first;
	int gaps = trailing_gaps(series);
	int count = series->count - gaps;
	double *values = palloc(sizeof(double) * (series->count + 1));
	bool *unknown = palloc(sizeof(bool) * (series->count + 1));

	memcpy(values, series->values, sizeof(double) * series->count);
	memcpy(unknown, series->missing, sizeof(bool) * series->count);
	if (missing == SPM_MISSING_ZERO && count > 0)
	{
		for (; count < series->count; count++)
		{
			values[count] = 0;
			unknown[count] = false;
		}
		gaps = 0;
	}
	if (count == 0)
		return 0;
	if (gaps > SPM_MAX_HORIZON - request->horizon)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("last %d values of the series are missing", gaps),
				 errdetail("Together with the horizon that is more than the "
						   "%d steps that can be forecast.",
						   SPM_MAX_HORIZON),
				 errhint("Leave them out, or let missing be zero.")));
	first = spm_fill_gaps(values, unknown, count, missing == SPM_MISSING_ZERO);
	longer.horizon += gaps;
	*steps = palloc(sizeof(SpmForecastStep) * longer.horizon);
	spm_forecast(values + first, count - first, &longer, *steps);
	*steps += gaps;
	return request->horizon;
}

static int
trailing_gaps(const SpmSeries *series)
{
	int gaps = 0;

	while (gaps < series->count && series->missing[series->count - 1 - gaps])
		gaps++;
	return gaps;
}
