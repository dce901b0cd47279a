/*-------------------------------------------------------------------------
 *
 * trace.c
 *	  Why rules do not pay the credits of one document.
 *
 * The same bitmaps that decide are asked one dimension at a time.
 *
 * src/commission/trace.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

#include "commission/match_int.h"
#include "commission/trace_int.h"

/* What the filters on its columns say of a sale, by rule; NULL: it passes. */
typedef struct TracedLine
{
	int source;
	const char *line;
	const char **reasons;
} TracedLine;

static const char *const dimension_names[SPM_DIMENSION_COUNT] = {
	[SPM_KEY_SELLER] = "sellers",
	[SPM_KEY_UNIT] = "units",
	[SPM_KEY_CUSTOMER] = "customers",
	[SPM_KEY_SECTOR] = "sectors",
	[SPM_KEY_REGION] = "regions",
	[SPM_KEY_SEGMENT] = "segments",
	[SPM_KEY_PRODUCT] = "products",
	[SPM_KEY_BRAND] = "brands",
	[SPM_KEY_FAMILY] = "families",
	[SPM_KEY_BRANCH] = "branches",
	[SPM_KEY_SALE_TYPE] = "sale types",
	[SPM_KEY_SOURCE] = "sources",
	[SPM_DIMENSION_PARTNER_TYPE] = "partner types",
	[SPM_DIMENSION_COMPANY_FLAG] = "company flags",
};

/* All that is asked of one rule and credit. */
typedef struct Question
{
	SpmDocument *document;
	const SpmCredit *credit;
	const SpmPlace *place;
	const TracedLine *line;
} Question;

static const TracedLine *line_of(const SpmRun *run, const SpmLine *line);
static void trace_group(const Question *question, int group);
static const char *why_not(const Question *question, const SpmRule *rule,
						   const SpmPayee *payee, const SpmRule *paying);
static const char *by_filters(const Question *question, const SpmRule *rule,
							  const SpmPayee *payee);
static bool passes(const SpmRules *rules, int dimension, const SpmCode *keys,
				   int count, int number);
static SpmBitWord *all_bits(const SpmRules *rules);
static void refuse(const Question *question, const SpmRule *rule,
				   const SpmPayee *payee, const char *reason);

SpmRuleTrace *
spm_trace_create(MemoryContext context)
{
	SpmRuleTrace *trace = MemoryContextAllocZero(context, sizeof(SpmRuleTrace));

	trace->context = context;
	return trace;
}

/* Note which rules' filters a sale of the document does not pass. */
void
spm_trace_sale(SpmRun *run, int source, const SpmSale *sale,
			   TupleTableSlot *row)
{
	const SpmRules *rules = run->rules;
	MemoryContext caller_context = MemoryContextSwitchTo(run->trace->context);
	TracedLine *traced = palloc(sizeof(TracedLine));
	SpmSale one = *sale;

	traced->source = source;
	traced->line = row->tts_isnull[SPM_PERIOD_LINE]
					   ? ""
					   : TextDatumGetCString(row->tts_values[SPM_PERIOD_LINE]);
	traced->reasons = palloc0(Max(rules->rule_count, 1) * sizeof(char *));
	for (int column = 0; column < SPM_KEY_COUNT; column++)
	{
		SpmBitWord *bits;

		if (column == SPM_KEY_SELLER || column == SPM_KEY_UNIT ||
			!rules->dimensions[column].filtered)
			continue;
		bits = all_bits(rules);
		spm_match_column(rules, &one, column, bits);
		for (int i = 0; i < rules->rule_count; i++)
			if (traced->reasons[i] == NULL && !spm_bit_is_set(bits, i))
				traced->reasons[i] = dimension_names[column];
	}
	run->trace->lines = lappend(run->trace->lines, traced);
	MemoryContextSwitchTo(caller_context);
}

static SpmBitWord *
all_bits(const SpmRules *rules)
{
	SpmBitWord *bits = palloc(Max(rules->words, 1) * sizeof(SpmBitWord));

	memset(bits, 0xff, rules->words * sizeof(SpmBitWord));
	return bits;
}

/* Note which rules do not pay a credit. */
void
spm_trace_credit(SpmDocument *document, const SpmCredit *credit,
				 const SpmPlace *place)
{
	SpmRun *run = document->run;
	MemoryContext caller_context = MemoryContextSwitchTo(run->trace->context);
	Question question = {document, credit, place, line_of(run, credit->line)};

	for (int i = 0; question.line != NULL && i < run->rules->group_count; i++)
		trace_group(&question, i);
	MemoryContextSwitchTo(caller_context);
}

static const TracedLine *
line_of(const SpmRun *run, const SpmLine *line)
{
	const char *name = line->line ? TextDatumGetCString(line->line) : "";
	ListCell *cell;

	foreach (cell, run->trace->lines)
	{
		const TracedLine *traced = lfirst(cell);

		if (traced->source == line->source && strcmp(traced->line, name) == 0)
			return traced;
	}
	return NULL;
}

