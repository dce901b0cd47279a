/*-------------------------------------------------------------------------
 *
 * split.h
 *	  Shares of an amount that add up to it.
 *
 * src/split/split.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SPLIT_SPLIT_H
#define SPM_SPLIT_SPLIT_H

#include "utils/numeric.h"

/* Most decimals that parts may have. */
#define SPM_SPLIT_MAX_SCALE 18

extern void spm_split_by_weight(Numeric amount, const Numeric *weights,
								int count, int scale, Numeric *parts);

#endif /* SPM_SPLIT_SPLIT_H */
