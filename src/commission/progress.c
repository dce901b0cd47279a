/*-------------------------------------------------------------------------
 *
 * progress.c
 *	  How far a run is, for other sessions to see.
 *
 * What a run has entered nobody sees before it commits.  Locks are seen at
 * once: a run holds one advisory lock, of a class of its own, whose key says
 * which run it is and how far.  View commission_progress reads pg_locks.  It
 * is in nobody's way, and ends with the transaction, however that ends.
 *
 * src/commission/progress.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/lock.h"

#include "commission/progress_int.h"

/* The class of the lock, and the unit in which rows are counted. */
#define LOCK_CLASS 0x5351
#define ROWS_SHIFT 10
#define PHASE_SHIFT 28

/* In the order of view commission_progress, from 1. */
static const char *const phases[] = {"reading",
									 "matching",
									 "paying",
									 "posting"};

static void fill_tag(LOCKTAG *tag, int32 run_id, uint32 state);

/* The state that is shown now; 0: none. */
static uint32 shown = 0;

/* Show that a run begins, and that it waits for another. */
void
spm_run_begin(int32 run_id)
{
	shown = 0;
	spm_run_show(run_id, phases[0], 0);
}

/* Show how far it is. */
void
spm_run_show(int32 run_id, const char *phase, int64 done)
{
	uint32 rows = Min(done >> ROWS_SHIFT, (1 << PHASE_SHIFT) - 1);
	uint32 state = rows;
	LOCKTAG tag;

	for (int i = 0; i < lengthof(phases); i++)
		if (strcmp(phases[i], phase) == 0)
			state |= (uint32) (i + 1) << PHASE_SHIFT;
	if (state == shown)
		return;
	fill_tag(&tag, run_id, state);
	(void) LockAcquire(&tag, ShareLock, false, true);
	if (shown != 0)
	{
		fill_tag(&tag, run_id, shown);
		LockRelease(&tag, ShareLock, false);
	}
	shown = state;
}

static void
fill_tag(LOCKTAG *tag, int32 run_id, uint32 state)
{
	SET_LOCKTAG_ADVISORY(*tag, MyDatabaseId, run_id, state, LOCK_CLASS);
}
