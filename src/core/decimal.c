/*-------------------------------------------------------------------------
 *
 * decimal.c
 *	  Exact decimal figures as scaled 128-bit integers, and their sums.
 *
 * The server keeps the inside of a numeric to itself, but the stored form is
 * fixed by every data directory there is (utils/adt/numeric.c): after the
 * varlena header a 16-bit word, then base-10000 digits of 16 bits each.
 *
 *	  11xxxxxx xxxxxxxx	 special: NaN, infinity
 *	  10Sddddd dWwwwwww	 short: sign, display scale, weight (W its sign)
 *	  0Sdddddd dddddddd	 long: sign, display scale; the weight, an int16,
 *						 is the next word
 *
 * Reading it in place, at any alignment and under a short varlena header,
 * is what makes a sum cheaper than one by numeric_add.
 *
 * Everything here is exact.  Results carry no trailing zeros, so that equal
 * figures print alike, however they were reached.
 *
 * Numerics made on the way, and the numeric part of a sum, are allocated in
 * CurrentMemoryContext: a caller that keeps a sum switches to its context
 * before each call that changes it.
 *
 * src/core/decimal.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "core/decimal.h"

#define GROUP_BASE 10000
#define GROUP_DECIMALS 4

#define HEADER_KIND 0xC000
#define HEADER_SPECIAL 0xC000
#define HEADER_SHORT 0x8000
#define LONG_NEGATIVE 0x4000
#define SHORT_NEGATIVE 0x2000
#define SHORT_DSCALE_SHIFT 7
#define SHORT_DSCALE_MAX 63
#define SHORT_WEIGHT_SIGN 0x0040
#define SHORT_WEIGHT_MASK 0x003F

/* Times 10000^4, a rest below this still fits. */
#define DIVISOR_MAX UINT64CONST(1000000000000000000)

/* Base-10000 digits of the largest 128-bit integer. */
#define ENCODE_DIGITS 10

#define POWER_4 INT64CONST(10000000000000000)

const int64 spm_group_power[] = {1,
								 INT64CONST(10000),
								 INT64CONST(100000000),
								 INT64CONST(1000000000000),
								 POWER_4};

static const int128 group_power[SPM_DECIMAL_GROUPS + 1] =
	{1,
	 INT64CONST(10000),
	 INT64CONST(100000000),
	 INT64CONST(1000000000000),
	 POWER_4,
	 (int128) POWER_4 * 10000,
	 (int128) POWER_4 * 100000000,
	 (int128) POWER_4 *INT64CONST(1000000000000),
	 (int128) POWER_4 *POWER_4,
	 (int128) POWER_4 *POWER_4 * 10000};

static void sum_absorb(SpmSum *sum, Numeric value, bool negate);
static void sum_flush(SpmSum *sum);
static bool sum_rescale(SpmSum *sum, int groups);
static void sum_add(SpmSum *sum, int128 scaled);
static int split_groups(uint128 magnitude, int16 *digits);
static int count_groups(uint128 magnitude);
static Numeric encode(int128 scaled, int groups, int decimals);
static int decimals_of(const int16 *digits, int ndigits, int weight);
static Numeric build_numeric(bool negative, int weight, const int16 *digits,
							 int ndigits, int dscale);

/* 10000 ^ groups, for 0 to SPM_DECIMAL_GROUPS. */
int128
spm_decimal_power(int groups)
{
	Assert(groups >= 0 && groups <= SPM_DECIMAL_GROUPS);

	return group_power[groups];
}

/*
 * Take a numeric apart.  The value may have a short header and lie at any
 * address, but must be neither compressed nor out of line; what is filled
 * points into it.
 */
