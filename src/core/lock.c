/*-------------------------------------------------------------------------
 *
 * lock.c
 *	  Locking tables that others are working on.
 *
 * A strong lock that waits in the queue stops every later writer.  So it is
 * only tried, and between two tries others get on.
 *
 * src/core/lock.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/latch.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
#include "utils/wait_event.h"

#include "core/lock.h"

/* How long, and how often, a lock is tried before giving up. */
#define TRY_INTERVAL_MS 50L
#define TRY_COUNT 600

/* Lock a relation without making others queue; an error after 30 s. */
void
spm_lock_patiently(Oid relation, LOCKMODE mode)
{
	for (int i = 0; i < TRY_COUNT; i++)
	{
		if (ConditionalLockRelationOid(relation, mode))
			return;
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 TRY_INTERVAL_MS,
						 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
	ereport(ERROR,
			(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
			 errmsg("could not lock table \"%s\"", get_rel_name(relation)),
			 errdetail("Other transactions kept it in use for 30 seconds."),
			 errhint("Try again when no long transaction is open.")));
}
