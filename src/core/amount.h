/*-------------------------------------------------------------------------
 *
 * amount.h
 *	  Amounts, most of which are small enough for an integer.
 *
 * src/core/amount.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_CORE_AMOUNT_H
#define SPM_CORE_AMOUNT_H

#include "core/decimal.h"

/*
 * An amount, known if it has either form.  It is exact in each.
 */
typedef struct SpmAmount
{
	Numeric value; /* NULL: has none */
	bool is_small; /* it is scaled / 10000^groups */
	int groups;	   /* up to SPM_SMALL_GROUPS */
	int64 scaled;
} SpmAmount;

extern bool spm_amount_open(SpmAmount *amount, Datum value);
extern bool spm_amount_sum(SpmAmount *sum, const SpmAmount *a,
						   const SpmAmount *b, bool negate);
extern bool spm_amount_product(SpmAmount *product, const SpmAmount *a,
							   const SpmAmount *b);
extern SpmAmount spm_amount_difference(const SpmAmount *a, const SpmAmount *b);
extern Numeric spm_amount_value(const SpmAmount *amount);
extern void spm_sum_add_amount(SpmSum *sum, const SpmAmount *amount,
							   bool negate);

static inline bool
spm_amount_is_known(const SpmAmount *amount)
{
	return amount->is_small || amount->value != NULL;
}

#endif /* SPM_CORE_AMOUNT_H */
