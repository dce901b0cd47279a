/*-------------------------------------------------------------------------
 *
 * stage.c
 *	  Sales, matched as they are read, and sorted into their documents.
 *
 * Only sales that some rule or indicator lets pass are kept.  The sort spills
 * above work_mem.
 *
 * src/commission/stage.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "commission/defer_int.h"
#include "commission/match_int.h"
#include "commission/trace_int.h"
#include "core/compat.h"

/* Reading one source. */
typedef struct Reading
{
	SpmRun *run;
	int source;
} Reading;

static const Oid staged_types[STAGED_COLUMNS] = {
	[STAGED_DOCUMENT] = TEXTOID,
	[STAGED_ROOT] = INT4OID,
	[STAGED_SOURCE] = INT4OID,
	[STAGED_LINE] = TEXTOID,
	[STAGED_SOLD_ON] = DATEOID,
	[STAGED_SELLER] = TEXTOID,
	[STAGED_UNIT] = TEXTOID,
	[STAGED_QUANTITY] = NUMERICOID,
	[STAGED_GROSS] = NUMERICOID,
	[STAGED_NET] = NUMERICOID,
	[STAGED_MARGIN] = NUMERICOID,
	[STAGED_REVENUE] = NUMERICOID,
	[STAGED_BITS] = BYTEAOID,
	[STAGED_SALE] = JSONBOID,
	[STAGED_SPLIT_SELLERS] = TEXTARRAYOID,
	[STAGED_SPLIT_PERCENTS] = NUMERICARRAYOID,
	[STAGED_SPLIT_AMOUNTS] = NUMERICARRAYOID,
	[STAGED_SPLIT_OVERLAYS] = BOOLARRAYOID,
	[STAGED_SPLIT_NET] = NUMERICOID,
};

/* Where a row that was read has them. */
static const struct
{
	int staged;
	int read;
} copied[] = {
	{STAGED_DOCUMENT, SPM_PERIOD_DOCUMENT},
	{STAGED_LINE, SPM_PERIOD_LINE},
	{STAGED_SELLER, 1 + SPM_KEY_SELLER},
	{STAGED_UNIT, 1 + SPM_KEY_UNIT},
	{STAGED_QUANTITY, 1 + SPM_KEY_COUNT + SPM_METRIC_QUANTITY},
	{STAGED_GROSS, 1 + SPM_KEY_COUNT + SPM_METRIC_GROSS},
	{STAGED_NET, 1 + SPM_KEY_COUNT + SPM_METRIC_NET},
	{STAGED_MARGIN, 1 + SPM_KEY_COUNT + SPM_METRIC_MARGIN},
	{STAGED_REVENUE, SPM_PERIOD_REVENUE},
	{STAGED_SPLIT_SELLERS, SPM_PERIOD_SPLIT_SELLERS},
	{STAGED_SPLIT_PERCENTS, SPM_PERIOD_SPLIT_PERCENTS},
	{STAGED_SPLIT_AMOUNTS, SPM_PERIOD_SPLIT_AMOUNTS},
	{STAGED_SPLIT_OVERLAYS, SPM_PERIOD_SPLIT_OVERLAYS},
	{STAGED_SPLIT_NET, SPM_PERIOD_SPLIT_NET},
};

static void read_sale(const SpmSale *sale, TupleTableSlot *row, void *state);
static void keep_sale(SpmRun *run, int source, const SpmSale *sale,
					  TupleTableSlot *row);
static bool is_conditional(const SpmRules *rules, const SpmBitWord *bits);
static bool depends_on_others(const SpmRules *rules, const SpmBitWord *bits);
static void put(SpmRun *run, Datum *values, bool *nulls);

/* Prepare the sort of sales. */
void
spm_stage_begin(SpmRun *run)
{
	AttrNumber columns[] = {STAGED_DOCUMENT + 1,
							STAGED_ROOT + 1,
							STAGED_SOURCE + 1,
							STAGED_LINE + 1};
	Oid operators[lengthof(columns)];
	Oid collations[] = {C_COLLATION_OID,
						InvalidOid,
						InvalidOid,
						C_COLLATION_OID};
	bool nulls_first[] = {false, false, false, false};

	run->staged_row = CreateTemplateTupleDesc(STAGED_COLUMNS);
	for (int i = 0; i < STAGED_COLUMNS; i++)
		TupleDescInitEntry(run->staged_row,
						   i + 1,
						   NULL,
						   staged_types[i],
						   -1,
						   0);
	for (int i = 0; i < lengthof(columns); i++)
		operators[i] = spm_less_operator(staged_types[columns[i] - 1]);
	run->staged_slot =
		MakeSingleTupleTableSlot(run->staged_row, &TTSOpsMinimalTuple);
	run->staged = tuplesort_begin_heap(run->staged_row,
									   lengthof(columns),
									   columns,
									   operators,
									   collations,
									   nulls_first,
									   work_mem,
									   NULL,
									   TUPLESORT_NONE);
}

/* Read all sales of the run's days, or those of its document alone. */
void
spm_stage_read(SpmRun *run)
{
	SpmSalePeriod period = {.from = run->read_from,
							.to = run->read_to,
							.document = run->alone ? run->document : NULL};
	SpmNeeds needs = {.customers = run->rules->attributes,
					  .products = run->rules->attributes};
	Reading reading = {.run = run};

	period.attributes =
		!spm_bits_empty(run->rules->conditional, run->rules->words);
	for (int i = 0; i < run->source_count; i++)
	{
		reading.source = i;
		spm_source_read_period(spm_source_get(run->sources[i]),
							   &period,
							   needs,
							   read_sale,
							   &reading);
	}
}

