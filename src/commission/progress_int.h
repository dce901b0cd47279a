/*-------------------------------------------------------------------------
 *
 * progress_int.h
 *	  How far a run is, for other sessions to see.
 *
 * src/commission/progress_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_COMMISSION_PROGRESS_INT_H
#define SPM_COMMISSION_PROGRESS_INT_H

#include "commission/run_int.h"

extern void spm_run_begin(int32 run_id);
extern void spm_run_show(int32 run_id, const char *phase, int64 done);

#endif /* SPM_COMMISSION_PROGRESS_INT_H */
