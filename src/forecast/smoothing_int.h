/*-------------------------------------------------------------------------
 *
 * smoothing_int.h
 *	  One model of exponential smoothing, fitted.
 *
 * With u the level plus the damped trend, each value z gives an error
 * e = z - u - s, and then
 *
 *	  level = u + alpha e, trend = phi trend + beta e, s = s + gamma e.
 *
 * src/forecast/smoothing_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_FORECAST_SMOOTHING_INT_H
#define SPM_FORECAST_SMOOTHING_INT_H

#include "forecast/forecast_int.h"

typedef struct SmoothingModel
{
	bool on_logs;
	bool has_trend;
	int season; /* number of seasonal states, 0 without */
	double alpha;
	double beta;
	double phi;
	double gamma;
	double level; /* before the first value */
	double trend;
	double seasons[MAX_SEASON_STATES];
	double squares; /* sum of squared errors */
	double criterion;
	double variance;
} SmoothingModel;

extern bool spm_smoothing_fit(SmoothingModel *model, const double *values,
							  int count);
extern double spm_smoothing_run(const SmoothingModel *model,
								const double *values, int count, double *errors,
								SmoothingModel *last);
extern void spm_smoothing_correct(SmoothingModel *model, const double *values,
								  int count);

#endif /* SPM_FORECAST_SMOOTHING_INT_H */
