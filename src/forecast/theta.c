/*-------------------------------------------------------------------------
 *
 * theta.c
 *	  The dynamic optimised Theta model.
 *
 * Fiorucci et al., International Journal of Forecasting 32 (2016), 1151.  The
 * forecast is the level plus a weight times the trend of a line through all
 * values so far.  For a given smoothing parameter the errors are linear in
 * the first level and the weight, which are solved for; so one parameter is
 * searched.
 *
 * src/forecast/theta.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "forecast/forecast_int.h"

#define LOWEST_ALPHA 0.02
#define HIGHEST_ALPHA 0.99
#define GRID_POINTS 13
#define ALPHA_TOLERANCE 2e-3
#define GOLDEN_SECTION 0.61803398874989485
#define LATE_DAMPING 0.9

/* The least squares line through the values so far: intercept and slope. */
typedef struct Line
{
	int count;
	double mean;
	double intercept;
	double slope;
} Line;

typedef struct Theta
{
	double alpha;
	double first_level;
	double weight;
	double squares; /* sum over all errors but the first */
} Theta;

static Theta fit(const double *values, const Line *lines, int count,
				 double alpha);
static Theta search(const double *values, const Line *lines, int count);
static void extend_line(Line *line, double value);
static double trend_part(const Line *line, double alpha, double decay);
static void iterate(const Theta *theta, const double *values, Line line,
					int horizon, double *mean);

/*
 * Forecast a series without seasons.  deviations may be NULL.  False if
 * nothing finite comes out.
 */
bool
spm_theta_forecast(const double *values, int count, int horizon, double *mean,
				   double *deviations)
{
	Line *lines;
	Theta theta;
	double variance;

	if (count < 3)
		return false;
	lines = palloc(sizeof(Line) * (count + 1));
	memset(&lines[0], 0, sizeof(Line));
	for (int t = 0; t < count; t++)
	{
		lines[t + 1] = lines[t];
		extend_line(&lines[t + 1], values[t]);
	}
	theta = search(values, lines, count);
	if (!isfinite(theta.squares))
		return false;
	iterate(&theta, values, lines[count], horizon, mean);
	variance = theta.squares / Max(count - 3, 1);
	for (int i = 0; deviations != NULL && i < horizon; i++)
		deviations[i] = sqrt(variance * (1 + i * theta.alpha * theta.alpha) *
							 (1 + 2.0 * (i + 1) / count));
	return true;
}

/* The best smoothing parameter: a grid, then golden section around its best. */
static Theta
search(const double *values, const Line *lines, int count)
{
	double step = (HIGHEST_ALPHA - LOWEST_ALPHA) / (GRID_POINTS - 1);
	Theta best = {.squares = INFINITY};
	double low;
	double high;
	Theta inner[2];

	for (int i = 0; i < GRID_POINTS; i++)
	{
		Theta theta = fit(values, lines, count, LOWEST_ALPHA + i * step);

		if (theta.squares < best.squares)
			best = theta;
	}
	if (!isfinite(best.squares))
		return best;
	low = fmax(best.alpha - step, LOWEST_ALPHA);
	high = fmin(best.alpha + step, HIGHEST_ALPHA);
	inner[0] = fit(values, lines, count, high - GOLDEN_SECTION * (high - low));
	inner[1] = fit(values, lines, count, low + GOLDEN_SECTION * (high - low));
	while (high - low > ALPHA_TOLERANCE)
	{
		if (inner[0].squares < inner[1].squares)
		{
			high = inner[1].alpha;
			inner[1] = inner[0];
			inner[0] =
				fit(values, lines, count, high - GOLDEN_SECTION * (high - low));
		}
		else
		{
			low = inner[0].alpha;
			inner[0] = inner[1];
			inner[1] =
				fit(values, lines, count, low + GOLDEN_SECTION * (high - low));
		}
	}
	for (int i = 0; i < 2; i++)
		if (inner[i].squares < best.squares)
			best = inner[i];
	return best;
}

/*
 * The first level l and the weight w, 0…1, with the least sum of squared
 * errors c_t - d_t l - g_t w.  lines[t] is the line through t values.
 */
static Theta
fit(const double *values, const Line *lines, int count, double alpha)
{
	Theta theta = {.alpha = alpha};
	double level = alpha * values[0];
	double decay = 1 - alpha;
	double dd = 0, dg = 0, gg = 0, dc = 0, gc = 0, cc = 0;
	double determinant;

	for (int t = 1; t < count; t++)
	{
		double c = values[t] - level;
		double g = trend_part(&lines[t], alpha, decay);

		dd += decay * decay;
		dg += decay * g;
		gg += g * g;
		dc += decay * c;
		gc += g * c;
		cc += c * c;
		level = alpha * values[t] + (1 - alpha) * level;
		decay *= 1 - alpha;
	}
	determinant = dd * gg - dg * dg;
	if (determinant > 1e-12 * dd * gg)
		theta.weight = (dd * gc - dg * dc) / determinant;
	theta.weight = fmin(fmax(theta.weight, 0), 1);
	theta.first_level = (dc - dg * theta.weight) / dd;
	theta.squares = cc - 2 * theta.first_level * dc - 2 * theta.weight * gc +
					theta.first_level * theta.first_level * dd +
					2 * theta.first_level * theta.weight * dg +
					theta.weight * theta.weight * gg;
	theta.squares = isfinite(theta.squares) ? fmax(theta.squares, 0) : INFINITY;
	return theta;
}

/* One more value under the line, in constant time. */
static void
extend_line(Line *line, double value)
{
	int t = ++line->count;

	line->slope =
		t == 1 ? 0
			   : ((t - 2.0) * line->slope + 6 * (value - line->mean) / t) /
					 (t + 1.0);
	line->mean += (value - line->mean) / t;
	line->intercept = line->mean - line->slope * (t + 1) / 2.0;
}

/* What a weight of 1 adds to the level; decay is (1 - alpha)^values. */
static double
trend_part(const Line *line, double alpha, double decay)
{
	return decay * line->intercept +
		   (1 - decay * (1 - alpha)) / alpha * line->slope;
}

/* Forecast step by step, each step as if it had been met. */
static void
iterate(const Theta *theta, const double *values, Line line, int horizon,
		double *mean)
{
	double level = theta->first_level;
	double decay = 1;
	double damping = 1;

	for (int t = 0; t < line.count; t++)
	{
		level = theta->alpha * values[t] + (1 - theta->alpha) * level;
		decay *= 1 - theta->alpha;
	}
	for (int i = 0; i < horizon; i++)
	{
		mean[i] = level +
				  theta->weight * trend_part(&line, theta->alpha, decay);
		if (i >= UNDAMPED_STEPS)
		{
			damping *= LATE_DAMPING;
			mean[i] = mean[i - 1] + damping * (mean[i] - mean[i - 1]);
		}
		level = theta->alpha * mean[i] + (1 - theta->alpha) * level;
		decay *= 1 - theta->alpha;
		extend_line(&line, mean[i]);
	}
}
