/*-------------------------------------------------------------------------
 *
 * match_int.h
 *	  Which rules and indicators a sale and a credit pass.
 *
 * src/commission/match_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_COMMISSION_MATCH_INT_H
#define SPM_COMMISSION_MATCH_INT_H

#include "commission/run_int.h"

extern void spm_match_sale(const SpmRules *rules, const SpmSale *sale,
						   SpmBitWord *bits);
extern void spm_match_column(const SpmRules *rules, const SpmSale *sale,
							 SpmKey column, SpmBitWord *bits);
extern void spm_match_credit(const SpmRules *rules, const SpmCredit *credit,
							 const SpmPlace *place, SpmBitWord *bits);
extern bool spm_match_needs_place(const SpmRules *rules);
extern void spm_match_units(const SpmRules *rules, const SpmPlace *place,
							SpmBitWord *bits);
extern void spm_match_flags(const SpmRules *rules, const SpmCredit *credit,
							SpmBitWord *bits);
extern void spm_match_payee(const SpmRules *rules, const char *partner_type,
							SpmBitWord *bits);

#endif /* SPM_COMMISSION_MATCH_INT_H */