void
spm_digits_open(const struct varlena *value, SpmDigits *digits)
{
	const char *data = VARDATA_ANY(value);
	int size = VARSIZE_ANY_EXHDR(value);
	uint16 header = spm_digits_word(data);
	int skip = sizeof(uint16);

	digits->finite = (header & HEADER_KIND) != HEADER_SPECIAL;
	if (!digits->finite)
		return;
	if (header & HEADER_SHORT)
	{
		digits->negative = (header & SHORT_NEGATIVE) != 0;
		digits->weight = header & SHORT_WEIGHT_MASK;
		if (header & SHORT_WEIGHT_SIGN)
			digits->weight -= SHORT_WEIGHT_MASK + 1;
	}
	else
	{
		digits->negative = (header & LONG_NEGATIVE) != 0;
		digits->weight = (int16) spm_digits_word(data + skip);
		skip += sizeof(int16);
	}
	digits->digits = data + skip;
	digits->ndigits = (size - skip) / (int) sizeof(int16);
}

/*
 * The finite figure at a scale, cut towards zero; *cut tells whether anything
 * was lost.  False, and nothing set, when it has more than SPM_DECIMAL_GROUPS
 * groups at that scale.
 */
bool
spm_digits_scale(const SpmDigits *digits, int groups, int128 *scaled, bool *cut)
{
	int places = digits->weight + 1 + groups;
	int used = Max(Min(digits->ndigits, places), 0);
	int128 magnitude = 0;
	int64 small;

	if (spm_digits_scale_small(digits, groups, &small, cut))
	{
		*scaled = small;
		return true;
	}
	if (digits->ndigits == 0)
		places = used = 0;
	if (places > SPM_DECIMAL_GROUPS)
		return false;
	for (int i = 0; i < used; i++)
		magnitude = magnitude * GROUP_BASE +
					spm_digits_word(digits->digits + i * sizeof(int16));
	magnitude *= group_power[places - used];
	*scaled = digits->negative ? -magnitude : magnitude;
	*cut = used < digits->ndigits;
	return true;
}

/*
 * The numeric scaled / 10000^groups, palloc'd, without trailing zeros.
 */
Numeric
spm_decimal_encode(int128 scaled, int groups)
{
	return encode(scaled, groups, -1);
}

/*
 * The numeric units / 10^decimals, palloc'd, written with so many decimals.
 */
Numeric
spm_decimal_encode_units(int64 units, int decimals)
{
	static const int pads[] = {1, 1000, 100, 10};
	int groups = (decimals + GROUP_DECIMALS - 1) / GROUP_DECIMALS;

	return encode((int128) units * pads[decimals % GROUP_DECIMALS],
				  groups,
				  decimals);
}

/* The same with so many decimals, -1: as many as it needs. */
static Numeric
encode(int128 scaled, int groups, int decimals)
{
	bool negative = scaled < 0;
	uint128 magnitude = negative ? -(uint128) scaled : (uint128) scaled;
	int16 digits[ENCODE_DIGITS];
	int ndigits = split_groups(magnitude, digits);
	int weight = ndigits - 1 - groups;

	while (ndigits > 0 && digits[ndigits - 1] == 0)
		ndigits--;
	if (ndigits == 0)
	{
		negative = false;
		weight = 0;
	}
	if (decimals < 0)
		decimals = decimals_of(digits, ndigits, weight);
	return build_numeric(negative, weight, digits, ndigits, decimals);
}

/*
 * The quotient of two scaled integers, rounded half away from zero to
 * spm_quotient_groups; the same figure as spm_exact_quotient.  False when
 * 128 bits are too few for it, or the denominator is above 18 digits.
 */
bool
spm_decimal_quotient(int128 numerator, int numerator_groups, int128 denominator,
					 int denominator_groups, int128 *quotient, int *groups)
{
	bool negative = (numerator < 0) != (denominator < 0);
	uint128 rest = numerator < 0 ? -(uint128) numerator : (uint128) numerator;
	uint128 divisor = denominator < 0 ? -(uint128) denominator
									  : (uint128) denominator;
	int128 result;
	int shift;

	if (divisor == 0 || divisor > DIVISOR_MAX)
		return false;
	*groups = spm_quotient_groups(count_groups(rest) - numerator_groups,
								  count_groups(divisor) - denominator_groups);
	shift = *groups + denominator_groups - numerator_groups;
	if (rest == 0 || shift < 0)
	{
		*quotient = 0;
		*groups = 0;
		return rest == 0;
	}
	result = rest / divisor;
	rest %= divisor;
	while (shift > 0)
	{
		int step = Min(shift, 4);

		rest *= spm_group_power[step];
		if (__builtin_mul_overflow(result,
								   (int128) spm_group_power[step],
								   &result) ||
			__builtin_add_overflow(result, (int128) (rest / divisor), &result))
			return false;
		rest %= divisor;
		shift -= step;
	}
	if (2 * rest >= divisor)
		result++;
	*quotient = negative ? -result : result;
	return true;
}

