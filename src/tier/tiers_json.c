/*-------------------------------------------------------------------------
 *
 * tiers_json.c
 *	  Casts between tiers and jsonb.
 *
 *	  {"mode": "slab", "tiers": [{"threshold": 5000, "above": true,
 *								  "percent": 8}, …]}
 *
 * A tier has either "percent" or "amount".  "mode" and "above" may be left
 * out, for slab and false; other keys are refused.
 *
 * src/tier/tiers_json.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "core/compat.h"
#include "core/export.h"
#include "tier/tiers.h"

SPM_FUNCTION_INFO_V1(spm_tiers_to_jsonb);
SPM_FUNCTION_INFO_V1(spm_tiers_from_jsonb);

static SpmTierMode read_mode(const JsonbValue *value);
static void read_tiers(const JsonbValue *value, SpmTierList *list);
static void read_tier(JsonbContainer *object, int position, SpmTierDef *tier);
static Numeric read_number(const JsonbValue *value, const char *path);
static bool next_key(JsonbIterator **iterator, char **key, JsonbValue *value);
pg_noreturn static void refuse(const char *expected, const char *path);
pg_noreturn static void refuse_key(const char *key, const char *path);
static char *number_text(Numeric figure);

/* tiers_to_jsonb(tiers) returns jsonb */
Datum
spm_tiers_to_jsonb(PG_FUNCTION_ARGS)
{
	SpmTierList list;
	StringInfoData text;

	spm_tiers_unpack(PG_GETARG_VARLENA_PP(0), &list);
	initStringInfo(&text);
	appendStringInfo(&text,
					 "{\"mode\": \"%s\", \"tiers\": [",
					 spm_tier_mode_names[list.mode]);
	for (int i = 0; i < list.ntiers; i++)
	{
		const SpmTierDef *tier = &list.tiers[i];

		appendStringInfo(&text,
						 "%s{\"threshold\": %s, \"above\": %s, \"%s\": %s}",
						 i > 0 ? ", " : "",
						 number_text(tier->threshold),
						 tier->above ? "true" : "false",
						 tier->percent ? "percent" : "amount",
						 number_text(tier->rate));
	}
	appendStringInfoString(&text, "]}");
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(text.data)));
}

/* tiers_from_jsonb(jsonb) returns tiers */
Datum
spm_tiers_from_jsonb(PG_FUNCTION_ARGS)
{
	Jsonb *json = PG_GETARG_JSONB_P(0);
	JsonbIterator *iterator;
	JsonbValue value;
	char *key;
	SpmTierList list;

	if (!JB_ROOT_IS_OBJECT(json))
		refuse("an object", "$");
	list.mode = SPM_TIER_SLAB;
	list.ntiers = 0;
	iterator = JsonbIteratorInit(&json->root);
	JsonbIteratorNext(&iterator, &value, false);
	while (next_key(&iterator, &key, &value))
	{
		if (strcmp(key, "mode") == 0)
			list.mode = read_mode(&value);
		else if (strcmp(key, "tiers") == 0)
			read_tiers(&value, &list);
		else
			refuse_key(key, "$");
	}
	if (list.ntiers == 0)
		refuse("an array of tiers", "$.tiers");
	spm_tiers_check(&list);
	PG_RETURN_POINTER(spm_tiers_pack(&list));
}

/* The mode that a value names. */
static SpmTierMode
read_mode(const JsonbValue *value)
{
	if (value->type == jbvString)
	{
		for (int i = 0; spm_tier_mode_names[i] != NULL; i++)
			if (value->val.string.len == strlen(spm_tier_mode_names[i]) &&
				strncmp(value->val.string.val,
						spm_tier_mode_names[i],
						value->val.string.len) == 0)
				return (SpmTierMode) i;
	}
	refuse("slab, graduated, interpolated or excess", "$.mode");
}

