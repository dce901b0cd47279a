/*-------------------------------------------------------------------------
 *
 * scope.c
 *	  What a measure counts: metric, period and filters.
 *
 * A scope is written as jsonb in one canonical form: only what is given, keys
 * of a filter sorted and without repetition.  So equal scopes are equal to
 * the byte, and a measure's id can be a hash of its scope: the same in every
 * session, after a restore and on a copy of the database, without a look-up
 * or a lock when a target is entered.
 *
 * src/measure/scope.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"

#include "core/export.h"
#include "measure/scope.h"

SPM_FUNCTION_INFO_V1(spm_measure_scope);
SPM_FUNCTION_INFO_V1(spm_measure_id);

/* Ids stay below 2^53, so that no client's number type rounds them. */
#define MEASURE_ID_MASK ((UINT64CONST(1) << 53) - 1)

/* Any number but 0, which ids are made with. */
#define CHECK_SEED UINT64CONST(0x5A1E5BE2F0C4ECC5)

/* A filter: its name, and what it does with which column of a sale. */
typedef struct FilterSpec
{
	const char *name;
	SpmKey key;
	bool exclude;
} FilterSpec;

/* In the order of the arguments of measure_scope(). */
static const FilterSpec filter_specs[SPM_FILTER_COUNT] = {
	{"sellers", SPM_KEY_SELLER, false},
	{"units", SPM_KEY_UNIT, false},
	{"customers", SPM_KEY_CUSTOMER, false},
	{"sectors", SPM_KEY_SECTOR, false},
	{"regions", SPM_KEY_REGION, false},
	{"segments", SPM_KEY_SEGMENT, false},
	{"products", SPM_KEY_PRODUCT, false},
	{"brands", SPM_KEY_BRAND, false},
	{"families", SPM_KEY_FAMILY, false},
	{"branches", SPM_KEY_BRANCH, false},
	{"sale_types", SPM_KEY_SALE_TYPE, false},
	{"sources", SPM_KEY_SOURCE, false},
	{"exclude_customers", SPM_KEY_CUSTOMER, true},
	{"exclude_products", SPM_KEY_PRODUCT, true},
	{"exclude_brands", SPM_KEY_BRAND, true},
	{"exclude_families", SPM_KEY_FAMILY, true},
	{"exclude_branches", SPM_KEY_BRANCH, true},
};

static const char *const metric_names[SPM_METRIC_COUNT] = {
	[SPM_METRIC_QUANTITY] = "quantity",
	[SPM_METRIC_GROSS] = "gross",
	[SPM_METRIC_NET] = "net",
	[SPM_METRIC_MARGIN] = "margin",
	[SPM_METRIC_DOCUMENTS] = "documents",
};

static SpmMetric metric_from_text(const char *name, int length);
static void push_string(JsonbParseState **state, JsonbIteratorToken token,
						char *string, int length);
static void push_date(JsonbParseState **state, const char *name, DateADT date);
static void write_date(DateADT date, char *text);
static void push_filter(JsonbParseState **state, const FilterSpec *spec,
						ArrayType *keys);
static int compare_keys(const void *a, const void *b);
static JsonbValue *member(Jsonb *scope, const char *name);
static JsonbValue *string_member(Jsonb *scope, const char *name);
static void refuse_scope(const char *name);
static DateADT date_member(Jsonb *scope, const char *name);
static void read_filter(Jsonb *scope, const FilterSpec *spec,
						SpmFilter *filter);

/*
 * measure_scope(metric, starts_on, ends_on, filters …) → jsonb; NULL filters
 * mean any, a NULL metric or period gives NULL.
 */
Datum
spm_measure_scope(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(spm_scope_write(PG_GETARG_TEXT_PP(0),
									  PG_GETARG_DATEADT(1),
									  PG_GETARG_DATEADT(2),
									  &fcinfo->args[3]));
}

