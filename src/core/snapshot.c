/*-------------------------------------------------------------------------
 *
 * snapshot.c
 *	  Telling whether two snapshots of a transaction show the same.
 *
 * Two snapshots of one transaction show the same work of others if they agree
 * in everything but curcid, and the same work of their own transaction if
 * they agree in curcid too and no subtransaction was rolled back in between.
 *
 * src/core/snapshot.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "core/snapshot.h"

/* Does the snapshot show what the marked one did?  curcid is not compared. */
bool
spm_snapshot_is(const SpmSnapshotMark *mark, Snapshot snapshot)
{
	return mark->xmin == snapshot->xmin && mark->xmax == snapshot->xmax &&
		   mark->xcnt == snapshot->xcnt && mark->subxcnt == snapshot->subxcnt &&
		   mark->suboverflowed == snapshot->suboverflowed &&
		   mark->in_recovery == snapshot->takenDuringRecovery &&
		   (mark->xcnt == 0 ||
			memcmp(mark->xids,
				   snapshot->xip,
				   mark->xcnt * sizeof(TransactionId)) == 0) &&
		   (mark->subxcnt <= 0 ||
			memcmp(mark->xids + mark->xcnt,
				   snapshot->subxip,
				   mark->subxcnt * sizeof(TransactionId)) == 0);
}

/* Mark a snapshot.  The mark is zeroed before its first use. */
void
spm_snapshot_mark(SpmSnapshotMark *mark, Snapshot snapshot,
				  MemoryContext context)
{
	int subxcnt = Max(snapshot->subxcnt, 0);
	int count = (int) snapshot->xcnt + subxcnt;

	if (count > mark->room)
	{
		int room = Max(count, 2 * mark->room);

		if (mark->xids != NULL)
			pfree(mark->xids);
		mark->xids = NULL;
		mark->room = 0;
		mark->xids =
			MemoryContextAlloc(context, mul_size(room, sizeof(TransactionId)));
		mark->room = room;
	}
	mark->xmin = snapshot->xmin;
	mark->xmax = snapshot->xmax;
	mark->xcnt = snapshot->xcnt;
	mark->subxcnt = snapshot->subxcnt;
	mark->suboverflowed = snapshot->suboverflowed;
	mark->in_recovery = snapshot->takenDuringRecovery;
	mark->curcid = snapshot->curcid;
	if (snapshot->xcnt > 0)
		memcpy(mark->xids,
			   snapshot->xip,
			   snapshot->xcnt * sizeof(TransactionId));
	if (subxcnt > 0)
		memcpy(mark->xids + snapshot->xcnt,
			   snapshot->subxip,
			   subxcnt * sizeof(TransactionId));
}
