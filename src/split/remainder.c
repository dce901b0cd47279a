/*-------------------------------------------------------------------------
 *
 * remainder.c
 *	  Shares of an amount that add up to it: the largest remainder.
 *
 * Each share is cut down to whole units of the last decimal; the units that
 * are then missing go, one each, to the shares that lost most, of equal ones
 * to the first.  So a part differs from its exact share by less than a unit,
 * an exact share stays as it is, and the parts add up.
 *
 * Shares are numerators over one divisor, so nothing is divided before
 * remainders are compared.
 *
 * src/split/remainder.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "core/exact.h"
#include "split/remainder_int.h"
#include "split/split.h"

typedef struct Share
{
	int position;
	Numeric units;	   /* whole units, cut down */
	Numeric remainder; /* what was cut off, over the divisor */
} Share;

static void cut_share(Share *share, Numeric numerator, Numeric divisor);
static int compare_remainders(const void *a, const void *b);
static Numeric round_to(Numeric value, int scale);

/*
 * Split an amount, rounded to scale, over weights.  A weight may be negative;
 * weights that add up to 0 count as equal.  Returns nothing for no weights.
 * Parts of a negative amount are those of the positive one, negated.  Parts
 * are palloc'd.  All figures must be finite.
 */
void
spm_split_by_weight(Numeric amount, const Numeric *weights, int count,
					int scale, Numeric *parts)
{
	bool mirrored = spm_exact_sign(amount) < 0;
	Numeric units =
		spm_exact_mul(round_to(amount, scale), spm_split_power(scale));
	Numeric sum = spm_exact_zero();
	Numeric *shares = palloc(Max(count, 1) * sizeof(Numeric));
	bool equal;
	bool inverted;

	Assert(scale >= 0 && scale <= SPM_SPLIT_MAX_SCALE);
	for (int i = 0; i < count; i++)
		sum = spm_exact_add(sum, weights[i]);
	equal = spm_exact_sign(sum) == 0;
	inverted = spm_exact_sign(sum) < 0;
	if (equal)
		sum = int64_to_numeric(count);
	else if (inverted)
		sum = spm_exact_negate(sum);
	if (mirrored)
		units = spm_exact_negate(units);
	for (int i = 0; i < count; i++)
	{
		shares[i] = equal ? units : spm_exact_mul(units, weights[i]);
		if (inverted)
			shares[i] = spm_exact_negate(shares[i]);
	}
	spm_split_hand_out(shares, count, sum, units, scale, parts);
	if (mirrored)
		for (int i = 0; i < count; i++)
			parts[i] = spm_exact_negate(parts[i]);
	pfree(shares);
}

/*
 * Hand out units, a whole number, to shares: part i is shares[i] / divisor
 * cut down, or one unit more.  The divisor is above 0, and units at least the
 * sum of what is cut down and at most that with every share rounded up.
 * Parts are in amounts, with scale decimals.
 */
void
spm_split_hand_out(const Numeric *shares, int count, Numeric divisor,
				   Numeric units, int scale, Numeric *parts)
{
	Share *cut = palloc(Max(count, 1) * sizeof(Share));
	Numeric one = int64_to_numeric(1);
	Numeric unit = spm_split_power(-scale);
	Numeric missing = units;

	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		cut[i].position = i;
		cut_share(&cut[i], shares[i], divisor);
		missing = spm_exact_sub(missing, cut[i].units);
	}
	qsort(cut, count, sizeof(Share), compare_remainders);
	for (int i = 0; i < count; i++)
	{
		Numeric whole = cut[i].units;

		if (spm_exact_sign(missing) > 0)
		{
			whole = spm_exact_add(whole, one);
			missing = spm_exact_sub(missing, one);
		}
		parts[cut[i].position] = round_to(spm_exact_mul(whole, unit), scale);
	}
	Assert(count == 0 || spm_exact_sign(missing) == 0);
	pfree(cut);
}

/* 10 ^ exponent. */
Numeric
spm_split_power(int exponent)
{
	char text[16];

	snprintf(text, sizeof(text), "1e%d", exponent);
	return DatumGetNumeric(DirectFunctionCall3(numeric_in,
											   CStringGetDatum(text),
											   ObjectIdGetDatum(InvalidOid),
											   Int32GetDatum(-1)));
}

/* Cut a share down to whole units, and keep what is cut off. */
static void
cut_share(Share *share, Numeric numerator, Numeric divisor)
{
	Numeric units =
		DatumGetNumeric(DirectFunctionCall2(numeric_div_trunc,
											NumericGetDatum(numerator),
											NumericGetDatum(divisor)));
	Numeric rest = spm_exact_sub(numerator, spm_exact_mul(units, divisor));

	/* Division cuts towards zero; below zero that is up. */
	if (spm_exact_sign(rest) < 0)
	{
		units = spm_exact_sub(units, int64_to_numeric(1));
		rest = spm_exact_add(rest, divisor);
	}
	share->units = units;
	share->remainder = rest;
}

/* The largest remainder first, of equal ones the lower position. */
static int
compare_remainders(const void *a, const void *b)
{
	const Share *left = a;
	const Share *right = b;
	int order = spm_exact_compare(right->remainder, left->remainder);

	return order != 0 ? order : left->position - right->position;
}

/* Rounded half away from zero, and shown with that many decimals. */
static Numeric
round_to(Numeric value, int scale)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_round,
											   NumericGetDatum(value),
											   Int32GetDatum(scale)));
}