/* The canonical scope of a metric, a period and SPM_FILTER_COUNT text[]. */
Jsonb *
spm_scope_write(text *metric, DateADT starts_on, DateADT ends_on,
				const NullableDatum *filters)
{
	JsonbParseState *state = NULL;
	SpmMetric known =
		metric_from_text(VARDATA_ANY(metric), VARSIZE_ANY_EXHDR(metric));

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	push_string(&state, WJB_KEY, "metric", strlen("metric"));
	push_string(&state,
				WJB_VALUE,
				unconstify(char *, metric_names[known]),
				strlen(metric_names[known]));
	push_date(&state, "starts_on", starts_on);
	push_date(&state, "ends_on", ends_on);
	for (int i = 0; i < SPM_FILTER_COUNT; i++)
		if (!filters[i].isnull)
			push_filter(&state,
						&filter_specs[i],
						DatumGetArrayTypeP(filters[i].value));
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/* measure_id(scope) → bigint */
Datum
spm_measure_id(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(spm_scope_id(PG_GETARG_JSONB_P(0)));
}

/* The scopes of an array, nulls left out, and how many there are. */
Jsonb **
spm_scopes_of(ArrayType *array, int *count)
{
	Datum *values;
	bool *nulls;
	Jsonb **scopes;
	int length;

	deconstruct_array(array,
					  JSONBOID,
					  -1,
					  false,
					  TYPALIGN_INT,
					  &values,
					  &nulls,
					  &length);
	scopes = palloc(mul_size(Max(length, 1), sizeof(Jsonb *)));
	*count = 0;
	for (int i = 0; i < length; i++)
		if (!nulls[i])
			scopes[(*count)++] = DatumGetJsonbP(values[i]);
	return scopes;
}

/* The id of the measure with that scope. */
int64
spm_scope_id(Jsonb *scope)
{
	return (int64) (hash_bytes_extended((unsigned char *) VARDATA(scope),
										VARSIZE(scope) - VARHDRSZ,
										0) &
					MEASURE_ID_MASK);
}

/*
 * Another hash of a scope, of 64 bits: where two scopes have the same id it
 * tells them apart.
 */
uint64
spm_scope_check(Jsonb *scope)
{
	return hash_bytes_extended((unsigned char *) VARDATA(scope),
							   VARSIZE(scope) - VARHDRSZ,
							   CHECK_SEED);
}

/* Are two canonical scopes the same? */
bool
spm_scope_equal(Jsonb *a, Jsonb *b)
{
	return VARSIZE(a) == VARSIZE(b) &&
		   memcmp(VARDATA(a), VARDATA(b), VARSIZE(a) - VARHDRSZ) == 0;
}

/* A canonical scope taken apart, in the current memory context. */
SpmScope *
spm_scope_parse(Jsonb *text)
{
	SpmScope *scope = palloc0(sizeof(SpmScope));
	JsonbValue *metric = string_member(text, "metric");
	int members = 3;

	scope->metric =
		metric_from_text(metric->val.string.val, metric->val.string.len);
	scope->starts_on = date_member(text, "starts_on");
	scope->ends_on = date_member(text, "ends_on");
	for (int i = 0; i < lengthof(filter_specs); i++)
	{
		const FilterSpec *spec = &filter_specs[i];
		SpmFilter *filter = spec->exclude ? &scope->exclude[spec->key]
										  : &scope->include[spec->key];

		read_filter(text, spec, filter);
		if (filter->given)
			members++;
	}
	if (JB_ROOT_COUNT(text) != members)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid scope of a measure"),
				 errdetail("It has a member that is not a filter."),
				 errhint("Write scopes with measure_scope().")));
	return scope;
}

/* Does a scope filter by that, and hold on some of those days? */
bool
spm_scope_filters(const SpmScope *scope, SpmKey column, DateADT from,
				  DateADT to)
{
	return scope->starts_on <= to && scope->ends_on >= from &&
		   (scope->include[column].given || scope->exclude[column].count > 0);
}

/* Can sales of that source count in a scope? */
bool
spm_scope_may_count(const SpmScope *scope, const char *source)
{
	const SpmFilter *sources = &scope->include[SPM_KEY_SOURCE];

	for (int i = 0; i < sources->count; i++)
		if (strcmp(sources->keys[i], source) == 0)
			return true;
	return !sources->given;
}

static SpmMetric
metric_from_text(const char *name, int length)
{
	for (int i = 0; i < SPM_METRIC_COUNT; i++)
		if (strlen(metric_names[i]) == length &&
			memcmp(metric_names[i], name, length) == 0)
			return i;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unrecognized metric \"%s\"", pnstrdup(name, length)),
			 errhint(
				 "Metrics are quantity, gross, net, margin and documents.")));
	return SPM_METRIC_NET;
}

static void
push_string(JsonbParseState **state, JsonbIteratorToken token, char *string,
			int length)
{
	JsonbValue value = {.type = jbvString};

	value.val.string.val = string;
	value.val.string.len = length;
	pushJsonbValue(state, token, &value);
}

