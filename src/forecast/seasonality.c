/*-------------------------------------------------------------------------
 *
 * seasonality.c
 *	  Indices of the seasons of a series, and taking them out.
 *
 * src/forecast/seasonality.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "forecast/forecast_int.h"

/* Weights of a season back that are tried, and what is taken untried. */
static const double decays[] = {1, 0.9, 0.8, 0.7, 0.55, 0.4};
#define DEFAULT_DECAY 0.85

/* Indices near 0 would blow up whatever is divided by them. */
#define LOWEST_INDEX 0.01

/* Prior of a short profile: worth so many seasons, and how far it repeats. */
#define PRIOR_SEASONS 3
#define PRIOR_REPEAT 0.7
#define SLOPE_PRIOR 4

/* Quantile of a two-sided test at 10 %. */
#define SIGNIFICANT 1.645

static double *ratios_to_average(const Series *series, bool multiplies,
								 int *first, int *last);
static double smooth(const double *ratios, int first, int last, int season,
					 double decay, double *index, int *errors);
static bool normalise(double *index, int season, bool multiplies);
static double pair_slope(const Series *series, const double *z);
static double repeat_share(const Series *series, const double *detrended,
						   double prior_variance);

/*
 * Indices from ratios (differences, unless the series may multiply) to a
 * centred moving average, exponentially weighted over the seasons by the decay
 * that would have forecast each season from those before best.
 */
Seasonality
spm_season_indices(const Series *series)
{
	bool multiplies = series->logs != NULL;
	int season = series->season;
	Seasonality result = {.multiplies = multiplies,
						  .index = palloc(sizeof(double) * season)};
	double best_decay = DEFAULT_DECAY;
	double least = INFINITY;
	int first;
	int last;
	int errors;
	double *ratios;

	if (series->count < 2 * season)
		return result;
	ratios = ratios_to_average(series, multiplies, &first, &last);
	for (int i = 0; i < lengthof(decays); i++)
	{
		double squares = smooth(ratios,
								first,
								last,
								season,
								decays[i],
								result.index,
								&errors);

		if (errors >= season && squares < least)
		{
			least = squares;
			best_decay = decays[i];
		}
	}
	smooth(ratios, first, last, season, best_decay, result.index, &errors);
	result.found = normalise(result.index, season, multiplies);
	return result;
}

/*
 * Ratios of values to the moving average over one season around each, or
 * their differences; they are known from first up to but not including last.
 */
static double *
ratios_to_average(const Series *series, bool multiplies, int *first, int *last)
{
	int season = series->season;
	int half = season / 2;
	const double *y = series->values;
	double *ratios = palloc(sizeof(double) * series->count);

	*first = half;
	*last = series->count - half;
	for (int t = *first; t < *last; t++)
	{
		double sum = 0;

		for (int i = t - half; i <= t + half; i++)
			sum += y[i];
		if (season % 2 == 0)
			sum -= (y[t - half] + y[t + half]) / 2;
		sum /= season;
		if (!multiplies)
			ratios[t] = y[t] - sum;
		else
			ratios[t] = sum > 0 ? y[t] / sum : 1;
	}
	return ratios;
}

/*
 * Weighted mean ratio of each season; returns the sum of squared errors of
 * the mean so far against the next ratio, and the number of those.
 */
static double
smooth(const double *ratios, int first, int last, int season, double decay,
	   double *index, int *errors)
{
	double squares = 0;

	*errors = 0;
	for (int j = 0; j < season; j++)
	{
		double sum = 0;
		double weight = 0;

		for (int t = first + (j - first % season + season) % season; t < last;
			 t += season)
		{
			if (t >= first + 2 * season)
			{
				double error = ratios[t] - sum / weight;

				squares += error * error;
				(*errors)++;
			}
			sum = decay * sum + ratios[t];
			weight = decay * weight + 1;
		}
		index[j] = sum / weight;
	}
	return squares;
}

/* To a mean of 1, or a sum of 0; false if an index is too near to 0. */
static bool
normalise(double *index, int season, bool multiplies)
{
	double mean = 0;

	for (int j = 0; j < season; j++)
		mean += index[j] / season;
	if (!isfinite(mean) || (multiplies && mean <= LOWEST_INDEX))
		return false;
	for (int j = 0; j < season; j++)
	{
		index[j] = multiplies ? index[j] / mean : index[j] - mean;
		if (multiplies && index[j] <= LOWEST_INDEX)
			return false;
	}
	return true;
}

/*
 * Indices of a series of little more than one season: what is left of each
 * season without the trend, shrunk by how far the second season repeats the
 * first.
 */
