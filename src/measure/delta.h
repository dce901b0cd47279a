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

/* What one measure has in a month. */
typedef struct SpmMonthSum
{
	DateADT month;
	SpmSum sum;
} SpmMonthSum;

/* One of the sums as they are kept. */
typedef struct SpmDeltaSum
{
	int number;
	DateADT month;
	const SpmSum *sum;
} SpmDeltaSum;

/* What was met when documents were read. */
typedef struct SpmMet
{
	bool by_net; /* shares that depend on their document's net */
	bool strays; /* perhaps lines without a header */
} SpmMet;

extern SpmDeltas *spm_deltas_create(MemoryContext parent);
extern SpmDeltas *spm_deltas_create_in(MemoryContext context);
extern void spm_deltas_add(SpmDeltas *deltas, int number, DateADT month,
						   Numeric amount, bool negate);
extern void spm_deltas_add_scaled(SpmDeltas *deltas, int number, DateADT month,
								  int128 scaled, int groups);
extern void spm_deltas_add_sum(SpmDeltas *deltas, int number, DateADT month,
							   const SpmSum *sum);
extern void spm_deltas_add_sales(SpmDeltas *deltas, const SpmMatcher *matcher,
								 SpmSource *source);
extern SpmMet spm_deltas_add_documents(SpmDeltas *deltas,
									   const SpmMatcher *matcher,
									   SpmSource *source, const Datum *keys,
									   bool negate);
extern bool spm_deltas_add_changes(SpmDeltas *deltas, const SpmMatcher *matcher,
								   SpmSource *source, SpmTouched *touched);
extern Numeric spm_deltas_get(SpmDeltas *deltas, int number);
extern void spm_deltas_add_to(SpmDeltas *deltas, int number, SpmSum *sum);
extern int spm_deltas_months(SpmDeltas *deltas, int number,
							 SpmMonthSum **months);
extern int spm_deltas_list(SpmDeltas *deltas, SpmDelta **list);
extern int spm_deltas_sums(SpmDeltas *deltas, SpmDeltaSum **list);
extern void spm_deltas_free(SpmDeltas *deltas);

#endif /* SPM_MEASURE_DELTA_H */
