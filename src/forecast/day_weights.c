/*-------------------------------------------------------------------------
 *
 * day_weights.c
 *	  How the sales of a period are expected to spread over its days.
 *
 * By history, weights are the mean of two profiles: weekday and day of the
 * month as they were lately, and the sales of the same weekday 52 weeks
 * before.
 *
 * src/forecast/day_weights.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/datetime.h"

#include "forecast/projection.h"

#define DAYS_OF_MONTH 31
#define WEEKDAY_MEMORY 91 /* open days */
#define MONTH_MEMORY 36
#define YEAR_OF_WEEKS 364

/* So many months without an effect of the day are believed at first. */
#define MONTH_PRIOR 4

static int weekday_of(DateADT day);
static bool sold_on(const SpmHistory *history, DateADT day, DateADT known_to,
					double *sales);
static void month_day_factors(const SpmHistory *history, DateADT before,
							  DateADT known_to, double *factors);
static void add_month(const SpmHistory *history, SpmPeriod month,
					  DateADT known_to, double *effects, double *counts);
static SpmPeriod month_before(DateADT day);
static double *recent_profile(const SpmHistory *history, SpmPeriod period,
							  DateADT known_to, const double *means);
static double *last_year_profile(const SpmHistory *history, SpmPeriod period,
								 DateADT known_to, const double *means);
static bool normalise(double *weights, int days);

/* Is a day in the calendar of closed days? */
bool
spm_is_closed(const SpmHistory *history, DateADT day)
{
	int low = 0;
	int high = history->closed_count;

	while (low < high)
	{
		int middle = (low + high) / 2;

		if (history->closed[middle] < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low < history->closed_count && history->closed[low] == day;
}

/*
 * Weights of the days of a period, of sum 1, by what is known up to a day.
 * Where the history says nothing open days are alike, where all are closed,
 * all days.
 */
double *
spm_day_weights(const SpmHistory *history, SpmPeriod period, DateADT known_to,
				SpmProfile profile)
{
	int days = period.last - period.first + 1;
	double *weights = palloc(sizeof(double) * days);
	double means[SPM_WEEKDAYS];

	if (profile == SPM_PROFILE_HISTORY &&
		spm_weekday_means(history, known_to, means))
	{
		double *recent = recent_profile(history, period, known_to, means);
		double *last_year = NULL;

		if (history->first <= period.first - YEAR_OF_WEEKS)
			last_year = last_year_profile(history, period, known_to, means);
		for (int i = 0; i < days; i++)
			weights[i] = recent[i] + (last_year != NULL ? last_year[i] : 0);
		if (normalise(weights, days))
			return weights;
	}
	for (int i = 0; i < days; i++)
		weights[i] = profile == SPM_PROFILE_LINEAR ||
					 !spm_is_closed(history, period.first + i);
	if (!normalise(weights, days))
		for (int i = 0; i < days; i++)
			weights[i] = 1.0 / days;
	return weights;
}

/*
 * Usual sales of a period by its weekdays; days that are closed, or were, are
 * left out.
 */
double
spm_weekday_weight(const SpmHistory *history, SpmPeriod period,
				   DateADT known_to, const double *means)
{
	double sum = 0;

	for (DateADT day = period.first; day <= period.last; day++)
	{
		int i = day - history->first;
		bool open = day <= known_to && i >= 0 && i < history->count
						? history->open[i]
						: !spm_is_closed(history, day);

		if (open)
			sum += means[weekday_of(day)];
	}
	return sum;
}

/* Sum of the weights of the days up to as_of, 0…1. */
double
spm_elapsed_weight(const double *weights, SpmPeriod period, DateADT as_of)
{
	double sum = 0;

	if (as_of >= period.last)
		return 1;
	for (DateADT day = period.first; day <= as_of; day++)
		sum += weights[day - period.first];
	return Min(sum, 1);
}

static int
weekday_of(DateADT day)
{
	return j2day(day + POSTGRES_EPOCH_JDATE);
}

/* Was a day open, and is it known by now what was sold? */
static bool
sold_on(const SpmHistory *history, DateADT day, DateADT known_to, double *sales)
{
	if (day < history->first || day > known_to ||
		day - history->first >= history->count ||
		!history->open[day - history->first])
		return false;
	*sales = history->sales[day - history->first];
	return true;
}

/*
 * Mean sales of each weekday over the last open days; of a weekday that had
 * none, 0.  False if nothing was sold at all.
 */
bool
spm_weekday_means(const SpmHistory *history, DateADT known_to, double *means)
{
	int seen[SPM_WEEKDAYS] = {0};
	int open = 0;
	double total = 0;
	DateADT last = Min(known_to, history->first + history->count - 1);

	memset(means, 0, sizeof(double) * SPM_WEEKDAYS);
	for (DateADT day = last; day >= history->first && open < WEEKDAY_MEMORY;
		 day--)
	{
		double sales;

		if (!sold_on(history, day, known_to, &sales))
			continue;
		means[weekday_of(day)] += sales;
		seen[weekday_of(day)]++;
		total += sales;
		open++;
	}
	for (int i = 0; i < SPM_WEEKDAYS; i++)
		means[i] = seen[i] > 0 ? Max(means[i] / seen[i], 0) : 0;
	return total > 0;
}

/* Weekday mean times the effect of the day of the month; of sum 1. */
static double *
recent_profile(const SpmHistory *history, SpmPeriod period, DateADT known_to,
			   const double *means)
{
	int days = period.last - period.first + 1;
	double *weights = palloc(sizeof(double) * days);
	double factors[DAYS_OF_MONTH];

	month_day_factors(history, period.first, known_to, factors);
	for (int i = 0; i < days; i++)
	{
		DateADT day = period.first + i;
		int year, month, day_of_month;

		j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &day_of_month);
		weights[i] = spm_is_closed(history, day)
						 ? 0
						 : means[weekday_of(day)] * factors[day_of_month - 1];
	}
	normalise(weights, days);
	return weights;
}

/* How much more than its weekday a day of the month sold, in past months. */
static void
month_day_factors(const SpmHistory *history, DateADT before, DateADT known_to,
				  double *factors)
{
	double counts[DAYS_OF_MONTH];
	SpmPeriod month = month_before(before);

	for (int i = 0; i < DAYS_OF_MONTH; i++)
		factors[i] = counts[i] = MONTH_PRIOR;
	for (int i = 0; i < MONTH_MEMORY && month.last >= history->first; i++)
	{
		add_month(history, month, known_to, factors, counts);
		month = month_before(month.first);
	}
	for (int i = 0; i < DAYS_OF_MONTH; i++)
		factors[i] = Max(factors[i] / counts[i], 0);
}

/* Sales of a month's days over the mean of their weekday in that month. */
static void
add_month(const SpmHistory *history, SpmPeriod month, DateADT known_to,
		  double *effects, double *counts)
{
	double means[SPM_WEEKDAYS] = {0};
	int seen[SPM_WEEKDAYS] = {0};
	double sales;

	for (DateADT day = month.first; day <= month.last; day++)
		if (sold_on(history, day, known_to, &sales))
		{
			means[weekday_of(day)] += sales;
			seen[weekday_of(day)]++;
		}
	for (DateADT day = month.first; day <= month.last; day++)
	{
		int weekday = weekday_of(day);

		if (!sold_on(history, day, known_to, &sales) || means[weekday] <= 0)
			continue;
		effects[day - month.first] += sales / (means[weekday] / seen[weekday]);
		counts[day - month.first]++;
	}
}

/* The calendar month before that of a day. */
static SpmPeriod
month_before(DateADT day)
{
	int year, month, day_of_month;
	SpmPeriod result;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &day_of_month);
	result.last = day - day_of_month;
	j2date(result.last + POSTGRES_EPOCH_JDATE, &year, &month, &day_of_month);
	result.first = result.last - day_of_month + 1;
	return result;
}

