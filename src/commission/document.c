/*-------------------------------------------------------------------------
 *
 * document.c
 *	  What the credits of one document earn.
 *
 * A document is complete when it is worked on: all its sales that anything
 * counts.  For each credit, component and payee the first rule that matches
 * pays, or a term of the document.  What depends on other documents is
 * deferred.
 *
 * src/commission/document.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

#include "commission/document_int.h"
#include "commission/match_int.h"
#include "commission/trace_int.h"
#include "core/exact.h"
#include "split/split.h"

static void pay_line(SpmDocument *document, const SpmLine *line);
static void pay_credit(SpmDocument *document, SpmCredit *credit);
static void pay_group(SpmDocument *document, const SpmCredit *credit,
					  const SpmPlace *place, const SpmRuleGroup *group,
					  const SpmRule *term, const SpmBitWord *bits);
static void add_earning(SpmDocument *document, const SpmRule *rule,
						const SpmPayee *payee, const SpmCredit *credit,
						const SpmPlace *place);
static SpmEarning **sort_earnings(SpmDocument *document);
static int compare_earnings(const void *a, const void *b);
static int compare_groups(const SpmEarning *a, const SpmEarning *b);
static int compare_sellers(const SpmEarning *a, const SpmEarning *b);
static void keep_on_lowest_lines(SpmDocument *document, SpmEarning **sorted);
static void pay_sales(SpmDocument *document);
static void pay_documents(SpmDocument *document, SpmEarning **sorted);
static void pay_together(SpmDocument *document, SpmEarning **earnings,
						 int count);

/* Pay what the lines of a document earn, sorted by source and line. */
void
spm_document_pay(SpmRun *run, SpmLine **lines, int count)
{
	MemoryContext caller_context = MemoryContextSwitchTo(run->document_context);
	SpmDocument document = {.run = run, .lines = lines, .line_count = count};
	SpmEarning **sorted;

	document.number = ++run->document_number;
	document.room = 16;
	document.earnings = palloc(document.room * sizeof(SpmEarning));
	if (run->rules->terms != NULL)
		document.terms = spm_terms_of(run->rules,
									  run->sources[lines[0]->root],
									  TextDatumGetCString(lines[0]->document));
	for (int i = 0; i < count; i++)
		pay_line(&document, lines[i]);
	sorted = sort_earnings(&document);
	keep_on_lowest_lines(&document, sorted);
	pay_sales(&document);
	pay_documents(&document, sorted);
	MemoryContextSwitchTo(caller_context);
}

/* Go through the credits of a line. */
static void
pay_line(SpmDocument *document, const SpmLine *line)
{
	SpmOrg *org = document->run->org;
	SpmShare *shares;
	int count;

	if (line->splits == NULL)
	{
		SpmCredit *credit = palloc0(sizeof(SpmCredit));

		credit->line = line;
		if (line->seller != NULL)
			credit->seller =
				spm_org_seller(org, line->seller, line->seller_length);
		pay_credit(document, credit);
		return;
	}
	shares = palloc((line->splits->count + 1) * sizeof(SpmShare));
	count = spm_splits_shares(line->splits,
							  line->seller,
							  line->seller_length,
							  shares);
	for (int i = 0; i < count; i++)
	{
		SpmCredit *credit = palloc0(sizeof(SpmCredit));

		credit->line = line;
		if (shares[i].seller != NULL)
			credit->seller =
				spm_org_seller(org, shares[i].seller, shares[i].length);
		credit->part = shares[i].part;
		credit->whole = line->splits->whole;
		credit->overlay = shares[i].overlay;
		pay_credit(document, credit);
	}
}

/* Find what pays a credit, and count it in indicators. */
static void
pay_credit(SpmDocument *document, SpmCredit *credit)
{
	SpmRun *run = document->run;
	const SpmRules *rules = run->rules;
	const SpmLine *line = credit->line;
	bool is_paid = spm_run_period(run, line->sold_on) != NULL;
	SpmPlace place;

	spm_place_find(run->org,
				   line->unit,
				   line->unit_length,
				   credit->seller,
				   line->sold_on,
				   &place);
	credit->outlet = place.outlet;
	credit->office = place.office;
	credit->company = place.company;
	memcpy(run->bits, line->bits, rules->words * sizeof(SpmBitWord));
	spm_match_credit(rules, credit, &place, run->bits);
	spm_document_count(document, credit, &place, run->bits);
	if (run->trace != NULL && spm_run_wants(run, line->root, line->document) &&
		is_paid)
		spm_trace_credit(document, credit, &place);
	for (int i = 0; i < rules->group_count; i++)
	{
		const SpmRuleGroup *group = &rules->groups[i];
		const SpmRule *term =
			is_paid && !credit->overlay ? spm_document_term(document, i) : NULL;

		if (term != NULL ||
			spm_bit_next(run->bits, group->first, group->end) < group->end)
			pay_group(document, credit, &place, group, term, run->bits);
	}
}

/* The term of the document for a component and payee, NULL if it has none. */
const SpmRule *
spm_document_term(const SpmDocument *document, int group)
{
	ListCell *cell;

	foreach (cell, document->terms)
	{
		const SpmRule *term = lfirst(cell);

		if (term->group == group)
			return term;
	}
	return NULL;
}

/* Pay each payee of a group. */
static void
pay_group(SpmDocument *document, const SpmCredit *credit, const SpmPlace *place,
		  const SpmRuleGroup *group, const SpmRule *term,
		  const SpmBitWord *bits)
{
	SpmPayee *payees;
	int count = spm_document_payees(document, credit, place, group, &payees);

	for (int i = 0; i < count; i++)
	{
		SpmChoice choice = {.rule = term};

		if (term == NULL)
			spm_document_choose(document,
								credit,
								group,
								&payees[i],
								bits,
								&choice);
		if (choice.failure != NULL)
			spm_document_fail(document,
							  choice.rule,
							  credit,
							  &payees[i],
							  choice.failure);
		else if (choice.rule != NULL)
			add_earning(document, choice.rule, &payees[i], credit, place);
	}
}