static void
read_sale(const SpmSale *sale, TupleTableSlot *row, void *state)
{
	Reading *reading = state;

	spm_run_tick(reading->run, "reading", ++reading->run->sale_count);
	spm_stage_sale(reading->run, reading->source, sale, row);
}

/* Match a sale, and keep it if anything counts it. */
void
spm_stage_sale(SpmRun *run, int source, const SpmSale *sale,
			   TupleTableSlot *row)
{
	const SpmRules *rules = run->rules;
	MemoryContext caller_context = MemoryContextSwitchTo(run->document_context);
	bool traced =
		run->trace != NULL &&
		spm_run_wants(run, source, row->tts_values[SPM_PERIOD_DOCUMENT]);

	memcpy(run->bits,
		   spm_stage_day_bits(run, sale->sold_on),
		   rules->words * sizeof(SpmBitWord));
	spm_match_sale(rules, sale, run->bits);
	if (traced)
		spm_trace_sale(run, source, sale, row);
	if (traced || rules->terms != NULL ||
		!spm_bits_empty(run->bits, rules->words))
		keep_sale(run, source, sale, row);
	MemoryContextSwitchTo(caller_context);
	MemoryContextReset(run->document_context);
}

static void
keep_sale(SpmRun *run, int source, const SpmSale *sale, TupleTableSlot *row)
{
	Datum values[STAGED_COLUMNS];
	bool nulls[STAGED_COLUMNS];
	bool is_split = sale->whole != NULL;
	Size size = VARHDRSZ + run->rules->words * sizeof(SpmBitWord);
	text *bits = palloc(size);

	SET_VARSIZE(bits, size);
	memcpy(VARDATA(bits), run->bits, run->rules->words * sizeof(SpmBitWord));
	if (run->alone)
		run->lonely &= !depends_on_others(run->rules, run->bits);
	memset(nulls, true, sizeof(nulls));
	for (int i = 0; i < lengthof(copied); i++)
	{
		int column = copied[i].read;

		if (column >= SPM_PERIOD_SPLIT_SELLERS && !is_split)
			break;
		values[copied[i].staged] = row->tts_values[column];
		nulls[copied[i].staged] = row->tts_isnull[column];
	}
	values[STAGED_ROOT] = Int32GetDatum(run->roots[source]);
	values[STAGED_SOURCE] = Int32GetDatum(source);
	values[STAGED_SOLD_ON] = DateADTGetDatum(sale->sold_on);
	values[STAGED_BITS] = PointerGetDatum(bits);
	nulls[STAGED_ROOT] = nulls[STAGED_SOURCE] = false;
	nulls[STAGED_SOLD_ON] = nulls[STAGED_BITS] = false;
	if (is_conditional(run->rules, run->bits))
	{
		values[STAGED_SALE] = JsonbPGetDatum(spm_sale_as_jsonb(sale, row));
		nulls[STAGED_SALE] = false;
	}
	put(run, values, nulls);
}

/* May a rule pay it by what else was sold? */
static bool
depends_on_others(const SpmRules *rules, const SpmBitWord *bits)
{
	for (int i = 0; i < rules->rule_count; i++)
		if (spm_bit_is_set(bits, i) &&
			(rules->rules[i].tier_by == SPM_TIER_BY_PERIOD ||
			 rules->rules[i].tier_by == SPM_TIER_BY_KPI))
			return true;
	return false;
}

/*
 * What may count a sale of a day: rules that are valid and whose payment is
 * asked for, and indicators with a window that the day is in.
 */
const SpmBitWord *
spm_stage_day_bits(SpmRun *run, DateADT day)
{
	SpmBitWord **bits = &run->day_bits[day - run->read_from];
	const SpmRules *rules = run->rules;
	bool is_paid = spm_run_period(run, day) != NULL;
	int month = spm_month_of(day);

	if (*bits != NULL)
		return *bits;
	*bits = MemoryContextAllocZero(run->context,
								   Max(rules->words, 1) * sizeof(SpmBitWord));
	for (int i = 0; i < rules->rule_count; i++)
	{
		const SpmRule *rule = &rules->rules[i];

		if (rule->valid_from <= day && day <= rule->valid_to &&
			(is_paid || rule->tier_by == SPM_TIER_BY_PERIOD))
			spm_bit_set(*bits, i);
	}
	for (int i = 0; i < rules->kpi_count; i++)
		if (month <= spm_month_of(run->to) &&
			month + rules->kpis[i].months - 1 >= spm_month_of(run->from))
			spm_bit_set(*bits, rules->kpis[i].number);
	return *bits;
}

static bool
is_conditional(const SpmRules *rules, const SpmBitWord *bits)
{
	for (int i = 0; i < rules->words; i++)
		if ((bits[i] & rules->conditional[i]) != 0)
			return true;
	return false;
}

/* Put a row into the sort.  It is left in the current memory context. */
static void
put(SpmRun *run, Datum *values, bool *nulls)
{
	TupleTableSlot *slot = run->staged_slot;
	MinimalTuple tuple = spm_form_minimal_tuple(run->staged_row, values, nulls);

	ExecStoreMinimalTuple(tuple, slot, false);
	tuplesort_puttupleslot(run->staged, slot);
	ExecClearTuple(slot);
}