static void
trace_group(const Question *question, int number)
{
	SpmDocument *document = question->document;
	SpmRun *run = document->run;
	const SpmRuleGroup *group = &run->rules->groups[number];
	SpmBitWord *bits = palloc(Max(run->rules->words, 1) * sizeof(SpmBitWord));
	SpmPayee *payees;
	int count = spm_document_payees(document,
									question->credit,
									question->place,
									group,
									&payees);

	for (int rule = group->first; count == 0 && rule < group->end; rule++)
		refuse(question,
			   &run->rules->rules[rule],
			   NULL,
			   psprintf("the credit has no %s", group->payee));
	for (int i = 0; i < count; i++)
	{
		SpmChoice choice = {.rule = question->credit->overlay
										? NULL
										: spm_document_term(document, number)};

		memcpy(bits, run->bits, run->rules->words * sizeof(SpmBitWord));
		if (choice.rule == NULL)
			spm_document_choose(document,
								question->credit,
								group,
								&payees[i],
								bits,
								&choice);
		for (int rule = group->first; rule < group->end; rule++)
			if (&run->rules->rules[rule] != choice.rule)
				refuse(question,
					   &run->rules->rules[rule],
					   &payees[i],
					   why_not(question,
							   &run->rules->rules[rule],
							   &payees[i],
							   choice.rule));
	}
}

/* Why a rule does not pay. */
static const char *
why_not(const Question *question, const SpmRule *rule, const SpmPayee *payee,
		const SpmRule *paying)
{
	const SpmLine *line = question->credit->line;
	const char *filter;
	char *error = NULL;

	if (line->sold_on < rule->valid_from || line->sold_on > rule->valid_to)
		return "not valid on the day";
	if (question->credit->overlay ? !rule->of_overlays : !rule->of_revenue)
		return question->credit->overlay ? "the credit is an overlay"
										 : "the credit is no overlay";
	filter = by_filters(question, rule, payee);
	if (filter != NULL)
		return psprintf("filter on %s", filter);
	if (!spm_document_has_amount(question->document, rule, line))
		return "the amount of the document is out of bounds";
	if (rule->condition != 0 &&
		!spm_condition_holds(rule->condition, line->sale, &error))
		return error ? psprintf("condition: %s", error)
					 : "the condition does not hold";
	if (paying != NULL && spm_rule_is_term(paying))
		return "a term of the document goes before";
	if (paying != NULL)
		return psprintf("rule " INT64_FORMAT " goes before", paying->rule_id);
	return "does not match";
}

/* The filter that a credit does not pass, NULL if there is none. */
static const char *
by_filters(const Question *question, const SpmRule *rule, const SpmPayee *payee)
{
	const SpmRules *rules = question->document->run->rules;
	const SpmCredit *credit = question->credit;
	SpmCode seller = {credit->seller ? credit->seller->code : NULL,
					  credit->seller ? credit->seller->length : 0};
	SpmBitWord *bits;

	if (question->line->reasons[rule->number] != NULL)
		return question->line->reasons[rule->number];
	if (!passes(rules,
				SPM_KEY_SELLER,
				&seller,
				seller.text != NULL,
				rule->number))
		return dimension_names[SPM_KEY_SELLER];
	bits = all_bits(rules);
	spm_match_units(rules, question->place, bits);
	if (!spm_bit_is_set(bits, rule->number))
		return dimension_names[SPM_KEY_UNIT];
	spm_match_flags(rules, credit, bits);
	if (!spm_bit_is_set(bits, rule->number))
		return dimension_names[SPM_DIMENSION_COMPANY_FLAG];
	spm_match_payee(rules, payee->partner_type, bits);
	if (!spm_bit_is_set(bits, rule->number))
		return dimension_names[SPM_DIMENSION_PARTNER_TYPE];
	return NULL;
}

static bool
passes(const SpmRules *rules, int dimension, const SpmCode *keys, int count,
	   int number)
{
	SpmBitWord *bits = all_bits(rules);

	spm_dimension_narrow(&rules->dimensions[dimension], keys, count, bits);
	return spm_bit_is_set(bits, number);
}

static void
refuse(const Question *question, const SpmRule *rule, const SpmPayee *payee,
	   const char *reason)
{
	SpmRuleTrace *trace = question->document->run->trace;
	SpmEarning earning = {.rule = rule, .credit = question->credit};
	SpmRefusal *refusal;

	if (trace->count == trace->room)
	{
		trace->room = Max(64, 2 * trace->room);
		trace->refusals =
			trace->refusals
				? repalloc(trace->refusals, trace->room * sizeof(SpmRefusal))
				: palloc(trace->room * sizeof(SpmRefusal));
	}
	if (payee != NULL)
		earning.payee = *payee;
	refusal = &trace->refusals[trace->count++];
	spm_item_key(&refusal->key, &earning);
	refusal->key.document = (Datum) 0;
	if (refusal->key.line != 0)
		refusal->key.line =
			PointerGetDatum(DatumGetTextPCopy(refusal->key.line));
	refusal->reason = reason;
}
