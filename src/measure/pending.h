/*-------------------------------------------------------------------------
 *
 * pending.h
 *	  Appending what a transaction adds, and reading what is kept.
 *
 * src/measure/pending.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_PENDING_H
#define SPM_MEASURE_PENDING_H

#include "measure/builds.h"

/* The number that deltas of a build are added to, -1: none. */
typedef int (*SpmBuildFinder)(const void *builds, int32 build_id);

extern void spm_pending_append(const SpmBuildSet *set, SpmDeltas *deltas);
extern void spm_pending_add(SpmBuildFinder find, const void *builds,
							SpmDeltas *deltas, bool negate);
extern void spm_pending_add_table(Oid table, SpmBuildFinder find,
								  const void *builds, SpmDeltas *deltas,
								  bool negate);
extern void spm_invalidate_all(const char *reason);
extern void spm_invalidate_later(const SpmBuildSet *set, const char *reason);
extern void spm_invalidate_build(const SpmBuildSet *set, int number,
								 const char *reason);
extern void spm_invalidate_source(const SpmBuildSet *set, const char *source,
								  const char *root, const char *reason);

#endif /* SPM_MEASURE_PENDING_H */
