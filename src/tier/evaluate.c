/*-------------------------------------------------------------------------
 *
 * evaluate.c
 *	  What a tier schedule pays on one value and base.
 *
 * Where the first threshold is not negative, a negative value is a return:
 * it is evaluated as the sale of the opposite value and base, and the payout
 * negated.  A value of zero takes its side from the base.
 *
 * A value of zero cannot spread a base over tiers.  Its base then counts as
 * lying in the first tier (graduated), or above the first threshold whole
 * (excess), which is the limit for small values where that threshold is 0.
 *
 * src/tier/evaluate.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "core/exact.h"
#include "tier/tiers.h"

static Numeric interpolated_rate(const SpmTierCase *it);
static bool has_amount(const SpmTierCase *it);

/* Refuse NaN and the infinities; argument is the SQL name. */
void
spm_require_finite(const SpmDigits *digits, const char *argument)
{
	if (!digits->finite)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must be a finite number", argument),
				 errdetail("NaN and infinity lie in no tier.")));
}

/*
 * Look a value up; base NULL means the value.  The case points to its
 * arguments.
 */
void
spm_case_open(SpmTierCase *it, const SpmSchedule *schedule, Numeric value,
			  Numeric base)
{
	SpmDigits digits;
	int side;

	spm_digits_open((struct varlena *) value, &digits);
	spm_require_finite(&digits, "value");
	side = spm_exact_sign(value);
	if (base != NULL)
	{
		SpmDigits base_digits;

		spm_digits_open((struct varlena *) base, &base_digits);
		spm_require_finite(&base_digits, "base");
		if (side == 0)
			side = spm_exact_sign(base);
	}

	it->schedule = schedule;
	it->level = spm_schedule_level(schedule, &digits, value);
	it->tier = it->level > 0 ? &schedule->tiers[it->level - 1] : NULL;
	it->same = base == NULL || spm_exact_compare(value, base) == 0;
	it->mirrored = schedule->mirrors && side < 0;
	it->value = it->mirrored ? spm_exact_negate(value) : value;
	if (it->same)
		it->base = it->value;
	else
		it->base = it->mirrored ? spm_exact_negate(base) : base;
}

/* The payout, not rounded but for the one division; palloc'd. */
Numeric
spm_case_payout(const SpmTierCase *it)
{
	const SpmTier *tier = it->tier;
	Numeric payout;

	if (it->level == 0)
		return spm_exact_zero();
	if (tier->span == NULL && (it->same || tier->flat))
	{
		payout = spm_exact_mul(tier->slope, it->base);
		payout = spm_exact_add(payout, tier->offset);
		payout = spm_exact_add(payout, tier->fixed);
	}
	else if (tier->span != NULL)
	{
		Numeric divisor = tier->span;

		payout = interpolated_rate(it);
		if (tier->def.percent)
		{
			payout = spm_exact_mul(payout, it->base);
			divisor = spm_exact_mul(divisor, spm_decimal_encode(100, 0));
		}
		payout = spm_exact_quotient(payout, divisor);
	}
	else if (spm_exact_sign(it->value) == 0)
	{
		if (it->schedule->mode == SPM_TIER_GRADUATED)
			payout = it->schedule->tiers[0].slope;
		else
			payout = tier->slope;
		payout = spm_exact_mul(payout, it->base);
		payout = spm_exact_add(payout, tier->fixed);
	}
	else
	{
		payout = spm_exact_mul(tier->slope, it->value);
		payout = spm_exact_add(payout, tier->offset);
		payout = spm_exact_mul(payout, it->base);
		payout = spm_exact_add(payout, spm_exact_mul(tier->fixed, it->value));
		payout = spm_exact_quotient(payout, it->value);
	}
	if (it->mirrored)
		payout = spm_exact_negate(payout);
	return spm_exact_trim(payout);
}

/*
 * The rate that the base is paid at, as a fraction: the reached tier's, the
 * interpolated one, for graduated the blended one.  NULL where an amount is
 * reached.
 */
Numeric
spm_case_rate(const SpmTierCase *it)
{
	const SpmTier *tier = it->tier;
	Numeric rate;

	if (it->level == 0)
		return spm_exact_zero();
	if (has_amount(it))
		return NULL;
	if (tier->span != NULL)
		return spm_exact_quotient(interpolated_rate(it),
								  spm_exact_mul(tier->span,
												spm_decimal_encode(100, 0)));
	if (it->schedule->mode != SPM_TIER_GRADUATED || tier->flat)
		return spm_exact_trim(tier->slope);
	if (spm_exact_sign(it->value) == 0)
		return spm_exact_trim(it->schedule->tiers[0].slope);
	rate = spm_exact_mul(tier->slope, it->value);
	rate = spm_exact_add(rate, tier->offset);
	return spm_exact_quotient(rate, it->value);
}

/* The interpolated percent or amount, times the span. */
static Numeric
interpolated_rate(const SpmTierCase *it)
{
	const SpmTier *tier = it->tier;
	Numeric inside = spm_exact_sub(it->value, tier->def.threshold);

	return spm_exact_add(spm_exact_mul(tier->def.rate, tier->span),
						 spm_exact_mul(tier->rise, inside));
}

/* Whether an amount takes part in the payout. */
static bool
has_amount(const SpmTierCase *it)
{
	if (it->schedule->mode == SPM_TIER_GRADUATED)
	{
		for (int i = 0; i < it->level; i++)
			if (!it->schedule->tiers[i].def.percent)
				return true;
		return false;
	}
	return !it->tier->def.percent;
}
