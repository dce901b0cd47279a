/*-------------------------------------------------------------------------
 *
 * condition.c
 *	  Conditions on a sale that no filter can express.
 *
 * A condition is a jsonpath predicate over the sale in the form of a row of
 * view sale.  Unknown is not true, so that the rule does not match.  An error,
 * such as a strict path that leads nowhere, is one of the rule: it is found
 * by asking once more for what a first, silent, try could not say.
 *
 * src/commission/condition.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/fmgrprotos.h"

#include "commission/run_int.h"
#include "core/guard.h"

/* Asking a condition with its errors thrown. */
typedef struct Question
{
	Datum condition;
	Jsonb *sale;
	bool holds;
} Question;

/* Members of a sale, and where in the row they are. */
static const struct
{
	const char *name;
	int column;
} members[] = {
	{"source", 1 + SPM_KEY_SOURCE},
	{"document", SPM_PERIOD_DOCUMENT},
	{"line", SPM_PERIOD_LINE},
	{"customer", 1 + SPM_KEY_CUSTOMER},
	{"seller", 1 + SPM_KEY_SELLER},
	{"unit", 1 + SPM_KEY_UNIT},
	{"product", 1 + SPM_KEY_PRODUCT},
	{"branch", 1 + SPM_KEY_BRANCH},
	{"sale_type", 1 + SPM_KEY_SALE_TYPE},
	{"currency", SPM_PERIOD_CURRENCY},
};

static const struct
{
	const char *name;
	int column;
} figures[] = {
	{"quantity", 1 + SPM_KEY_COUNT + SPM_METRIC_QUANTITY},
	{"gross", 1 + SPM_KEY_COUNT + SPM_METRIC_GROSS},
	{"net", 1 + SPM_KEY_COUNT + SPM_METRIC_NET},
	{"margin", 1 + SPM_KEY_COUNT + SPM_METRIC_MARGIN},
	{"revenue", SPM_PERIOD_REVENUE},
};

static void push_key(JsonbParseState **state, const char *name);
static void push_text(JsonbParseState **state, const char *name, Datum value,
					  bool is_null);
static void push_figure(JsonbParseState **state, const char *name, Datum value,
						bool is_null);
static void push_attributes(JsonbParseState **state, Datum value, bool is_null);
static Datum match(const Question *question, bool silent, bool *is_null);
static void ask(void *question);

/* A sale as conditions see it: the columns of view sale. */
Jsonb *
spm_sale_as_jsonb(const SpmSale *sale, TupleTableSlot *row)
{
	JsonbParseState *state = NULL;
	Datum day = PointerGetDatum(cstring_to_text(DatumGetCString(
		DirectFunctionCall1(date_out, DateADTGetDatum(sale->sold_on)))));

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	push_text(&state, "sold_on", day, false);
	for (int i = 0; i < lengthof(members); i++)
		push_text(&state,
				  members[i].name,
				  row->tts_values[members[i].column],
				  row->tts_isnull[members[i].column]);
	for (int i = 0; i < lengthof(figures); i++)
		push_figure(&state,
					figures[i].name,
					row->tts_values[figures[i].column],
					row->tts_isnull[figures[i].column]);
	push_attributes(&state,
					row->tts_values[SPM_PERIOD_ATTRIBUTES],
					row->tts_isnull[SPM_PERIOD_ATTRIBUTES]);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

static void
push_key(JsonbParseState **state, const char *name)
{
	JsonbValue key = {.type = jbvString};

	key.val.string.val = unconstify(char *, name);
	key.val.string.len = strlen(name);
	pushJsonbValue(state, WJB_KEY, &key);
}

static void
push_text(JsonbParseState **state, const char *name, Datum value, bool is_null)
{
	JsonbValue member = {.type = jbvNull};

	push_key(state, name);
	if (!is_null)
	{
		text *string = DatumGetTextPP(value);

		member.type = jbvString;
		member.val.string.val = VARDATA_ANY(string);
		member.val.string.len = VARSIZE_ANY_EXHDR(string);
	}
	pushJsonbValue(state, WJB_VALUE, &member);
}

static void
push_figure(JsonbParseState **state, const char *name, Datum value,
			bool is_null)
{
	JsonbValue member = {.type = jbvNull};

	push_key(state, name);
	if (!is_null)
	{
		member.type = jbvNumeric;
		member.val.numeric = DatumGetNumeric(value);
	}
	pushJsonbValue(state, WJB_VALUE, &member);
}

static void
push_attributes(JsonbParseState **state, Datum value, bool is_null)
{
	JsonbValue member = {.type = jbvNull};

	push_key(state, "attributes");
	if (!is_null)
		JsonbToJsonbValue(DatumGetJsonbP(value), &member);
	pushJsonbValue(state, WJB_VALUE, &member);
}

/*
 * Does the condition hold?  If it cannot be told because of an error, *error
 * is set to its message, else to NULL.
 */
bool
spm_condition_holds(Datum condition, Jsonb *sale, char **error)
{
	Question question = {condition, sale, false};
	bool is_null;
	Datum holds = match(&question, true, &is_null);

	*error = NULL;
	if (!is_null)
		return DatumGetBool(holds);
	*error = spm_guard(ask, &question);
	return *error == NULL && question.holds;
}

static void
ask(void *argument)
{
	Question *question = argument;
	bool is_null;
	Datum holds = match(question, false, &is_null);

	question->holds = !is_null && DatumGetBool(holds);
}

/* jsonb_path_match(sale, condition, '{}', silent) */
static Datum
match(const Question *question, bool silent, bool *is_null)
{
	LOCAL_FCINFO(fcinfo, 4);
	JsonbParseState *state = NULL;
	Datum result;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	InitFunctionCallInfoData(*fcinfo, NULL, 4, InvalidOid, NULL, NULL);
	fcinfo->args[0].value = JsonbPGetDatum(question->sale);
	fcinfo->args[1].value = question->condition;
	fcinfo->args[2].value = JsonbPGetDatum(
		JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)));
	fcinfo->args[3].value = BoolGetDatum(silent);
	for (int i = 0; i < 4; i++)
		fcinfo->args[i].isnull = false;
	result = jsonb_path_match(fcinfo);
	*is_null = fcinfo->isnull;
	return result;
}
