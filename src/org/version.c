/*-------------------------------------------------------------------------
 *
 * version.c
 *	  Which state of what all sources share a snapshot shows.
 *
 * A transaction that changes unit_parent, seller_unit or product_family appends
 * a row with a random number to org_version, and one that changes customer or
 * product one of another part.  The row becomes visible together with the
 * change.  So two snapshots that show the same set of rows of a part show the
 * same of it, in whatever order transactions commit, and a session that has
 * read it under one may use it under the other.  Invalidation messages could
 * not do that: a snapshot may show a change some moments before its message
 * comes, and an old snapshot must not show it at all.
 *
 * Rows that are no longer needed to tell two states apart are deleted by
 * later changes, as they come by.  Deleting is safe: it needs a later change
 * d that saw the row committed, so every snapshot that shows d shows the
 * row's change as well; of two snapshots that differ in any change, the last
 * one they differ in is a row in one of them only.
 *
 * Within the changing transaction rows tell too little, as it appends only
 * one.  There, every change moves the epoch, so does a rollback to a
 * savepoint, and curcid tells snapshots apart.
 *
 * Of splits it is known whether there can be any: who enters some appends a row
 * unless one is visible, and none is deleted.  So a snapshot that shows a split
 * shows a row.
 *
 * src/org/version.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "commands/trigger.h"
#include "storage/bufmgr.h"
#include "storage/predicate.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "core/catalog.h"
#include "core/compat.h"
#include "core/export.h"
#include "core/snapshot.h"
#include "org/org.h"
#include "org/version.h"

SPM_FUNCTION_INFO_V1(spm_org_changed);

/* From how many rows on they are cleared away. */
#define CLEAR_ABOVE 16

/* The changes of each part that a snapshot shows, by number and sum. */
typedef struct OrgVersion
{
	uint64 count[SPM_ORG_PARTS];
	uint64 sum[SPM_ORG_PARTS];
} OrgVersion;

static SpmOrgState state;

/* What was found when it was last looked. */
static struct
{
	bool valid;
	uint64 epoch; /* of state */
	uint64 transaction;
	SpmSnapshotMark shown; /* the snapshot, in CacheMemoryContext */
	OrgVersion version;	   /* what it shows */
	uint64 generations[SPM_ORG_KEPT_PARTS];
} last;

/* A row of org_version. */
typedef struct OrgChange
{
	int64 change;
	int16 part;
} OrgChange;

/* The page of org_version, when it had but one with room for more. */
static struct
{
	bool known;
	SpmFile file;
	Buffer buffer;
	XLogRecPtr lsn;
} only_page;
static bool appended[SPM_ORG_PARTS]; /* has this transaction its row? */
static Oid watched[6];
static bool watching = false; /* are they known? */

static bool was_last(Snapshot snapshot);
static bool has_own_changes(void);
static void look(Snapshot snapshot);
static OrgVersion read_version(Snapshot snapshot);
static bool read_only_page(Snapshot snapshot, OrgVersion *version);
static void read_page(Relation relation, Buffer buffer, Snapshot snapshot,
					  OrgVersion *version);
static void add_row(const OrgChange *change, OrgVersion *version);
static void read_rows(Relation relation, Snapshot snapshot,
					  OrgVersion *version);
static void append_row(SpmOrgPart part);
static void insert_row(Relation relation, SpmOrgPart part);
static void clear_rows(Relation relation, SpmOrgPart part, Snapshot snapshot);
static void end_transaction(XactEvent event, void *argument);
static void end_subtransaction(SubXactEvent event, SubTransactionId mine,
							   SubTransactionId parent, void *argument);
static void forget_relation(Datum argument, Oid relation);
static void watch_tables(void);

/* Start following transactions and definitions. */
void
spm_org_init(void)
{
	RegisterXactCallback(end_transaction, NULL);
	RegisterSubXactCallback(end_subtransaction, NULL);
	CacheRegisterRelcacheCallback(forget_relation, (Datum) 0);
}

/*
 * org_changed(['attributes']): trigger that notes that assignments change, or
 * attributes.  It fires before each statement, so that a trigger of somebody
 * else's finds nothing outdated, and of assignments after each row (replication
 * applies rows, not statements) and TRUNCATE.
 */
Datum
spm_org_changed(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) ||
		(TRIGGER_FIRED_BEFORE(trigger->tg_event) &&
		 TRIGGER_FIRED_FOR_ROW(trigger->tg_event)))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("org_changed() must be fired before a statement or "
						"after a row")));
	spm_org_note_change(trigger->tg_trigger->tgnargs > 0 ? SPM_ORG_ATTRIBUTES
														 : SPM_ORG_ASSIGNMENTS);
	return PointerGetDatum(NULL);
}

