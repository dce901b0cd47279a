/*-------------------------------------------------------------------------
 *
 * credit.c
 *	  What a credit adds: to what a rule pays on, and to indicators.
 *
 * src/commission/credit.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commission/document_int.h"
#include "core/exact.h"
#include "split/split.h"

static Numeric share(const SpmCredit *credit, Numeric amount);
static bool is_loss(const SpmLine *line, Numeric base);
static void count_kpi(SpmDocument *document, int kpi, const SpmCredit *credit,
					  const SpmPlace *place);

/*
 * What a rule applies its rate to: the credit's share of the line.  NULL with
 * *failure set if that is not known.
 */
Numeric
spm_document_base(SpmDocument *document, const SpmRule *rule,
				  const SpmCredit *credit, const char **failure)
{
	const SpmLine *line = credit->line;
	Numeric amount;

	if (rule->base == SPM_BASE_DOCUMENT)
		amount = document->run->one;
	else
		amount = line->amounts[rule->base];
	if (amount == NULL)
	{
		*failure = psprintf("the %s of the sale is not known",
							spm_base_names[rule->base]);
		return NULL;
	}
	if (rule->positive_only && is_loss(line, amount))
		return spm_exact_zero();
	return share(credit, amount);
}

/* The credit's share of an amount. */
static Numeric
share(const SpmCredit *credit, Numeric amount)
{
	if (credit->part == NULL)
		return amount;
	return spm_share_amount(amount, credit->part, credit->whole);
}

/*
 * Does a sale lose, or its return give back a loss?  What is sold has a
 * positive net, or, without one, a positive quantity.
 */
static bool
is_loss(const SpmLine *line, Numeric base)
{
	int side = 0;

	if (line->amounts[SPM_BASE_NET] != NULL)
		side = spm_exact_sign(line->amounts[SPM_BASE_NET]);
	if (side == 0 && line->amounts[SPM_BASE_QUANTITY] != NULL)
		side = spm_exact_sign(line->amounts[SPM_BASE_QUANTITY]);
	return spm_exact_sign(base) * (side == 0 ? 1 : side) < 0;
}

/* Add a credit to the indicators that count it. */
void
spm_document_count(SpmDocument *document, const SpmCredit *credit,
				   const SpmPlace *place, const SpmBitWord *bits)
{
	const SpmRules *rules = document->run->rules;

	for (int i = 0; i < rules->kpi_count; i++)
		if (spm_bit_is_set(bits, rules->kpis[i].number))
			count_kpi(document, i, credit, place);
}

static void
count_kpi(SpmDocument *document, int kpi, const SpmCredit *credit,
		  const SpmPlace *place)
{
	SpmRun *run = document->run;
	const SpmKpi *known = &run->rules->kpis[kpi];
	const SpmLine *line = credit->line;
	int month = spm_month_of(line->sold_on);
	Numeric amount = NULL;
	Numeric net = NULL;

	if (known->metric == SPM_METRIC_DOCUMENTS)
		amount = run->one;
	else
	{
		amount = line->amounts[known->metric == SPM_KPI_MARGIN_PERCENT
								   ? SPM_BASE_MARGIN
								   : known->metric];
		if (amount != NULL)
			amount = share(credit, amount);
		if (known->metric == SPM_KPI_MARGIN_PERCENT &&
			line->amounts[SPM_BASE_NET] != NULL)
			net = share(credit, line->amounts[SPM_BASE_NET]);
	}
	if (known->of_sellers && credit->seller != NULL)
		spm_kpis_add(run->kpis,
					 kpi,
					 (SpmKpiOwner){true, credit->seller->code},
					 month,
					 document->number,
					 amount,
					 net);
	if (!known->of_units || (credit->overlay && !known->by_sellers))
		return;
	for (int i = 0; i < place->count; i++)
		spm_kpis_add(run->kpis,
					 kpi,
					 (SpmKpiOwner){false, place->units[i]->code},
					 month,
					 document->number,
					 amount,
					 net);
}

/* Whose indicator a rule by kpi asks for. */
SpmKpiOwner
spm_document_owner(const SpmDocument *document, const SpmRule *rule,
				   const SpmPayee *payee, const SpmCredit *credit,
				   const SpmPlace *place)
{
	const SpmRuleGroup *group = &document->run->rules->groups[rule->group];
	const SpmUnit *unit = NULL;

	if (rule->tier_by != SPM_TIER_BY_KPI)
		return (SpmKpiOwner){false, NULL};
	switch (rule->kpi_of)
	{
		case SPM_KPI_OF_PAYEE:
			return (SpmKpiOwner){group->kind != SPM_PAYEE_UNIT, payee->code};
		case SPM_KPI_OF_SELLER:
			return (SpmKpiOwner){true,
								 credit->seller ? credit->seller->code : NULL};
		case SPM_KPI_OF_OUTLET:
			unit = credit->outlet;
			break;
		case SPM_KPI_OF_OFFICE:
			unit = credit->office;
			break;
		default:
			unit = credit->company;
			break;
	}
	return (SpmKpiOwner){false, unit ? unit->code : NULL};
}
