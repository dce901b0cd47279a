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
extern bool spm_amount_is_within(const SpmAmount *amount);

#endif /* SPM_SALE_DIRECT_AMOUNT_H */
