/*-------------------------------------------------------------------------
 *
 * complex.c
 *	  Complex exponential smoothing.
 *
 * Svetunkov, Kourentzes and Ord, Naval Research Logistics 69 (2022).  One
 * complex smoothing parameter, a0 + i a1; a level and an information
 * component whose first values are solved for, as errors are linear in them.
 *
 * src/forecast/complex.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "forecast/forecast_int.h"

#define EVALUATIONS 60
#define LATE_DAMPING 0.9

/* Ridge on the two first values, so that they are always determined. */
#define RIDGE 1e-9

typedef struct State
{
	double level;
	double information;
} State;

typedef struct Fit
{
	const double *values;
	int count;
	State first; /* of the parameters looked at last */
} Fit;

static double sum_of_squares(const double *point, void *context);
static bool is_stable(double a0, double a1);
static State next_state(State state, double a0, double a1, double error);
static State last_state(const Fit *fit, double a0, double a1);

/* Forecast a series without seasons; false if nothing finite comes out. */
bool
spm_complex_forecast(const double *values, int count, int horizon, double *mean)
{
	static const double low[] = {0, 0};
	static const double high[] = {2.5, 2.5};
	static const double steps[] = {0.5, 0.5};
	double point[] = {1.3, 1.0};
	Fit fit = {.values = values, .count = count};
	double damping = 1;
	State state;

	if (count < 4)
		return false;
	spm_simplex_minimise(sum_of_squares,
						 &fit,
						 2,
						 low,
						 high,
						 steps,
						 EVALUATIONS,
						 point);
	if (!isfinite(sum_of_squares(point, &fit)))
		return false;
	state = last_state(&fit, point[0], point[1]);
	for (int i = 0; i < horizon; i++)
	{
		mean[i] = state.level;
		if (i >= UNDAMPED_STEPS)
		{
			damping *= LATE_DAMPING;
			mean[i] = mean[i - 1] + damping * (mean[i] - mean[i - 1]);
		}
		state = next_state(state, point[0], point[1], 0);
		if (!isfinite(state.level) || !isfinite(state.information))
			return false;
	}
	return true;
}

/*
 * Sum of squared errors with the best first state, which is noted.  An error
 * is that from a first state of zeros minus what each part of it responds.
 */
static double
sum_of_squares(const double *point, void *context)
{
	Fit *fit = context;
	double a0 = point[0];
	double a1 = point[1];
	State zero = {0, 0};
	State one = {1, 0};
	State two = {0, 1};
	double aa = RIDGE, ab = 0, bb = RIDGE, ac = 0, bc = 0, cc = 0;
	double determinant;

	if (!is_stable(a0, a1))
		return INFINITY;
	for (int t = 0; t < fit->count; t++)
	{
		double error = fit->values[t] - zero.level;
		double a = one.level;
		double b = two.level;

		aa += a * a;
		ab += a * b;
		bb += b * b;
		ac += a * error;
		bc += b * error;
		cc += error * error;
		zero = next_state(zero, a0, a1, error);
		one = next_state(one, a0, a1, -a);
		two = next_state(two, a0, a1, -b);
	}
	determinant = aa * bb - ab * ab;
	if (!(determinant > 0))
		return INFINITY;
	fit->first.level = (bb * ac - ab * bc) / determinant;
	fit->first.information = (aa * bc - ab * ac) / determinant;
	return fmax(cc - fit->first.level * ac - fit->first.information * bc, 0);
}

/* Do errors of long ago fade? */
static bool
is_stable(double a0, double a1)
{
	double trace = 2 - 2 * a0 + a1;
	double determinant = (1 - a0 + a1) * (1 - a0) + (1 - a1) * (1 - a0 - a1);

	return fabs(determinant) < 1 && fabs(trace) < 1 + determinant;
}

static State
next_state(State state, double a0, double a1, double error)
{
	State next = {.level = state.level - (1 - a1) * state.information +
						   (a0 - a1) * error,
				  .information = state.level + (1 - a0) * state.information +
								 (a0 + a1) * error};

	return next;
}

/* The state after all values. */
static State
last_state(const Fit *fit, double a0, double a1)
{
	State state = fit->first;

	for (int t = 0; t < fit->count; t++)
		state = next_state(state, a0, a1, fit->values[t] - state.level);
	return state;
}
