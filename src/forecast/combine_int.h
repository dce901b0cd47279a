/*-------------------------------------------------------------------------
 *
 * combine_int.h
 *	  One way through a forecast: how seasons are treated, which models run.
 *
 * src/forecast/combine_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_FORECAST_COMBINE_INT_H
#define SPM_FORECAST_COMBINE_INT_H

#include "forecast/forecast_int.h"

typedef struct Path
{
	SpmMethod method;
	bool short_season; /* seasons by spm_short_season_indices() */
	int horizon;
	double quantile; /* of the normal distribution, for the limits */
} Path;

extern void spm_run_path(const Series *series, const Path *path,
						 SpmForecastStep *steps);

#endif /* SPM_FORECAST_COMBINE_INT_H */
