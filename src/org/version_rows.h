/*-------------------------------------------------------------------------
 *
 * version_rows.h
 *	  Reading table org_version.
 *
 * src/org/version_rows.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_ORG_VERSION_ROWS_H
#define SPM_ORG_VERSION_ROWS_H

#include "utils/relcache.h"
#include "utils/snapshot.h"

#include "org/version.h"

/* A row of org_version. */
typedef struct SpmOrgChange
{
	int64 change;
	int16 part;
} SpmOrgChange;

/* Of more sources it is not known whether all lines have a header. */
#define SPM_ORG_MAX_SOURCES 8

/* The changes of each part that a snapshot shows, by number and sum. */
typedef struct SpmOrgVersion
{
	uint64 count[SPM_ORG_PARTS];
	uint64 sum[SPM_ORG_PARTS];
	int64 sources[SPM_ORG_PARTS - SPM_ORG_SOURCE_PARTS][SPM_ORG_MAX_SOURCES];
} SpmOrgVersion;

extern SpmOrgVersion spm_org_read_version(Snapshot snapshot);
extern void spm_org_read_rows(Relation relation, Snapshot snapshot,
							  SpmOrgVersion *version);
extern bool spm_org_rows_forget(Oid relation);

#endif /* SPM_ORG_VERSION_ROWS_H */
