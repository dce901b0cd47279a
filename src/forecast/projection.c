/*-------------------------------------------------------------------------
 *
 * projection.c
 *	  The total that a running period will reach.
 *
 * The run rate so far and a prior total are weighed by credibility
 * (Buehlmann, ASTIN Bulletin 4, 1967): with S sold in a share el of the
 * period, rem what is left and P the prior,
 *
 *	  T = S + rem * (S + K P) / (el + K),		K = v / p
 *
 * where v and p say how far run rates and priors were off before.
 *
 * src/forecast/projection.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/datetime.h"

#include "forecast/forecast_int.h"
#include "forecast/projection.h"

/* Errors are learned from so many past periods, and as many believed. */
#define PAST_PERIODS 12
#define PSEUDO_PERIODS 4
#define FLOW_VARIANCE 0.001
#define FORECAST_VARIANCE 0.002
#define TARGET_VARIANCE 0.005

/* Without a history. */
#define FORECAST_CREDIBILITY 0.5
#define TARGET_CREDIBILITY 0.1

/* Totals of so many past periods make a prior. */
#define LEAST_TOTALS 3
#define MOST_TOTALS 260

static const double checkpoints[] = {0.25, 0.5, 0.75};

/* Whole periods of the past, newest first. */
typedef struct Past
{
	int count;
	SpmPeriod *periods;
	double *totals;
} Past;

static Past past_of(const SpmHistory *history, SpmPeriod period,
					DateADT known_to);
static SpmPeriod period_before(SpmPeriod period, int number);
static int whole_months(SpmPeriod period);
static DateADT first_of_month(DateADT day, int months);
static double sum_of(const SpmHistory *history, SpmPeriod period,
					 DateADT known_to);
static bool forecast_total(const SpmHistory *history, const Past *past,
						   int skipped, SpmPeriod period, DateADT known_to,
						   double *total);
static int season_of(SpmPeriod period);
static double flow_error(const SpmHistory *history, SpmPeriod period,
						 double total, SpmProfile profile);

/*
 * What actual, sold in a share of the period, comes to at its end.  A negative
 * actual (returns) has no run rate: what is left is taken from the prior.
 */
SpmProjection
spm_project_total(double actual, double elapsed, const SpmBelief *belief)
{
	SpmProjection result = {.known = true};
	double left = 1 - elapsed;
	double rate;
	double variance;

	if (left <= 0)
	{
		result.total = actual;
		return result;
	}
	if (!belief->has_prior && elapsed <= 0)
	{
		result.known = false;
		return result;
	}
	if (!belief->has_prior)
	{
		rate = actual < 0 ? 0 : actual / elapsed;
		variance = belief->flow_variance * left / elapsed;
	}
	else
	{
		rate = actual < 0 || elapsed <= 0
				   ? belief->prior
				   : (actual + belief->credibility * belief->prior) /
						 (elapsed + belief->credibility);
		variance =
			left * belief->flow_variance +
			left * left /
				(elapsed / belief->flow_variance + 1 / belief->prior_variance);
	}
	result.total = actual + left * rate;
	result.deviation = fabs(rate) * sqrt(variance);
	return result;
}

/*
 * The same without a history: by the elapsed share of the period, the prior or
 * NULL, and the variance of the run rate, 0 for the usual one.
 */
SpmProjection
spm_project_share_of(double actual, double elapsed, const double *prior,
					 double flow_variance)
{
	SpmProjection unknown = {.known = false};
	SpmBelief belief = {.has_prior = prior != NULL,
						.prior = prior ? *prior : 0,
						.credibility = TARGET_CREDIBILITY,
						.flow_variance = flow_variance > 0 ? flow_variance
														   : FLOW_VARIANCE,
						.prior_variance = TARGET_VARIANCE};

	if (!spm_can_project(actual) || !spm_can_project(elapsed) ||
		!spm_can_project(belief.prior))
		return unknown;
	return spm_project_total(actual, fmin(fmax(elapsed, 0), 1), &belief);
}

