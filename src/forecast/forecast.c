/*-------------------------------------------------------------------------
 *
 * forecast.c
 *	  Forecast a series: what is done before and after the models.
 *
 * src/forecast/forecast.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "forecast/combine_int.h"

/* Values that count: older ones make forecasts no better. */
#define LEAST_MEMORY 260
#define WEEKLY_MEMORY 400
#define MEMORY_SEASONS 5

/* Fewer values are only repeated. */
#define LEAST_VALUES 4

/* Up to this share of zeros a series counts as positive. */
#define FEW_ZEROS 0.2
#define MANY_ZEROS 0.5

/* Seasons that a way of finding them needs. */
#define SHORT_SEASONS 2.5
#define LONG_SEASONS 6

/* What is known about a series before it is looked at by models. */
typedef struct Facts
{
	double low;
	double high;
	double scale; /* largest magnitude */
	double least_positive;
	int zeros;
} Facts;

static int memory_of(int season);
static Facts look_at(const double *values, int count);
static Series scaled(const double *values, int count, int season,
					 const Facts *facts);
static void repeat_last(const Series *series, const Path *path,
						SpmForecastStep *steps);
static void repeat_pattern(const Series *series, const Path *path,
						   SpmForecastStep *steps);
static void run_regimes(const Series *series, const Path *path,
						SpmForecastStep *steps);
static void average(SpmForecastStep *steps, const SpmForecastStep *others,
					int horizon);
static void finish(SpmForecastStep *step, const Facts *facts);

/*
 * Fill gaps in place: with 0, or by interpolation, linear, of logarithms if
 * all known values are positive.  Gaps before the first value and after the
 * last one are left.  Returns the number of gaps before the first value;
 * count if there is none.  A value that is missing is not read.
 */
int
spm_fill_gaps(double *values, bool *missing, int count, bool with_zero)
{
	bool positive = true;
	int first = 0;
	int known;

	while (first < count && missing[first])
		first++;
	for (int t = first; t < count; t++)
		positive = positive && (missing[t] || values[t] > 0);
	known = first;
	for (int t = first; t < count; t++)
	{
		if (missing[t])
			continue;
		for (int i = known + 1; i < t; i++)
		{
			double share = (double) (i - known) / (t - known);

			if (with_zero)
				values[i] = 0;
			else if (positive)
				values[i] = values[known] *
							exp(share * (log(values[t]) - log(values[known])));
			else
				values[i] = values[known] * (1 - share) + values[t] * share;
			missing[i] = false;
		}
		known = t;
	}
	return first;
}

/*
 * Forecast a series of finite values, oldest first.  False, and no steps, for
 * an empty one.
 */
bool
spm_forecast(const double *values, int count, const SpmForecastRequest *request,
			 SpmForecastStep *steps)
{
	int used = Min(count, memory_of(request->season));
	Facts facts;
	Series series;
	Path path = {.method = request->method,
				 .horizon = request->horizon,
				 .quantile = spm_normal_quantile((1 + request->level) / 2)};

	if (count == 0)
		return false;
	values += count - used;
	facts = look_at(values, used);
	series = scaled(values, used, request->season, &facts);
	if (path.method == SPM_METHOD_AUTO && facts.low >= 0 &&
		facts.zeros > MANY_ZEROS * used)
		path.method = SPM_METHOD_INTERMITTENT;
	if (used < LEAST_VALUES ||
		facts.high - facts.low <= 1e-12 * (fabs(facts.high) + fabs(facts.low)))
		repeat_last(&series, &path, steps);
	else if (path.method == SPM_METHOD_SEASONAL_NAIVE ||
			 path.method == SPM_METHOD_INTERMITTENT)
		repeat_pattern(&series, &path, steps);
	else
		run_regimes(&series, &path, steps);
	for (int i = 0; i < path.horizon; i++)
		finish(&steps[i], &facts);
	return true;
}

static int
memory_of(int season)
{
	return season == 7 ? WEEKLY_MEMORY
					   : Max(LEAST_MEMORY, MEMORY_SEASONS * season);
}

