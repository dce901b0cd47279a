/*-------------------------------------------------------------------------
 *
 * arguments_int.h
 *	  Arguments of SQL functions that forecast.
 *
 * src/forecast/arguments_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_FORECAST_ARGUMENTS_INT_H
#define SPM_FORECAST_ARGUMENTS_INT_H

#include "utils/array.h"
#include "utils/numeric.h"

#include "forecast/forecast.h"

/* A series as given: gaps are missing. */
typedef struct SpmSeries
{
	int count;
	double *values;
	bool *missing;
} SpmSeries;

/* How gaps are to be filled. */
typedef enum SpmMissing
{
	SPM_MISSING_INTERPOLATE,
	SPM_MISSING_ZERO
} SpmMissing;

extern SpmSeries spm_series_argument(ArrayType *array);
extern double spm_value_argument(Numeric value, int position);
extern double spm_number_argument(Numeric value, const char *name);
extern SpmForecastRequest spm_request_arguments(int horizon, int season,
												text *method, double level);
extern double spm_level_argument(double level);
extern SpmMissing spm_missing_argument(text *missing);
extern int spm_horizon_argument(int horizon);
extern int spm_forecast_series(const SpmSeries *series,
							   const SpmForecastRequest *request,
							   SpmMissing missing, SpmForecastStep **steps);

#endif /* SPM_FORECAST_ARGUMENTS_INT_H */
