/*-------------------------------------------------------------------------
 *
 * pool.c
 *	  The pool of exponential smoothing: up to eight models, weighted.
 *
 * Models of the values and of their logarithms, with and without a damped
 * trend, with and without seasons, are weighted by AICc (Kolassa,
 * International Journal of Forecasting 27, 2011).  There is no undamped trend
 * on purpose: it makes forecasts worse.
 *
 * src/forecast/pool.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "forecast/smoothing_int.h"

/* A kind of model is a sum of these. */
#define ON_LOGS 1
#define WITH_TREND 2
#define WITH_SEASON 4
#define KINDS 8

/* Differences of AICc beyond which a kind of models is given up. */
#define WORSE_TRANSFORM 8
#define WORSE_SEASONLESS 12

#define LEAST_WEIGHT 1e-4

typedef struct Pool
{
	const Series *series;
	bool fitted[KINDS];
	SmoothingModel models[KINDS];
	double least; /* criterion of the best */
	int best;
} Pool;

static void fit_pool(Pool *pool, bool with_season);
static void fit_kind(Pool *pool, int kind);
static bool transform_given_up(const Pool *pool, int transform, int richest);
static void add_model(const Pool *pool, int kind, double weight, int horizon,
					  double *mean);
static Spread spread(const SmoothingModel *model, int count, int horizon);

/* Forecast a series, whose season is at most MAX_SEASON_STATES if used. */
PoolForecast
spm_pool_forecast(const Series *series, bool with_season, int horizon)
{
	PoolForecast result = {.mean = palloc0(sizeof(double) * horizon)};
	Pool *pool = palloc0(sizeof(Pool));
	double total = 0;

	pool->series = series;
	pool->least = INFINITY;
	fit_pool(pool, with_season && series->season > 1);
	if (!isfinite(pool->least))
		return result;
	for (int kind = 0; kind < KINDS; kind++)
	{
		double weight;

		if (!pool->fitted[kind])
			continue;
		weight = exp((pool->least - pool->models[kind].criterion) / 2);
		if (weight < LEAST_WEIGHT)
			continue;
		total += weight;
		add_model(pool, kind, weight, horizon, result.mean);
		if (kind & ON_LOGS)
			result.log_weight += weight;
		if (kind & WITH_SEASON)
			result.seasonal_weight += weight;
	}
	for (int i = 0; i < horizon; i++)
		result.mean[i] /= total;
	result.log_weight /= total;
	result.seasonal_weight /= total;
	result.spread = spread(&pool->models[pool->best], series->count, horizon);
	result.valid = true;
	return result;
}

/* Fit the richest models first: what they say saves fitting others. */
static void
fit_pool(Pool *pool, bool with_season)
{
	int transforms = pool->series->logs != NULL ? 2 : 1;
	int richest = WITH_TREND | (with_season ? WITH_SEASON : 0);

	for (int transform = 0; transform < transforms; transform++)
		fit_kind(pool, transform | richest);
	for (int transform = 0; transform < transforms; transform++)
	{
		if (transform_given_up(pool, transform, richest))
			continue;
		fit_kind(pool, transform | (richest & WITH_SEASON));
		if (!with_season)
			continue;
		fit_kind(pool, transform | WITH_TREND);
		if (!pool->fitted[transform | WITH_TREND] ||
			pool->models[transform | WITH_TREND].criterion <=
				pool->least + WORSE_SEASONLESS)
			fit_kind(pool, transform);
	}
}

static void
fit_kind(Pool *pool, int kind)
{
	const Series *series = pool->series;
	SmoothingModel *model = &pool->models[kind];

	CHECK_FOR_INTERRUPTS();
	model->on_logs = kind & ON_LOGS;
	model->has_trend = kind & WITH_TREND;
	model->season = kind & WITH_SEASON ? series->season : 0;
	pool->fitted[kind] =
		spm_smoothing_fit(model,
						  model->on_logs ? series->logs : series->values,
						  series->count);
	if (pool->fitted[kind] && model->criterion < pool->least)
	{
		pool->least = model->criterion;
		pool->best = kind;
	}
}

/* Is the other transform's richest model so much better? */
static bool
transform_given_up(const Pool *pool, int transform, int richest)
{
	int own = transform | richest;
	int other = (transform ^ ON_LOGS) | richest;

	return pool->fitted[own] && pool->fitted[other] &&
		   pool->models[own].criterion >
			   pool->models[other].criterion + WORSE_TRANSFORM;
}

/* Add a model's forecasts, which of logarithms are medians. */
static void
add_model(const Pool *pool, int kind, double weight, int horizon, double *mean)
{
	const Series *series = pool->series;
	const SmoothingModel *model = &pool->models[kind];
	SmoothingModel last;
	double trend;
	double value;

	spm_smoothing_run(model,
					  model->on_logs ? series->logs : series->values,
					  series->count,
					  NULL,
					  &last);
	value = last.level;
	trend = last.trend;
	for (int i = 0; i < horizon; i++)
	{
		double step;

		trend *= model->phi;
		value += trend;
		step = value;
		if (model->season > 0)
			step += last.seasons[(series->count + i) % model->season];
		mean[i] += weight * (model->on_logs ? exp(step) : step);
	}
}

/*
 * Standard deviations by the model's variance, inflated for the parameters
 * having been estimated.
 */
static Spread
spread(const SmoothingModel *model, int count, int horizon)
{
	Spread result = {.on_logs = model->on_logs,
					 .deviations = palloc(sizeof(double) * horizon)};
	double sum = 1;
	double damped = 0;
	double power = 1;

	for (int i = 1; i <= horizon; i++)
	{
		double carried;

		result.deviations[i - 1] =
			sqrt(model->variance * sum * (1 + 2.0 * i / count));
		power *= model->phi;
		damped += power;
		carried = model->alpha + model->beta * damped;
		if (model->season > 0 && i % model->season == 0)
			carried += model->gamma;
		sum += carried * carried;
	}
	return result;
}
