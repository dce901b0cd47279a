/*-------------------------------------------------------------------------
 *
 * interval.c
 *	  Limits around a forecast, and the normal distribution.
 *
 * src/forecast/interval.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "forecast/forecast_int.h"

/* Steps of Newton's method that bring any quantile to full precision. */
#define QUANTILE_STEPS 100

/* Probability that a standard normal variable is at most value. */
double
spm_normal_probability(double value)
{
	return 0.5 * erfc(-value * M_SQRT1_2);
}

/*
 * The value that a standard normal variable stays below, 0 < p < 1.  From the
 * middle outwards the distribution is concave, so that Newton's method never
 * overshoots.
 */
double
spm_normal_quantile(double probability)
{
	double upper = fmax(probability, 1 - probability);
	double value = 0;

	for (int i = 0; i < QUANTILE_STEPS; i++)
	{
		double density = exp(-value * value / 2) * M_2_SQRTPI * M_SQRT1_2 / 2;
		double step = (upper - spm_normal_probability(value)) / density;

		value += step;
		if (!(step > 1e-14))
			break;
	}
	return probability < 0.5 ? -value : value;
}

/*
 * Limits so many deviations around a mean.  A deviation of logarithms makes
 * factors; the upper one grows linearly beyond one deviation, since an
 * exponential of an uncertain deviation explodes.
 */
void
spm_limits(double mean, double deviation, double quantile, bool on_logs,
		   SpmForecastStep *step)
{
	double u = quantile * deviation;

	step->mean = mean;
	if (on_logs)
	{
		step->lower = mean * exp(-u);
		step->upper = mean * (u <= 1 ? exp(u) : M_E * u);
	}
	else
	{
		step->lower = mean - u;
		step->upper = mean + u;
	}
}
