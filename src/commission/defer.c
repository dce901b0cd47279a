/*-------------------------------------------------------------------------
 *
 * defer.c
 *	  What can be paid only when all sales were read: by period and by kpi.
 *
 * Earnings are sorted by rule and payee; by period then in the order of sales,
 * by kpi document after document.  The sort spills above work_mem.
 *
 * src/commission/defer.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/typcache.h"

#include "commission/defer_int.h"
#include "core/compat.h"

static const Oid deferred_types[DEFERRED_COLUMNS] = {
	[DEFERRED_RULE] = INT4OID,
	[DEFERRED_SPAN] = INT4OID,
	[DEFERRED_PAYEE] = TEXTOID,
	[DEFERRED_DAY] = INT4OID,
	[DEFERRED_ROOT] = INT4OID,
	[DEFERRED_DOCUMENT] = TEXTOID,
	[DEFERRED_PART] = INT4OID,
	[DEFERRED_SOURCE] = INT4OID,
	[DEFERRED_LINE] = TEXTOID,
	[DEFERRED_SELLER] = TEXTOID,
	[DEFERRED_BASE] = NUMERICOID,
	[DEFERRED_SOLD_ON] = DATEOID,
	[DEFERRED_PAYEE_KIND] = TEXTOID,
	[DEFERRED_OUTLET] = TEXTOID,
	[DEFERRED_OFFICE] = TEXTOID,
	[DEFERRED_COMPANY] = TEXTOID,
	[DEFERRED_OWNER] = TEXTOID,
	[DEFERRED_OWNER_SELLER] = BOOLOID,
};

/* The first so many columns are the order. */
#define SORTED_COLUMNS (DEFERRED_BASE + 1)

static void set_text(Datum *values, bool *nulls, int column, const char *text);
static void set_unit(Datum *values, bool *nulls, int column,
					 const SpmUnit *unit);
static const char *text_of(TupleTableSlot *row, int column);

/* Prepare the sort. */
void
spm_defer_begin(SpmRun *run)
{
	AttrNumber columns[SORTED_COLUMNS];
	Oid operators[SORTED_COLUMNS];
	Oid collations[SORTED_COLUMNS];
	bool nulls_first[SORTED_COLUMNS] = {false};

	run->deferred_row = CreateTemplateTupleDesc(DEFERRED_COLUMNS);
	for (int i = 0; i < DEFERRED_COLUMNS; i++)
		TupleDescInitEntry(run->deferred_row,
						   i + 1,
						   NULL,
						   deferred_types[i],
						   -1,
						   0);
	for (int i = 0; i < SORTED_COLUMNS; i++)
	{
		columns[i] = i + 1;
		operators[i] = spm_less_operator(deferred_types[i]);
		collations[i] = deferred_types[i] == TEXTOID ? C_COLLATION_OID
													 : InvalidOid;
	}
	run->deferred_slot =
		MakeSingleTupleTableSlot(run->deferred_row, &TTSOpsMinimalTuple);
	run->deferred = tuplesort_begin_heap(run->deferred_row,
										 SORTED_COLUMNS,
										 columns,
										 operators,
										 collations,
										 nulls_first,
										 work_mem,
										 NULL,
										 TUPLESORT_NONE);
}

/* The operator that sorts a column of a type. */
Oid
spm_less_operator(Oid type)
{
	return lookup_type_cache(type, TYPECACHE_LT_OPR)->lt_opr;
}

/* Keep what a rule by period or by kpi pays on. */
void
spm_defer(SpmRun *run, const SpmEarning *earning)
{
	const SpmRule *rule = earning->rule;
	const SpmCredit *credit = earning->credit;
	const SpmLine *line = credit->line;
	bool by_kpi = rule->tier_by == SPM_TIER_BY_KPI;
	Datum values[DEFERRED_COLUMNS];
	bool nulls[DEFERRED_COLUMNS] = {false};
	TupleTableSlot *slot = run->deferred_slot;

	values[DEFERRED_RULE] = Int32GetDatum(rule->number);
	values[DEFERRED_SPAN] =
		Int32GetDatum(by_kpi ? spm_month_of(line->sold_on)
							 : spm_span_of(rule->every, line->sold_on));
	values[DEFERRED_DAY] = Int32GetDatum(by_kpi ? 0 : line->sold_on);
	values[DEFERRED_ROOT] = Int32GetDatum(by_kpi ? line->root : line->source);
	values[DEFERRED_DOCUMENT] = line->document;
	values[DEFERRED_PART] = Int32GetDatum(earning->part);
	values[DEFERRED_SOURCE] = Int32GetDatum(line->source);
	values[DEFERRED_LINE] = line->line;
	nulls[DEFERRED_LINE] = line->line == 0;
	set_text(values,
			 nulls,
			 DEFERRED_SELLER,
			 credit->seller ? credit->seller->code : NULL);
	values[DEFERRED_BASE] = NumericGetDatum(earning->base);
	values[DEFERRED_SOLD_ON] = DateADTGetDatum(line->sold_on);
	set_text(values, nulls, DEFERRED_PAYEE, earning->payee.code);
	set_text(values, nulls, DEFERRED_PAYEE_KIND, earning->payee.kind);
	set_unit(values, nulls, DEFERRED_OUTLET, credit->outlet);
	set_unit(values, nulls, DEFERRED_OFFICE, credit->office);
	set_unit(values, nulls, DEFERRED_COMPANY, credit->company);
	set_text(values, nulls, DEFERRED_OWNER, earning->owner.code);
	values[DEFERRED_OWNER_SELLER] = BoolGetDatum(earning->owner.seller);
	ExecStoreMinimalTuple(spm_form_minimal_tuple(run->deferred_row,
												 values,
												 nulls),
						  slot,
						  false);
	tuplesort_puttupleslot(run->deferred, slot);
	ExecClearTuple(slot);
}

static void
set_text(Datum *values, bool *nulls, int column, const char *text)
{
	nulls[column] = text == NULL;
	values[column] = text ? CStringGetTextDatum(text) : (Datum) 0;
}

static void
set_unit(Datum *values, bool *nulls, int column, const SpmUnit *unit)
{
	set_text(values, nulls, column, unit ? unit->code : NULL);
}

/* A text of a row as a string, NULL for null. */
static const char *
text_of(TupleTableSlot *row, int column)
{
	return row->tts_isnull[column]
			   ? NULL
			   : TextDatumGetCString(row->tts_values[column]);
}

/* Where the item of a deferred row belongs; texts are palloc'd. */
void
spm_defer_key(const SpmRun *run, TupleTableSlot *row, SpmItemKey *key)
{
	const Datum *values = row->tts_values;

	key->rule = &run->rules->rules[DatumGetInt32(values[DEFERRED_RULE])];
	key->sold_on = DatumGetDateADT(values[DEFERRED_SOLD_ON]);
	key->source = DatumGetInt32(values[DEFERRED_SOURCE]);
	key->document = values[DEFERRED_DOCUMENT];
	key->line = row->tts_isnull[DEFERRED_LINE] ? (Datum) 0
											   : values[DEFERRED_LINE];
	key->payee_kind = text_of(row, DEFERRED_PAYEE_KIND);
	key->payee = text_of(row, DEFERRED_PAYEE);
	key->seller = text_of(row, DEFERRED_SELLER);
	key->outlet = text_of(row, DEFERRED_OUTLET);
	key->office = text_of(row, DEFERRED_OFFICE);
	key->company = text_of(row, DEFERRED_COMPANY);
}
