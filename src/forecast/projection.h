/*-------------------------------------------------------------------------
 *
 * projection.h
 *	  The projection of a running period, and what it is made of.
 *
 * src/forecast/projection.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_FORECAST_PROJECTION_H
#define SPM_FORECAST_PROJECTION_H

#include <math.h>

#include "utils/date.h"

#define SPM_WEEKDAYS 7

/* How the sales of a period are expected to spread over its days. */
typedef enum SpmProfile
{
	SPM_PROFILE_LINEAR,	  /* every day alike */
	SPM_PROFILE_BUSINESS, /* every open day alike */
	SPM_PROFILE_HISTORY	  /* as the days before did */
} SpmProfile;

/* Days, both included. */
typedef struct SpmPeriod
{
	DateADT first;
	DateADT last;
} SpmPeriod;

/* Sales day by day.  A day that is not open was closed, or is not known. */
typedef struct SpmHistory
{
	DateADT first;
	int count;
	double *sales;
	bool *open;
	const DateADT *closed; /* days, in order, past and to come */
	int closed_count;
} SpmHistory;

/* What a projection weighs. */
typedef struct SpmBelief
{
	bool has_prior;
	double prior;		   /* total before anything was sold */
	double credibility;	   /* K, of the prior against the run rate */
	double flow_variance;  /* v, of the run rate */
	double prior_variance; /* p */
} SpmBelief;

typedef struct SpmProjection
{
	bool known; /* false: nothing was sold or believed yet */
	double total;
	double deviation;
} SpmProjection;

extern bool spm_is_closed(const SpmHistory *history, DateADT day);
extern double *spm_day_weights(const SpmHistory *history, SpmPeriod period,
							   DateADT known_to, SpmProfile profile);
extern bool spm_weekday_means(const SpmHistory *history, DateADT known_to,
							  double *means);
extern double spm_weekday_weight(const SpmHistory *history, SpmPeriod period,
								 DateADT known_to, const double *means);
extern double spm_elapsed_weight(const double *weights, SpmPeriod period,
								 DateADT as_of);
extern SpmProjection spm_project_total(double actual, double elapsed,
									   const SpmBelief *belief);
extern SpmProjection spm_project_share_of(double actual, double elapsed,
										  const double *prior,
										  double flow_variance);
extern double spm_reach_probability(const SpmProjection *projection,
									double target);
extern double spm_flow_variance(const double *totals, int count, double parts);
extern void spm_learn_belief(const SpmHistory *history, SpmPeriod period,
							 DateADT known_to, SpmProfile profile,
							 bool prior_is_target, const double *past_priors,
							 int past_count, SpmBelief *belief);

/* No projection of such a figure overflows. */
static inline bool
spm_can_project(double figure)
{
	return fabs(figure) < 1e150;
}

#endif /* SPM_FORECAST_PROJECTION_H */
