/*-------------------------------------------------------------------------
 *
 * quotient.c
 *	  Payouts that are quotients, in scaled integers.
 *
 * The formulas are those of evaluate.c.  As both sides of the division are
 * exact there and here, and the quotient is rounded by one rule, the figures
 * are the same; what does not fit is left to evaluate.c.
 *
 * src/tier/quotient.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "tier/tiers.h"

/* An exact figure: scaled / 10000^groups, unless it has left 128 bits. */
typedef struct Figure
{
	int128 scaled;
	int groups;
	bool lost;
} Figure;

static Figure figure_of(const SpmDigits *digits, bool negate);
static Figure times(Figure a, Figure b);
static Figure plus(Figure a, Figure b);

/* A coefficient of a tier. */
static inline Figure
coefficient(const SpmSchedule *schedule, int64 scaled)
{
	Figure figure = {scaled, schedule->rate_groups, false};

	return figure;
}

/*
 * The payout at a level that is reached, as *payout / 10000^*groups.  False
 * when it has to be worked out in numerics.
 */
bool
spm_quotient_payout(const SpmSchedule *schedule, int level,
					const SpmDigits *value, const SpmDigits *base,
					bool mirrored, int128 *payout, int *groups)
{
	const SpmTier *tier = &schedule->tiers[level - 1];
	Figure v = figure_of(value, mirrored);
	Figure b = figure_of(base, mirrored);
	Figure numerator;
	Figure denominator;

	if (!tier->small)
		return false;
	if (tier->span != NULL)
	{
		Figure span = coefficient(schedule, tier->span_scaled);
		Figure threshold = coefficient(schedule, tier->threshold_scaled);
		Figure inside;

		threshold.scaled = -threshold.scaled;
		inside = plus(v, threshold);
		numerator =
			plus(times(coefficient(schedule, tier->rate_scaled), span),
				 times(coefficient(schedule, tier->rise_scaled), inside));
		denominator = span;
		if (tier->def.percent)
		{
			Figure hundred = {100, 0, false};

			numerator = times(numerator, b);
			denominator = times(denominator, hundred);
		}
	}
	else
	{
		Figure rated = times(coefficient(schedule, tier->slope_scaled), v);

		rated = plus(rated, coefficient(schedule, tier->offset_scaled));
		numerator = plus(times(rated, b),
						 times(coefficient(schedule, tier->fixed_scaled), v));
		denominator = v;
	}
	if (numerator.lost || denominator.lost ||
		!spm_decimal_quotient(numerator.scaled,
							  numerator.groups,
							  denominator.scaled,
							  denominator.groups,
							  payout,
							  groups) ||
		*groups > SPM_DECIMAL_GROUPS)
		return false;
	if (mirrored)
		*payout = -*payout;
	return true;
}

/* The figure of a finite numeric, or its opposite. */
static Figure
figure_of(const SpmDigits *digits, bool negate)
{
	Figure figure = {0, spm_digits_groups(digits), false};
	bool cut;

	figure.lost =
		figure.groups > SPM_DECIMAL_GROUPS ||
		!spm_digits_scale(digits, figure.groups, &figure.scaled, &cut);
	if (negate)
		figure.scaled = -figure.scaled;
	return figure;
}

/* a * b */
static Figure
times(Figure a, Figure b)
{
	Figure product = {0, a.groups + b.groups, a.lost || b.lost};

	if (__builtin_mul_overflow(a.scaled, b.scaled, &product.scaled))
		product.lost = true;
	return product;
}

/* a + b */
static Figure
plus(Figure a, Figure b)
{
	Figure sum = {0, Max(a.groups, b.groups), a.lost || b.lost};

	if (sum.groups - Min(a.groups, b.groups) > SPM_DECIMAL_GROUPS ||
		__builtin_mul_overflow(a.scaled,
							   spm_decimal_power(sum.groups - a.groups),
							   &a.scaled) ||
		__builtin_mul_overflow(b.scaled,
							   spm_decimal_power(sum.groups - b.groups),
							   &b.scaled) ||
		__builtin_add_overflow(a.scaled, b.scaled, &sum.scaled))
		sum.lost = true;
	return sum;
}
