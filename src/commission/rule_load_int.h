/*-------------------------------------------------------------------------
 *
 * rule_load_int.h
 *	  What loading rules and loading terms share.
 *
 * src/commission/rule_load_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_COMMISSION_RULE_LOAD_INT_H
#define SPM_COMMISSION_RULE_LOAD_INT_H

#include "commission/rule_int.h"

extern SpmBase spm_base_of(const char *name);
extern int spm_rules_group(SpmRules *rules, SpmOrg *org, const char *component,
						   const char *payee);
extern SpmSchedule *spm_rules_schedule(const SpmRules *rules,
									   const char *tiers);
extern Numeric spm_rules_amount(const SpmRules *rules, uint64 row, int column);
extern void spm_terms_load(SpmRules *rules, SpmOrg *org);

#endif /* SPM_COMMISSION_RULE_LOAD_INT_H */
