/*-------------------------------------------------------------------------
 *
 * post_int.h
 *	  Entering what a run computed.
 *
 * src/commission/post_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_COMMISSION_POST_INT_H
#define SPM_COMMISSION_POST_INT_H

#include "commission/run_int.h"

/* How many items stayed, came and went. */
typedef struct SpmPosted
{
	int64 kept;
	int64 written;
	int64 removed;
} SpmPosted;

extern void spm_post(SpmRun *run, SpmPosted *posted);

#endif /* SPM_COMMISSION_POST_INT_H */