/* Note that this transaction changes a part, or may. */
void
spm_org_note_change(SpmOrgPart part)
{
	state.own_changes[part] = true;
	if (part < SPM_ORG_KEPT_PARTS)
		state.epoch++;
	if (!appended[part])
		append_row(part);
}

/* What this session knows without looking. */
const SpmOrgState *
spm_org_state(void)
{
	return &state;
}

/*
 * The number of the state of a part that the active snapshot shows.  What was
 * read when it was the same is so now.
 */
uint64
spm_org_generation(SpmOrgPart part)
{
	Snapshot snapshot = GetActiveSnapshot();

	if (!was_last(snapshot))
		look(snapshot);
	return last.generations[part];
}

/* Can a document be split, as the active snapshot shows it? */
bool
spm_org_has_splits(void)
{
	Snapshot snapshot = GetActiveSnapshot();

	if (!was_last(snapshot))
		look(snapshot);
	return state.own_changes[SPM_ORG_SPLITS] ||
		   last.version.count[SPM_ORG_SPLITS] > 0;
}

/* Does a snapshot show what was found when it was last looked? */
static bool
was_last(Snapshot snapshot)
{
	return last.valid && last.epoch == state.epoch &&
		   last.transaction == state.transaction &&
		   spm_snapshot_is(&last.shown, snapshot) &&
		   (last.shown.curcid == snapshot->curcid || !has_own_changes());
}

/* Of a part that is kept. */
static bool
has_own_changes(void)
{
	for (int part = 0; part < SPM_ORG_KEPT_PARTS; part++)
		if (state.own_changes[part])
			return true;
	return false;
}

/*
 * Read the version that a snapshot shows.  Opening tables takes in
 * invalidations, which may move the epoch: the one from before is kept, so that
 * the next call looks again.
 */
static void
look(Snapshot snapshot)
{
	uint64 epoch = state.epoch;
	OrgVersion version = read_version(snapshot);

	for (int part = 0; part < SPM_ORG_KEPT_PARTS; part++)
		if (!last.valid || state.own_changes[part] || last.epoch != epoch ||
			version.count[part] != last.version.count[part] ||
			version.sum[part] != last.version.sum[part])
			last.generations[part]++;
	last.valid = false;
	spm_snapshot_mark(&last.shown, snapshot, CacheMemoryContext);
	last.version = version;
	last.epoch = epoch;
	last.transaction = state.transaction;
	last.valid = true;
}

static OrgVersion
read_version(Snapshot snapshot)
{
	OrgVersion version = {{0}, {0}};
	Relation relation;

	if (read_only_page(snapshot, &version))
		return version;
	watch_tables();
	relation = table_open(watched[0], AccessShareLock);
	PredicateLockRelation(relation, snapshot);
	read_rows(relation, snapshot, &version);
	table_close(relation, NoLock);
	return version;
}

/*
 * Every order asks, so neither is the table opened nor the file's length asked
 * for: add up the rows of a page that is known to be the only one.  It still is
 * if nothing was written to it since: there was room for a row then, so that
 * none can have been put elsewhere.  Who wrote the table anew had it locked, so
 * no row is in the new one before its invalidation was sent.
 */
static bool
read_only_page(Snapshot snapshot, OrgVersion *version)
{
	Page page;
	bool same;

	AcceptInvalidationMessages();
	if (!only_page.known || IsolationIsSerializable() ||
		!ReadRecentBuffer(only_page.file, MAIN_FORKNUM, 0, only_page.buffer))
		return false;
	LockBuffer(only_page.buffer, BUFFER_LOCK_SHARE);
	page = BufferGetPage(only_page.buffer);
	same = PageGetLSN(page) == only_page.lsn;
	if (same)
		read_page(NULL, only_page.buffer, snapshot, version);
	UnlockReleaseBuffer(only_page.buffer);
	return same;
}

/*
 * Add up the rows of a page that are visible; relation NULL: nobody minds
 * conflicts.
 */
static void
read_page(Relation relation, Buffer buffer, Snapshot snapshot,
		  OrgVersion *version)
{
	Page page = BufferGetPage(buffer);

	for (OffsetNumber i = FirstOffsetNumber; i <= PageGetMaxOffsetNumber(page);
		 i = OffsetNumberNext(i))
	{
		ItemId item = PageGetItemId(page, i);
		HeapTupleData tuple = {.t_tableOid = watched[0]};
		bool visible;

		if (!ItemIdIsNormal(item))
			continue;
		tuple.t_data = (HeapTupleHeader) PageGetItem(page, item);
		tuple.t_len = ItemIdGetLength(item);
		ItemPointerSet(&tuple.t_self, BufferGetBlockNumber(buffer), i);
		visible = HeapTupleSatisfiesVisibility(&tuple, snapshot, buffer);
		if (relation != NULL)
			HeapCheckForSerializableConflictOut(visible,
												relation,
												&tuple,
												buffer,
												snapshot);
		if (visible)
			add_row((OrgChange *) GETSTRUCT(&tuple), version);
	}
}

