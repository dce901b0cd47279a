/*-------------------------------------------------------------------------
 *
 * packed.h
 *	  The deltas of one transaction, packed into few bytes.
 *
 * src/measure/packed.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_PACKED_H
#define SPM_MEASURE_PACKED_H

#include "lib/stringinfo.h"
#include "utils/date.h"

#include "core/decimal.h"

/* Deltas being packed, into a bytea. */
typedef struct SpmPacking
{
	StringInfoData bytes;
	int32 build_id; /* of the delta before */
	DateADT month;
} SpmPacking;

/* Packed deltas being read; what follows is that of the delta read last. */
typedef struct SpmUnpacking
{
	const unsigned char *at;
	const unsigned char *end;
	int32 build_id;
	DateADT month;
	int128 scaled; /* at a scale of groups, unless there is numeric */
	int groups;
	Numeric numeric;
} SpmUnpacking;

extern void spm_packing_begin(SpmPacking *packing);
extern void spm_packing_add(SpmPacking *packing, int32 build_id, DateADT month,
							const SpmSum *amount);
extern bytea *spm_packing_end(SpmPacking *packing);
extern void spm_unpacking_begin(SpmUnpacking *unpacking, const bytea *packed);
extern bool spm_unpacking_next(SpmUnpacking *unpacking);

#endif /* SPM_MEASURE_PACKED_H */
