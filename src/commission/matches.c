/*-------------------------------------------------------------------------
 *
 * matches.c
 *	  How many credits pass the filters of each rule.
 *
 * src/commission/matches.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "commission/match_int.h"
#include "core/catalog.h"
#include "core/export.h"
#include "core/owner.h"

SPM_FUNCTION_INFO_V1(spm_commission_matches);

static void count_sale(const SpmSale *sale, TupleTableSlot *row, void *state);
static void count_credit(SpmRun *run, const SpmLine *line, const char *seller,
						 int length, bool overlay, const SpmBitWord *sale_bits);

/* commission_matches(starts_on, ends_on) → (rule_id, sales) */
Datum
spm_commission_matches(PG_FUNCTION_ARGS)
{
	DateADT from = PG_GETARG_DATEADT(0);
	DateADT to = PG_GETARG_DATEADT(1);
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "salesperf matches",
												  ALLOCSET_DEFAULT_SIZES);
	SpmSalePeriod period = {.from = from, .to = to};
	SpmNeeds needs = {0};
	SpmCaller caller;
	SpmRun *run;

	if (DATE_NOT_FINITE(from) || DATE_NOT_FINITE(to) || from > to ||
		to - from > SPM_RUN_MAX_DAYS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("starts_on and ends_on must be days in order, at most "
						"ten years apart")));
	InitMaterializedSRF(fcinfo, 0);
	spm_become(spm_relation_owner(spm_relation_oid("commission_item", false)),
			   &caller);
	run = spm_run_create(context, from, to, true);
	spm_run_prepare_days(run);
	needs.customers = run->rules->attributes;
	needs.products = run->rules->attributes;
	for (int i = 0; i < run->source_count; i++)
		spm_source_read_period(spm_source_get(run->sources[i]),
							   &period,
							   needs,
							   count_sale,
							   run);
	for (int i = 0; i < run->rules->rule_count; i++)
	{
		const SpmRule *rule = &run->rules->rules[i];
		Datum values[2] = {Int64GetDatum(rule->rule_id),
						   Int64GetDatum(run->paid[i])};
		bool nulls[2] = {false, false};

		if (rule->valid_from <= to && rule->valid_to >= from)
			tuplestore_putvalues(result->setResult,
								 result->setDesc,
								 values,
								 nulls);
	}
	spm_return_to(&caller);
	MemoryContextDelete(context);
	return (Datum) 0;
}

static void
count_sale(const SpmSale *sale, TupleTableSlot *row, void *state)
{
	SpmRun *run = state;
	const SpmRules *rules = run->rules;
	MemoryContext caller_context = MemoryContextSwitchTo(run->document_context);
	SpmLine line = {.sold_on = sale->sold_on,
					.unit = sale->keys[SPM_KEY_UNIT],
					.unit_length = sale->lengths[SPM_KEY_UNIT]};
	SpmBitWord *bits = run->sale_bits;

	spm_run_tick(run, "matching", ++run->sale_count);
	memcpy(bits,
		   spm_stage_day_bits(run, sale->sold_on),
		   rules->words * sizeof(SpmBitWord));
	spm_match_sale(rules, sale, bits);
	if (!spm_bits_empty(bits, rules->words))
	{
		if (sale->whole == NULL)
			count_credit(run,
						 &line,
						 sale->keys[SPM_KEY_SELLER],
						 sale->lengths[SPM_KEY_SELLER],
						 false,
						 bits);
		for (int i = 0; i < sale->share_count; i++)
			count_credit(run,
						 &line,
						 sale->shares[i].seller,
						 sale->shares[i].length,
						 sale->shares[i].overlay,
						 bits);
	}
	MemoryContextSwitchTo(caller_context);
	MemoryContextReset(run->document_context);
}

/* Count a credit for the rules whose filters it passes. */
static void
count_credit(SpmRun *run, const SpmLine *line, const char *seller, int length,
			 bool overlay, const SpmBitWord *sale_bits)
{
	const SpmRules *rules = run->rules;
	SpmCredit credit = {.line = line, .overlay = overlay};
	SpmPlace place = {0};

	if (seller != NULL)
		credit.seller = spm_org_seller(run->org, seller, length);
	if (spm_match_needs_place(rules))
	{
		spm_place_find(run->org,
					   line->unit,
					   line->unit_length,
					   credit.seller,
					   line->sold_on,
					   &place);
		credit.company = place.company;
	}
	memcpy(run->bits, sale_bits, rules->words * sizeof(SpmBitWord));
	spm_match_credit(rules, &credit, &place, run->bits);
	for (int i = spm_bit_next(run->bits, 0, rules->rule_count);
		 i < rules->rule_count;
		 i = spm_bit_next(run->bits, i + 1, rules->rule_count))
		run->paid[i]++;
}
