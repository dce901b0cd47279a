/*-------------------------------------------------------------------------
 *
 * classify.c
 *	  Who is paid on a credit, and by which rule.
 *
 * src/commission/classify.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commission/document_int.h"
#include "commission/match_int.h"
#include "core/exact.h"

static Numeric document_amount(SpmDocument *document, SpmBase base,
							   const SpmLine *line);
static int managers_of(SpmOrg *org, const SpmUnit *unit, DateADT day,
					   SpmPayee *payees);
static const char *seller_partner_type(const SpmSeller *seller, DateADT day);

/*
 * Who is paid: the seller, the nearest unit of a kind, or all its managers.
 * Nobody, if the credit has none.
 */
int
spm_document_payees(SpmDocument *document, const SpmCredit *credit,
					const SpmPlace *place, const SpmRuleGroup *group,
					SpmPayee **payees)
{
	SpmOrg *org = document->run->org;
	DateADT day = credit->line->sold_on;
	const SpmUnit *unit = NULL;

	if (group->kind == SPM_PAYEE_SELLER)
	{
		if (credit->seller == NULL)
			return 0;
		*payees = palloc(sizeof(SpmPayee));
		**payees = (SpmPayee){"seller",
							  credit->seller->code,
							  seller_partner_type(credit->seller, day)};
		return 1;
	}
	unit = spm_place_unit(org, place, group->unit_kind);
	if (unit == NULL)
		return 0;
	if (group->kind == SPM_PAYEE_MANAGER)
	{
		*payees = palloc(Max(unit->managers.count, 1) * sizeof(SpmPayee));
		return managers_of(org, unit, day, *payees);
	}
	*payees = palloc(sizeof(SpmPayee));
	**payees = (SpmPayee){unit->kind,
						  unit->code,
						  spm_partner_type_on(unit->partner_type,
											  &unit->partner_types,
											  day)};
	return 1;
}

/* The managers of a unit on a day. */
static int
managers_of(SpmOrg *org, const SpmUnit *unit, DateADT day, SpmPayee *payees)
{
	int count = 0;

	for (int i = 0; i < unit->managers.count; i++)
	{
		const SpmUnitSpan *span = &unit->managers.spans[i];
		SpmSeller *seller;

		if (!spm_unit_span_covers(span, day))
			continue;
		seller = spm_org_seller(org, span->what, strlen(span->what));
		payees[count++] = (SpmPayee){"seller",
									 seller->code,
									 seller_partner_type(seller, day)};
	}
	return count;
}

static const char *
seller_partner_type(const SpmSeller *seller, DateADT day)
{
	return spm_partner_type_on(seller->partner_type,
							   &seller->partner_types,
							   day);
}

/*
 * The strongest rule of a group that matches.  A rule whose condition fails
 * with an error would pay, if it did not: it is the choice, with the reason.
 */
void
spm_document_choose(SpmDocument *document, const SpmCredit *credit,
					const SpmRuleGroup *group, const SpmPayee *payee,
					const SpmBitWord *bits, SpmChoice *choice)
{
	const SpmRules *rules = document->run->rules;
	SpmBitWord *left = palloc(rules->words * sizeof(SpmBitWord));

	memcpy(left, bits, rules->words * sizeof(SpmBitWord));
	spm_match_payee(rules, payee->partner_type, left);
	for (int number = spm_bit_next(left, group->first, group->end);
		 number < group->end;
		 number = spm_bit_next(left, number + 1, group->end))
	{
		const SpmRule *rule = &rules->rules[number];
		char *error = NULL;

		if (!spm_document_has_amount(document, rule, credit->line))
			continue;
		if (rule->condition != 0 &&
			!spm_condition_holds(rule->condition, credit->line->sale, &error) &&
			error == NULL)
			continue;
		choice->rule = rule;
		if (error != NULL)
			choice->failure = psprintf("condition: %s", error);
		break;
	}
	pfree(left);
}

/* Is the document between a rule's least and largest amount? */
bool
spm_document_has_amount(SpmDocument *document, const SpmRule *rule,
						const SpmLine *line)
{
	Numeric amount;

	if (rule->min_amount == NULL && rule->max_amount == NULL)
		return true;
	amount = document_amount(document, rule->base, line);
	return (rule->min_amount == NULL ||
			spm_exact_compare(amount, rule->min_amount) >= 0) &&
		   (rule->max_amount == NULL ||
			spm_exact_compare(amount, rule->max_amount) <= 0);
}

/*
 * Magnitude of a base of the whole document, as far as known: of its lines in
 * the period of one of them.
 */
static Numeric
document_amount(SpmDocument *document, SpmBase base, const SpmLine *line)
{
	Numeric sum = spm_exact_zero();
	int part = spm_run_part(document->run, line->sold_on);

	if (base == SPM_BASE_DOCUMENT)
		return document->run->one;
	for (int i = 0; i < document->line_count; i++)
	{
		const SpmLine *other = document->lines[i];

		if (other->amounts[base] != NULL &&
			spm_run_part(document->run, other->sold_on) == part)
			sum = spm_exact_add(sum, other->amounts[base]);
	}
	return spm_exact_sign(sum) < 0 ? spm_exact_negate(sum) : sum;
}

/* A rule cannot pay a credit: say why. */
void
spm_document_fail(SpmDocument *document, const SpmRule *rule,
				  const SpmCredit *credit, const SpmPayee *payee,
				  const char *reason)
{
	const SpmRuleGroup *group = &document->run->rules->groups[rule->group];
	SpmEarning earning = {.rule = rule, .payee = *payee, .credit = credit};
	SpmItemKey key;

	spm_item_key(&key, &earning);
	spm_exception_put(document->run,
					  &key,
					  group->component,
					  group->payee,
					  reason);
}
