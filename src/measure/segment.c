/*-------------------------------------------------------------------------
 *
 * segment.c
 *	  The tables that pending deltas are in, one after the other.
 *
 * Table pending_segment says what each of them is.  Nobody who writes orders
 * changes a row of it, so it is simply updated.  A reader takes the segments
 * that are pending under its own snapshot, and the totals of the same moment.
 *
 * Writers keep the current segment from commit to commit; a change of it is
 * announced by an invalidation of relation pending_segment.
 *
 * src/measure/segment.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xlog.h"
#include "executor/tuptable.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "core/catalog.h"
#include "core/compat.h"
#include "measure/segment.h"

static const char *const state_names[] = {
	[SPM_SEGMENT_EMPTY] = "empty",
	[SPM_SEGMENT_CURRENT] = "current",
	[SPM_SEGMENT_FULL] = "full",
	[SPM_SEGMENT_FOLDED] = "folded",
};

/* The current segment as writers know it, and how many are in use. */
static Oid current_table = InvalidOid;
static int current_used = 0;
static bool current_is_known = false;
static bool following = false;
static Oid segment_relation = InvalidOid;

static void fill_segment(SpmSegment *segment, TupleTableSlot *slot);
static SpmSegmentState state_of(const char *name);
static void find_current(void);
static void forget_current(Datum argument, Oid relation);
static void require_kept(const SpmSegment *shown, int count);
static void lock_to_read(Oid table);
pg_noreturn static void refuse_snapshot(void);

/*
 * The segments under a snapshot; there is room for SPM_SEGMENT_COUNT.  Returns
 * how many there are.
 */
int
spm_segments_read(Snapshot snapshot, SpmSegment *segments)
{
	Relation relation =
		table_open(spm_relation_oid("pending_segment", false), AccessShareLock);
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	TableScanDesc scan = table_beginscan(relation, snapshot, 0, NULL);
	int count = 0;

	while (count < SPM_SEGMENT_COUNT &&
		   table_scan_getnextslot(scan, ForwardScanDirection, slot))
		fill_segment(&segments[count++], slot);
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	table_close(relation, AccessShareLock);
	return count;
}

/* The table of a segment. */
Oid
spm_segment_table(int number)
{
	char name[NAMEDATALEN];

	snprintf(name, sizeof(name), "pending_%d", number);
	return spm_relation_oid(name, false);
}

/*
 * Open the segment to append to, locked to the end of the transaction, and
 * tell how many are in use.  Who had learned of the segment before it was full
 * and locks it too late to be waited for finds the news when it has the lock.
 */
Relation
spm_segment_open_current(int *used)
{
	for (;;)
	{
		Oid table;

		/* Known and not there: it was not found, for an error. */
		if (!current_is_known || !OidIsValid(current_table))
			find_current();
		table = current_table;
		LockRelationOid(table, RowExclusiveLock);
		if (current_is_known && table == current_table)
		{
			*used = current_used;
			return table_open(table, NoLock);
		}
		UnlockRelationOid(table, RowExclusiveLock);
	}
}

/* Tell all writers, when this transaction commits, to look anew. */
void
spm_segments_changed(void)
{
	CacheInvalidateRelcacheByRelid(spm_relation_oid("pending_segment", false));
}

/*
 * Lock the tables whose deltas are pending under a snapshot, to the end of the
 * transaction; there is room for SPM_SEGMENT_COUNT.  Returns how many.
 */
int
spm_segments_lock_pending(Snapshot snapshot, Oid *tables)
{
	SpmSegment segments[SPM_SEGMENT_COUNT];
	SpmSegment pending[SPM_SEGMENT_COUNT];
	int count = spm_segments_read(snapshot, segments);
	int pending_count = 0;

	for (int i = 0; i < count; i++)
	{
		if (segments[i].state != SPM_SEGMENT_CURRENT &&
			segments[i].state != SPM_SEGMENT_FULL)
			continue;
		tables[pending_count] = spm_segment_table(segments[i].number);
		lock_to_read(tables[pending_count]);
		pending[pending_count++] = segments[i];
	}
	require_kept(pending, pending_count);
	return pending_count;
}

/*
 * Lock a segment that is going to be read.  On a standby who waited for a
 * segment that is just being emptied could block the replay that it waits for,
 * if that comes to a row which the snapshot needs; and would fail after all.
 */
static void
lock_to_read(Oid table)
{
	if (!RecoveryInProgress())
		LockRelationOid(table, AccessShareLock);
	else if (!ConditionalLockRelationOid(table, AccessShareLock))
		refuse_snapshot();
}

static void
fill_segment(SpmSegment *segment, TupleTableSlot *slot)
{
	bool is_null;
	char *state;

	slot_getallattrs(slot);
	state = TextDatumGetCString(slot->tts_values[1]);
	segment->number = DatumGetInt32(slot->tts_values[0]);
	segment->state = state_of(state);
	segment->emptied = DatumGetInt64(slot->tts_values[2]);
	segment->since = DatumGetTransactionId(
		slot_getsysattr(slot, MinTransactionIdAttributeNumber, &is_null));
	pfree(state);
}

static SpmSegmentState
state_of(const char *name)
{
	for (int i = 0; i < lengthof(state_names); i++)
		if (strcmp(name, state_names[i]) == 0)
			return i;
	elog(ERROR, "state of a segment not recognized: \"%s\"", name);
}

/* Look which segment is current, by all that has been committed. */
static void
find_current(void)
{
	SpmSegment segments[SPM_SEGMENT_COUNT];
	Snapshot snapshot;
	int count;

	if (!following)
		CacheRegisterRelcacheCallback(forget_current, (Datum) 0);
	following = true;
	segment_relation = spm_relation_oid("pending_segment", false);
	current_is_known = true;
	current_table = InvalidOid;
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	count = spm_segments_read(snapshot, segments);
	UnregisterSnapshot(snapshot);
	current_used = 0;
	for (int i = 0; i < count; i++)
	{
		if (segments[i].state == SPM_SEGMENT_CURRENT)
			current_table = spm_segment_table(segments[i].number);
		if (segments[i].state != SPM_SEGMENT_EMPTY)
			current_used++;
	}
	if (!OidIsValid(current_table))
		elog(ERROR, "no segment of pending deltas is current");
}

static void
forget_current(Datum argument, Oid relation)
{
	if (!OidIsValid(relation) || relation == segment_relation)
		current_is_known = false;
}

/*
 * Refuse to read a segment that was emptied after the snapshot was taken.  On
 * the primary none is that a snapshot needs; but it does not know the
 * snapshots of a standby.  The segments are locked: none is emptied from now
 * on.
 */
static void
require_kept(const SpmSegment *shown, int count)
{
	SpmSegment segments[SPM_SEGMENT_COUNT];
	Snapshot latest = RegisterSnapshot(GetLatestSnapshot());
	int latest_count = spm_segments_read(latest, segments);

	UnregisterSnapshot(latest);
	for (int i = 0; i < count; i++)
		for (int j = 0; j < latest_count; j++)
			if (segments[j].number == shown[i].number &&
				segments[j].emptied != shown[i].emptied)
				refuse_snapshot();
}

pg_noreturn static void
refuse_snapshot(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("deltas that the snapshot shows as pending have been "
					"folded and removed"),
			 errhint("Begin a new transaction.  To keep them, set "
					 "\"hot_standby_feedback\".")));
}
