/*-------------------------------------------------------------------------
 *
 * pending.h
 *	  Appending what a transaction adds, and reading what is pending.
 *
 * src/measure/pending.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_PENDING_H
#define SPM_MEASURE_PENDING_H

#include "measure/builds.h"

extern void spm_pending_append(const SpmBuildSet *set, const SpmDeltas *deltas);
extern void spm_pending_add(const SpmBuildSet *set, SpmDeltas *deltas);
extern void spm_invalidate_all(const char *reason);
extern void spm_invalidate_later(const SpmBuildSet *set, const char *reason);
extern void spm_invalidate_source(const SpmBuildSet *set, const char *source,
								  const char *root, const char *reason);

#endif /* SPM_MEASURE_PENDING_H */
