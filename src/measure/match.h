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

/* Called with the number that spm_matcher_add() gave to a scope. */
typedef void (*SpmMatchConsumer)(int number, Numeric amount, void *state);

/* The same for what a share of a sale is taken of. */
typedef void (*SpmCreditConsumer)(int number, Numeric amount,
								  const SpmShare *share, void *state);

extern SpmMatcher *spm_matcher_create(MemoryContext parent);
extern int spm_matcher_add(SpmMatcher *matcher, const SpmScope *scope);
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
