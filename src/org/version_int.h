/*-------------------------------------------------------------------------
 *
 * version_int.h
 *	  Which state of the organisation a snapshot shows.
 *
 * src/org/version_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_ORG_VERSION_INT_H
#define SPM_ORG_VERSION_INT_H

#include "utils/snapshot.h"

/* The set of changes that a snapshot shows, by number and sum. */
typedef struct SpmOrgVersion
{
	uint64 count;
	uint64 sum;
} SpmOrgVersion;

/* What this session knows without looking. */
typedef struct SpmOrgState
{
	uint64 epoch;		/* moves when what was read can no longer be trusted */
	uint64 transaction; /* moves at the end of each transaction */
	uint64 rollbacks;	/* moves at each rollback to a savepoint */
	bool own_changes;	/* has this transaction changed the organisation? */
} SpmOrgState;

extern const SpmOrgState *spm_org_state(void);
extern SpmOrgVersion spm_org_version(Snapshot snapshot);

#endif /* SPM_ORG_VERSION_INT_H */
