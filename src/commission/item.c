/*-------------------------------------------------------------------------
 *
 * item.c
 *	  Commission items, sorted.
 *
 * src/commission/item.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "commission/defer_int.h"
#include "core/compat.h"
#include "core/exact.h"

static const Oid item_types[ITEM_COLUMNS] = {
	[ITEM_DOCUMENT] = TEXTOID,	 [ITEM_SOURCE] = TEXTOID,
	[ITEM_LINE] = TEXTOID,		 [ITEM_PERIOD_START] = DATEOID,
	[ITEM_COMPONENT] = TEXTOID,	 [ITEM_RULE_ID] = INT8OID,
	[ITEM_PAYEE_KIND] = TEXTOID, [ITEM_PAYEE] = TEXTOID,
	[ITEM_SELLER] = TEXTOID,	 [ITEM_AMOUNT] = NUMERICOID,
	[ITEM_BASE] = NUMERICOID,	 [ITEM_TIER_VALUE] = NUMERICOID,
	[ITEM_LEVEL] = INT4OID,		 [ITEM_RATE] = NUMERICOID,
	[ITEM_OUTLET] = TEXTOID,	 [ITEM_OFFICE] = TEXTOID,
	[ITEM_COMPANY] = TEXTOID,	 [ITEM_PERIOD_END] = DATEOID,
	[ITEM_ID] = INT8OID,		 [ITEM_SOLD_ON] = DATEOID,
};

/* Digits before the point that a figure of an item may have. */
#define FIGURE_DIGITS 20
#define RATE_DIGITS 6
#define AMOUNT_DIGITS 18

static void set_text(Datum *values, bool *nulls, int column, const char *text);
static void set_figure(Datum *values, bool *nulls, int column, Numeric figure,
					   int digits, int scale);
static bool fits(Numeric figure, int digits);

/* Prepare the sort of items. */
void
spm_items_begin(SpmRun *run)
{
	run->item_row = CreateTemplateTupleDesc(ITEM_COLUMNS);
	for (int i = 0; i < ITEM_COLUMNS; i++)
		TupleDescInitEntry(run->item_row, i + 1, NULL, item_types[i], -1, 0);
	run->item_slot =
		MakeSingleTupleTableSlot(run->item_row, &TTSOpsMinimalTuple);
	run->items = spm_items_sort(run->item_row);
}

/* A sort of items; nulls come last. */
Tuplesortstate *
spm_items_sort(TupleDesc row)
{
	AttrNumber columns[ITEM_COMPARED];
	Oid operators[ITEM_COMPARED];
	Oid collations[ITEM_COMPARED];
	bool nulls_first[ITEM_COMPARED] = {false};

	for (int i = 0; i < ITEM_COMPARED; i++)
	{
		columns[i] = i + 1;
		operators[i] = spm_less_operator(item_types[i]);
		collations[i] = item_types[i] == TEXTOID ? C_COLLATION_OID : InvalidOid;
	}
	return tuplesort_begin_heap(row,
								ITEM_COMPARED,
								columns,
								operators,
								collations,
								nulls_first,
								work_mem,
								NULL,
								TUPLESORT_NONE);
}

/* Where the item of an earning belongs. */
void
spm_item_key(SpmItemKey *key, const SpmEarning *earning)
{
	const SpmCredit *credit = earning->credit;
	const SpmLine *line = credit->line;

	key->rule = earning->rule;
	key->sold_on = line->sold_on;
	key->source = line->source;
	key->document = line->document;
	key->line = line->line;
	key->payee_kind = earning->payee.kind;
	key->payee = earning->payee.code;
	key->seller = credit->seller ? credit->seller->code : NULL;
	key->outlet = credit->outlet ? credit->outlet->code : NULL;
	key->office = credit->office ? credit->office->code : NULL;
	key->company = credit->company ? credit->company->code : NULL;
}

/* Enter an item, if it is wanted. */
void
spm_item_put(SpmRun *run, const SpmItemKey *key, Numeric base,
			 const SpmPayment *payment)
{
	const SpmRuleGroup *group = &run->rules->groups[key->rule->group];
	const SpmPeriod *period = spm_run_period(run, key->sold_on);
	Datum values[ITEM_COLUMNS];
	bool nulls[ITEM_COLUMNS] = {false};

	if (period == NULL || !spm_run_wants(run, key->source, key->document))
		return;
	if (!fits(payment->amount, AMOUNT_DIGITS))
	{
		spm_exception_put(run,
						  key,
						  group->component,
						  group->payee,
						  "the amount is too large");
		return;
	}
	values[ITEM_DOCUMENT] = key->document;
	values[ITEM_SOURCE] = run->source_names[key->source];
	values[ITEM_LINE] = key->line;
	nulls[ITEM_LINE] = key->line == 0;
	values[ITEM_PERIOD_START] = DateADTGetDatum(period->starts_on);
	values[ITEM_PERIOD_END] = DateADTGetDatum(period->ends_on);
	values[ITEM_RULE_ID] = Int64GetDatum(key->rule->rule_id);
	nulls[ITEM_RULE_ID] = spm_rule_is_term(key->rule);
	values[ITEM_LEVEL] = Int32GetDatum(payment->level);
	values[ITEM_AMOUNT] = NumericGetDatum(payment->amount);
	values[ITEM_SOLD_ON] = DateADTGetDatum(key->sold_on);
	nulls[ITEM_ID] = true;
	set_text(values, nulls, ITEM_COMPONENT, group->component);
	set_text(values, nulls, ITEM_PAYEE_KIND, key->payee_kind);
	set_text(values, nulls, ITEM_PAYEE, key->payee);
	set_text(values, nulls, ITEM_SELLER, key->seller);
	set_text(values, nulls, ITEM_OUTLET, key->outlet);
	set_text(values, nulls, ITEM_OFFICE, key->office);
	set_text(values, nulls, ITEM_COMPANY, key->company);
	set_figure(values, nulls, ITEM_BASE, base, FIGURE_DIGITS, 4);
	set_figure(values,
			   nulls,
			   ITEM_TIER_VALUE,
			   payment->value,
			   FIGURE_DIGITS,
			   4);
	set_figure(values, nulls, ITEM_RATE, payment->rate, RATE_DIGITS, 6);
	ExecStoreMinimalTuple(spm_form_minimal_tuple(run->item_row, values, nulls),
						  run->item_slot,
						  false);
	tuplesort_puttupleslot(run->items, run->item_slot);
	ExecClearTuple(run->item_slot);
	run->item_count++;
}

static void
set_text(Datum *values, bool *nulls, int column, const char *text)
{
	nulls[column] = text == NULL;
	values[column] = text ? CStringGetTextDatum(text) : (Datum) 0;
}

/* A figure as the column shows it; one that does not fit is left out. */
static void
set_figure(Datum *values, bool *nulls, int column, Numeric figure, int digits,
		   int scale)
{
	nulls[column] = figure == NULL || !fits(figure, digits);
	if (!nulls[column])
		values[column] = NumericGetDatum(spm_pay_rounded(figure, scale));
}

/* Is it below 10 ^ digits, also when it is rounded? */
static bool
fits(Numeric figure, int digits)
{
	SpmDigits parts;

	spm_digits_open((struct varlena *) figure, &parts);
	/* The weight counts groups of four digits. */
	return parts.finite && (parts.ndigits == 0 || parts.weight < digits / 4 ||
							(digits % 4 != 0 && parts.weight == digits / 4 &&
							 (int16) spm_digits_word(parts.digits) <
								 (digits % 4 == 2 ? 99 : 9)));
}
