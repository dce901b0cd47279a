/*-------------------------------------------------------------------------
 *
 * fold.h
 *	  Adding pending deltas to the totals.
 *
 * src/measure/fold.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_FOLD_H
#define SPM_MEASURE_FOLD_H

#include "fmgr.h"
#include "storage/itemptr.h"
#include "storage/lockdefs.h"

/* On relation build: one builder, folder or change of sources at a time. */
#define SPM_BUILDER_LOCK ShareUpdateExclusiveLock

extern void spm_fold(void);
extern void spm_require_own_transactions(FunctionCallInfo fcinfo,
										 const char *procedure);
extern void spm_fold_worker_init(void);
extern void spm_fold_suggest(const ItemPointerData *place, int used);

#endif /* SPM_MEASURE_FOLD_H */
