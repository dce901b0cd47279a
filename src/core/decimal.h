/*-------------------------------------------------------------------------
 *
 * decimal.h
 *	  Exact decimal figures as scaled 128-bit integers, and their sums.
 *
 * A scale is counted in groups of four decimals, the digits of a numeric:
 * a scaled integer stands for scaled / 10000^groups.
 *
 * src/core/decimal.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_CORE_DECIMAL_H
#define SPM_CORE_DECIMAL_H

#include "utils/numeric.h"

#include "core/compat.h"

#ifndef HAVE_INT128
#error "salesperf needs a compiler with 128-bit integers"
#endif

/* A figure of this many groups, 36 decimal digits, always fits. */
#define SPM_DECIMAL_GROUPS 9

/* A quotient's decimals in groups at least: 20 decimals. */
#define SPM_QUOTIENT_GROUPS 5

/* A numeric taken apart in place: nothing is copied or aligned. */
typedef struct SpmDigits
{
	const char *digits; /* base-10000 int16, most significant first */
	int ndigits;
	int weight; /* of the first digit, as a power of 10000 */
	bool negative;
	bool finite; /* neither NaN nor infinite; else nothing else is set */
} SpmDigits;

/*
 * An exact running sum.  What does not fit the scaled integer is carried as
 * a numeric beside it; the sum is that of both.
 */
typedef struct SpmSum
{
	int128 scaled;
	int groups;	   /* scale of scaled */
	Numeric large; /* the rest; NULL: none */
} SpmSum;

/* 10000^0 to 10000^4. */
#define SPM_SMALL_GROUPS 4
extern const int64 spm_group_power[SPM_SMALL_GROUPS + 1];

extern void spm_digits_open(const struct varlena *value, SpmDigits *digits);
extern bool spm_digits_scale(const SpmDigits *digits, int groups,
							 int128 *scaled, bool *cut);
extern Numeric spm_decimal_encode(int128 scaled, int groups);
extern Numeric spm_decimal_encode_units(int64 units, int decimals);
extern int128 spm_decimal_power(int groups);
extern bool spm_decimal_quotient(int128 numerator, int numerator_groups,
								 int128 denominator, int denominator_groups,
								 int128 *quotient, int *groups);

extern void spm_sum_init(SpmSum *sum);
extern void spm_sum_add(SpmSum *sum, Numeric value);
extern void spm_sum_subtract(SpmSum *sum, Numeric value);
extern void spm_sum_add_digits(SpmSum *sum, const SpmDigits *digits,
							   Numeric value, bool negate);
extern void spm_sum_add_scaled(SpmSum *sum, int128 scaled, int groups);
extern void spm_sum_merge(SpmSum *sum, const SpmSum *other);
extern bool spm_sum_is_zero(const SpmSum *sum);
extern Numeric spm_sum_result(const SpmSum *sum);

/*
 * Groups of decimals that a quotient has, by the powers of 10000 that the
 * first digits of its two sides stand for.  It is above 10000^(numerator -
 * denominator - 1), so this leaves it 20 significant digits as well.
 */
static inline int
spm_quotient_groups(int numerator, int denominator)
{
	return SPM_QUOTIENT_GROUPS + Max(denominator - numerator + 1, 0);
}

/* Decimals of a numeric in groups, trailing zero digits left out. */
static inline int
spm_digits_groups(const SpmDigits *digits)
{
	return Max(digits->ndigits - digits->weight - 1, 0);
}

/* The 16-bit word at any address. */
static inline uint16
spm_digits_word(const char *at)
{
	uint16 word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/*
 * spm_digits_scale for a figure of at most SPM_SMALL_GROUPS groups, as nearly
 * all are; false for others.
 */
static inline bool
spm_digits_scale_small(const SpmDigits *digits, int groups, int64 *scaled,
					   bool *cut)
{
	int places = digits->weight + 1 + groups;
	int used = Min(digits->ndigits, places);
	int64 magnitude = 0;

	if (places > SPM_SMALL_GROUPS)
		return false;
	for (int i = 0; i < used; i++)
		magnitude = magnitude * spm_group_power[1] +
					spm_digits_word(digits->digits + i * sizeof(int16));
	if (used < places)
		magnitude *= spm_group_power[places - used];
	*scaled = digits->negative ? -magnitude : magnitude;
	*cut = used < digits->ndigits;
	return true;
}

/* Whether two finite numerics are the same figure. */
static inline bool
spm_digits_equal(const SpmDigits *a, const SpmDigits *b)
{
	if (a->ndigits != b->ndigits)
		return false;
	return a->ndigits == 0 ||
		   (a->negative == b->negative && a->weight == b->weight &&
			memcmp(a->digits, b->digits, a->ndigits * sizeof(int16)) == 0);
}

#endif /* SPM_CORE_DECIMAL_H */
