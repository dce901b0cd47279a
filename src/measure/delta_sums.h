/*-------------------------------------------------------------------------
 *
 * delta_sums.h
 *	  Exact sums by measure and month.
 *
 * src/measure/delta_sums.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_DELTA_SUMS_H
#define SPM_MEASURE_DELTA_SUMS_H

#include "utils/date.h"

#include "core/decimal.h"

/* A measure, by its number, and a month. */
typedef struct DeltaKey
{
	int number;
	DateADT month;
} DeltaKey;

typedef struct DeltaEntry
{
	DeltaKey key;
	SpmSum sum;
} DeltaEntry;

typedef struct DeltaSums
{
	MemoryContext context;
	int count;
	int room;
	int last;			 /* the place of the sum that was asked for last */
	DeltaEntry *entries; /* in the order in which they came */
	struct delta_places_hash *places; /* NULL: they are few */
} DeltaSums;

extern void spm_delta_sums_begin(DeltaSums *sums, MemoryContext context);
extern SpmSum *spm_delta_sum(DeltaSums *sums, int number, DateADT month);
extern void spm_delta_sums_end(DeltaSums *sums);

#endif /* SPM_MEASURE_DELTA_SUMS_H */
