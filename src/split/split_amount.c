/*-------------------------------------------------------------------------
 *
 * split_amount.c
 *	  split_amount(), split_by_weight(): shares of an amount, rounded so that
 *	  they add up.
 *
 * A share of split_amount is a numerator over 100, in units of the last decimal.  Shares of a
 * negative amount are worked out on its magnitude and negated, so that a
 * return undoes its sale to the cent.
 *
 * src/split/split_amount.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "core/decimal.h"
#include "core/exact.h"
#include "core/export.h"
#include "split/remainder_int.h"
#include "split/split.h"

SPM_FUNCTION_INFO_V1(spm_split_amount);
SPM_FUNCTION_INFO_V1(spm_split_by_weights);

/* One of the two arrays; without one, every position is NULL. */
typedef struct Column
{
	const char *name; /* for messages: plural, then one of them */
	const char *one;
	bool given;
	int count;
	Datum *values;
	bool *nulls;
} Column;

/* An amount to split, and its shares over 100 * 10^scale. */
typedef struct Split
{
	Numeric amount;
	bool mirrored;
	int scale;
	int count;
	Numeric *shares;
	Numeric sum; /* of the shares */
} Split;

static Numeric finite_amount(Numeric amount);
static int valid_scale(int scale);
static void read_column(FunctionCallInfo fcinfo, int argument, Column *column);
static int check_lengths(const Column *percents, const Column *amounts);
static Numeric column_value(const Column *column, int position);
static bool is_finite(Numeric value);
static void add_share(Split *split, int position, Numeric percent,
					  Numeric fixed);
static Numeric percent_share(const Split *split, int position, Numeric percent);
static Numeric fixed_share(const Split *split, int position, Numeric fixed);
static void check_sum(const Split *split);
static Datum hand_out(const Split *split);
static Datum numeric_array(const Numeric *parts, int count);
static const char *shown(Numeric value);

/* split_amount(amount, percents, amounts, scale) → numeric[] */
Datum
spm_split_amount(PG_FUNCTION_ARGS)
{
	Column percents = {.name = "percents", .one = "percent"};
	Column amounts = {.name = "amounts", .one = "amount"};
	Split split = {0};

	if (PG_ARGISNULL(0) || PG_ARGISNULL(3))
		PG_RETURN_NULL();
	split.amount = finite_amount(PG_GETARG_NUMERIC(0));
	split.scale = valid_scale(PG_GETARG_INT32(3));
	read_column(fcinfo, 1, &percents);
	read_column(fcinfo, 2, &amounts);

	split.mirrored = spm_exact_sign(split.amount) < 0;
	split.count = check_lengths(&percents, &amounts);
	split.shares = palloc(Max(split.count, 1) * sizeof(Numeric));
	split.sum = spm_exact_zero();
	for (int i = 0; i < split.count; i++)
		add_share(&split,
				  i,
				  column_value(&percents, i),
				  column_value(&amounts, i));
	check_sum(&split);
	return hand_out(&split);
}

/* split_by_weight(amount, weights, scale) → numeric[] */
Datum
spm_split_by_weights(PG_FUNCTION_ARGS)
{
	Numeric amount = finite_amount(PG_GETARG_NUMERIC(0));
	Column column = {.name = "weights", .one = "weight"};
	int scale = valid_scale(PG_GETARG_INT32(2));
	Numeric *weights;
	Numeric *parts;

	read_column(fcinfo, 1, &column);
	weights = palloc(Max(column.count, 1) * sizeof(Numeric));
	parts = palloc(Max(column.count, 1) * sizeof(Numeric));
	for (int i = 0; i < column.count; i++)
	{
		weights[i] = column_value(&column, i);
		if (weights[i] == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("weight at position %d is null", i + 1),
					 errhint("Give 0 for a position that has no part.")));
	}
	spm_split_by_weight(amount, weights, column.count, scale, parts);
	return numeric_array(parts, column.count);
}

/* An amount, if it can be split. */
static Numeric
finite_amount(Numeric amount)
{
	if (!is_finite(amount))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the amount to split is not a finite number"),
				 errdetail("It is %s.", shown(amount))));
	return amount;
}

/* A number of decimals, if parts may have it. */
static int
valid_scale(int scale)
{
	if (scale < 0 || scale > SPM_SPLIT_MAX_SCALE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("scale must be between 0 and %d", SPM_SPLIT_MAX_SCALE),
				 errdetail("It is %d.", scale)));
	return scale;
}

/* Take an array argument apart. */
static void
read_column(FunctionCallInfo fcinfo, int argument, Column *column)
{
	ArrayType *array;

	column->given = !PG_ARGISNULL(argument);
	if (!column->given)
		return;
	array = PG_GETARG_ARRAYTYPE_P(argument);
	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("%s must be a one-dimensional array", column->name),
				 errdetail("It has %d dimensions.", ARR_NDIM(array))));
	deconstruct_array(array,
					  NUMERICOID,
					  -1,
					  false,
					  TYPALIGN_INT,
					  &column->values,
					  &column->nulls,
					  &column->count);
}

