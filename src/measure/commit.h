/*-------------------------------------------------------------------------
 *
 * commit.h
 *	  Booking what a transaction changed.
 *
 * src/measure/commit.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_COMMIT_H
#define SPM_MEASURE_COMMIT_H

#include "measure/builds.h"
#include "sale/collect.h"

extern void spm_commit_init(void);
extern char *spm_changes_of(SpmTouched *touched, const SpmBuildSet *set,
							CommandId until, SpmDeltas *deltas);

#endif /* SPM_MEASURE_COMMIT_H */
