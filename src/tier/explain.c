/*-------------------------------------------------------------------------
 *
 * explain.c
 *	  tier_explain: a payout taken apart, tier by tier.
 *
 * The rows' amounts sum to the payout exactly, and in a graduated schedule
 * their parts to what lies above the first threshold: where they are
 * quotients the last row has what the others leave.
 *
 * src/tier/explain.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"

#include "core/exact.h"
#include "core/export.h"
#include "tier/functions_int.h"

/* Columns of a row: level, threshold, rate, part_of_base, amount. */
#define COLUMNS 5

SPM_FUNCTION_INFO_V1(spm_tier_explain);

static void explain_graduated(const SpmTierCase *it, ReturnSetInfo *rows);
static void explain_reached(const SpmTierCase *it, ReturnSetInfo *rows);
static Numeric graduated_part(const SpmTierCase *it, int position);
static Numeric above_first(const SpmTierCase *it);
static Numeric spread(const SpmTierCase *it, Numeric figure);
static void put_row(const SpmTierCase *it, ReturnSetInfo *rows, int level,
					Numeric rate, Numeric part, Numeric amount);

/* tier_explain(tiers, value [, base]) returns setof record */
Datum
spm_tier_explain(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rows = (ReturnSetInfo *) fcinfo->resultinfo;
	SpmTierCase it;

	InitMaterializedSRF(fcinfo, 0);
	spm_case_open(&it,
				  spm_schedule_of_call(fcinfo),
				  PG_GETARG_NUMERIC(1),
				  PG_NARGS() > 2 ? PG_GETARG_NUMERIC(2) : NULL);
	if (it.level > 0 && it.schedule->mode == SPM_TIER_GRADUATED)
		explain_graduated(&it, rows);
	else
		explain_reached(&it, rows);
	return (Datum) 0;
}

/* A row for each tier reached. */
static void
explain_graduated(const SpmTierCase *it, ReturnSetInfo *rows)
{
	Numeric rest = spm_case_payout(it);
	Numeric rest_part;

	if (it->mirrored)
		rest = spm_exact_negate(rest);
	rest_part = above_first(it);

	for (int i = 0; i < it->level; i++)
	{
		const SpmTierDef *def = &it->schedule->tiers[i].def;
		Numeric rate = NULL;
		Numeric inside = graduated_part(it, i);
		Numeric part = spread(it, inside);
		Numeric amount = def->rate;

		if (def->percent)
		{
			rate = spm_exact_mul(def->rate, spm_decimal_encode(100, 1));
			amount = spread(it, spm_exact_mul(rate, inside));
		}
		if (i == it->level - 1)
		{
			part = rest_part;
			amount = rest;
		}
		rest = spm_exact_sub(rest, amount);
		rest_part = spm_exact_sub(rest_part, part);
		put_row(it, rows, i + 1, rate, part, amount);
	}
}

/* One row, for the tier reached or, with level 0, for none. */
static void
explain_reached(const SpmTierCase *it, ReturnSetInfo *rows)
{
	Numeric rate = spm_case_rate(it);
	Numeric part = rate != NULL ? it->base : NULL;
	Numeric payout = spm_case_payout(it);

	if (it->level > 0 && it->schedule->mode == SPM_TIER_EXCESS && part != NULL)
		part = above_first(it);
	put_row(it,
			rows,
			it->level,
			rate,
			part,
			it->mirrored ? spm_exact_negate(payout) : payout);
}

/* The part of the value inside a tier. */
static Numeric
graduated_part(const SpmTierCase *it, int position)
{
	const SpmTier *tier = &it->schedule->tiers[position];
	Numeric end = it->value;

	if (position < it->level - 1)
		end = tier[1].def.threshold;
	/* A value of zero has its base in the first tier. */
	if (!it->same && spm_exact_sign(it->value) == 0)
		return position == 0 ? spm_decimal_encode(1, 0) : spm_exact_zero();
	return spm_exact_sub(end, tier->def.threshold);
}

/* The part of the base above the first threshold. */
static Numeric
above_first(const SpmTierCase *it)
{
	Numeric first = it->schedule->tiers[0].def.threshold;

	if (spm_exact_sign(first) == 0 ||
		(!it->same && spm_exact_sign(it->value) == 0))
		return it->base;
	return spread(it, spm_exact_sub(it->value, first));
}

/* The share of the base that a figure is of the value. */
static Numeric
spread(const SpmTierCase *it, Numeric figure)
{
	if (it->same)
		return figure;
	if (spm_exact_sign(it->value) == 0)
		return spm_exact_mul(figure, it->base);
	return spm_exact_quotient(spm_exact_mul(figure, it->base), it->value);
}

/* Return a row; NULL stands for NULL. */
static void
put_row(const SpmTierCase *it, ReturnSetInfo *rows, int level, Numeric rate,
		Numeric part, Numeric amount)
{
	Datum values[COLUMNS] = {0};
	bool nulls[COLUMNS] = {false};

	if (it->mirrored && part != NULL)
		part = spm_exact_negate(part);
	if (it->mirrored)
		amount = spm_exact_negate(amount);

	values[0] = Int32GetDatum(level);
	nulls[1] = level == 0;
	if (level > 0)
		values[1] =
			NumericGetDatum(it->schedule->tiers[level - 1].def.threshold);
	nulls[2] = rate == NULL;
	if (rate != NULL)
		values[2] = NumericGetDatum(spm_exact_trim(rate));
	nulls[3] = part == NULL;
	if (part != NULL)
		values[3] = NumericGetDatum(spm_exact_trim(part));
	values[4] = NumericGetDatum(spm_exact_trim(amount));
	tuplestore_putvalues(rows->setResult, rows->setDesc, values, nulls);
}