static void
add_row(const OrgChange *change, OrgVersion *version)
{
	version->count[change->part]++;
	version->sum[change->part] += (uint64) change->change;
}

/* Add up all rows that are visible, and note whether one page has them. */
static void
read_rows(Relation relation, Snapshot snapshot, OrgVersion *version)
{
	BlockNumber blocks = RelationGetNumberOfBlocks(relation);

	only_page.known = false;
	for (BlockNumber block = 0; block < blocks; block++)
	{
		Buffer buffer = ReadBuffer(relation, block);

		LockBuffer(buffer, BUFFER_LOCK_SHARE);
		read_page(relation, buffer, snapshot, version);
		if (blocks == 1 && !relation->rd_createSubid &&
			!SPM_NEW_STORAGE_SUBID(relation) &&
			PageGetHeapFreeSpace(BufferGetPage(buffer)) > BLCKSZ / 2 &&
			RelationGetNumberOfBlocks(relation) == 1)
		{
			only_page.known = true;
			only_page.file = SPM_LOCATOR(relation);
			only_page.buffer = buffer;
			only_page.lsn = PageGetLSN(BufferGetPage(buffer));
		}
		UnlockReleaseBuffer(buffer);
	}
}

/* Append this transaction's row, unless those that are there do. */
static void
append_row(SpmOrgPart part)
{
	Relation relation =
		table_open(spm_relation_oid("org_version", false), RowExclusiveLock);
	Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());
	uint64 count = read_version(snapshot).count[part];

	if (part != SPM_ORG_SPLITS || count == 0)
	{
		if (part != SPM_ORG_SPLITS && count > CLEAR_ABOVE)
			clear_rows(relation, part, snapshot);
		insert_row(relation, part);
	}
	UnregisterSnapshot(snapshot);
	table_close(relation, NoLock);
	appended[part] = true;
}

static void
insert_row(Relation relation, SpmOrgPart part)
{
	bool nulls[] = {false, false};
	Datum values[lengthof(nulls)];
	HeapTuple tuple;
	uint64 change;

	if (!pg_strong_random(&change, sizeof(change)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate a random number")));
	values[0] = Int64GetDatum((int64) change);
	values[1] = Int16GetDatum(part);
	tuple = heap_form_tuple(RelationGetDescr(relation), values, nulls);
	simple_heap_insert(relation, tuple);
	heap_freetuple(tuple);
}

/*
 * Delete the rows that this transaction sees, as there are many.  A row that
 * somebody else is deleting is left to them: nobody waits here.
 */
static void
clear_rows(Relation relation, SpmOrgPart part, Snapshot snapshot)
{
	SysScanDesc scan =
		systable_beginscan(relation, InvalidOid, false, snapshot, 0, NULL);
	HeapTuple tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		TM_FailureData failure;

		if (((OrgChange *) GETSTRUCT(tuple))->part == part)
			(void) table_tuple_delete(relation,
									  &tuple->t_self,
									  GetCurrentCommandId(true),
									  snapshot,
									  InvalidSnapshot,
									  false,
									  &failure,
									  false);
	}
	systable_endscan(scan);
}

/* What was read under own changes is not what the next transaction sees. */
static void
end_transaction(XactEvent event, void *argument)
{
	switch (event)
	{
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_PARALLEL_COMMIT:
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PARALLEL_ABORT:
		case XACT_EVENT_PREPARE:
			break;
		default:
			return;
	}
	state.transaction++;
	if (has_own_changes())
		state.epoch++;
	memset(state.own_changes, 0, sizeof(state.own_changes));
	memset(appended, 0, sizeof(appended));
}

/* A rollback to a savepoint may take changes back, and our row. */
static void
end_subtransaction(SubXactEvent event, SubTransactionId mine,
				   SubTransactionId parent, void *argument)
{
	if (event != SUBXACT_EVENT_ABORT_SUB)
		return;
	state.rollbacks++;
	memset(appended, 0, sizeof(appended));
	if (has_own_changes())
		state.epoch++;
}

/* One of the tables was defined anew, or truncated. */
static void
forget_relation(Datum argument, Oid relation)
{
	for (int i = 0; i < lengthof(watched); i++)
		if (relation == InvalidOid || relation == watched[i])
		{
			state.epoch++;
			watching = false;
			only_page.known = false;
		}
}

/* Remember which tables forget_relation() is about. */
static void
watch_tables(void)
{
	static const char *const names[] = {"org_version",
										"unit_parent",
										"seller_unit",
										"product_family",
										"customer",
										"product"};

	StaticAssertStmt(lengthof(names) == lengthof(watched), "one for each");
	if (watching)
		return;
	for (int i = 0; i < lengthof(watched); i++)
		watched[i] = spm_relation_oid(names[i], false);
	watching = true;
}