/* Read the array of tiers. */
static void
read_tiers(const JsonbValue *value, SpmTierList *list)
{
	JsonbContainer *array;

	if (value->type != jbvBinary ||
		!JsonContainerIsArray(value->val.binary.data) ||
		JsonContainerIsScalar(value->val.binary.data))
		refuse("an array of tiers", "$.tiers");
	array = value->val.binary.data;
	if (JsonContainerSize(array) > SPM_TIERS_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many tiers"),
				 errdetail("A schedule has at most %d tiers, this one %d.",
						   SPM_TIERS_MAX,
						   (int) JsonContainerSize(array))));
	list->ntiers = JsonContainerSize(array);
	for (int i = 0; i < list->ntiers; i++)
	{
		JsonbValue *tier = getIthJsonbValueFromContainer(array, i);

		if (tier->type != jbvBinary ||
			!JsonContainerIsObject(tier->val.binary.data))
			refuse("an object", psprintf("$.tiers[%d]", i));
		read_tier(tier->val.binary.data, i, &list->tiers[i]);
	}
}

/* Read one tier. */
static void
read_tier(JsonbContainer *object, int position, SpmTierDef *tier)
{
	char *path = psprintf("$.tiers[%d]", position);
	JsonbIterator *iterator = JsonbIteratorInit(object);
	JsonbValue value;
	char *key;

	memset(tier, 0, sizeof(SpmTierDef));
	JsonbIteratorNext(&iterator, &value, false);
	while (next_key(&iterator, &key, &value))
	{
		char *place = psprintf("%s.%s", path, key);

		if (strcmp(key, "threshold") == 0)
			tier->threshold = read_number(&value, place);
		else if (strcmp(key, "above") == 0)
		{
			if (value.type != jbvBool)
				refuse("true or false", place);
			tier->above = value.val.boolean;
		}
		else if (strcmp(key, "percent") == 0 || strcmp(key, "amount") == 0)
		{
			if (tier->rate != NULL)
				refuse("only one of \"percent\" and \"amount\"", path);
			tier->rate = read_number(&value, place);
			tier->percent = strcmp(key, "percent") == 0;
		}
		else
			refuse_key(key, path);
	}
	if (tier->threshold == NULL)
		refuse("\"threshold\"", path);
	if (tier->rate == NULL)
		refuse("\"percent\" or \"amount\"", path);
}

/* The number that a value is, pointing into it. */
static Numeric
read_number(const JsonbValue *value, const char *path)
{
	if (value->type != jbvNumeric)
		refuse("a number", path);
	return value->val.numeric;
}

/* Go to the next key of an object; false at its end. */
static bool
next_key(JsonbIterator **iterator, char **key, JsonbValue *value)
{
	if (JsonbIteratorNext(iterator, value, true) != WJB_KEY)
		return false;
	*key = pnstrdup(value->val.string.val, value->val.string.len);
	JsonbIteratorNext(iterator, value, true);
	return true;
}

/* Report what the jsonb should have at a place. */
static void
refuse(const char *expected, const char *path)
{
	ereport(
		ERROR,
		(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
		 errmsg("jsonb is not a tier schedule"),
		 errdetail("Expected %s at %s.", expected, path),
		 errhint(
			 "A schedule is written {\"mode\": \"slab\", \"tiers\": [{\"threshold\": 0, \"percent\": 5}]}.")));
}

/* Report a key that has no meaning. */
static void
refuse_key(const char *key, const char *path)
{
	ereport(
		ERROR,
		(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
		 errmsg("jsonb is not a tier schedule"),
		 errdetail("Key \"%s\" at %s is not recognized.", key, path),
		 errhint(
			 "Keys are mode and tiers; of a tier threshold, above, percent and amount.")));
}

/* A numeric as text, palloc'd. */
static char *
number_text(Numeric figure)
{
	return DatumGetCString(
		DirectFunctionCall1(numeric_out, NumericGetDatum(figure)));
}