static Facts
look_at(const double *values, int count)
{
	Facts facts = {.low = values[0],
				   .high = values[0],
				   .least_positive = INFINITY};

	for (int t = 0; t < count; t++)
	{
		facts.low = fmin(facts.low, values[t]);
		facts.high = fmax(facts.high, values[t]);
		facts.scale = fmax(facts.scale, fabs(values[t]));
		if (values[t] == 0)
			facts.zeros++;
		else if (values[t] > 0)
			facts.least_positive = fmin(facts.least_positive, values[t]);
	}
	return facts;
}

/*
 * The series in units of its largest magnitude, with logarithms if it is
 * positive but for a few zeros, which count as half the smallest value there.
 */
static Series
scaled(const double *values, int count, int season, const Facts *facts)
{
	double *all = palloc(sizeof(double) * count);
	double *logs = palloc(sizeof(double) * count);
	Series series = {.count = count, .season = season, .values = all};
	double scale = facts->scale > 0 ? facts->scale : 1;

	for (int t = 0; t < count; t++)
		all[t] = values[t] / scale;
	if (facts->low < 0 || facts->zeros > FEW_ZEROS * count ||
		!(facts->least_positive / scale > 1e-300))
		return series;
	for (int t = 0; t < count; t++)
		logs[t] =
			log(values[t] > 0 ? all[t] : facts->least_positive / scale / 2);
	series.logs = logs;
	return series;
}

/* The last value again, as uncertain as a random walk. */
static void
repeat_last(const Series *series, const Path *path, SpmForecastStep *steps)
{
	Series plain = *series;

	plain.season = 1;
	repeat_pattern(&plain,
				   &(Path){.method = SPM_METHOD_SEASONAL_NAIVE,
						   .horizon = path->horizon,
						   .quantile = path->quantile},
				   steps);
}

/* Forecasts that are no model of trend. */
static void
repeat_pattern(const Series *series, const Path *path, SpmForecastStep *steps)
{
	double *mean = palloc(sizeof(double) * path->horizon);
	double *deviations = palloc(sizeof(double) * path->horizon);

	if (path->method == SPM_METHOD_INTERMITTENT)
		spm_intermittent_forecast(series, path->horizon, mean, deviations);
	else
		spm_naive_forecast(series, path->horizon, mean, deviations);
	for (int i = 0; i < path->horizon; i++)
		spm_limits(mean[i], deviations[i], path->quantile, false, &steps[i]);
}

/*
 * By the number of seasons: none can be told; a short profile; both ways,
 * averaged; the usual way.
 */
static void
run_regimes(const Series *series, const Path *path, SpmForecastStep *steps)
{
	int season = series->season;
	int count = series->count;
	Path short_path = *path;
	Series plain = *series;
	SpmForecastStep *others;

	short_path.short_season = true;
	if (season == 1 || count <= season)
	{
		plain.season = 1;
		spm_run_path(&plain, path, steps);
	}
	else if (count < SHORT_SEASONS * season || count < 2 * season + 2)
		spm_run_path(series, &short_path, steps);
	else
	{
		spm_run_path(series, path, steps);
		if (count >= LONG_SEASONS * season)
			return;
		others = palloc(sizeof(SpmForecastStep) * path->horizon);
		spm_run_path(series, &short_path, others);
		average(steps, others, path->horizon);
	}
}

static void
average(SpmForecastStep *steps, const SpmForecastStep *others, int horizon)
{
	for (int i = 0; i < horizon; i++)
	{
		steps[i].mean = (steps[i].mean + others[i].mean) / 2;
		steps[i].lower = (steps[i].lower + others[i].lower) / 2;
		steps[i].upper = (steps[i].upper + others[i].upper) / 2;
	}
}

/*
 * Back to units of the series; no negative forecast of what never was; all
 * finite and in order, whatever came out.
 */
static void
finish(SpmForecastStep *step, const Facts *facts)
{
	double scale = facts->scale > 0 ? facts->scale : 1;
	double most = DBL_MAX / scale < 1 ? 1 : DBL_MAX / scale;
	double *parts[] = {&step->mean, &step->lower, &step->upper};

	for (int i = 0; i < lengthof(parts); i++)
	{
		if (facts->low >= 0)
			*parts[i] = fmax(*parts[i], 0);
		*parts[i] = fmin(fmax(*parts[i], -most), most) * scale;
	}
	step->lower = fmin(step->lower, step->mean);
	step->upper = fmax(step->upper, step->mean);
}