/* How many positions there are. */
static int
check_lengths(const Column *percents, const Column *amounts)
{
	if (!percents->given && !amounts->given)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("percents and amounts must not both be null"),
				 errhint("Give an empty array where there are no parts.")));
	if (percents->given && amounts->given && percents->count != amounts->count)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("percents and amounts differ in length"),
				 errdetail("The lengths are %d and %d.",
						   percents->count,
						   amounts->count),
				 errhint("Fill the shorter array with NULL.")));
	return Max(percents->count, amounts->count);
}

/* The value at a position, NULL for none; an error if it is not finite. */
static Numeric
column_value(const Column *column, int position)
{
	Numeric value;

	if (!column->given || column->nulls[position])
		return NULL;
	value = DatumGetNumeric(column->values[position]);
	if (!is_finite(value))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s at position %d is not a finite number",
						column->one,
						position + 1),
				 errdetail("It is %s.", shown(value))));
	return value;
}

/* Neither NaN nor infinite? */
static bool
is_finite(Numeric value)
{
	return !numeric_is_nan(value) && !numeric_is_inf(value);
}

/* Enter the share of a position, which has exactly one of both. */
static void
add_share(Split *split, int position, Numeric percent, Numeric fixed)
{
	Numeric share;

	if ((percent == NULL) == (fixed == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 percent ? errmsg("position %d has both a percent and an "
								  "amount",
								  position + 1)
						 : errmsg("position %d has neither a percent nor an "
								  "amount",
								  position + 1),
				 errhint("Give exactly one of both for each position.")));
	share = percent ? percent_share(split, position, percent)
					: fixed_share(split, position, fixed);
	if (split->mirrored)
		share = spm_exact_negate(share);
	share = spm_exact_mul(share, spm_split_power(split->scale));
	split->shares[position] = share;
	split->sum = spm_exact_add(split->sum, share);
}

/* A percent of the whole amount, over 100. */
static Numeric
percent_share(const Split *split, int position, Numeric percent)
{
	if (spm_exact_sign(percent) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("percent at position %d is negative", position + 1),
				 errdetail("It is %s.", shown(percent)),
				 errhint("A negative amount gives negative parts with "
						 "positive percents.")));
	return spm_exact_mul(split->amount, percent);
}

/* A fixed amount, over 100. */
static Numeric
fixed_share(const Split *split, int position, Numeric fixed)
{
	int sign = spm_exact_sign(fixed);

	if (split->mirrored ? sign > 0 : sign < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("amount at position %d differs in sign from the "
						"amount to split",
						position + 1),
				 errdetail("It is %s of %s.",
						   shown(fixed),
						   shown(split->amount)),
				 errhint("Give the parts of a return as negative amounts.")));
	return spm_exact_mul(fixed, int64_to_numeric(100));
}

/* Refuse to give away more than there is. */
static void
check_sum(const Split *split)
{
	Numeric divisor =
		spm_exact_mul(int64_to_numeric(100), spm_split_power(split->scale));
	Numeric whole = spm_exact_mul(split->amount, divisor);
	Numeric sum;

	if (split->mirrored)
		whole = spm_exact_negate(whole);
	if (spm_exact_compare(split->sum, whole) <= 0)
		return;
	sum = spm_exact_mul(split->sum, spm_split_power(-2 - split->scale));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("the parts add up to more than the amount"),
			 errdetail("The parts add up to %s, the amount is %s.",
					   shown(split->mirrored ? spm_exact_negate(sum) : sum),
					   shown(split->amount)),
			 errhint("Lower the percents, which are of the whole amount, or "
					 "the fixed amounts.")));
}

/* Round the shares so that the parts add up to their rounded sum. */
static Datum
hand_out(const Split *split)
{
	Numeric hundred = int64_to_numeric(100);
	Numeric units = spm_exact_mul(split->sum, spm_split_power(-2));
	Numeric *parts = palloc(Max(split->count, 1) * sizeof(Numeric));

	units = DatumGetNumeric(DirectFunctionCall2(numeric_round,
												NumericGetDatum(units),
												Int32GetDatum(0)));
	spm_split_hand_out(split->shares,
					   split->count,
					   hundred,
					   units,
					   split->scale,
					   parts);
	if (split->mirrored)
		for (int i = 0; i < split->count; i++)
			parts[i] = spm_exact_negate(parts[i]);
	return numeric_array(parts, split->count);
}

/* An array of numerics. */
static Datum
numeric_array(const Numeric *parts, int count)
{
	Datum *values = palloc(Max(count, 1) * sizeof(Datum));

	for (int i = 0; i < count; i++)
		values[i] = NumericGetDatum(parts[i]);
	return PointerGetDatum(
		construct_array(values, count, NUMERICOID, -1, false, TYPALIGN_INT));
}

/* A figure as text without trailing zeros. */
static const char *
shown(Numeric value)
{
	if (is_finite(value))
		value = spm_exact_trim(value);
	return DatumGetCString(
		DirectFunctionCall1(numeric_out, NumericGetDatum(value)));
}
