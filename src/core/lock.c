/*-------------------------------------------------------------------------
 *
 * lock.c
 *	  Locking tables that others are working on.
 *
 * A strong lock that waits in the queue stops every later user of the table,
 * and one that is held while another is waited for does the same.  So all
 * that are needed are tried together, and if one is not to be had none is
 * kept: between two tries others get on.
 *
 * src/core/lock.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/latch.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/wait_event.h"

#include "core/guard.h"
#include "core/lock.h"
#include "core/owner.h"

/* How long, and how often, the locks are tried before giving up. */
#define TRY_INTERVAL_MS 50L
#define TRY_COUNT 600

typedef struct LockRequest
{
	Oid relation;
	LOCKMODE mode;
} LockRequest;

static void try_all(void *locks);

/* Add a lock to a list of those to take; InvalidOid adds nothing. */
List *
spm_lock_add(List *locks, Oid relation, LOCKMODE mode)
{
	LockRequest *request;

	if (!OidIsValid(relation))
		return locks;
	request = palloc(sizeof(LockRequest));
	request->relation = relation;
	request->mode = mode;
	return lappend(locks, request);
}

/* Take all locks without making others queue; an error after 30 s. */
void
spm_lock_patiently(List *locks)
{
	char *message = NULL;

	for (int i = 0; i < TRY_COUNT; i++)
	{
		message = spm_guard(try_all, locks);
		if (message == NULL)
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
			 errmsg("%s", message),
			 errdetail("Other transactions kept it in use for 30 seconds."),
			 errhint("Try again when no long transaction is open.")));
}

/*
 * Until the current GUC nest level ends a lock is waited for briefly, and an
 * error ends that before the search for deadlocks begins: it never hits this
 * transaction.
 */
void
spm_lock_briefly(void)
{
	int limit = Max(DeadlockTimeout / 2, 1);

	if (LockTimeout == 0 || LockTimeout > limit)
		spm_set_locally("lock_timeout", psprintf("%d", limit));
}

/* Has this transaction locked the relation in that mode, or a stronger one? */
bool
spm_lock_is_held(Oid relation, LOCKMODE mode)
{
	Relation opened = RelationIdGetRelation(relation);
	bool held;

	if (!RelationIsValid(opened))
		return false;
	held = CheckRelationLockedByMe(opened, mode, true);
	RelationClose(opened);
	return held;
}

/* Take all locks, or throw. */
static void
try_all(void *locks)
{
	ListCell *cell;

	foreach (cell, (List *) locks)
	{
		LockRequest *request = lfirst(cell);

		if (!ConditionalLockRelationOid(request->relation, request->mode))
			ereport(ERROR,
					(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
					 errmsg("could not lock relation \"%s\"",
							get_rel_name(request->relation))));
	}
}
