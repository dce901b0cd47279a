/*-------------------------------------------------------------------------
 *
 * naive.c
 *	  Forecasts that repeat what was, and those of intermittent demand.
 *
 * src/forecast/naive.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "forecast/forecast_int.h"

/* Smoothing of the size of a demand, and of how likely one is. */
static const double size_weights[] = {0.05, 0.1, 0.2, 0.3};
static const double chance_weights[] = {0.02, 0.05, 0.1, 0.2};

typedef struct Demand
{
	double size;
	double chance;
	double squares; /* sum of squared errors */
} Demand;

static Demand smooth_demand(const Series *series, double size_weight,
							double chance_weight);
static Demand first_demand(const Series *series);

/*
 * The values of the last season again, or the last value.  Errors of one
 * season ahead add up from season to season.
 */
void
spm_naive_forecast(const Series *series, int horizon, double *mean,
				   double *deviations)
{
	int count = series->count;
	int season = series->season < count ? series->season : 1;
	double squares = 0;

	for (int t = season; t < count; t++)
	{
		double error = series->values[t] - series->values[t - season];

		squares += error * error;
	}
	if (count > season)
		squares /= count - season;
	for (int i = 0; i < horizon; i++)
	{
		mean[i] = series->values[count - season + i % season];
		deviations[i] = sqrt(squares * (i / season + 1));
	}
}

/*
 * Teunter, Syntetos and Babai's method (European Journal of Operational
 * Research 214, 2011): how likely a demand is is smoothed at every step, its
 * size at those with one; so what is no longer sold fades.  The two weights
 * are those of a grid with the least squared errors.
 */
void
spm_intermittent_forecast(const Series *series, int horizon, double *mean,
						  double *deviations)
{
	Demand best = {.squares = INFINITY};
	double deviation;

	for (int i = 0; i < lengthof(size_weights); i++)
		for (int j = 0; j < lengthof(chance_weights); j++)
		{
			Demand demand =
				smooth_demand(series, size_weights[i], chance_weights[j]);

			if (demand.squares < best.squares)
				best = demand;
		}
	deviation = sqrt(best.squares / series->count);
	for (int i = 0; i < horizon; i++)
	{
		mean[i] = best.chance * best.size;
		deviations[i] = deviation;
	}
}

static Demand
smooth_demand(const Series *series, double size_weight, double chance_weight)
{
	Demand demand = first_demand(series);

	for (int t = 0; t < series->count; t++)
	{
		double value = series->values[t];
		double error = value - demand.chance * demand.size;

		demand.squares += error * error;
		demand.chance += chance_weight * ((value != 0 ? 1 : 0) - demand.chance);
		if (value != 0)
			demand.size += size_weight * (value - demand.size);
	}
	return demand;
}

/* Before the first value: what is usual over all of them. */
static Demand
first_demand(const Series *series)
{
	Demand demand = {0};
	int demands = 0;

	for (int t = 0; t < series->count; t++)
		if (series->values[t] != 0)
		{
			demand.size += series->values[t];
			demands++;
		}
	if (demands > 0)
		demand.size /= demands;
	demand.chance = (double) demands / series->count;
	return demand;
}
