/*-------------------------------------------------------------------------
 *
 * schedule.c
 *	  Compile a tier schedule, and find the tier that a value reaches.
 *
 * Each mode is turned into the coefficients of one formula (SpmTier), so
 * that a single payout and a sum of millions are worked out from the same
 * figures.
 *
 * src/tier/schedule.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "core/exact.h"
#include "tier/tiers.h"

/* Beyond every bound: bounds stay below 2 * 10000^SPM_DECIMAL_GROUPS + 2. */
#define KEY_BEYOND (spm_decimal_power(SPM_DECIMAL_GROUPS) * 10)

static void compile_bounds(SpmSchedule *schedule);
static void compile_small(SpmSchedule *schedule);
static bool scale_small(const SpmDigits *digits, int groups, int64 *scaled);
static void compile_slab(SpmTier *tiers, int position);
static void compile_graduated(SpmTier *tiers, int position);
static void compile_interpolated(SpmTier *tiers, int position, int ntiers);
static void compile_excess(SpmTier *tiers, int position);
static int level_by_small_key(const SpmSchedule *schedule,
							  const SpmDigits *digits);
static int level_by_key(const SpmSchedule *schedule, const SpmDigits *digits);
static int level_by_threshold(const SpmSchedule *schedule, Numeric value);

/* Compile a datum that is not toasted.  All is palloc'd. */
SpmSchedule *
spm_schedule_compile(struct varlena *datum)
{
	SpmTierList *list = palloc(sizeof(SpmTierList));
	SpmSchedule *schedule = palloc0(sizeof(SpmSchedule));
	SpmTier *tiers;

	spm_tiers_unpack(datum, list);
	tiers = palloc0(list->ntiers * sizeof(SpmTier));
	schedule->mode = list->mode;
	schedule->ntiers = list->ntiers;
	schedule->tiers = tiers;
	schedule->mirrors = spm_exact_sign(list->tiers[0].threshold) >= 0;

	for (int i = 0; i < list->ntiers; i++)
	{
		tiers[i].def = list->tiers[i];
		compile_slab(tiers, i);
		if (list->mode == SPM_TIER_GRADUATED)
			compile_graduated(tiers, i);
		else if (list->mode == SPM_TIER_EXCESS)
			compile_excess(tiers, i);
	}
	if (list->mode == SPM_TIER_INTERPOLATED)
		for (int i = 0; i < list->ntiers; i++)
			compile_interpolated(tiers, i, list->ntiers);
	for (int i = 0; i < list->ntiers; i++)
		tiers[i].flat = spm_exact_sign(tiers[i].offset) == 0;
	compile_bounds(schedule);
	compile_small(schedule);
	pfree(list);
	return schedule;
}

/*
 * Number of the tier that a finite value reaches, 0 below the first; where
 * returns mirror sales, the one that its magnitude reaches.  The digits are
 * the value's.
 */
int
spm_schedule_level(const SpmSchedule *schedule, const SpmDigits *digits,
				   Numeric value)
{
	if (schedule->small_bounds != NULL)
	{
		int level = level_by_small_key(schedule, digits);

		if (level >= 0)
			return level;
	}
	if (schedule->narrow)
		return level_by_key(schedule, digits);
	value = DatumGetNumeric(NumericGetDatum(value));
	if (schedule->mirrors && digits->negative)
		value = spm_exact_negate(value);
	return level_by_threshold(schedule, value);
}

/* Scale all thresholds alike, if they fit. */
static void
compile_bounds(SpmSchedule *schedule)
{
	SpmDigits digits;
	bool cut;

	schedule->bounds = palloc(schedule->ntiers * sizeof(int128));
	for (int i = 0; i < schedule->ntiers; i++)
	{
		spm_digits_open((struct varlena *) schedule->tiers[i].def.threshold,
						&digits);
		schedule->groups = Max(schedule->groups, spm_digits_groups(&digits));
	}
	for (int i = 0; i < schedule->ntiers; i++)
	{
		const SpmTierDef *def = &schedule->tiers[i].def;
		int128 scaled;

		spm_digits_open((struct varlena *) def->threshold, &digits);
		if (!spm_digits_scale(&digits, schedule->groups, &scaled, &cut))
			return;
		schedule->bounds[i] = 2 * scaled + (def->above ? 1 : 0);
	}
	schedule->narrow = true;

	schedule->small_bounds = palloc(schedule->ntiers * sizeof(int64));
	for (int i = 0; i < schedule->ntiers; i++)
	{
		schedule->small_bounds[i] = (int64) schedule->bounds[i];
		if (schedule->small_bounds[i] != schedule->bounds[i])
		{
			schedule->small_bounds = NULL;
			return;
		}
	}
}

