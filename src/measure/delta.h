/*-------------------------------------------------------------------------
 *
 * delta.h
 *	  What sales add to each of many measures.
 *
 * src/measure/delta.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_DELTA_H
#define SPM_MEASURE_DELTA_H

#include "measure/match.h"

/* Sums by the number that a measure has in a matcher. */
typedef struct SpmDeltas SpmDeltas;

extern SpmDeltas *spm_deltas_create(MemoryContext parent);
extern void spm_deltas_add(SpmDeltas *deltas, int number, Numeric amount);
extern void spm_deltas_add_sales(SpmDeltas *deltas, const SpmMatcher *matcher,
								 SpmSource *source);
extern bool spm_deltas_add_documents(SpmDeltas *deltas,
									 const SpmMatcher *matcher,
									 SpmSource *source, const Datum *keys,
									 bool negate);
extern Numeric spm_deltas_get(const SpmDeltas *deltas, int number);
extern int spm_deltas_nonzero(const SpmDeltas *deltas, int *numbers);
extern int spm_deltas_count(const SpmDeltas *deltas);
extern void spm_deltas_free(SpmDeltas *deltas);

#endif /* SPM_MEASURE_DELTA_H */
