/*-------------------------------------------------------------------------
 *
 * functions.c
 *	  Level, rate, payout and next threshold of a tier schedule, for SQL.
 *
 * src/tier/functions.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/datum.h"

#include "core/exact.h"
#include "core/export.h"
#include "tier/functions_int.h"

/* Schedules that a call site keeps compiled. */
#define SCHEDULES_KEPT 1000

SPM_FUNCTION_INFO_V1(spm_tier_level);
SPM_FUNCTION_INFO_V1(spm_tier_rate);
SPM_FUNCTION_INFO_V1(spm_tier_payout);
SPM_FUNCTION_INFO_V1(spm_tier_next_threshold);
SPM_FUNCTION_INFO_V1(spm_tier_gap);
SPM_FUNCTION_INFO_V1(spm_tier_progress);
SPM_FUNCTION_INFO_V1(spm_tier_highest_threshold);

static int tiers_passed(const SpmSchedule *schedule, Numeric value);
static Numeric share_of_way(Numeric passed, Numeric way);

/* tier_level(tiers, value) returns integer */
Datum
spm_tier_level(PG_FUNCTION_ARGS)
{
	const SpmSchedule *schedule = spm_schedule_of_call(fcinfo);
	Numeric value = PG_GETARG_NUMERIC(1);
	SpmDigits digits;

	spm_digits_open((struct varlena *) value, &digits);
	spm_require_finite(&digits, "value");
	PG_RETURN_INT32(spm_schedule_level(schedule, &digits, value));
}

/* tier_rate(tiers, value) returns numeric */
Datum
spm_tier_rate(PG_FUNCTION_ARGS)
{
	SpmTierCase it;
	Numeric rate;

	spm_case_open(&it,
				  spm_schedule_of_call(fcinfo),
				  PG_GETARG_NUMERIC(1),
				  NULL);
	rate = spm_case_rate(&it);
	if (rate == NULL)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(rate);
}

/* tier_payout(tiers, value [, base]) returns numeric */
Datum
spm_tier_payout(PG_FUNCTION_ARGS)
{
	const SpmSchedule *schedule = spm_schedule_of_call(fcinfo);
	bool has_base = PG_NARGS() > 2;
	SpmTierRow row;
	SpmTierCase it;
	int128 payout;
	int groups;

	spm_row_open(&row,
				 schedule,
				 PG_GETARG_VARLENA_PP(1),
				 has_base ? PG_GETARG_VARLENA_PP(2) : NULL);
	if (row.level == 0)
		PG_RETURN_NUMERIC(spm_exact_zero());
	if (spm_row_payout(&row, schedule, &payout, &groups))
		PG_RETURN_NUMERIC(spm_decimal_encode(payout, groups));
	spm_case_open(&it,
				  schedule,
				  PG_GETARG_NUMERIC(1),
				  has_base ? PG_GETARG_NUMERIC(2) : NULL);
	PG_RETURN_NUMERIC(spm_case_payout(&it));
}

/* tier_next_threshold(tiers, value) returns numeric */
Datum
spm_tier_next_threshold(PG_FUNCTION_ARGS)
{
	const SpmSchedule *schedule = spm_schedule_of_call(fcinfo);
	int passed = tiers_passed(schedule, PG_GETARG_NUMERIC(1));

	if (passed == schedule->ntiers)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(
		datumCopy(NumericGetDatum(schedule->tiers[passed].def.threshold),
				  false,
				  -1));
}

/* tier_gap(tiers, value) returns numeric */
Datum
spm_tier_gap(PG_FUNCTION_ARGS)
{
	const SpmSchedule *schedule = spm_schedule_of_call(fcinfo);
	Numeric value = PG_GETARG_NUMERIC(1);
	int passed = tiers_passed(schedule, value);
	Numeric next;

	if (passed == schedule->ntiers)
		PG_RETURN_NULL();
	next = schedule->tiers[passed].def.threshold;
	PG_RETURN_NUMERIC(spm_exact_trim(spm_exact_sub(next, value)));
}

/* tier_progress(tiers, value) returns numeric */
Datum
spm_tier_progress(PG_FUNCTION_ARGS)
{
	const SpmSchedule *schedule = spm_schedule_of_call(fcinfo);
	Numeric value = PG_GETARG_NUMERIC(1);
	int passed = tiers_passed(schedule, value);
	const SpmTier *tiers = schedule->tiers;
	Numeric reached;

	if (passed == schedule->ntiers)
		PG_RETURN_NUMERIC(spm_decimal_encode(1, 0));
	if (passed == 0)
	{
		if (spm_exact_sign(value) <= 0)
			PG_RETURN_NUMERIC(spm_exact_zero());
		PG_RETURN_NUMERIC(share_of_way(value, tiers[0].def.threshold));
	}
	reached = tiers[passed - 1].def.threshold;
	PG_RETURN_NUMERIC(
		share_of_way(spm_exact_sub(value, reached),
					 spm_exact_sub(tiers[passed].def.threshold, reached)));
}

/* tier_highest_threshold(tiers) returns numeric */
Datum
spm_tier_highest_threshold(PG_FUNCTION_ARGS)
{
	const SpmSchedule *schedule = spm_schedule_of_call(fcinfo);
	const SpmTier *last = &schedule->tiers[schedule->ntiers - 1];

	PG_RETURN_DATUM(datumCopy(NumericGetDatum(last->def.threshold), false, -1));
}

/*
 * The schedule of argument 0 of a strict function.  It stays valid until the
 * next call from the same place.
 */
const SpmSchedule *
spm_schedule_of_call(FunctionCallInfo fcinfo)
{
	SpmScheduleCache *cache = fcinfo->flinfo->fn_extra;

	if (cache == NULL)
	{
		cache =
			spm_schedule_cache_create(fcinfo->flinfo->fn_mcxt, SCHEDULES_KEPT);
		fcinfo->flinfo->fn_extra = cache;
	}
	return spm_schedule_cache_find(cache, PG_GETARG_DATUM(0))->schedule;
}

/*
 * Tiers that a value has passed on its way up.  Unlike the level this does
 * not mirror: a return is below the first threshold.
 */
static int
tiers_passed(const SpmSchedule *schedule, Numeric value)
{
	SpmDigits digits;

	spm_digits_open((struct varlena *) value, &digits);
	spm_require_finite(&digits, "value");
	if (schedule->mirrors && digits.negative)
		return 0;
	return spm_schedule_level(schedule, &digits, value);
}

/* passed / way, kept within 0 and 1; no way is left to go where it is 0. */
static Numeric
share_of_way(Numeric passed, Numeric way)
{
	if (spm_exact_compare(passed, way) >= 0)
		return spm_decimal_encode(1, 0);
	return spm_exact_quotient(passed, way);
}
