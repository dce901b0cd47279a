/*-------------------------------------------------------------------------
 *
 * forecast.h
 *	  Forecasts of equally spaced series.
 *
 * Everything here is deterministic, keeps no state between calls, allocates
 * in the caller's memory context and can be interrupted.
 *
 * src/forecast/forecast.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_FORECAST_FORECAST_H
#define SPM_FORECAST_FORECAST_H

/* At most so many steps are forecast, and so long is a season. */
#define SPM_MAX_HORIZON 1000
#define SPM_MAX_SEASON 1000

typedef enum SpmMethod
{
	SPM_METHOD_AUTO,
	SPM_METHOD_FAST,
	SPM_METHOD_SEASONAL_NAIVE,
	SPM_METHOD_THETA,
	SPM_METHOD_ETS,
	SPM_METHOD_INTERMITTENT
} SpmMethod;

/* What is asked of a forecast. */
typedef struct SpmForecastRequest
{
	SpmMethod method;
	int season;	  /* values in a season, 1 without seasons */
	int horizon;  /* steps, 1…SPM_MAX_HORIZON */
	double level; /* coverage of the limits, between 0 and 1 */
} SpmForecastRequest;

/* One step: lower <= mean <= upper, all finite. */
typedef struct SpmForecastStep
{
	double mean;
	double lower;
	double upper;
} SpmForecastStep;

extern int spm_fill_gaps(double *values, bool *missing, int count,
						 bool with_zero);
extern bool spm_forecast(const double *values, int count,
						 const SpmForecastRequest *request,
						 SpmForecastStep *steps);
extern double spm_normal_quantile(double probability);

#endif /* SPM_FORECAST_FORECAST_H */