static void
push_date(JsonbParseState **state, const char *name, DateADT date)
{
	char text[MAXDATELEN + 1];

	if (DATE_NOT_FINITE(date))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("%s of a measure cannot be infinite", name)));
	write_date(date, text);
	push_string(state, WJB_KEY, unconstify(char *, name), strlen(name));
	push_string(state, WJB_VALUE, pstrdup(text), strlen(text));
}

/* Write a day as year-month-day into text. */
static void
write_date(DateADT date, char *text)
{
	struct pg_tm parts = {0};

	j2date(date + POSTGRES_EPOCH_JDATE,
		   &parts.tm_year,
		   &parts.tm_mon,
		   &parts.tm_mday);
	EncodeDateOnly(&parts, USE_ISO_DATES, text);
}

/* Push a filter's keys, sorted and without repetition. */
static void
push_filter(JsonbParseState **state, const FilterSpec *spec, ArrayType *keys)
{
	Datum *values;
	bool *nulls;
	int count;

	deconstruct_array(keys,
					  TEXTOID,
					  -1,
					  false,
					  TYPALIGN_INT,
					  &values,
					  &nulls,
					  &count);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("filter \"%s\" cannot contain nulls", spec->name)));
		values[i] = CStringGetDatum(TextDatumGetCString(values[i]));
	}
	qsort(values, count, sizeof(Datum), compare_keys);
	push_string(state,
				WJB_KEY,
				unconstify(char *, spec->name),
				strlen(spec->name));
	pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < count; i++)
		if (i == 0 || compare_keys(&values[i - 1], &values[i]) != 0)
			push_string(state,
						WJB_ELEM,
						DatumGetCString(values[i]),
						strlen(DatumGetCString(values[i])));
	pushJsonbValue(state, WJB_END_ARRAY, NULL);
}

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(DatumGetCString(*(const Datum *) a),
				  DatumGetCString(*(const Datum *) b));
}

/* A member of a scope, NULL if it has none of that name. */
static JsonbValue *
member(Jsonb *scope, const char *name)
{
	if (!JB_ROOT_IS_OBJECT(scope))
		refuse_scope(name);
	return getKeyJsonValueFromContainer(&scope->root, name, strlen(name), NULL);
}

/* A member that must be there, and a string. */
static JsonbValue *
string_member(Jsonb *scope, const char *name)
{
	JsonbValue *value = member(scope, name);

	if (value == NULL || value->type != jbvString)
		refuse_scope(name);
	return value;
}

static void
refuse_scope(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid scope of a measure"),
			 errdetail("Its \"%s\" is missing or of the wrong type.", name),
			 errhint("Write scopes with measure_scope().")));
}

/* A day, written as push_date() writes it. */
static DateADT
date_member(Jsonb *scope, const char *name)
{
	JsonbValue *value = string_member(scope, name);
	char *text = pnstrdup(value->val.string.val, value->val.string.len);
	char written[MAXDATELEN + 1];
	char *rest;
	int year;
	int month;
	int day;
	DateADT date;

	year = strtol(text, &rest, 10);
	month = *rest == '-' ? strtol(rest + 1, &rest, 10) : 0;
	day = *rest == '-' ? strtol(rest + 1, &rest, 10) : 0;
	if (strstr(text, " BC") != NULL)
		year = 1 - year;
	if (!IS_VALID_JULIAN(year, month, day))
		refuse_scope(name);
	date = date2j(year, month, day) - POSTGRES_EPOCH_JDATE;
	if (!IS_VALID_DATE(date))
		refuse_scope(name);
	write_date(date, written);
	if (strcmp(written, text) != 0)
		refuse_scope(name);
	return date;
}

static void
read_filter(Jsonb *scope, const FilterSpec *spec, SpmFilter *filter)
{
	JsonbValue *value = member(scope, spec->name);

	if (value == NULL)
		return;
	if (value->type != jbvBinary ||
		!JsonContainerIsArray(value->val.binary.data))
		refuse_scope(spec->name);
	filter->given = true;
	filter->count = JsonContainerSize(value->val.binary.data);
	filter->keys = palloc(Max(filter->count, 1) * sizeof(char *));
	for (int i = 0; i < filter->count; i++)
	{
		JsonbValue *key =
			getIthJsonbValueFromContainer(value->val.binary.data, i);

		if (key->type != jbvString)
			refuse_scope(spec->name);
		filter->keys[i] = pnstrdup(key->val.string.val, key->val.string.len);
		if (i > 0 && strcmp(filter->keys[i - 1], filter->keys[i]) >= 0)
			refuse_scope(spec->name);
	}
}