Seasonality
spm_short_season_indices(const Series *series)
{
	const double *z = series->logs != NULL ? series->logs : series->values;
	int season = series->season;
	int count = series->count;
	Seasonality result = {.multiplies = series->logs != NULL,
						  .index = palloc0(sizeof(double) * season)};
	double slope = pair_slope(series, z);
	double *detrended = palloc(sizeof(double) * count);
	double mean = 0;
	double variance = 0;
	double repeated;

	for (int t = 0; t < count; t++)
		detrended[t] = z[t] - slope * t;
	for (int j = 0; j < season; j++)
	{
		int seen = 0;

		for (int t = j; t < count; t += season, seen++)
			result.index[j] += detrended[t];
		result.index[j] /= seen;
		mean += result.index[j] / season;
	}
	for (int j = 0; j < season; j++)
	{
		result.index[j] -= mean;
		variance += result.index[j] * result.index[j] / season;
	}
	repeated = repeat_share(series, detrended, variance);
	if (!(repeated > 0))
		return result;
	for (int j = 0; j < season; j++)
	{
		result.index[j] *= repeated;
		if (result.multiplies)
			result.index[j] = exp(result.index[j]);
	}
	result.found = normalise(result.index, season, result.multiplies);
	return result;
}

/* Growth per step between values a season apart, shrunk if there are few. */
static double
pair_slope(const Series *series, const double *z)
{
	int pairs = series->count - series->season;
	double sum = 0;

	for (int t = series->season; t < series->count; t++)
		sum += z[t] - z[t - series->season];
	return sum / pairs / series->season * pairs / (pairs + SLOPE_PRIOR);
}

/* Regression of values on those a season before, with a prior; 0…1 */
static double
repeat_share(const Series *series, const double *detrended,
			 double prior_variance)
{
	int season = series->season;
	int pairs = series->count - season;
	double before = 0;
	double after = 0;
	double products = PRIOR_SEASONS * prior_variance * PRIOR_REPEAT;
	double squares = PRIOR_SEASONS * prior_variance;

	for (int t = season; t < series->count; t++)
	{
		before += detrended[t - season] / pairs;
		after += detrended[t] / pairs;
	}
	for (int t = season; t < series->count; t++)
	{
		double a = detrended[t - season] - before;

		products += a * (detrended[t] - after);
		squares += a * a;
	}
	if (!(squares > 0))
		return 0;
	return fmin(fmax(products / squares, 0), 1);
}

/*
 * Is the correlation of values a season apart more than chance?  False for
 * less than three seasons.
 */
bool
spm_season_significant(const Series *series)
{
	int season = series->season;
	int count = series->count;
	const double *y = series->values;
	double mean = 0;
	double squares = 0;
	double limit = 1;
	double correlation = 0;

	if (season < 2 || count < 3 * season)
		return false;
	for (int t = 0; t < count; t++)
		mean += y[t] / count;
	for (int t = 0; t < count; t++)
		squares += (y[t] - mean) * (y[t] - mean);
	if (!(squares > 0))
		return false;
	for (int lag = 1; lag <= season; lag++)
	{
		double sum = 0;

		for (int t = lag; t < count; t++)
			sum += (y[t] - mean) * (y[t - lag] - mean);
		correlation = sum / squares;
		if (lag < season)
			limit += 2 * correlation * correlation;
	}
	return fabs(correlation) > SIGNIFICANT * sqrt(limit / count);
}

/* The series without its seasons, itself where none were found. */
Series
spm_deseasonalised(const Series *series, const Seasonality *seasonality)
{
	Series result = *series;
	double *values;
	double *logs = NULL;

	result.season = 1;
	if (!seasonality->found)
		return result;
	values = palloc(sizeof(double) * series->count);
	if (series->logs != NULL)
		logs = palloc(sizeof(double) * series->count);
	for (int t = 0; t < series->count; t++)
	{
		double index = seasonality->index[t % series->season];

		values[t] = seasonality->multiplies ? series->values[t] / index
											: series->values[t] - index;
		if (logs != NULL)
			logs[t] = series->logs[t] - log(index);
	}
	result.values = values;
	result.logs = logs;
	return result;
}

/* Put the seasons back into forecasts of a series of so many values. */
void
spm_reseasonalise(double *steps, int horizon, int count, int season,
				  const Seasonality *seasonality)
{
	if (!seasonality->found)
		return;
	for (int i = 0; i < horizon; i++)
	{
		double index = seasonality->index[(count + i) % season];

		steps[i] = seasonality->multiplies ? steps[i] * index
										   : steps[i] + index;
	}
}
