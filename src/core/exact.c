/*-------------------------------------------------------------------------
 *
 * exact.c
 *	  Arithmetic on numerics that is exact up to its one division.
 *
 * src/core/exact.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "core/decimal.h"
#include "core/exact.h"

static int weight_of(Numeric a);

/* Zero. */
Numeric
spm_exact_zero(void)
{
	return spm_decimal_encode(0, 0);
}

/* -1, 0 or 1 by the sign of a finite numeric. */
int
spm_exact_sign(Numeric a)
{
	SpmDigits digits;

	spm_digits_open((struct varlena *) a, &digits);
	Assert(digits.finite);
	if (digits.ndigits == 0)
		return 0;
	return digits.negative ? -1 : 1;
}

/* The same figure without trailing zeros after the decimal point. */
Numeric
spm_exact_trim(Numeric a)
{
	return DatumGetNumeric(
		DirectFunctionCall1(numeric_trim_scale, NumericGetDatum(a)));
}

/*
 * numerator / denominator, rounded half away from zero to at least 20
 * decimals and at least 20 significant digits; trimmed.
 *
 * numeric_div stops at 16 significant digits, and rounding its result would
 * round twice.  So divide whole numbers:
 *
 *	  trunc((2 * |n| * 10^d + |m|) / (2 * |m|)) = |n| / |m| * 10^d, rounded
 *
 * spm_decimal_quotient gives the same figure where both sides are small.
 */
Numeric
spm_exact_quotient(Numeric numerator, Numeric denominator)
{
	int sign = spm_exact_sign(numerator) * spm_exact_sign(denominator);
	int groups;
	Numeric twice;
	Numeric whole;

	if (sign == 0)
		return spm_exact_zero();
	if (spm_exact_sign(numerator) < 0)
		numerator = spm_exact_negate(numerator);
	if (spm_exact_sign(denominator) < 0)
		denominator = spm_exact_negate(denominator);

	groups = spm_quotient_groups(weight_of(numerator), weight_of(denominator));
	twice = spm_exact_mul(numerator, spm_decimal_encode(2, -groups));
	twice = spm_exact_add(twice, denominator);
	denominator = spm_exact_mul(denominator, spm_decimal_encode(2, 0));
	whole = DatumGetNumeric(DirectFunctionCall2(numeric_div_trunc,
												NumericGetDatum(twice),
												NumericGetDatum(denominator)));
	whole = spm_exact_mul(whole, spm_decimal_encode(sign, groups));
	return spm_exact_trim(whole);
}

/* The power of 10000 that the first digit of a numeric stands for. */
static int
weight_of(Numeric a)
{
	SpmDigits digits;

	spm_digits_open((struct varlena *) a, &digits);
	return digits.weight;
}
