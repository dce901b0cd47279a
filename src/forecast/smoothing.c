/*-------------------------------------------------------------------------
 *
 * smoothing.c
 *	  Fitting one model of exponential smoothing.
 *
 * Only the smoothing parameters are searched.  The states before the first
 * value are estimated from the data, and corrected before and after the
 * search (smoothing_start.c).
 *
 * src/forecast/smoothing.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "forecast/smoothing_int.h"

/* Parameters in the order alpha, beta / alpha, phi, gamma / (1 - alpha). */
#define START_TREND_SHARE 0.05
#define START_DAMPING 0.96
#define LONGEST_SEARCH(dimensions) (25 + 8 * (dimensions))

/* Values that level and trend start from where there are no seasons. */
#define START_VALUES 10

typedef struct Search
{
	SmoothingModel *model;
	const double *values;
	int count;
} Search;

static void start_states(SmoothingModel *model, const double *values,
						 int count);
static void start_line(SmoothingModel *model, const double *values, int count);
static void start_point(Search *search, double *point);
static void search_parameters(Search *search, double *point);
static double objective(const double *point, void *context);
static void set_parameters(SmoothingModel *model, const double *point);
static int free_parameters(const SmoothingModel *model);

/*
 * Fit a model whose kind is set; values are logarithms if it says so.  False
 * if there are too few of them.
 */
bool
spm_smoothing_fit(SmoothingModel *model, const double *values, int count)
{
	Search search = {.model = model, .values = values, .count = count};
	int k = free_parameters(model);
	double point[4];
	double scale = 0;

	if (count - k - 1 <= 0)
		return false;
	start_states(model, values, count);
	start_point(&search, point);
	spm_smoothing_correct(model, values, count);
	search_parameters(&search, point);
	set_parameters(model, point);
	spm_smoothing_correct(model, values, count);
	model->squares = spm_smoothing_run(model, values, count, NULL, NULL);
	for (int t = 0; model->on_logs && t < count; t++)
		scale += values[t];
	/* A perfect fit has no logarithm. */
	model->criterion = count * log(fmax(model->squares / count, 1e-30)) +
					   2 * scale + 2.0 * k +
					   2.0 * k * (k + 1) / (count - k - 1);
	model->variance = model->squares / (count - k);
	return isfinite(model->criterion);
}

/*
 * Run the model over values: sum of squared errors.  errors and last, the
 * states afterwards, may be NULL.
 *
 * What the next value waits for is one multiplication and two additions: u
 * and the damped trend are carried instead of level and trend.
 */
double
spm_smoothing_run(const SmoothingModel *model, const double *values, int count,
				  double *errors, SmoothingModel *last)
{
	double phi = model->phi;
	double gain = model->alpha + phi * model->beta;
	double trend_gain = phi * model->beta;
	double trend = phi * model->trend;
	double u = model->level + trend;
	double sum = 0;
	double seasons[MAX_SEASON_STATES];
	int season = model->season;
	int j = 0;

	memcpy(seasons, model->seasons, sizeof(double) * season);
	for (int t = 0; t < count; t++)
	{
		double error = season > 0 ? values[t] - seasons[j] - u : values[t] - u;

		if (season > 0)
		{
			seasons[j] += model->gamma * error;
			j = j + 1 == season ? 0 : j + 1;
		}
		sum += error * error;
		u = u + phi * trend + gain * error;
		trend = phi * trend + trend_gain * error;
		if (errors != NULL)
			errors[t] = error;
	}
	if (last != NULL)
	{
		*last = *model;
		last->level = u - trend;
		last->trend = trend / phi;
		memcpy(last->seasons, seasons, sizeof(double) * season);
	}
	return sum;
}

/* States before the first value: additive indices, and a line. */
static void
start_states(SmoothingModel *model, const double *values, int count)
{
	int season = model->season;
	int half = season / 2;
	double sums[MAX_SEASON_STATES] = {0};
	int seen[MAX_SEASON_STATES] = {0};
	double mean = 0;

	for (int t = half; season > 0 && t < count - half; t++)
	{
		double sum = 0;

		for (int i = t - half; i <= t + half; i++)
			sum += values[i];
		if (season % 2 == 0)
			sum -= (values[t - half] + values[t + half]) / 2;
		sums[t % season] += values[t] - sum / season;
		seen[t % season]++;
	}
	for (int j = 0; j < season; j++)
	{
		model->seasons[j] = seen[j] > 0 ? sums[j] / seen[j] : 0;
		mean += model->seasons[j] / season;
	}
	for (int j = 0; j < season; j++)
		model->seasons[j] -= mean;
	start_line(model,
			   values,
			   Min(count, season > 0 ? 2 * season : START_VALUES));
}

