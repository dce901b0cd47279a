/*-------------------------------------------------------------------------
 *
 * explain.c
 *	  How the commissions of a document come about.
 *
 * The document is computed by the code that pays.  Others are read only if a
 * rule that may pay it asks for them.
 *
 * src/commission/explain.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/tuptable.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "commission/exception_int.h"
#include "commission/trace_int.h"
#include "core/catalog.h"
#include "core/export.h"
#include "core/owner.h"

SPM_FUNCTION_INFO_V1(spm_commission_explain);

enum
{
	EXPLAIN_PERIOD_START,
	EXPLAIN_SOLD_ON,
	EXPLAIN_SOURCE,
	EXPLAIN_LINE,
	EXPLAIN_SELLER,
	EXPLAIN_COMPONENT,
	EXPLAIN_PAYEE_KIND,
	EXPLAIN_PAYEE,
	EXPLAIN_RULE_ID,
	EXPLAIN_MATCHED,
	EXPLAIN_REASON,
	EXPLAIN_BASE_KIND,
	EXPLAIN_BASE,
	EXPLAIN_TIER_BY,
	EXPLAIN_KPI,
	EXPLAIN_KPI_FROM,
	EXPLAIN_KPI_TO,
	EXPLAIN_TIER_VALUE,
	EXPLAIN_LEVEL,
	EXPLAIN_RATE,
	EXPLAIN_CAP,
	EXPLAIN_FLOOR,
	EXPLAIN_AMOUNT,
	EXPLAIN_COLUMNS
};

/* A row of the result, being made. */
typedef struct Row
{
	Datum values[EXPLAIN_COLUMNS];
	bool nulls[EXPLAIN_COLUMNS];
} Row;

/* Where items and exceptions have what the result shows as it is. */
static const int item_columns[][2] = {
	{EXPLAIN_PERIOD_START, ITEM_PERIOD_START},
	{EXPLAIN_SOLD_ON, ITEM_SOLD_ON},
	{EXPLAIN_SOURCE, ITEM_SOURCE},
	{EXPLAIN_LINE, ITEM_LINE},
	{EXPLAIN_SELLER, ITEM_SELLER},
	{EXPLAIN_COMPONENT, ITEM_COMPONENT},
	{EXPLAIN_PAYEE_KIND, ITEM_PAYEE_KIND},
	{EXPLAIN_PAYEE, ITEM_PAYEE},
	{EXPLAIN_RULE_ID, ITEM_RULE_ID},
	{EXPLAIN_BASE, ITEM_BASE},
	{EXPLAIN_TIER_VALUE, ITEM_TIER_VALUE},
	{EXPLAIN_LEVEL, ITEM_LEVEL},
	{EXPLAIN_RATE, ITEM_RATE},
	{EXPLAIN_AMOUNT, ITEM_AMOUNT},
};

static const int exception_columns[][2] = {
	{EXPLAIN_PERIOD_START, EXCEPTION_PERIOD_START},
	{EXPLAIN_SOURCE, EXCEPTION_SOURCE},
	{EXPLAIN_LINE, EXCEPTION_LINE},
	{EXPLAIN_SELLER, EXCEPTION_SELLER},
	{EXPLAIN_COMPONENT, EXCEPTION_COMPONENT},
	{EXPLAIN_PAYEE_KIND, EXCEPTION_PAYEE_KIND},
	{EXPLAIN_PAYEE, EXCEPTION_PAYEE},
	{EXPLAIN_RULE_ID, EXCEPTION_RULE_ID},
	{EXPLAIN_REASON, EXCEPTION_REASON},
};

static bool find_days(const char *document, DateADT *from, DateADT *to);
static void note_day(const SpmSale *sale, TupleTableSlot *row, void *state);
static SpmRun *run_of(MemoryContext context, const char *source,
					  const char *document, DateADT from, DateADT to,
					  bool alone);
static void list_items(SpmRun *run, ReturnSetInfo *result);
static void list_exceptions(SpmRun *run, ReturnSetInfo *result);
static void list_refusals(SpmRun *run, ReturnSetInfo *result);
static void copy_columns(Row *row, TupleTableSlot *slot,
						 const int (*columns)[2], int count);
