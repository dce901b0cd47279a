/*-------------------------------------------------------------------------
 *
 * forecast_int.h
 *	  What the parts of a forecast share.
 *
 * Values are divided by their largest magnitude before any model sees them,
 * so that the constants hold whatever the unit.
 *
 * src/forecast/forecast_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_FORECAST_FORECAST_INT_H
#define SPM_FORECAST_FORECAST_INT_H

#include "forecast/forecast.h"

/* Longer seasons are taken out first instead of being states of a model. */
#define MAX_SEASON_STATES 24

/* Beyond so many steps whatever still grows levels out. */
#define UNDAMPED_STEPS 64

/* A series that models are fitted to, oldest value first. */
typedef struct Series
{
	int count;
	int season;
	const double *values;
	const double *logs; /* NULL unless seasons and models may multiply */
} Series;

/* Seasonal indices, by position in the season of the first value. */
typedef struct Seasonality
{
	bool found;
	bool multiplies;
	double *index;
} Seasonality;

/* How uncertain forecasts are: standard deviation at each step. */
typedef struct Spread
{
	bool on_logs;
	double *deviations;
} Spread;

/* What the pool of exponential smoothing says. */
typedef struct PoolForecast
{
	bool valid;
	double *mean;
	double log_weight;		/* of the models of logarithms, 0…1 */
	double seasonal_weight; /* of the models with seasons, 0…1 */
	Spread spread;
} PoolForecast;

extern Seasonality spm_season_indices(const Series *series);
extern Seasonality spm_short_season_indices(const Series *series);
extern bool spm_season_significant(const Series *series);
extern Series spm_deseasonalised(const Series *series,
								 const Seasonality *seasonality);
extern void spm_reseasonalise(double *steps, int horizon, int count, int season,
							  const Seasonality *seasonality);

extern PoolForecast spm_pool_forecast(const Series *series, bool with_season,
									  int horizon);
extern bool spm_theta_forecast(const double *values, int count, int horizon,
							   double *mean, double *deviations);
extern bool spm_autoregressive_forecast(const double *values, int count,
										int horizon, double *mean);
extern bool spm_complex_forecast(const double *values, int count, int horizon,
								 double *mean);
extern void spm_naive_forecast(const Series *series, int horizon, double *mean,
							   double *deviations);
extern void spm_intermittent_forecast(const Series *series, int horizon,
									  double *mean, double *deviations);

extern double spm_normal_probability(double value);
extern void spm_limits(double mean, double deviation, double quantile,
					   bool on_logs, SpmForecastStep *step);

typedef double (*SpmObjective)(const double *point, void *context);
extern void spm_simplex_minimise(SpmObjective objective, void *context,
								 int dimensions, const double *low,
								 const double *high, const double *steps,
								 int evaluations, double *point);
extern bool spm_cholesky_solve(double *matrix, double *vector, int size);

#endif /* SPM_FORECAST_FORECAST_INT_H */
