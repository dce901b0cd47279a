/*-------------------------------------------------------------------------
 *
 * match.c
 *	  Which rules and indicators a sale and a credit pass.
 *
 * src/commission/match.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commission/match_int.h"
#include "org/path.h"

static void narrow_family(const SpmRules *rules, const SpmSale *sale,
						  SpmBitWord *bits);

/* Keep the bits of what lets the sale's own columns pass. */
void
spm_match_sale(const SpmRules *rules, const SpmSale *sale, SpmBitWord *bits)
{
	for (int column = 0; column < SPM_KEY_COUNT; column++)
		if (column != SPM_KEY_SELLER && column != SPM_KEY_UNIT &&
			rules->dimensions[column].filtered)
			spm_match_column(rules, sale, column, bits);
}

/* The same for one column. */
void
spm_match_column(const SpmRules *rules, const SpmSale *sale, SpmKey column,
				 SpmBitWord *bits)
{
	SpmCode key = {sale->keys[column], sale->lengths[column]};

	if (column == SPM_KEY_FAMILY && key.text != NULL)
		narrow_family(rules, sale, bits);
	else
		spm_dimension_narrow(&rules->dimensions[column],
							 &key,
							 key.text != NULL,
							 bits);
}

/* A family with all families above. */
static void
narrow_family(const SpmRules *rules, const SpmSale *sale, SpmBitWord *bits)
{
	SpmOrgPath path;
	SpmCode *keys;

	spm_path_of_family(sale->keys[SPM_KEY_FAMILY],
					   sale->lengths[SPM_KEY_FAMILY],
					   &path);
	keys = palloc(path.count * sizeof(SpmCode));
	for (int i = 0; i < path.count; i++)
		keys[i] = (SpmCode){path.units[i]->code, path.units[i]->length};
	spm_dimension_narrow(&rules->dimensions[SPM_KEY_FAMILY],
						 keys,
						 path.count,
						 bits);
	pfree(keys);
}

/* Keep the bits of what lets the credit pass: seller, units, flags. */
void
spm_match_credit(const SpmRules *rules, const SpmCredit *credit,
				 const SpmPlace *place, SpmBitWord *bits)
{
	const SpmDimension *dimensions = rules->dimensions;

	spm_bits_and(bits,
				 credit->overlay ? rules->overlay : rules->revenue,
				 rules->words);
	if (dimensions[SPM_KEY_SELLER].filtered)
	{
		SpmCode key = {NULL, 0};

		if (credit->seller != NULL)
			key = (SpmCode){credit->seller->code, credit->seller->length};
		spm_dimension_narrow(&dimensions[SPM_KEY_SELLER],
							 &key,
							 key.text != NULL,
							 bits);
	}
	if (dimensions[SPM_KEY_UNIT].filtered)
		spm_match_units(rules, place, bits);
	if (dimensions[SPM_DIMENSION_COMPANY_FLAG].filtered)
		spm_match_flags(rules, credit, bits);
}

/* Do rules or indicators look at units, or at their flags? */
bool
spm_match_needs_place(const SpmRules *rules)
{
	return rules->dimensions[SPM_KEY_UNIT].filtered ||
		   rules->dimensions[SPM_DIMENSION_COMPANY_FLAG].filtered;
}

/* Keep the bits of what one of the place's units lets pass. */
void
spm_match_units(const SpmRules *rules, const SpmPlace *place, SpmBitWord *bits)
{
	SpmCode *keys = palloc(Max(place->count, 1) * sizeof(SpmCode));

	for (int i = 0; i < place->count; i++)
		keys[i] = (SpmCode){place->units[i]->code, place->units[i]->length};
	spm_dimension_narrow(&rules->dimensions[SPM_KEY_UNIT],
						 keys,
						 place->count,
						 bits);
	pfree(keys);
}

/* Keep the bits of what the flags of the credit's company let pass. */
void
spm_match_flags(const SpmRules *rules, const SpmCredit *credit,
				SpmBitWord *bits)
{
	const SpmUnitSpans *flags = credit->company ? &credit->company->flags
												: NULL;
	SpmCode *keys = palloc(Max(flags ? flags->count : 0, 1) * sizeof(SpmCode));
	int count = 0;

	for (int i = 0; flags != NULL && i < flags->count; i++)
		if (spm_unit_span_covers(&flags->spans[i], credit->line->sold_on))
			keys[count++] =
				(SpmCode){flags->spans[i].what, strlen(flags->spans[i].what)};
	spm_dimension_narrow(&rules->dimensions[SPM_DIMENSION_COMPANY_FLAG],
						 keys,
						 count,
						 bits);
	pfree(keys);
}

/* Keep the bits of rules that the payee's partner type lets pass. */
void
spm_match_payee(const SpmRules *rules, const char *partner_type,
				SpmBitWord *bits)
{
	SpmCode key = {partner_type, partner_type ? strlen(partner_type) : 0};

	if (rules->dimensions[SPM_DIMENSION_PARTNER_TYPE].filtered)
		spm_dimension_narrow(&rules->dimensions[SPM_DIMENSION_PARTNER_TYPE],
							 &key,
							 key.text != NULL,
							 bits);
}
