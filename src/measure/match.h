/*-------------------------------------------------------------------------
 *
 * match.h
 *	  Which of many scopes count a sale.
 *
 * src/measure/match.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_MATCH_H
#define SPM_MEASURE_MATCH_H

#include "measure/scope.h"

typedef struct SpmMatcher SpmMatcher;

/*
 * Called for a key that is met for the first time: it lists the scopes under
 * it, or those under none if column is SPM_KEY_COUNT, with
 * spm_matcher_list_loaded().
 */
typedef void (*SpmScopeLoader)(SpmKey column, const char *key, int length,
							   void *state);

/* Called with the number that spm_matcher_add() gave to a scope. */
typedef void (*SpmMatchConsumer)(int number, const SpmAmount *amount,
								 void *state);

/* The same for what a share of a sale is taken of. */
typedef void (*SpmCreditConsumer)(int number, const SpmAmount *amount,
								  const SpmShare *share, void *state);

extern SpmMatcher *spm_matcher_create(MemoryContext parent);
extern SpmMatcher *spm_matcher_create_for(MemoryContext parent, int scopes,
										  uint32 keys);
extern void spm_matcher_trust_lists(SpmMatcher *matcher);
extern int spm_matcher_add(SpmMatcher *matcher, const SpmScope *scope);
extern void spm_matcher_load_later(SpmMatcher *matcher, uint32 uses,
								   SpmScopeLoader load, void *state);
extern int spm_matcher_add_later(SpmMatcher *matcher, const SpmScope *scope);
extern void spm_matcher_list_loaded(SpmMatcher *matcher, int number);
extern int spm_scope_listed_by(const SpmScope *scope);
extern bool spm_key_is_single(SpmKey column);
extern uint32 spm_scope_uses(const SpmScope *scope);
extern int spm_matcher_count(const SpmMatcher *matcher);
extern SpmNeeds spm_matcher_needs(const SpmMatcher *matcher);
extern SpmMetric spm_matcher_metric(const SpmMatcher *matcher, int number);
extern Numeric spm_matcher_one(const SpmMatcher *matcher);
extern bool spm_matcher_filters(const SpmMatcher *matcher, SpmKey column);
extern bool spm_matcher_scope_filters(const SpmMatcher *matcher, int number,
									  SpmKey column, DateADT from, DateADT to);
extern bool spm_matcher_may_count(const SpmMatcher *matcher, int number,
								  const char *source);
extern void spm_matcher_begin(void);
extern void spm_matcher_match(const SpmMatcher *matcher, const SpmSale *sale,
							  SpmMatchConsumer consume,
							  SpmCreditConsumer consume_credit, void *state);
extern void spm_matcher_free(SpmMatcher *matcher);

#endif /* SPM_MEASURE_MATCH_H */