/* The probability that a total reaches a target. */
double
spm_reach_probability(const SpmProjection *projection, double target)
{
	double above = projection->total - target;

	if (projection->deviation > 0)
		return spm_normal_probability(above / projection->deviation);
	return projection->total >= target ? 1 : 0;
}

/*
 * Relative variance of the total of a period that has so many parts, by the
 * totals of some of them: half the mean squared change from one part to the
 * next is that of a part, whatever the trend.  Some periods of usual variance
 * are believed at first.
 */
double
spm_flow_variance(const double *totals, int count, double parts)
{
	double mean = totals[0];
	double changes = 0;

	for (int i = 1; i < count; i++)
	{
		changes += (totals[i] - totals[i - 1]) * (totals[i] - totals[i - 1]);
		mean += totals[i];
	}
	mean /= count;
	if (!(mean > 0) || !isfinite(changes / (mean * mean)))
		return FLOW_VARIANCE;
	return (changes / 2 / (mean * mean) / parts +
			PSEUDO_PERIODS * FLOW_VARIANCE) /
		   (count - 1 + PSEUDO_PERIODS);
}

/*
 * Learn from past periods how far run rates and priors are off.  Without a
 * prior one is forecast, if there are enough of them.  past_priors are those
 * of the periods before, newest last.
 */
void
spm_learn_belief(const SpmHistory *history, SpmPeriod period, DateADT known_to,
				 SpmProfile profile, bool prior_is_target,
				 const double *past_priors, int past_count, SpmBelief *belief)
{
	Past past = past_of(history, period, Min(known_to, period.first - 1));
	bool own = !belief->has_prior;
	double first_prior = prior_is_target && !own ? TARGET_VARIANCE
												 : FORECAST_VARIANCE;
	double flow = PSEUDO_PERIODS * FLOW_VARIANCE;
	double prior = PSEUDO_PERIODS * first_prior;
	int flows = PSEUDO_PERIODS;
	int priors = PSEUDO_PERIODS;

	if (own)
		belief->has_prior = forecast_total(history,
										   &past,
										   0,
										   period,
										   period.first - 1,
										   &belief->prior);
	for (int i = 0; i < Min(past.count, PAST_PERIODS); i++)
	{
		double total = past.totals[i];
		double expected;
		bool has_expected = false;

		CHECK_FOR_INTERRUPTS();
		if (!(total > 0))
			continue;
		flow += flow_error(history, past.periods[i], total, profile);
		flows++;
		if (own && belief->has_prior)
			has_expected = forecast_total(history,
										  &past,
										  i + 1,
										  past.periods[i],
										  past.periods[i].first - 1,
										  &expected);
		else if (i < past_count && isfinite(past_priors[past_count - 1 - i]))
		{
			expected = past_priors[past_count - 1 - i];
			has_expected = true;
		}
		if (has_expected)
		{
			prior += (expected / total - 1) * (expected / total - 1);
			priors++;
		}
	}
	belief->flow_variance = flow / flows;
	belief->prior_variance = prior / priors;
	belief->credibility = belief->flow_variance / belief->prior_variance;
	if (past.count == 0)
		belief->credibility = prior_is_target && !own ? TARGET_CREDIBILITY
													  : FORECAST_CREDIBILITY;
}

/* The periods of the same length before, as far as the history goes. */
static Past
past_of(const SpmHistory *history, SpmPeriod period, DateADT known_to)
{
	Past past = {.periods = palloc(sizeof(SpmPeriod) * MOST_TOTALS),
				 .totals = palloc(sizeof(double) * MOST_TOTALS)};

	while (past.count < MOST_TOTALS)
	{
		SpmPeriod before = period_before(period, past.count + 1);

		if (before.first < history->first || before.last > known_to ||
			before.last >= history->first + history->count)
			break;
		past.periods[past.count] = before;
		past.totals[past.count++] = sum_of(history, before, known_to);
	}
	return past;
}

