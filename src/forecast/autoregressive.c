/*-------------------------------------------------------------------------
 *
 * autoregressive.c
 *	  Autoregression with a drift that is shrunk and damped.
 *
 * A series whose level is not stationary by Kwiatkowski, Phillips, Schmidt
 * and Shin's test (Journal of Econometrics 54, 1992) is differenced.  The
 * coefficients are Burg's (1967), their number has the least AICc.
 *
 * src/forecast/autoregressive.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "forecast/forecast_int.h"

#define MAX_ORDER 12

/* Above it, a stationary level is rejected at 5 %. */
#define KPSS_CRITICAL 0.463

#define DRIFT_DAMPING 0.98

/* Coefficients of the values before, last value first. */
typedef struct Coefficients
{
	int order;
	double values[MAX_ORDER];
} Coefficients;

static bool is_stationary(const double *values, int count);
static double mean_of(const double *values, int count);
static double shrunk_drift(const double *values, int count, double mean);
static Coefficients fit(const double *values, int count);
static void update(double *coefficients, int order, double reflection);

/* Forecast a series without seasons; false if it is too short. */
bool
spm_autoregressive_forecast(const double *values, int count, int horizon,
							double *mean)
{
	bool differenced;
	double centre;
	double drift;
	double level = values[count - 1];
	double *changes;
	Coefficients coefficients;

	if (count < 4)
		return false;
	differenced = !is_stationary(values, count);
	changes = palloc(sizeof(double) * (count + horizon));
	if (differenced)
		count--;
	for (int t = 0; t < count; t++)
		changes[t] = differenced ? values[t + 1] - values[t] : values[t];
	centre = mean_of(changes, count);
	drift = differenced ? shrunk_drift(changes, count, centre) : 0;
	for (int t = 0; t < count; t++)
		changes[t] -= centre;
	coefficients = fit(changes, count);
	for (int i = 0; i < horizon; i++)
	{
		double *next = changes + count + i;

		*next = 0;
		for (int k = 0; k < coefficients.order; k++)
			*next += coefficients.values[k] * next[-1 - k];
		drift *= DRIFT_DAMPING;
		level = differenced ? level + drift + *next : centre + *next;
		mean[i] = level;
	}
	return true;
}

static bool
is_stationary(const double *values, int count)
{
	int lags = floor(4 * pow(count / 100.0, 0.25));
	double mean = mean_of(values, count);
	double cumulated = 0;
	double squares = 0;
	double variance = 0;

	lags = Min(lags, count - 1);
	for (int t = 0; t < count; t++)
	{
		cumulated += values[t] - mean;
		squares += cumulated * cumulated;
	}
	for (int lag = 0; lag <= lags; lag++)
	{
		double sum = 0;

		for (int t = lag; t < count; t++)
			sum += (values[t] - mean) * (values[t - lag] - mean);
		variance += (lag == 0 ? 1 : 2 * (1 - lag / (lags + 1.0))) * sum;
	}
	return !(squares > KPSS_CRITICAL * count * variance);
}

static double
mean_of(const double *values, int count)
{
	double sum = 0;

	for (int t = 0; t < count; t++)
		sum += values[t];
	return sum / count;
}

/* James and Stein's: nothing of a mean below its own standard error. */
static double
shrunk_drift(const double *values, int count, double mean)
{
	double squares = 0;

	for (int t = 0; t < count; t++)
		squares += (values[t] - mean) * (values[t] - mean);
	if (mean == 0)
		return 0;
	return mean * fmax(0, 1 - squares / count / count / (mean * mean));
}

/* Burg's coefficients of the order with the least AICc. */
static Coefficients
fit(const double *values, int count)
{
	int most = Min(MAX_ORDER, count / 4);
	double *forward = palloc(sizeof(double) * count);
	double *backward = palloc(sizeof(double) * count);
	Coefficients best = {0};
	double coefficients[MAX_ORDER] = {0};
	double variance = 0;
	double least = INFINITY;

	for (int t = 0; t < count; t++)
	{
		forward[t] = backward[t] = values[t];
		variance += values[t] * values[t] / count;
	}
	for (int order = 0; order <= most && variance > 0; order++)
	{
		int free = count - order - 3;
		double criterion;

		if (order > 0)
		{
			double product = 0;
			double squares = 0;
			double reflection;

			for (int t = order; t < count; t++)
			{
				product += forward[t] * backward[t - 1];
				squares += forward[t] * forward[t] +
						   backward[t - 1] * backward[t - 1];
			}
			if (!(squares > 0))
				break;
			reflection = 2 * product / squares;
			for (int t = count - 1; t >= order; t--)
			{
				double before = forward[t];

				forward[t] = before - reflection * backward[t - 1];
				backward[t] = backward[t - 1] - reflection * before;
			}
			variance *= 1 - reflection * reflection;
			update(coefficients, order, reflection);
		}
		if (free <= 0 || !(variance > 0))
			break;
		criterion = count * log(variance) + 2.0 * (order + 2) +
					2.0 * (order + 2) * (order + 3) / free;
		if (criterion < least)
		{
			least = criterion;
			best.order = order;
			memcpy(best.values, coefficients, sizeof(coefficients));
		}
	}
	return best;
}

/* Levinson's step from order - 1 coefficients to order. */
static void
update(double *coefficients, int order, double reflection)
{
	double before[MAX_ORDER];

	memcpy(before, coefficients, sizeof(before));
	for (int k = 0; k < order - 1; k++)
		coefficients[k] = before[k] - reflection * before[order - 2 - k];
	coefficients[order - 1] = reflection;
}
