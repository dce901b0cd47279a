/*-------------------------------------------------------------------------
 *
 * key_value.c
 *	  Values of columns, from the keys that are made of them.
 *
 * A text that is no key of the type is null, never an error: it may be the
 * key of another source.
 *
 * src/sale/key_value.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/int.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "core/compat.h"
#include "core/export.h"

SPM_FUNCTION_INFO_V1(spm_key_bigint);
SPM_FUNCTION_INFO_V1(spm_key_bigint_array);
SPM_FUNCTION_INFO_V1(spm_key_numeric);
SPM_FUNCTION_INFO_V1(spm_key_numeric_array);
SPM_FUNCTION_INFO_V1(spm_key_uuid);
SPM_FUNCTION_INFO_V1(spm_key_uuid_array);
SPM_FUNCTION_INFO_V1(spm_day_bound);
SPM_FUNCTION_INFO_V1(spm_use_source_indexes);

/* What type numeric holds at most. */
#define NUMERIC_DIGITS 131072
#define NUMERIC_DECIMALS 16383

#define UUID_TEXT_LENGTH 36

/* Turns a key into a value; false if it is none of the type. */
typedef bool (*KeyParser)(const char *key, Datum *value);

static bool parse_bigint(const char *key, Datum *value);
static bool parse_numeric(const char *key, Datum *value);
static bool is_number(const char *key);
static bool parse_uuid(const char *key, Datum *value);
static Datum parse_one(FunctionCallInfo fcinfo, KeyParser parse);
static Datum parse_array(FunctionCallInfo fcinfo, KeyParser parse, Oid type);

/* key_bigint(key) → bigint */
Datum
spm_key_bigint(PG_FUNCTION_ARGS)
{
	return parse_one(fcinfo, parse_bigint);
}

/* key_bigint(keys) → bigint[] */
Datum
spm_key_bigint_array(PG_FUNCTION_ARGS)
{
	return parse_array(fcinfo, parse_bigint, INT8OID);
}

/* key_numeric(key) → numeric */
Datum
spm_key_numeric(PG_FUNCTION_ARGS)
{
	return parse_one(fcinfo, parse_numeric);
}

/* key_numeric(keys) → numeric[] */
Datum
spm_key_numeric_array(PG_FUNCTION_ARGS)
{
	return parse_array(fcinfo, parse_numeric, NUMERICOID);
}

/* key_uuid(key) → uuid */
Datum
spm_key_uuid(PG_FUNCTION_ARGS)
{
	return parse_one(fcinfo, parse_uuid);
}

/* key_uuid(keys) → uuid[] */
Datum
spm_key_uuid_array(PG_FUNCTION_ARGS)
{
	return parse_array(fcinfo, parse_uuid, UUIDOID);
}

/*
 * day_bound(day, hours) → timestamp, and day_bound_utc(day, hours): so many
 * hours after the day's begin; what no timestamp can hold is infinite.
 */
Datum
spm_day_bound(PG_FUNCTION_ARGS)
{
	DateADT day = PG_GETARG_DATEADT(0);
	int64 offset = PG_GETARG_INT32(1) * USECS_PER_HOUR;
	Timestamp bound;

	if (DATE_IS_NOBEGIN(day))
		TIMESTAMP_NOBEGIN(bound);
	else if (DATE_IS_NOEND(day) ||
			 day >= TIMESTAMP_END_JULIAN - POSTGRES_EPOCH_JDATE ||
			 pg_add_s64_overflow(day * USECS_PER_DAY, offset, &bound) ||
			 bound >= END_TIMESTAMP)
		TIMESTAMP_NOEND(bound);
	else if (bound < MIN_TIMESTAMP)
		TIMESTAMP_NOBEGIN(bound);
	PG_RETURN_TIMESTAMP(bound);
}

/* use_source_indexes() → true: to plan its call is to load this library. */
Datum
spm_use_source_indexes(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(true);
}

static Datum
parse_one(FunctionCallInfo fcinfo, KeyParser parse)
{
	Datum value;

	if (!parse(text_to_cstring(PG_GETARG_TEXT_PP(0)), &value))
		PG_RETURN_NULL();
	return value;
}

/* The same for an array, in which keys of another type are left out. */
static Datum
parse_array(FunctionCallInfo fcinfo, KeyParser parse, Oid type)
{
	Datum *keys;
	bool *nulls;
	int count;
	int parsed = 0;
	int16 length;
	bool by_value;
	char alignment;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0),
					  TEXTOID,
					  -1,
					  false,
					  TYPALIGN_INT,
					  &keys,
					  &nulls,
					  &count);
	for (int i = 0; i < count; i++)
		if (!nulls[i] && parse(TextDatumGetCString(keys[i]), &keys[parsed]))
			parsed++;
	get_typlenbyvalalign(type, &length, &by_value, &alignment);
	PG_RETURN_ARRAYTYPE_P(
		construct_array(keys, parsed, type, length, by_value, alignment));
}

static bool
parse_bigint(const char *key, Datum *value)
{
	bool is_negative = *key == '-';
	const char *digits = key + (is_negative ? 1 : 0);
	int64 number = 0;

	if (*digits == '\0' || (*digits == '0' && key[1] != '\0'))
		return false;
	for (; *digits != '\0'; digits++)
	{
		int digit = *digits - '0';

		if (digit < 0 || digit > 9 ||
			pg_mul_s64_overflow(number, 10, &number) ||
			pg_sub_s64_overflow(number, digit, &number))
			return false;
	}

	/* Negated while parsing: there is one negative number more. */
	if (!is_negative && number == PG_INT64_MIN)
		return false;
	*value = Int64GetDatum(is_negative ? number : -number);
	return true;
}

static bool
parse_numeric(const char *key, Datum *value)
{
	if (!is_number(key) && strcmp(key, "NaN") != 0 &&
		strcmp(key, "Infinity") != 0 && strcmp(key, "-Infinity") != 0)
		return false;
	*value = DirectFunctionCall3(numeric_in,
								 CStringGetDatum(key),
								 ObjectIdGetDatum(InvalidOid),
								 Int32GetDatum(-1));
	return true;
}

/* Is it the text of a number that trim_scale() returns? */
static bool
is_number(const char *key)
{
	const char *digits = key + (*key == '-' ? 1 : 0);
	size_t whole = strspn(digits, "0123456789");
	const char *point = digits + whole;
	size_t decimals = *point == '.' ? strspn(point + 1, "0123456789") : 0;

	if (whole == 0 || (whole > 1 && *digits == '0') || whole > NUMERIC_DIGITS ||
		decimals > NUMERIC_DECIMALS)
		return false;
	if (*point == '\0')
		return strcmp(key, "-0") != 0;
	return *point == '.' && decimals > 0 && point[decimals + 1] == '\0' &&
		   point[decimals] != '0';
}

static bool
parse_uuid(const char *key, Datum *value)
{
	if (strlen(key) != UUID_TEXT_LENGTH)
		return false;
	for (int i = 0; i < UUID_TEXT_LENGTH; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23
				? key[i] != '-'
				: strchr("0123456789abcdef", key[i]) == NULL)
			return false;
	*value = DirectFunctionCall1(uuid_in, CStringGetDatum(key));
	return true;
}
