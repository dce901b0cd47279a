/*-------------------------------------------------------------------------
 *
 * snapshot.h
 *	  Telling whether two snapshots of a transaction show the same.
 *
 * src/core/snapshot.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_CORE_SNAPSHOT_H
#define SPM_CORE_SNAPSHOT_H

#include "utils/snapshot.h"

/* What a snapshot shows; kept across uses, room grows. */
typedef struct SpmSnapshotMark
{
	TransactionId xmin;
	TransactionId xmax;
	uint32 xcnt;
	int32 subxcnt;
	bool suboverflowed;
	bool in_recovery;
	CommandId curcid;
	int room;
	TransactionId *xids; /* those in progress, then their subtransactions */
} SpmSnapshotMark;

extern bool spm_snapshot_is(const SpmSnapshotMark *mark, Snapshot snapshot);
extern void spm_snapshot_mark(SpmSnapshotMark *mark, Snapshot snapshot,
							  MemoryContext context);

#endif /* SPM_CORE_SNAPSHOT_H */
