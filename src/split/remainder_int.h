/*-------------------------------------------------------------------------
 *
 * remainder_int.h
 *	  The method of the largest remainder.
 *
 * src/split/remainder_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SPLIT_REMAINDER_INT_H
#define SPM_SPLIT_REMAINDER_INT_H

#include "utils/numeric.h"

extern Numeric spm_split_power(int exponent);
extern void spm_split_hand_out(const Numeric *shares, int count,
							   Numeric divisor, Numeric units, int scale,
							   Numeric *parts);

#endif /* SPM_SPLIT_REMAINDER_INT_H */