/* The empty sum, zero. */
void
spm_sum_init(SpmSum *sum)
{
	sum->scaled = 0;
	sum->groups = 0;
	sum->large = NULL;
}

/*
 * Add any numeric to the sum.  NaN and the infinities behave as in
 * PostgreSQL's own sum(), and stay: subtracting one does not take it back.
 */
void
spm_sum_add(SpmSum *sum, Numeric value)
{
	SpmDigits digits;

	spm_digits_open((struct varlena *) value, &digits);
	spm_sum_add_digits(sum, &digits, value, false);
}

/* Subtract any numeric from the sum. */
void
spm_sum_subtract(SpmSum *sum, Numeric value)
{
	SpmDigits digits;

	spm_digits_open((struct varlena *) value, &digits);
	spm_sum_add_digits(sum, &digits, value, true);
}

/*
 * The same for a numeric that is open already: value may be at any alignment
 * and have a short header.
 */
void
spm_sum_add_digits(SpmSum *sum, const SpmDigits *digits, Numeric value,
				   bool negate)
{
	int128 scaled;
	bool cut;

	if (!digits->finite ||
		(spm_digits_groups(digits) > sum->groups &&
		 !sum_rescale(sum, spm_digits_groups(digits))) ||
		!spm_digits_scale(digits, sum->groups, &scaled, &cut))
	{
		Numeric plain = DatumGetNumeric(NumericGetDatum(value));

		sum_absorb(sum, plain, negate);
		if (plain != value)
			pfree(plain);
		return;
	}
	Assert(!cut);
	sum_add(sum, negate ? -scaled : scaled);
}

/* Add scaled / 10000^groups. */
void
spm_sum_add_scaled(SpmSum *sum, int128 scaled, int groups)
{
	int128 rescaled;
	Numeric figure;

	/* What does not fit leaves its low bits behind: scaled is needed whole. */
	if ((groups <= sum->groups || sum_rescale(sum, groups)) &&
		!__builtin_mul_overflow(scaled,
								spm_decimal_power(sum->groups - groups),
								&rescaled))
	{
		sum_add(sum, rescaled);
		return;
	}
	figure = spm_decimal_encode(scaled, groups);
	sum_absorb(sum, figure, false);
	pfree(figure);
}

/* Add another sum to this one. */
void
spm_sum_merge(SpmSum *sum, const SpmSum *other)
{
	if (other->large != NULL)
		sum_absorb(sum, other->large, false);
	spm_sum_add_scaled(sum, other->scaled, other->groups);
}

/* Whether the sum is exactly zero. */
bool
spm_sum_is_zero(const SpmSum *sum)
{
	SpmDigits digits;

	if (sum->large == NULL)
		return sum->scaled == 0;
	spm_digits_open((struct varlena *) spm_sum_result(sum), &digits);
	return digits.finite && digits.ndigits == 0;
}

/* The sum as a numeric, palloc'd, without trailing zeros. */
Numeric
spm_sum_result(const SpmSum *sum)
{
	Numeric scaled = spm_decimal_encode(sum->scaled, sum->groups);
	Datum total;

	if (sum->large == NULL)
		return scaled;
	total = DirectFunctionCall2(numeric_add,
								NumericGetDatum(sum->large),
								NumericGetDatum(scaled));
	return DatumGetNumeric(DirectFunctionCall1(numeric_trim_scale, total));
}

/* Add to, or subtract from, the numeric part of the sum. */
static void
sum_absorb(SpmSum *sum, Numeric value, bool negate)
{
	Numeric before = sum->large;

	if (before == NULL)
		before = spm_decimal_encode(0, 0);
	sum->large =
		DatumGetNumeric(DirectFunctionCall2(negate ? numeric_sub : numeric_add,
											NumericGetDatum(before),
											NumericGetDatum(value)));
	pfree(before);
}