static void describe_rule(SpmRun *run, Row *row, const SpmRule *rule,
						  DateADT sold_on);
static const SpmRule *rule_of(const SpmRun *run, const Row *row);
static void set(Row *row, int column, Datum value);
static void set_text(Row *row, int column, const char *text);
static void put(ReturnSetInfo *result, Row *row);

/* The days of a document's sales. */
typedef struct Days
{
	DateADT from;
	DateADT to;
} Days;

/* commission_explain(source, document) → items, and rules that do not pay */
Datum
spm_commission_explain(PG_FUNCTION_ARGS)
{
	char *source = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char *document = text_to_cstring(PG_GETARG_TEXT_PP(1));
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "salesperf explain",
												  ALLOCSET_DEFAULT_SIZES);
	DateADT from;
	DateADT to;
	SpmCaller caller;
	SpmRun *run;

	InitMaterializedSRF(fcinfo, 0);
	spm_become(spm_relation_owner(spm_relation_oid("commission_item", false)),
			   &caller);
	if (find_days(document, &from, &to))
	{
		run = run_of(context, source, document, from, to, true);
		if (!run->lonely)
		{
			spm_run_end(run);
			run = run_of(context, source, document, from, to, false);
		}
		spm_run_compute(run);
		list_items(run, result);
		list_exceptions(run, result);
		list_refusals(run, result);
		spm_run_end(run);
	}
	spm_return_to(&caller);
	MemoryContextDelete(context);
	return (Datum) 0;
}

/* The days of the sales of all documents of that name; false: none. */
static bool
find_days(const char *document, DateADT *from, DateADT *to)
{
	SpmSalePeriod period = {.from = 1, .to = 0, .document = document};
	SpmNeeds needs = {0};
	Days days = {DATEVAL_NOEND, DATEVAL_NOBEGIN};
	ListCell *cell;

	foreach (cell, spm_source_names())
		spm_source_read_period(spm_source_get(lfirst(cell)),
							   &period,
							   needs,
							   note_day,
							   &days);
	*from = days.from;
	*to = days.to;
	return days.from <= days.to;
}

static void
note_day(const SpmSale *sale, TupleTableSlot *row, void *state)
{
	Days *days = state;

	days->from = Min(days->from, sale->sold_on);
	days->to = Max(days->to, sale->sold_on);
}

/* A run for one document, which has read its sales. */
static SpmRun *
run_of(MemoryContext context, const char *source, const char *document,
	   DateADT from, DateADT to, bool alone)
{
	SpmRun *run = spm_run_create(context, from, to, true);

	run->source = source;
	run->document = document;
	run->alone = alone;
	run->lonely = true;
	run->trace = spm_trace_create(context);
	spm_run_read(run);
	return run;
}

static void
list_items(SpmRun *run, ReturnSetInfo *result)
{
	while (
		tuplesort_gettupleslot(run->items, true, false, run->item_slot, NULL))
	{
		Row row;

		memset(row.nulls, true, sizeof(row.nulls));
		slot_getallattrs(run->item_slot);
		copy_columns(&row,
					 run->item_slot,
					 item_columns,
					 lengthof(item_columns));
		set(&row, EXPLAIN_MATCHED, BoolGetDatum(true));
		describe_rule(run,
					  &row,
					  rule_of(run, &row),
					  DatumGetDateADT(row.values[EXPLAIN_SOLD_ON]));
		put(result, &row);
	}
}

static void
list_exceptions(SpmRun *run, ReturnSetInfo *result)
{
	TupleTableSlot *slot =
		MakeSingleTupleTableSlot(run->exception_row, &TTSOpsMinimalTuple);

	while (tuplestore_gettupleslot(run->exceptions, true, false, slot))
	{
		Row row;

		memset(row.nulls, true, sizeof(row.nulls));
		slot_getallattrs(slot);
		copy_columns(&row,
					 slot,
					 exception_columns,
					 lengthof(exception_columns));
		set(&row, EXPLAIN_MATCHED, BoolGetDatum(true));
		put(result, &row);
	}
	ExecDropSingleTupleTableSlot(slot);
}

