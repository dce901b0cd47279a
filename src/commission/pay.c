/*-------------------------------------------------------------------------
 *
 * pay.c
 *	  What a rule pays on a value and a base.
 *
 * Shares of a sale need not come out even.  Their sums are off by less than
 * 1e-18; rounding to 15 decimals first takes that away, so that thirds of 100
 * reach a threshold of 100, and half a cent that was cut in three is rounded
 * up.
 *
 * src/commission/pay.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commission/run_int.h"
#include "core/exact.h"

/* Decimals that what is not even is rounded to before it is judged. */
#define CLEAN_SCALE 15

static Numeric payout(const SpmRule *rule, Numeric value, Numeric base,
					  SpmPayment *payment);

/* A figure without the remainder of a division that did not come out even. */
Numeric
spm_pay_cleaned(Numeric amount)
{
	SpmDigits digits;

	spm_digits_open((struct varlena *) amount, &digits);
	if (spm_digits_groups(&digits) <= CLEAN_SCALE / 4)
		return amount;
	return spm_exact_trim(spm_pay_rounded(amount, CLEAN_SCALE));
}

/* Rounded half away from zero. */
Numeric
spm_pay_rounded(Numeric amount, int scale)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_round,
											   NumericGetDatum(amount),
											   Int32GetDatum(scale)));
}

/*
 * What a rule pays: value selects the tier, percents apply to base; rounded,
 * within cap and floor.
 */
void
spm_pay(const SpmRule *rule, Numeric value, Numeric base, int scale,
		SpmPayment *payment)
{
	Numeric amount;

	payment->value = spm_pay_cleaned(value);
	amount = payout(rule,
					payment->value,
					value == base ? payment->value : spm_pay_cleaned(base),
					payment);
	amount = spm_pay_limited(rule,
							 spm_pay_cleaned(amount),
							 payment->level > 0 && spm_exact_sign(base) > 0);
	payment->amount = spm_pay_rounded(amount, scale);
}

/*
 * By an indicator a return pays the opposite of its sale, plain amounts too;
 * an indicator below 0 is below a first threshold of 0.
 */
static Numeric
payout(const SpmRule *rule, Numeric value, Numeric base, SpmPayment *payment)
{
	bool by_kpi = rule->tier_by == SPM_TIER_BY_KPI;
	bool is_return = by_kpi && spm_exact_sign(base) < 0;
	SpmTierCase it;
	Numeric amount;

	payment->level = 0;
	payment->rate = spm_exact_zero();
	if (by_kpi && rule->schedule->mirrors && spm_exact_sign(value) < 0)
		return spm_exact_zero();
	spm_case_open(&it,
				  rule->schedule,
				  value,
				  is_return ? spm_exact_negate(base) : base);
	payment->level = it.level;
	payment->rate = spm_case_rate(&it);
	amount = spm_case_payout(&it);
	return is_return ? spm_exact_negate(amount) : amount;
}

/*
 * An amount within cap and floor, which act on its magnitude.  may_lift: it is
 * for no return, and a tier was reached.
 */
Numeric
spm_pay_limited(const SpmRule *rule, Numeric amount, bool may_lift)
{
	bool negative = spm_exact_sign(amount) < 0;
	Numeric magnitude = negative ? spm_exact_negate(amount) : amount;

	if (rule->cap != NULL && spm_exact_compare(magnitude, rule->cap) > 0)
		return negative ? spm_exact_negate(rule->cap) : rule->cap;
	if (rule->floor != NULL && may_lift && !negative &&
		spm_exact_compare(amount, rule->floor) < 0)
		return rule->floor;
	return amount;
}
