/*-------------------------------------------------------------------------
 *
 * builds.h
 *	  The measures that totals are kept of.
 *
 * src/measure/builds.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_BUILDS_H
#define SPM_MEASURE_BUILDS_H

#include "measure/delta.h"

/* Which builds are wanted. */
typedef enum SpmBuildState
{
	SPM_BUILDS_KNOWN, /* counting or built: what writers book for */
	SPM_BUILDS_COUNTING,
	SPM_BUILDS_BUILT /* what readers use */
} SpmBuildState;

typedef struct SpmBuild
{
	int32 build_id;
	int64 measure_id;
	Jsonb *scope;
} SpmBuild;

typedef struct SpmBuildKeys SpmBuildKeys;

/*
 * Builds, which the matcher knows by their index: all, in order of build_id,
 * or those that a writer has met so far.
 */
typedef struct SpmBuildSet
{
	MemoryContext context;
	bool any;			/* is there one? */
	SpmBuildKeys *keys; /* NULL: all are here */
	int count;
	SpmBuild *builds;
	SpmMatcher *matcher;
} SpmBuildSet;

extern SpmBuildSet *spm_builds_load(SpmBuildState state, MemoryContext parent);
extern SpmBuildSet *spm_builds_to_meet(MemoryContext parent, bool usable,
									   uint64 probes);
extern uint64 spm_builds_probes(const SpmBuildSet *set);
extern bool spm_builds_are_met(const SpmBuildSet *set, uint64 probes);
extern int spm_builds_find(const void *set, int32 build_id);
extern SpmBuildSet *spm_builds_current(uint64 probes);
extern SpmBuildSet *spm_builds_of_writers(uint64 probes);
extern void spm_builds_changed(void);

#endif /* SPM_MEASURE_BUILDS_H */