/*
 * Sales of the same weekday 52 weeks before, of sum 1; where it was closed,
 * the mean of that weekday in those days.
 */
static double *
last_year_profile(const SpmHistory *history, SpmPeriod period, DateADT known_to,
				  const double *means)
{
	int days = period.last - period.first + 1;
	double *weights = palloc(sizeof(double) * days);
	double own[SPM_WEEKDAYS] = {0};
	int seen[SPM_WEEKDAYS] = {0};
	double sales;

	for (DateADT day = period.first; day <= period.last; day++)
		if (sold_on(history, day - YEAR_OF_WEEKS, known_to, &sales))
		{
			own[weekday_of(day)] += sales;
			seen[weekday_of(day)]++;
		}
	for (int i = 0; i < days; i++)
	{
		DateADT day = period.first + i;
		int weekday = weekday_of(day);

		if (spm_is_closed(history, day))
			weights[i] = 0;
		else if (sold_on(history, day - YEAR_OF_WEEKS, known_to, &sales))
			weights[i] = Max(sales, 0);
		else if (seen[weekday] > 0)
			weights[i] = Max(own[weekday] / seen[weekday], 0);
		else
			weights[i] = means[weekday];
	}
	normalise(weights, days);
	return weights;
}

/* Make the sum 1; false, and nothing changed, if it is 0. */
static bool
normalise(double *weights, int days)
{
	double sum = 0;

	for (int i = 0; i < days; i++)
		sum += weights[i];
	if (!(sum > 0))
		return false;
	for (int i = 0; i < days; i++)
		weights[i] /= sum;
	return true;
}