/* Least squares line through the first values without their seasons. */
static void
start_line(SmoothingModel *model, const double *values, int count)
{
	double centre = (count + 1) / 2.0;
	double mean = 0;
	double product = 0;
	double squares = 0;

	for (int t = 0; t < count; t++)
	{
		double value = values[t];

		if (model->season > 0)
			value -= model->seasons[t % model->season];
		mean += value / count;
		product += (t + 1 - centre) * value;
		squares += (t + 1 - centre) * (t + 1 - centre);
	}
	model->trend = model->has_trend && squares > 0 ? product / squares : 0;
	model->level = mean - model->trend * centre;
}

/* The best of a few points, set in the model too. */
static void
start_point(Search *search, double *point)
{
	static const double alphas[] = {0.1, 0.4, 0.8};
	static const double gammas[] = {0.02, 0.2};
	int gamma_count = search->model->season > 0 ? lengthof(gammas) : 1;
	double least = INFINITY;

	for (int i = 0; i < lengthof(alphas); i++)
		for (int j = 0; j < gamma_count; j++)
		{
			double tried[] = {alphas[i],
							  START_TREND_SHARE,
							  START_DAMPING,
							  gammas[j]};
			double squares;

			set_parameters(search->model, tried);
			squares = spm_smoothing_run(search->model,
										search->values,
										search->count,
										NULL,
										NULL);
			if (squares < least || (i == 0 && j == 0))
			{
				least = squares;
				memcpy(point, tried, sizeof(tried));
			}
		}
	set_parameters(search->model, point);
}

/* Search the parameters that the model has; point holds all four. */
static void
search_parameters(Search *search, double *point)
{
	static const double low[] = {1e-4, 1e-4, 0.8, 1e-4};
	static const double high[] = {0.9999, 0.9999, 0.98, 0.9999};
	static const double steps[] = {0.2, 0.15, -0.05, 0.15};
	const SmoothingModel *model = search->model;
	int dimensions = 0;
	double box[3][4];
	double used[4];

	for (int i = 0; i < 4; i++)
	{
		if ((i == 3 && model->season == 0) ||
			((i == 1 || i == 2) && !model->has_trend))
			continue;
		box[0][dimensions] = low[i];
		box[1][dimensions] = high[i];
		box[2][dimensions] = steps[i];
		used[dimensions++] = point[i];
	}
	spm_simplex_minimise(objective,
						 search,
						 dimensions,
						 box[0],
						 box[1],
						 box[2],
						 LONGEST_SEARCH(dimensions),
						 used);
	point[0] = used[0];
	if (model->has_trend)
	{
		point[1] = used[1];
		point[2] = used[2];
	}
	if (model->season > 0)
		point[3] = used[dimensions - 1];
}

/* Sum of squared errors at the parameters that the model has. */
static double
objective(const double *used, void *context)
{
	Search *search = context;
	SmoothingModel *model = search->model;
	double point[4] = {used[0], 0, 0, 0};

	if (model->has_trend)
	{
		point[1] = used[1];
		point[2] = used[2];
	}
	if (model->season > 0)
		point[3] = used[model->has_trend ? 3 : 1];
	set_parameters(model, point);
	return spm_smoothing_run(model, search->values, search->count, NULL, NULL);
}

static void
set_parameters(SmoothingModel *model, const double *point)
{
	model->alpha = point[0];
	model->beta = model->has_trend ? point[1] * point[0] : 0;
	model->phi = model->has_trend ? point[2] : 1;
	model->gamma = model->season > 0 ? point[3] * (1 - point[0]) : 0;
}

/* Smoothing parameters, free states before the first value, the variance. */
static int
free_parameters(const SmoothingModel *model)
{
	return (model->has_trend ? 3 : 1) + (model->has_trend ? 2 : 1) +
		   (model->season > 0 ? 1 + model->season - 1 : 0) + 1;
}