/* Move the scaled part of the sum to the numeric part. */
static void
sum_flush(SpmSum *sum)
{
	Numeric scaled = spm_decimal_encode(sum->scaled, sum->groups);

	sum_absorb(sum, scaled, false);
	pfree(scaled);
	sum->scaled = 0;
}

/*
 * Give the scaled part more decimals.  False when groups is out of reach; a
 * part that has become too large for it moves to the numeric part.
 */
static bool
sum_rescale(SpmSum *sum, int groups)
{
	int128 scaled;

	if (groups > SPM_DECIMAL_GROUPS)
		return false;
	if (__builtin_mul_overflow(sum->scaled,
							   spm_decimal_power(groups - sum->groups),
							   &scaled))
	{
		sum_flush(sum);
		scaled = 0;
	}
	sum->scaled = scaled;
	sum->groups = groups;
	return true;
}

/* Add a figure of the sum's scale; a full integer moves to the numeric. */
static void
sum_add(SpmSum *sum, int128 scaled)
{
	int128 total;

	if (__builtin_add_overflow(sum->scaled, scaled, &total))
	{
		sum_flush(sum);
		total = scaled;
	}
	sum->scaled = total;
}

/*
 * Write a magnitude as base-10000 digits, the first one not zero; returns
 * their number.
 */
static int
split_groups(uint128 magnitude, int16 *digits)
{
	int16 reverse[ENCODE_DIGITS + 2];
	int count = 0;

	while (magnitude != 0)
	{
		/* Four digits at a time, so that most divisions are of 64 bits. */
		uint64 low = (uint64) (magnitude % spm_group_power[4]);

		magnitude /= spm_group_power[4];
		for (int i = 0; i < 4 && (magnitude != 0 || low != 0); i++)
		{
			reverse[count++] = low % GROUP_BASE;
			low /= GROUP_BASE;
		}
	}
	for (int i = 0; i < count; i++)
		digits[i] = reverse[count - 1 - i];
	return count;
}

/* Number of base-10000 digits. */
static int
count_groups(uint128 magnitude)
{
	int count = 0;

	while (count <= SPM_DECIMAL_GROUPS &&
		   magnitude >= (uint128) group_power[count])
		count++;
	return count;
}

/* Decimals that the digits need to be shown in full. */
static int
decimals_of(const int16 *digits, int ndigits, int weight)
{
	int decimals = (ndigits - weight - 1) * GROUP_DECIMALS;
	int last;

	if (ndigits == 0 || decimals <= 0)
		return 0;
	for (last = digits[ndigits - 1]; last % 10 == 0; last /= 10)
		decimals--;
	return decimals;
}

/* Put a numeric together from digits without zeros at either end. */
static Numeric
build_numeric(bool negative, int weight, const int16 *digits, int ndigits,
			  int dscale)
{
	bool is_short = dscale <= SHORT_DSCALE_MAX && weight <= SHORT_WEIGHT_MASK &&
					weight >= -(SHORT_WEIGHT_MASK + 1);
	uint16 words[2];
	int nwords = is_short ? 1 : 2;
	int head = nwords * sizeof(uint16);
	int size = VARHDRSZ + head + ndigits * sizeof(int16);
	char *result = palloc(size);

	if (is_short)
		words[0] = HEADER_SHORT | (negative ? SHORT_NEGATIVE : 0) |
				   (dscale << SHORT_DSCALE_SHIFT) |
				   (weight < 0 ? SHORT_WEIGHT_SIGN : 0) |
				   (weight & SHORT_WEIGHT_MASK);
	else
	{
		words[0] = (negative ? LONG_NEGATIVE : 0) | dscale;
		words[1] = (uint16) (int16) weight;
	}
	SET_VARSIZE(result, size);
	memcpy(VARDATA(result), words, head);
	memcpy(VARDATA(result) + head, digits, ndigits * sizeof(int16));
	return (Numeric) result;
}