/* The period so many periods before: whole months, or as many days. */
static SpmPeriod
period_before(SpmPeriod period, int number)
{
	int months = whole_months(period);
	int days = period.last - period.first + 1;
	SpmPeriod before;

	if (months > 0)
	{
		before.first = first_of_month(period.first, -months * number);
		before.last = first_of_month(period.first, -months * (number - 1)) - 1;
	}
	else
	{
		before.first = period.first - days * number;
		before.last = before.first + days - 1;
	}
	return before;
}

/* Number of calendar months that a period consists of, 0 if not of whole. */
static int
whole_months(SpmPeriod period)
{
	int year, month, day;
	int next_year, next_month;

	j2date(period.first + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	if (day != 1)
		return 0;
	j2date(period.last + 1 + POSTGRES_EPOCH_JDATE,
		   &next_year,
		   &next_month,
		   &day);
	return day == 1 ? 12 * (next_year - year) + next_month - month : 0;
}

static DateADT
first_of_month(DateADT day, int months)
{
	int year, month, day_of_month;
	int number;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &day_of_month);
	number = 12 * year + month - 1 + months;
	return date2j(number / 12, number % 12 + 1, 1) - POSTGRES_EPOCH_JDATE;
}

static double
sum_of(const SpmHistory *history, SpmPeriod period, DateADT known_to)
{
	double sum = 0;

	for (DateADT day = period.first; day <= Min(period.last, known_to); day++)
	{
		int i = day - history->first;

		if (i >= 0 && i < history->count && history->open[i])
			sum += history->sales[i];
	}
	return sum;
}

/*
 * Forecast a total from those of the periods before, the newest so many of
 * them skipped.  Totals are per weight of their weekdays, so that a month with
 * five Saturdays is not taken for a better one.  False if there are too few.
 */
static bool
forecast_total(const SpmHistory *history, const Past *past, int skipped,
			   SpmPeriod period, DateADT known_to, double *total)
{
	int count = past->count - skipped;
	SpmForecastRequest request = {.method = SPM_METHOD_AUTO,
								  .season = season_of(period),
								  .horizon = 1,
								  .level = 0.95};
	SpmForecastStep step;
	double *series;
	double means[SPM_WEEKDAYS];
	double weight;

	if (count < LEAST_TOTALS || !spm_weekday_means(history, known_to, means))
		return false;
	weight = spm_weekday_weight(history, period, known_to, means);
	if (!(weight > 0))
		return false;
	series = palloc(sizeof(double) * count);
	for (int i = 0; i < count; i++)
	{
		int place = past->count - 1 - i;
		double own =
			spm_weekday_weight(history, past->periods[place], known_to, means);

		series[i] = past->totals[place] / (own > 0 ? own : weight);
	}
	spm_forecast(series, count, &request, &step);
	*total = step.mean * weight;
	return isfinite(*total);
}

/* Periods in a year. */
static int
season_of(SpmPeriod period)
{
	int months = whole_months(period);
	int days = period.last - period.first + 1;

	if (months > 0)
		return 12 % months == 0 ? 12 / months : 1;
	return days == 7 ? 52 : 1;
}

/*
 * Mean over checkpoints of the squared relative error of the run rate, in
 * units of a whole period.
 */
static double
flow_error(const SpmHistory *history, SpmPeriod period, double total,
		   SpmProfile profile)
{
	int days = period.last - period.first + 1;
	double sum = 0;
	int used = 0;

	for (int i = 0; i < lengthof(checkpoints); i++)
	{
		DateADT as_of = period.first + (int) rint(checkpoints[i] * days) - 1;
		double *weights;
		double elapsed;
		double error;

		if (as_of < period.first || as_of >= period.last)
			continue;
		weights = spm_day_weights(history, period, as_of, profile);
		elapsed = spm_elapsed_weight(weights, period, as_of);
		if (elapsed <= 0 || elapsed >= 1)
			continue;
		error = sum_of(history, period, as_of) / elapsed / total - 1;
		sum += error * error * elapsed / (1 - elapsed);
		used++;
	}
	return used > 0 ? sum / used : FLOW_VARIANCE;
}
