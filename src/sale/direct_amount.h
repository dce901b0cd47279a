/*-------------------------------------------------------------------------
 *
 * direct_amount.h
 *	  The limits of amounts, tested without calling numeric's functions.
 *
 * src/sale/direct_amount.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_DIRECT_AMOUNT_H
#define SPM_SALE_DIRECT_AMOUNT_H

#include "core/amount.h"
#include "nodes/nodes.h"

extern Node *spm_limited_amount(Node *condition);
extern bool spm_large_amount_is_within(const SpmAmount *amount);

/* The limit without its decimals. */
#define SPM_SMALL_LIMIT INT64CONST(999999999999999)

/*
 * Is a known amount no larger than they may be, in either direction?  With
 * decimals an integer holds none that is larger.
 */
static inline bool
spm_amount_is_within(const SpmAmount *amount)
{
	if (!amount->is_small)
		return spm_large_amount_is_within(amount);
	return amount->groups > 0 || (amount->scaled >= -SPM_SMALL_LIMIT &&
								  amount->scaled <= SPM_SMALL_LIMIT);
}

#endif /* SPM_SALE_DIRECT_AMOUNT_H */