/* A rule pays: now, when the document is complete, or later. */
static void
add_earning(SpmDocument *document, const SpmRule *rule, const SpmPayee *payee,
			const SpmCredit *credit, const SpmPlace *place)
{
	SpmRun *run = document->run;
	SpmEarning *earning;
	const char *failure = NULL;
	Numeric base = spm_document_base(document, rule, credit, &failure);
	int part = spm_run_part(run, credit->line->sold_on);

	if (!spm_rule_is_term(rule) && part >= 0)
		run->paid[(int64) rule->number * run->period_count + part]++;
	if (failure != NULL)
	{
		spm_document_fail(document, rule, credit, payee, failure);
		return;
	}
	if (document->count == document->room)
	{
		document->room *= 2;
		document->earnings =
			repalloc(document->earnings, document->room * sizeof(SpmEarning));
	}
	earning = &document->earnings[document->count++];
	earning->rule = rule;
	earning->payee = *payee;
	earning->credit = credit;
	earning->base = base;
	earning->part = part;
	earning->owner = spm_document_owner(document, rule, payee, credit, place);
}

/*
 * Earnings in order of rule, payee and period, those of one seller's credits
 * together, else as they came.
 */
static SpmEarning **
sort_earnings(SpmDocument *document)
{
	SpmEarning **sorted = palloc(document->room * sizeof(SpmEarning *));

	for (int i = 0; i < document->count; i++)
		sorted[i] = &document->earnings[i];
	qsort(sorted, document->count, sizeof(SpmEarning *), compare_earnings);
	return sorted;
}

static int
compare_earnings(const void *a, const void *b)
{
	const SpmEarning *left = *(SpmEarning *const *) a;
	const SpmEarning *right = *(SpmEarning *const *) b;
	int order = compare_groups(left, right);

	if (order == 0)
		order = compare_sellers(left, right);
	if (order == 0)
		order = (left > right) - (left < right);
	return order;
}

/* Are they paid together: by one rule, to one payee, in one period? */
static int
compare_groups(const SpmEarning *a, const SpmEarning *b)
{
	int order;

	if (a->rule != b->rule)
		return a->rule > b->rule ? 1 : -1;
	order = strcmp(a->payee.code, b->payee.code);
	return order != 0 ? order : (a->part > b->part) - (a->part < b->part);
}

static int
compare_sellers(const SpmEarning *a, const SpmEarning *b)
{
	const SpmSeller *left = a->credit->seller;
	const SpmSeller *right = b->credit->seller;

	if (left != right)
		return left > right ? 1 : -1;
	return (int) a->credit->overlay - (int) b->credit->overlay;
}

/*
 * A document counts once: on the lowest of its lines that a rule pays
 * somebody.  Lines came in order.
 */
static void
keep_on_lowest_lines(SpmDocument *document, SpmEarning **sorted)
{
	for (int i = 1; i < document->count; i++)
		if (sorted[i]->rule->base == SPM_BASE_DOCUMENT &&
			compare_groups(sorted[i - 1], sorted[i]) == 0 &&
			compare_sellers(sorted[i - 1], sorted[i]) == 0)
			sorted[i]->base = spm_exact_zero();
}

/* Pay what is paid line by line, and defer what needs more than documents. */
static void
pay_sales(SpmDocument *document)
{
	SpmRun *run = document->run;

	for (int i = 0; i < document->count; i++)
	{
		const SpmEarning *earning = &document->earnings[i];
		SpmPayment payment;
		SpmItemKey key;

		switch (earning->rule->tier_by)
		{
			case SPM_TIER_BY_SALE:
				spm_pay(earning->rule,
						earning->base,
						earning->base,
						run->scale,
						&payment);
				spm_item_key(&key, earning);
				spm_item_put(run, &key, earning->base, &payment);
				break;
			case SPM_TIER_BY_PERIOD:
			case SPM_TIER_BY_KPI:
				spm_defer(run, earning);
				break;
			default:
				break;
		}
	}
}

/* Pay what is paid for the document as a whole. */
static void
pay_documents(SpmDocument *document, SpmEarning **sorted)
{
	for (int first = 0; first < document->count;)
	{
		int next = first + 1;

		while (next < document->count &&
			   compare_groups(sorted[first], sorted[next]) == 0)
			next++;
		if (sorted[first]->rule->tier_by == SPM_TIER_BY_DOCUMENT)
			pay_together(document, sorted + first, next - first);
		first = next;
	}
}

/* Divide what is paid for a document over its lines. */
static void
pay_together(SpmDocument *document, SpmEarning **earnings, int count)
{
	SpmRun *run = document->run;
	Numeric *bases = palloc(count * sizeof(Numeric));
	Numeric *parts = palloc(count * sizeof(Numeric));
	Numeric sum = earnings[0]->base;
	SpmPayment payment;

	for (int i = 0; i < count; i++)
	{
		bases[i] = earnings[i]->base;
		if (i > 0)
			sum = spm_exact_add(sum, bases[i]);
	}
	sum = spm_pay_cleaned(sum);
	spm_pay(earnings[0]->rule, sum, sum, run->scale, &payment);
	spm_split_by_weight(payment.amount, bases, count, run->scale, parts);
	for (int i = 0; i < count; i++)
	{
		SpmItemKey key;

		payment.amount = parts[i];
		spm_item_key(&key, earnings[i]);
		spm_item_put(run, &key, bases[i], &payment);
	}
}
