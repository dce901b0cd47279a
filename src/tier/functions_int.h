/*-------------------------------------------------------------------------
 *
 * functions_int.h
 *	  What the SQL functions of tiers share.
 *
 * src/tier/functions_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_TIER_FUNCTIONS_INT_H
#define SPM_TIER_FUNCTIONS_INT_H

#include "fmgr.h"

#include "tier/tiers.h"

extern const SpmSchedule *spm_schedule_of_call(FunctionCallInfo fcinfo);

#endif /* SPM_TIER_FUNCTIONS_INT_H */
