/*-------------------------------------------------------------------------
 *
 * combine.c
 *	  Methods of forecasting, made of models.
 *
 * The best forecasts are the mean of four cheap models that differ: the pool
 * of exponential smoothing, Theta, autoregression and complex smoothing
 * (Petropoulos and Svetunkov, International Journal of Forecasting 36, 2020).
 *
 * src/forecast/combine.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "forecast/combine_int.h"

/* A component further outside than so many ranges is not believed. */
#define BELIEVED_RANGES 3

#define MOST_COMPONENTS 4

/* What is at work on one series. */
typedef struct Run
{
	const Series *series;
	const Path *path;
	Seasonality seasonality; /* taken out of plain */
	Series plain;
	Spread spread;
	bool spread_is_plain;				 /* of the series without its seasons */
	int count;							 /* of components */
	double *components[MOST_COMPONENTS]; /* forecasts of the series */
} Run;

static void run_pool(Run *run);
static void run_quick(Run *run);
static void take_out(Run *run, Seasonality seasonality);
static Seasonality tested_seasons(const Series *series);
static void add_component(Run *run, double *mean, bool is_plain);
static void add_theta(Run *run, double *deviations);
static void add_autoregression(Run *run, double log_weight);
static void add_complex(Run *run);
static double *mixed(const Run *run, double log_weight,
					 bool (*forecast)(const double *, int, int, double *));
static double believed_mean(const Run *run, int step);
static void fall_back(Run *run);
static void set_limits(const Run *run, SpmForecastStep *steps);

/* Forecast a series, in its own units, by a method that is made of models. */
void
spm_run_path(const Series *series, const Path *path, SpmForecastStep *steps)
{
	Run run = {.series = series, .path = path, .plain = *series};

	if (path->method == SPM_METHOD_AUTO || path->method == SPM_METHOD_ETS)
		run_pool(&run);
	else
		run_quick(&run);
	if (run.spread.deviations == NULL)
		fall_back(&run);
	for (int i = 0; i < path->horizon; i++)
		steps[i].mean = believed_mean(&run, i);
	set_limits(&run, steps);
}

/*
 * The pool alone, or with the three others.  Seasons are taken out first if
 * they are few or too long to be states; else if the pool believes in them.
 */
static void
run_pool(Run *run)
{
	const Series *series = run->series;
	bool as_states = !run->path->short_season && series->season > 1 &&
					 series->season <= MAX_SEASON_STATES;
	PoolForecast pool;

	if (run->path->short_season)
		take_out(run, spm_short_season_indices(series));
	else if (series->season > MAX_SEASON_STATES)
		take_out(run, tested_seasons(series));
	pool = spm_pool_forecast(as_states ? series : &run->plain,
							 as_states,
							 run->path->horizon);
	if (pool.valid)
	{
		add_component(run, pool.mean, !as_states);
		run->spread = pool.spread;
		run->spread_is_plain = !as_states;
	}
	if (run->path->method == SPM_METHOD_ETS)
		return;
	if (as_states && pool.seasonal_weight > 0.5)
		take_out(run, spm_season_indices(series));
	add_theta(run, NULL);
	add_autoregression(run, pool.log_weight);
	add_complex(run);
}

/* Theta alone, or with autoregressions of the values and their logarithms. */
static void
run_quick(Run *run)
{
	double *deviations = palloc(sizeof(double) * run->path->horizon);

	take_out(run,
			 run->path->short_season ? spm_short_season_indices(run->series)
									 : tested_seasons(run->series));
	add_theta(run, deviations);
	if (run->count > 0)
	{
		run->spread.deviations = deviations;
		run->spread_is_plain = true;
	}
	if (run->path->method == SPM_METHOD_THETA)
		return;
	add_autoregression(run, 0);
	if (run->plain.logs != NULL)
		add_autoregression(run, 1);
}

static void
take_out(Run *run, Seasonality seasonality)
{
	run->seasonality = seasonality;
	run->plain = spm_deseasonalised(run->series, &seasonality);
}

