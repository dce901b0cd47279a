/*-------------------------------------------------------------------------
 *
 * fold_totals.h
 *	  Adding deltas to table total.
 *
 * src/measure/fold_totals.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_FOLD_TOTALS_H
#define SPM_MEASURE_FOLD_TOTALS_H

#include "measure/delta.h"

extern void spm_fold_into_totals(SpmDeltas *deltas);

#endif /* SPM_MEASURE_FOLD_TOTALS_H */
