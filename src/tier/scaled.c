/*-------------------------------------------------------------------------
 *
 * scaled.c
 *	  Payouts of rows, in scaled integers.
 *
 * The formulas are those of evaluate.c.  Both are exact up to the division,
 * and the quotient is rounded by one rule, so the figures are the same; what
 * does not fit here is left to evaluate.c.
 *
 * src/tier/scaled.c
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

static Figure interpolated(const SpmSchedule *schedule, const SpmTier *tier,
						   Figure v);
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
 * Look a row up.  base NULL means the value.  Neither may be compressed or
 * out of line; the row points into them.
 */
void
spm_row_open(SpmTierRow *row, const SpmSchedule *schedule,
			 struct varlena *value, struct varlena *base)
{
	bool negative;

	spm_digits_open(value, &row->value);
	spm_require_finite(&row->value, "value");
	negative = row->value.negative;
	if (base == NULL)
	{
		row->base = row->value;
		row->same = true;
	}
	else
	{
		spm_digits_open(base, &row->base);
		spm_require_finite(&row->base, "base");
		row->same = spm_digits_equal(&row->value, &row->base);
		if (row->value.ndigits == 0)
			negative = row->base.negative;
	}
	row->mirrored = schedule->mirrors && negative;
	row->level = spm_schedule_level(schedule, &row->value, (Numeric) value);
	row->tier = row->level > 0 ? &schedule->tiers[row->level - 1] : NULL;
}

/*
 * The payout of a row that reaches a tier, as *payout / 10000^*groups.  False
 * when it has to be worked out in numerics.
 */
bool
spm_row_payout(const SpmTierRow *row, const SpmSchedule *schedule,
			   int128 *payout, int *groups)
{
	const SpmTier *tier = row->tier;
	Figure v = figure_of(&row->value, row->mirrored);
	Figure b = row->same ? v : figure_of(&row->base, row->mirrored);
	Figure numerator;
	Figure denominator;

	if (!tier->small)
		return false;
	if (spm_row_is_linear(row))
	{
		Figure result =
			plus(times(coefficient(schedule, tier->slope_scaled), b),
				 plus(coefficient(schedule, tier->offset_scaled),
					  coefficient(schedule, tier->fixed_scaled)));

		*payout = row->mirrored ? -result.scaled : result.scaled;
		*groups = result.groups;
		return !result.lost;
	}

	if (tier->span != NULL)
	{
		denominator = coefficient(schedule, tier->span_scaled);
		numerator = interpolated(schedule, tier, v);
		if (tier->def.percent)
		{
			Figure hundred = {100, 0, false};

			numerator = times(numerator, b);
			denominator = times(denominator, hundred);
		}
	}
	else
	{
		numerator = times(coefficient(schedule, tier->slope_scaled), v);
		numerator = plus(numerator, coefficient(schedule, tier->offset_scaled));
		numerator = plus(times(numerator, b),
						 times(coefficient(schedule, tier->fixed_scaled), v));
		denominator = v;
	}
	if (numerator.lost || denominator.lost ||
		!spm_decimal_quotient(numerator.scaled,
							  numerator.groups,
							  denominator.scaled,
							  denominator.groups,
							  payout,
							  groups))
		return false;
	if (row->mirrored)
		*payout = -*payout;
	return true;
}

/* The interpolated rate at v, times the span. */
static Figure
interpolated(const SpmSchedule *schedule, const SpmTier *tier, Figure v)
{
	Figure span = coefficient(schedule, tier->span_scaled);
	Figure threshold = coefficient(schedule, tier->threshold_scaled);

	threshold.scaled = -threshold.scaled;
	return plus(times(coefficient(schedule, tier->rate_scaled), span),
				times(coefficient(schedule, tier->rise_scaled),
					  plus(v, threshold)));
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
	int wider = sum.groups - Min(a.groups, b.groups);
	int128 *narrow = a.groups < b.groups ? &a.scaled : &b.scaled;

	if (wider > SPM_DECIMAL_GROUPS ||
		(wider > 0 &&
		 __builtin_mul_overflow(*narrow, spm_decimal_power(wider), narrow)) ||
		__builtin_add_overflow(a.scaled, b.scaled, &sum.scaled))
		sum.lost = true;
	return sum;
}