/* Seasons, if they are more than chance. */
static Seasonality
tested_seasons(const Series *series)
{
	Seasonality none = {.found = false};

	return spm_season_significant(series) ? spm_season_indices(series) : none;
}

/* Note forecasts, to which the seasons are put back if they are without. */
static void
add_component(Run *run, double *mean, bool is_plain)
{
	if (is_plain)
		spm_reseasonalise(mean,
						  run->path->horizon,
						  run->series->count,
						  run->series->season,
						  &run->seasonality);
	run->components[run->count++] = mean;
}

static void
add_theta(Run *run, double *deviations)
{
	double *mean = palloc(sizeof(double) * run->path->horizon);

	CHECK_FOR_INTERRUPTS();
	if (spm_theta_forecast(run->plain.values,
						   run->plain.count,
						   run->path->horizon,
						   mean,
						   deviations))
		add_component(run, mean, true);
}

static void
add_autoregression(Run *run, double log_weight)
{
	double *mean = mixed(run, log_weight, spm_autoregressive_forecast);

	if (mean != NULL)
		add_component(run, mean, true);
}

static void
add_complex(Run *run)
{
	double *mean = mixed(run, 0.5, spm_complex_forecast);

	if (mean != NULL)
		add_component(run, mean, true);
}

/*
 * Forecasts of the values and of their logarithms by one model, weighted; of
 * one of them alone where the other has no weight or fails; NULL if both do.
 */
static double *
mixed(const Run *run, double log_weight,
	  bool (*forecast)(const double *, int, int, double *))
{
	const Series *plain = &run->plain;
	int horizon = run->path->horizon;
	double *mean = palloc(sizeof(double) * horizon);
	double *logs = palloc(sizeof(double) * horizon);
	bool has_logs = plain->logs != NULL && log_weight > 0;
	bool has_mean = !has_logs || log_weight < 1;

	CHECK_FOR_INTERRUPTS();
	has_mean = has_mean && forecast(plain->values, plain->count, horizon, mean);
	has_logs = has_logs && forecast(plain->logs, plain->count, horizon, logs);
	if (!has_logs)
		return has_mean ? mean : NULL;
	for (int i = 0; i < horizon; i++)
		mean[i] = has_mean
					  ? log_weight * exp(logs[i]) + (1 - log_weight) * mean[i]
					  : exp(logs[i]);
	return mean;
}

/* Mean of the components that are not far outside what was met. */
static double
believed_mean(const Run *run, int step)
{
	const Series *series = run->series;
	double low = series->values[0];
	double high = series->values[0];
	double range;
	double sum = 0;
	int believed = 0;

	for (int t = 1; t < series->count; t++)
	{
		low = fmin(low, series->values[t]);
		high = fmax(high, series->values[t]);
	}
	range = BELIEVED_RANGES * (high - low);
	for (int i = 0; i < run->count; i++)
	{
		double mean = run->components[i][step];

		if (mean >= low - range && mean <= high + range)
		{
			sum += mean;
			believed++;
		}
	}
	return believed > 0 ? sum / believed : series->values[series->count - 1];
}

/* The spread of a random walk, where no model has one. */
static void
fall_back(Run *run)
{
	Series steps = *run->series;
	double *mean = palloc(sizeof(double) * run->path->horizon);

	steps.season = 1;
	run->spread.on_logs = false;
	run->spread.deviations = palloc(sizeof(double) * run->path->horizon);
	run->spread_is_plain = false;
	spm_naive_forecast(&steps,
					   run->path->horizon,
					   mean,
					   run->spread.deviations);
}

static void
set_limits(const Run *run, SpmForecastStep *steps)
{
	const Seasonality *seasonality = &run->seasonality;

	for (int i = 0; i < run->path->horizon; i++)
	{
		double deviation = run->spread.deviations[i];

		if (run->spread_is_plain && seasonality->found &&
			seasonality->multiplies && !run->spread.on_logs)
			deviation *=
				seasonality
					->index[(run->series->count + i) % run->series->season];
		spm_limits(steps[i].mean,
				   deviation,
				   run->path->quantile,
				   run->spread.on_logs,
				   &steps[i]);
	}
}
