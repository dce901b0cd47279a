/*-------------------------------------------------------------------------
 *
 * shown.c
 *	  Figures as the views show them.
 *
 * A report shows thousands of figures, and PostgreSQL turns a numeric into a
 * float8 and back by way of its text.  Nearly all figures are short enough to
 * get there by whole numbers; the others take its way.
 *
 * src/core/shown.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "core/decimal.h"
#include "core/exact.h"
#include "core/export.h"
#include "core/shown.h"

SPM_FUNCTION_INFO_V1(spm_progress_bar);

#define FULL_CELL "█"
#define EMPTY_CELL "░"

/* Decimals of a base-10000 digit. */
#define GROUP_DECIMALS 4

/* Every whole number up to it is a float8. */
#define WHOLE_FLOAT8 (INT64CONST(1) << DBL_MANT_DIG)

/* Digits that a 64-bit integer has room for. */
#define MOST_DIGITS 18

/* Figures of less units have few enough digits for any column. */
#define MOST_UNITS INT64CONST(1000000000000000000)
#define MILLION INT64CONST(1000000)

/* Less is 0 in a column of six decimals. */
#define SMALLEST 1e-7

const SpmColumn spm_figure_column = {.digits = 20, .decimals = 4};
const SpmColumn spm_ratio_column = {.digits = 6, .decimals = 6};

static bool fits(Numeric value, SpmColumn column);
static bool cast_float8(double value, SpmColumn column, int64 *units);
static uint64 half_to_even(uint128 value, int bits);
static int128 power_of_ten(int exponent);
static uint128 magnitude(int64 value);

/*
 * The value rounded to its column's decimals, NULL if it has too many digits
 * for it when rounded to two decimals, as shown() has it.
 */
Numeric
spm_shown(Numeric value, SpmColumn column)
{
	int64 units;

	if (column.decimals == spm_figure_column.decimals &&
		spm_units(value, &units))
		return spm_decimal_encode_units(units, column.decimals);
	if (!fits(value, column))
		return NULL;
	return DatumGetNumeric(DirectFunctionCall2(numeric_round,
											   NumericGetDatum(value),
											   Int32GetDatum(column.decimals)));
}

/* A figure in units; false where it has more decimals or too many digits. */
bool
spm_units(Numeric figure, int64 *units)
{
	SpmDigits digits;
	bool cut;

	spm_digits_open((struct varlena *) figure, &digits);
	return digits.finite && spm_digits_groups(&digits) <= 1 &&
		   spm_digits_scale_small(&digits, 1, units, &cut);
}

/*
 * units * multiplier / divisor, rounded half away from zero; false where it
 * has too many digits.
 */
bool
spm_units_part(int64 units, int64 multiplier, int64 divisor, int64 *part)
{
	int128 product = (int128) units * multiplier;
	int128 half = product < 0 ? -(divisor / 2) : divisor / 2;
	int128 result = (product + half) / divisor;

	*part = (int64) result;
	return result < MOST_UNITS && result > -MOST_UNITS;
}

static uint128
magnitude(int64 value)
{
	return value < 0 ? -(int128) value : value;
}

/*
 * numerator / denominator in millionths, and the cells of a bar that it fills.
 * Both go by the quotient as numeric has it, rounded to twelve decimals or
 * more: false where that could matter, and where it has too many digits.
 */
bool
spm_units_ratio(int64 numerator, int64 denominator, int64 *millionths,
				int *cells)
{
	bool negative = (numerator < 0) != (denominator < 0);
	uint128 scaled;
	int64 ratio; /* to twelve decimals, cut */
	int64 rest;

	if (denominator == 0)
		return false;
	scaled = magnitude(numerator) * MILLION * MILLION / magnitude(denominator);
	if (scaled >= MOST_UNITS)
		return false;
	ratio = (int64) scaled;
	rest = ratio % MILLION;
	if (rest == MILLION / 2 - 1 || rest == MILLION - 1)
		return false;
	*millionths = ratio / MILLION + (rest >= MILLION / 2);
	*cells = Min(ratio / (MILLION * MILLION / SPM_BAR_CELLS), SPM_BAR_CELLS);
	if (negative)
	{
		*millionths = -*millionths;
		*cells = 0;
	}
	return true;
}

/* The same of a float8 cast to numeric. */
Numeric
spm_shown_float8(double value, SpmColumn column)
{
	int64 units;

	if (!cast_float8(value, column, &units))
		return spm_shown(DatumGetNumeric(
							 DirectFunctionCall1(float8_numeric,
												 Float8GetDatum(value))),
						 column);
	return spm_decimal_encode_units(value < 0 ? -units : units,
									column.decimals);
}

