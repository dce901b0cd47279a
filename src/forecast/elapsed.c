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

static SpmElapsed elapsed_of(FunctionCallInfo fcinfo, int first);
static Datum with_scale_to_divide(Datum dividend);

/* elapsed_share(starts_on, ends_on, as_of) → numeric, 0…1 */
Datum
spm_elapsed_share(PG_FUNCTION_ARGS)
{
	SpmElapsed elapsed = elapsed_of(fcinfo, 0);

	PG_RETURN_NUMERIC(
		spm_part(int64_to_numeric(1), elapsed.passed, elapsed.days));
}

/* expected_to_date(amount, starts_on, ends_on, as_of) → numeric */
Datum
spm_expected_to_date(PG_FUNCTION_ARGS)
{
	SpmElapsed elapsed = elapsed_of(fcinfo, 1);

	PG_RETURN_NUMERIC(
		spm_part(PG_GETARG_NUMERIC(0), elapsed.passed, elapsed.days));
}

/* project(actual, starts_on, ends_on, as_of) → numeric, NULL before */
Datum
spm_project(PG_FUNCTION_ARGS)
{
	SpmElapsed elapsed = elapsed_of(fcinfo, 1);

	if (elapsed.passed == 0)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(
		spm_part(PG_GETARG_NUMERIC(0), elapsed.days, elapsed.passed));
}

/*
 * Days of a period, which must be finite and not end before it starts, and
 * how many of them have passed.
 */
SpmElapsed
spm_elapsed(DateADT starts_on, DateADT ends_on, DateADT as_of)
{
	SpmElapsed elapsed;

	if (DATE_NOT_FINITE(starts_on) || DATE_NOT_FINITE(ends_on) ||
		ends_on < starts_on)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid period"),
				 errdetail("Both days must be finite and \"ends_on\" cannot "
						   "be before \"starts_on\".")));
	elapsed.days = (int64) ends_on - starts_on + 1;
	elapsed.passed = Max(Min((int64) as_of - starts_on + 1, elapsed.days), 0);
	return elapsed;
}

/* Of the arguments from the first one on. */
static SpmElapsed
elapsed_of(FunctionCallInfo fcinfo, int first)
{
	return spm_elapsed(PG_GETARG_DATEADT(first),
					   PG_GETARG_DATEADT(first + 1),
					   PG_GETARG_DATEADT(first + 2));
}

/* factor * multiplier / divisor, exact where the division ends */
Numeric
spm_part(Numeric factor, int64 multiplier, int64 divisor)
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