/* Scale all figures of the tiers alike, where they fit 64 bits. */
static void
compile_small(SpmSchedule *schedule)
{
	for (int pass = 0; pass < 2; pass++)
	{
		for (int i = 0; i < schedule->ntiers; i++)
		{
			SpmTier *tier = &schedule->tiers[i];
			struct
			{
				Numeric figure;
				int64 *scaled;
			} figures[] = {{tier->def.threshold, &tier->threshold_scaled},
						   {tier->def.rate, &tier->rate_scaled},
						   {tier->slope, &tier->slope_scaled},
						   {tier->offset, &tier->offset_scaled},
						   {tier->fixed, &tier->fixed_scaled},
						   {tier->span, &tier->span_scaled},
						   {tier->rise, &tier->rise_scaled}};

			tier->small = pass == 1;
			for (int k = 0; k < lengthof(figures); k++)
			{
				SpmDigits digits;

				if (figures[k].figure == NULL)
					continue;
				spm_digits_open((struct varlena *) figures[k].figure, &digits);
				if (pass == 0)
					schedule->rate_groups =
						Max(schedule->rate_groups, spm_digits_groups(&digits));
				else if (!scale_small(&digits,
									  schedule->rate_groups,
									  figures[k].scaled))
					tier->small = false;
			}
		}
	}
}

/* The figure at a scale; false if it does not fit 64 bits. */
static bool
scale_small(const SpmDigits *digits, int groups, int64 *scaled)
{
	int128 wide;
	bool cut;

	if (!spm_digits_scale(digits, groups, &wide, &cut) || wide != (int64) wide)
		return false;
	*scaled = (int64) wide;
	return true;
}

/* The tier's percent of all, or its amount. */
static void
compile_slab(SpmTier *tiers, int position)
{
	SpmTier *tier = &tiers[position];
	Numeric zero = spm_exact_zero();

	tier->slope = zero;
	tier->offset = zero;
	tier->fixed = zero;
	if (tier->def.percent)
		tier->slope = spm_exact_mul(tier->def.rate, spm_decimal_encode(100, 1));
	else
		tier->fixed = tier->def.rate;
}

/*
 * With f the percents as fractions and T the thresholds, what tier k pays is
 *
 *	  sum(i < k) f[i] * (T[i+1] - T[i]) + f[k] * (v - T[k])
 *	  = f[k] * v + sum(i = 1..k) (f[i-1] - f[i]) * T[i],  f[0] = 0
 */
static void
compile_graduated(SpmTier *tiers, int position)
{
	SpmTier *tier = &tiers[position];
	Numeric below = spm_exact_zero();
	Numeric step;

	if (position > 0)
	{
		const SpmTier *before = &tiers[position - 1];

		below = before->slope;
		tier->offset = before->offset;
		tier->fixed = spm_exact_add(before->fixed, tier->fixed);
	}
	step = spm_exact_sub(below, tier->slope);
	tier->offset =
		spm_exact_add(tier->offset, spm_exact_mul(step, tier->def.threshold));
}

/*
 * Points to interpolate between.  The last tier is flat, and so is one of no
 * width (5000 before >5000) or whose rate the next one repeats.
 */
static void
compile_interpolated(SpmTier *tiers, int position, int ntiers)
{
	SpmTier *tier = &tiers[position];
	Numeric span;
	Numeric rise;

	if (position == ntiers - 1)
		return;
	span = spm_exact_sub(tier[1].def.threshold, tier->def.threshold);
	rise = spm_exact_sub(tier[1].def.rate, tier->def.rate);
	if (spm_exact_sign(span) == 0 || spm_exact_sign(rise) == 0)
		return;
	tier->span = span;
	tier->rise = rise;
}

/* The tier's percent of what lies above the first threshold. */
static void
compile_excess(SpmTier *tiers, int position)
{
	SpmTier *tier = &tiers[position];

	tier->offset =
		spm_exact_negate(spm_exact_mul(tier->slope, tiers[0].def.threshold));
}

/*
 * A value's key is 2v, v cut to the bounds' scale, and one more in magnitude
 * where something was cut: then it lies between what bounds can tell apart.
 */
static int
level_by_key(const SpmSchedule *schedule, const SpmDigits *digits)
{
	int128 key;
	bool cut;
	int level = 0;

	if (spm_digits_scale(digits, schedule->groups, &key, &cut))
		key = 2 * key + (cut ? (digits->negative ? -1 : 1) : 0);
	else
		key = digits->negative ? -KEY_BEYOND : KEY_BEYOND;
	if (schedule->mirrors && key < 0)
		key = -key;
	while (level < schedule->ntiers && key >= schedule->bounds[level])
		level++;
	return level;
}

/*
 * The same in 64 bits; -1 if the value does not fit.  Values of rows follow no
 * pattern, so the search halves the tiers without a jump to mispredict.
 */
static int
level_by_small_key(const SpmSchedule *schedule, const SpmDigits *digits)
{
	int64 key;
	bool cut;
	int level = 0;

	if (!spm_digits_scale_small(digits, schedule->groups, &key, &cut))
		return -1;
	key = 2 * key + (digits->negative ? -(int) cut : (int) cut);
	if (schedule->mirrors && key < 0)
		key = -key;
	for (int rest = schedule->ntiers; rest > 0;)
	{
		int half = (rest + 1) / 2;

		level += half * (key >= schedule->small_bounds[level + half - 1]);
		rest -= half;
	}
	return level;
}

/* The same where thresholds are too long for keys. */
static int
level_by_threshold(const SpmSchedule *schedule, Numeric value)
{
	int level = schedule->ntiers;

	while (level > 0)
	{
		const SpmTierDef *def = &schedule->tiers[level - 1].def;
		int order = spm_exact_compare(value, def->threshold);

		if (order > 0 || (order == 0 && !def->above))
			break;
		level--;
	}
	return level;
}
