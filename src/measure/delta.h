/*-------------------------------------------------------------------------
 *
 * delta.h
 *	  What sales add to each of many measures, month by month.
 *
 * src/measure/delta.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_DELTA_H
#define SPM_MEASURE_DELTA_H

#include "core/decimal.h"
#include "measure/match.h"
#include "sale/collect.h"

/* Sums by month and by the number that a measure has in a matcher. */
typedef struct SpmDeltas SpmDeltas;

/* One of them; month is its first day. */
typedef struct SpmDelta
{
	int number;
	DateADT month;
	Numeric amount;
} SpmDelta;

/* The same, as it is kept. */
typedef struct SpmDeltaSum
{
	int number;
	DateADT month;
	const SpmSum *sum;
} SpmDeltaSum;

extern SpmDeltas *spm_deltas_create(MemoryContext parent);
extern void spm_deltas_add(SpmDeltas *deltas, int number, DateADT month,
						   Numeric amount, bool negate);
extern void spm_deltas_add_scaled(SpmDeltas *deltas, int number, DateADT month,
								  int128 scaled, int groups);
extern void spm_deltas_add_sales(SpmDeltas *deltas, const SpmMatcher *matcher,
								 SpmSource *source);
extern bool spm_deltas_add_documents(SpmDeltas *deltas,
									 const SpmMatcher *matcher,
									 SpmSource *source, const Datum *keys,
									 bool negate);
extern bool spm_deltas_add_changes(SpmDeltas *deltas, const SpmMatcher *matcher,
								   SpmSource *source,
								   const SpmTouched *touched);
extern Numeric spm_deltas_get(SpmDeltas *deltas, int number);
extern int spm_deltas_months(SpmDeltas *deltas, int number, SpmDelta **months);
extern int spm_deltas_list(SpmDeltas *deltas, SpmDelta **list);
extern int spm_deltas_sums(SpmDeltas *deltas, SpmDeltaSum **list);
extern void spm_deltas_free(SpmDeltas *deltas);

#endif /* SPM_MEASURE_DELTA_H */