static void
list_refusals(SpmRun *run, ReturnSetInfo *result)
{
	for (int i = 0; i < run->trace->count; i++)
	{
		const SpmRefusal *refusal = &run->trace->refusals[i];
		const SpmRule *rule = refusal->key.rule;
		const SpmRuleGroup *group = &run->rules->groups[rule->group];
		const SpmPeriod *period = spm_run_period(run, refusal->key.sold_on);
		Row row;

		memset(row.nulls, true, sizeof(row.nulls));
		if (period != NULL)
			set(&row, EXPLAIN_PERIOD_START, DateADTGetDatum(period->starts_on));
		set(&row, EXPLAIN_SOURCE, run->source_names[refusal->key.source]);
		if (refusal->key.line != 0)
			set(&row, EXPLAIN_LINE, refusal->key.line);
		set(&row, EXPLAIN_RULE_ID, Int64GetDatum(rule->rule_id));
		set(&row, EXPLAIN_MATCHED, BoolGetDatum(false));
		set(&row, EXPLAIN_SOLD_ON, DateADTGetDatum(refusal->key.sold_on));
		set_text(&row, EXPLAIN_SELLER, refusal->key.seller);
		set_text(&row, EXPLAIN_COMPONENT, group->component);
		set_text(&row,
				 EXPLAIN_PAYEE_KIND,
				 refusal->key.payee_kind ? refusal->key.payee_kind
										 : group->payee);
		set_text(&row, EXPLAIN_PAYEE, refusal->key.payee);
		set_text(&row, EXPLAIN_REASON, refusal->reason);
		describe_rule(run, &row, rule, refusal->key.sold_on);
		put(result, &row);
	}
}

static void
copy_columns(Row *row, TupleTableSlot *slot, const int (*columns)[2], int count)
{
	for (int i = 0; i < count; i++)
	{
		row->values[columns[i][0]] = slot->tts_values[columns[i][1]];
		row->nulls[columns[i][0]] = slot->tts_isnull[columns[i][1]];
	}
}

/* The rule of a row; NULL: a term of the document. */
static const SpmRule *
rule_of(const SpmRun *run, const Row *row)
{
	if (row->nulls[EXPLAIN_RULE_ID])
		return NULL;
	for (int i = 0; i < run->rules->rule_count; i++)
		if (run->rules->rules[i].rule_id ==
			DatumGetInt64(row->values[EXPLAIN_RULE_ID]))
			return &run->rules->rules[i];
	return NULL;
}

/* What a rule pays by. */
static void
describe_rule(SpmRun *run, Row *row, const SpmRule *rule, DateADT sold_on)
{
	if (rule == NULL)
	{
		set_text(row, EXPLAIN_REASON, "a term of the document");
		set_text(row, EXPLAIN_TIER_BY, "document");
		return;
	}
	set_text(row, EXPLAIN_BASE_KIND, spm_base_names[rule->base]);
	set_text(row, EXPLAIN_TIER_BY, spm_tier_by_names[rule->tier_by]);
	if (rule->cap != NULL)
		set(row, EXPLAIN_CAP, NumericGetDatum(rule->cap));
	if (rule->floor != NULL)
		set(row, EXPLAIN_FLOOR, NumericGetDatum(rule->floor));
	if (rule->kpi >= 0)
	{
		const SpmKpi *kpi = &run->rules->kpis[rule->kpi];
		int month = spm_month_of(sold_on);

		set_text(row, EXPLAIN_KPI, kpi->name);
		set(row,
			EXPLAIN_KPI_FROM,
			DateADTGetDatum(spm_month_start(month - kpi->months + 1)));
		set(row,
			EXPLAIN_KPI_TO,
			DateADTGetDatum(spm_month_start(month + 1) - 1));
	}
}

static void
set(Row *row, int column, Datum value)
{
	row->values[column] = value;
	row->nulls[column] = false;
}

static void
set_text(Row *row, int column, const char *text)
{
	if (text != NULL)
		set(row, column, CStringGetTextDatum(text));
}

static void
put(ReturnSetInfo *result, Row *row)
{
	tuplestore_putvalues(result->setResult,
						 result->setDesc,
						 row->values,
						 row->nulls);
}