/* A numeric cast to float8; one that is too large is infinite. */
double
spm_numeric_to_float8(Numeric value)
{
	SpmDigits digits;
	int groups;
	int64 scaled;
	bool cut;

	spm_digits_open((struct varlena *) value, &digits);
	if (digits.finite)
	{
		groups = spm_digits_groups(&digits);
		/* A quotient of two float8 is rounded once. */
		if (groups <= SPM_SMALL_GROUPS &&
			spm_digits_scale_small(&digits, groups, &scaled, &cut) &&
			scaled <= WHOLE_FLOAT8 && scaled >= -WHOLE_FLOAT8)
			return (double) scaled / (double) spm_group_power[groups];
	}
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
											  NumericGetDatum(value)));
}

/* progress_bar(share) → text */
Datum
spm_progress_bar(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(spm_bar(spm_bar_cells(PG_GETARG_NUMERIC(0))));
}

/* Whole cells of a bar that a share of 0…1 fills: its first decimal. */
int
spm_bar_cells(Numeric share)
{
	SpmDigits digits;

	spm_digits_open((struct varlena *) share, &digits);
	if (!digits.finite)
		return spm_exact_compare(share, spm_exact_zero()) > 0 ? SPM_BAR_CELLS
															  : 0;
	if (digits.negative || digits.ndigits == 0 || digits.weight < -1)
		return 0;
	if (digits.weight >= 0)
		return SPM_BAR_CELLS;
	return spm_digits_word(digits.digits) / 1000;
}

/* A bar with so many full cells. */
text *
spm_bar(int cells)
{
	StringInfoData bar;

	initStringInfo(&bar);
	for (int i = 0; i < SPM_BAR_CELLS; i++)
		appendStringInfoString(&bar, i < cells ? FULL_CELL : EMPTY_CELL);
	return cstring_to_text(pg_any_to_server(bar.data, bar.len, PG_UTF8));
}

static bool
fits(Numeric value, SpmColumn column)
{
	SpmDigits digits;
	int groups = column.digits / GROUP_DECIMALS;

	spm_digits_open((struct varlena *) value, &digits);
	if (!digits.finite)
		return false;
	/* Rounding may add a digit, not a group and one more. */
	if (digits.weight + 1 < groups)
		return true;
	value = DatumGetNumeric(DirectFunctionCall2(numeric_round,
												NumericGetDatum(value),
												Int32GetDatum(2)));
	spm_digits_open((struct varlena *) value, &digits);
	return digits.ndigits == 0 || digits.weight < groups ||
		   (digits.weight == groups &&
			spm_digits_word(digits.digits) <
				power_of_ten(column.digits % GROUP_DECIMALS));
}

/*
 * The magnitude of a float8, cast to numeric and rounded for its column, in
 * units of the last decimal; false where 64 bits are too few.  A float8 times
 * a power of ten is a whole number over a power of two, so that the cast's
 * rounding, half to even, is exact.
 */
static bool
cast_float8(double value, SpmColumn column, int64 *units)
{
	int exponent;
	uint128 mantissa;
	uint64 rounded;
	int power;

	if (!(fabs(value) <
		  power_of_ten(Min(column.digits - 1, MOST_DIGITS - column.decimals))))
		return false;
	*units = 0;
	if (fabs(value) < SMALLEST)
		return true;
	mantissa = (uint128) ldexp(frexp(fabs(value), &exponent), DBL_MANT_DIG);
	/* The power of ten that leaves as many digits as the cast, or one more. */
	power = DBL_DIG - 1 - (int) floor((exponent - 1) * (M_LN2 / M_LN10));
	if ((mantissa * power_of_ten(power)) >> (DBL_MANT_DIG - exponent) >=
		power_of_ten(DBL_DIG))
		power--;
	rounded =
		half_to_even(mantissa * power_of_ten(power), DBL_MANT_DIG - exponent);
	if (power > column.decimals)
	{
		int64 unit = power_of_ten(power - column.decimals);

		*units = (rounded + unit / 2) / unit;
	}
	else
		*units = rounded * power_of_ten(column.decimals - power);
	return true;
}

/* value / 2^bits, rounded half to even. */
static uint64
half_to_even(uint128 value, int bits)
{
	uint128 half = (uint128) 1 << (bits - 1);
	uint64 result = value >> bits;
	uint128 rest = value - ((uint128) result << bits);

	return result + (rest > half || (rest == half && (result & 1)));
}

/* 10^exponent, which fits 128 bits. */
static int128
power_of_ten(int exponent)
{
	static const int rest[GROUP_DECIMALS] = {1, 10, 100, 1000};

	return spm_decimal_power(exponent / GROUP_DECIMALS) *
		   rest[exponent % GROUP_DECIMALS];
}
