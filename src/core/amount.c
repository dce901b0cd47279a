/*-------------------------------------------------------------------------
 *
 * amount.c
 *	  Amounts, most of which are small enough for an integer.
 *
 * A sale's amounts are added to each measure that it counts in.  As integers
 * of one scale they are taken apart once.
 *
 * src/core/amount.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "core/amount.h"
#include "core/exact.h"

static SpmAmount small(int groups, int64 scaled);
static bool align(const SpmAmount *amount, int groups, int64 *scaled);

/* A numeric as a small amount; false, and nothing set: it is none. */
bool
spm_amount_open(SpmAmount *amount, Datum value)
{
	struct varlena *plain = PG_DETOAST_DATUM_PACKED(value);
	SpmDigits digits;
	int groups;
	int64 scaled;
	bool cut;

	spm_digits_open(plain, &digits);
	if (!digits.finite)
		return false;
	groups = spm_digits_groups(&digits);
	if (groups > SPM_SMALL_GROUPS ||
		!spm_digits_scale_small(&digits, groups, &scaled, &cut))
		return false;
	*amount = small(groups, scaled);
	return true;
}

/* a + b, or a - b, of small amounts; false: it is too large. */
bool
spm_amount_sum(SpmAmount *sum, const SpmAmount *a, const SpmAmount *b,
			   bool negate)
{
	int groups = Max(a->groups, b->groups);
	int64 left;
	int64 right;

	if (!align(a, groups, &left) || !align(b, groups, &right) ||
		(negate ? __builtin_sub_overflow(left, right, &left)
				: __builtin_add_overflow(left, right, &left)))
		return false;
	*sum = small(groups, left);
	return true;
}

/* a * b of small amounts; false: it is too large. */
bool
spm_amount_product(SpmAmount *product, const SpmAmount *a, const SpmAmount *b)
{
	int groups = a->groups + b->groups;
	int64 scaled;

	if (groups > SPM_SMALL_GROUPS ||
		__builtin_mul_overflow(a->scaled, b->scaled, &scaled))
		return false;
	*product = small(groups, scaled);
	return true;
}

/*
 * What was added to b to make it a: an amount that is not known adds nothing.
 * Not known if neither is.
 */
SpmAmount
spm_amount_difference(const SpmAmount *a, const SpmAmount *b)
{
	static const SpmAmount zero = {.is_small = true};
	SpmAmount difference;

	if (!spm_amount_is_known(b))
		return *a;
	if (!spm_amount_is_known(a))
		a = &zero;
	if (a->is_small && b->is_small && spm_amount_sum(&difference, a, b, true))
		return difference;
	return (SpmAmount){
		.value = spm_exact_sub(spm_amount_value(a), spm_amount_value(b))};
}

/* A known amount as a numeric, palloc'd where it has none. */
Numeric
spm_amount_value(const SpmAmount *amount)
{
	return amount->value ? amount->value
						 : spm_decimal_encode(amount->scaled, amount->groups);
}

/* Add a known amount to a sum, or take it off. */
void
spm_sum_add_amount(SpmSum *sum, const SpmAmount *amount, bool negate)
{
	int more = sum->groups - amount->groups;
	int128 total;

	/* Of a scale that the sum has, as most are: the product always fits. */
	if (amount->is_small && more >= 0 && more <= SPM_SMALL_GROUPS)
	{
		int128 scaled = (int128) amount->scaled * spm_group_power[more];

		if (!__builtin_add_overflow(sum->scaled,
									negate ? -scaled : scaled,
									&total))
		{
			sum->scaled = total;
			return;
		}
	}
	if (amount->is_small)
		spm_sum_add_scaled(sum,
						   negate ? -(int128) amount->scaled
								  : (int128) amount->scaled,
						   amount->groups);
	else if (negate)
		spm_sum_subtract(sum, amount->value);
	else
		spm_sum_add(sum, amount->value);
}

static SpmAmount
small(int groups, int64 scaled)
{
	return (SpmAmount){.is_small = true, .groups = groups, .scaled = scaled};
}

/* A small amount with so many groups, at least those it has. */
static bool
align(const SpmAmount *amount, int groups, int64 *scaled)
{
	return !__builtin_mul_overflow(amount->scaled,
								   spm_group_power[groups - amount->groups],
								   scaled);
}
