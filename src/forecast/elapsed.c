/*-------------------------------------------------------------------------
 *
 * elapsed.c
 *	  How much of a period has passed, and what that lets expect.
 *
 * Days count from starts_on to the as-of day, both included.  Every formula
 * is multiplied out first and divided once.
 *
 * src/forecast/elapsed.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "core/exact.h"
#include "core/export.h"
#include "forecast/elapsed.h"

SPM_FUNCTION_INFO_V1(spm_elapsed_share);
SPM_FUNCTION_INFO_V1(spm_expected_to_date);
SPM_FUNCTION_INFO_V1(spm_project);

/*
 * Decimals that a quotient has beyond those of its dividend.  A divisor is
 * less than 2^31: a division that ends does so within 30 of them, and any
 * other has 20 significant digits.
 */
#define EXTRA_SCALE 30

static int64 period_days(DateADT starts_on, DateADT ends_on);
static int64 elapsed_days(DateADT starts_on, DateADT ends_on, DateADT as_of);
static Numeric quotient(Numeric factor, int64 multiplier, int64 divisor);
static Datum with_scale_to_divide(Datum dividend);

/* elapsed_share(starts_on, ends_on, as_of) → numeric, 0…1 */
Datum
spm_elapsed_share(PG_FUNCTION_ARGS)
{
	DateADT starts_on = PG_GETARG_DATEADT(0);
	DateADT ends_on = PG_GETARG_DATEADT(1);
	int64 elapsed = elapsed_days(starts_on, ends_on, PG_GETARG_DATEADT(2));

	PG_RETURN_NUMERIC(quotient(int64_to_numeric(1),
							   elapsed,
							   period_days(starts_on, ends_on)));
}

/* expected_to_date(amount, starts_on, ends_on, as_of) → numeric */
Datum
spm_expected_to_date(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(spm_expected(PG_GETARG_NUMERIC(0),
								   PG_GETARG_DATEADT(1),
								   PG_GETARG_DATEADT(2),
								   PG_GETARG_DATEADT(3)));
}

/* Part of an amount that the passed part of a period lets expect. */
Numeric
spm_expected(Numeric amount, DateADT starts_on, DateADT ends_on, DateADT as_of)
{
	return quotient(amount,
					elapsed_days(starts_on, ends_on, as_of),
					period_days(starts_on, ends_on));
}

/* project(actual, starts_on, ends_on, as_of) → numeric, NULL before */
Datum
spm_project(PG_FUNCTION_ARGS)
{
	Numeric projected = spm_run_rate(PG_GETARG_NUMERIC(0),
									 PG_GETARG_DATEADT(1),
									 PG_GETARG_DATEADT(2),
									 PG_GETARG_DATEADT(3));

	if (projected == NULL)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(projected);
}

/* Where an actual leads to at its run rate; NULL before the period. */
Numeric
spm_run_rate(Numeric actual, DateADT starts_on, DateADT ends_on, DateADT as_of)
{
	int64 days = period_days(starts_on, ends_on);
	int64 elapsed = elapsed_days(starts_on, ends_on, as_of);

	if (elapsed == 0)
		return NULL;
	return quotient(actual, days, elapsed);
}

/* Days of a period, which must be finite and not end before it starts. */
static int64
period_days(DateADT starts_on, DateADT ends_on)
{
	if (DATE_NOT_FINITE(starts_on) || DATE_NOT_FINITE(ends_on) ||
		ends_on < starts_on)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid period"),
				 errdetail("Both days must be finite and \"ends_on\" cannot "
						   "be before \"starts_on\".")));
	return (int64) ends_on - starts_on + 1;
}

/* Days of it that have passed on as_of, at least 0 and at most all. */
static int64
elapsed_days(DateADT starts_on, DateADT ends_on, DateADT as_of)
{
	int64 days = period_days(starts_on, ends_on);

	return Max(Min((int64) as_of - starts_on + 1, days), 0);
}

/* factor * multiplier / divisor, exact where the division ends */
static Numeric
quotient(Numeric factor, int64 multiplier, int64 divisor)
{
	Numeric product;
	Datum quotient;

	if (multiplier == divisor)
		return factor;
	if (multiplier % divisor == 0)
		return spm_exact_mul(factor, int64_to_numeric(multiplier / divisor));
	product = spm_exact_mul(factor, int64_to_numeric(multiplier));
	quotient =
		DirectFunctionCall2(numeric_div,
							with_scale_to_divide(NumericGetDatum(product)),
							NumericGetDatum(int64_to_numeric(divisor)));
	return spm_exact_trim(DatumGetNumeric(quotient));
}

/* The same number, written with as many decimals as its quotient is to have. */
static Datum
with_scale_to_divide(Datum dividend)
{
	Numeric number = DatumGetNumeric(dividend);
	int32 scale;

	if (numeric_is_nan(number) || numeric_is_inf(number))
		return dividend;
	scale = DatumGetInt32(DirectFunctionCall1(numeric_scale, dividend));
	if (scale > NUMERIC_MAX_RESULT_SCALE - EXTRA_SCALE)
		return dividend;
	return DirectFunctionCall2(numeric_round,
							   dividend,
							   Int32GetDatum(scale + EXTRA_SCALE));
}
