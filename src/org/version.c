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
 * Of a source it is known whether all its lines had a header when a refresh
 * looked, and whether somebody may have left some without one since.
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
#include "storage/lmgr.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "core/catalog.h"
#include "core/compat.h"
#include "core/export.h"
#include "core/snapshot.h"
#include "org/org.h"
#include "org/version_rows.h"

SPM_FUNCTION_INFO_V1(spm_org_changed);

/* From how many rows on they are cleared away. */
#define CLEAR_ABOVE 16

static SpmOrgState state;

/* What was found when it was last looked. */
static struct
{
	bool valid;
	uint64 epoch; /* of state */
	uint64 transaction;
	SpmSnapshotMark shown; /* the snapshot, in CacheMemoryContext */
	SpmOrgVersion version; /* what it shows */
	uint64 generations[SPM_ORG_KEPT_PARTS];
} last;

static bool appended[SPM_ORG_PARTS]; /* has this transaction its row? */
static const SpmOrgVersion *version_shown(void);
static bool was_last(Snapshot snapshot);
static bool has_own_changes(void);
static void look(Snapshot snapshot);
static bool is_of_source(const SpmOrgVersion *version, SpmOrgPart part,
						 Oid view);
static void append_row(SpmOrgPart part);
static int64 random_number(void);
static void insert_row(Relation relation, SpmOrgPart part, int64 change);
static void clear_rows(Relation relation, SpmOrgPart part, Snapshot snapshot);
static void end_transaction(XactEvent event, void *argument);
static void end_subtransaction(SubXactEvent event, SubTransactionId mine,
							   SubTransactionId parent, void *argument);
static void forget_relation(Datum argument, Oid relation);

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
	(void) version_shown();
	return last.generations[part];
}

/* Can a document be split, as the active snapshot shows it? */
bool
spm_org_has_splits(void)
{
	return state.own_changes[SPM_ORG_SPLITS] ||
		   version_shown()->count[SPM_ORG_SPLITS] > 0;
}

/*
 * May the source with that view have lines without a header, as the active
 * snapshot shows it?
 */
bool
spm_org_may_have_strays(Oid view)
{
	const SpmOrgVersion *version = version_shown();

	return state.own_changes[SPM_ORG_STRAYS] ||
		   !is_of_source(version, SPM_ORG_NO_STRAYS, view) ||
		   version->count[SPM_ORG_STRAYS] > SPM_ORG_MAX_SOURCES ||
		   is_of_source(version, SPM_ORG_STRAYS, view) ||
		   is_of_source(version, SPM_ORG_STRAYS, InvalidOid);
}

/* Is one of the rows of a part, as far as they are known, a source's? */
static bool
is_of_source(const SpmOrgVersion *version, SpmOrgPart part, Oid view)
{
	for (int i = 0; i < Min(version->count[part], SPM_ORG_MAX_SOURCES); i++)
		if (version->sources[part - SPM_ORG_SOURCE_PARTS][i] == view)
			return true;
	return false;
}

/*
 * Note that the source with that view, or if it is InvalidOid any, may have
 * lines without a header from now on.  The lock on writer comes before the look
 * at what is noted: a refresh that has taken such a note back waits for all who
 * may have seen it (refresh.c).  A note that would be one too many to be read is
 * of any source.
 */
void
spm_org_note_strays(Oid view)
{
	Relation relation;
	Snapshot snapshot;
	SpmOrgVersion version = {.count = {0}};

	LockRelationOid(spm_relation_oid("writer", false), RowExclusiveLock);
	state.own_changes[SPM_ORG_STRAYS] = true;
	relation =
		table_open(spm_relation_oid("org_version", false), RowExclusiveLock);
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	spm_org_read_rows(relation, snapshot, &version);
	if (!is_of_source(&version, SPM_ORG_STRAYS, view) &&
		!is_of_source(&version, SPM_ORG_STRAYS, InvalidOid))
		insert_row(relation,
				   SPM_ORG_STRAYS,
				   version.count[SPM_ORG_STRAYS] < SPM_ORG_MAX_SOURCES
					   ? view
					   : InvalidOid);
	UnregisterSnapshot(snapshot);
	table_close(relation, NoLock);
}

/*
 * Is it to be noted of the source with that view that it has none, if so?  Not
 * where it is, as the active snapshot shows it, nor if nobody would read it.
 */
bool
spm_org_asks_for_strays(Oid view)
{
	const SpmOrgVersion *version = version_shown();

	return !is_of_source(version, SPM_ORG_NO_STRAYS, view) &&
		   version->count[SPM_ORG_NO_STRAYS] < SPM_ORG_MAX_SOURCES;
}

/* Note that the source with that view had none when a refresh looked. */
void
spm_org_note_no_strays(Oid view)
{
	Relation relation =
		table_open(spm_relation_oid("org_version", false), RowExclusiveLock);

	insert_row(relation, SPM_ORG_NO_STRAYS, view);
	table_close(relation, NoLock);
}

/* The version that the active snapshot shows. */
static const SpmOrgVersion *
version_shown(void)
{
	Snapshot snapshot = GetActiveSnapshot();

	if (!was_last(snapshot))
		look(snapshot);
	return &last.version;
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
	SpmOrgVersion version = spm_org_read_version(snapshot);

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

/* Append this transaction's row, unless those that are there do. */
static void
append_row(SpmOrgPart part)
{
	Relation relation =
		table_open(spm_relation_oid("org_version", false), RowExclusiveLock);
	Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());
	uint64 count = spm_org_read_version(snapshot).count[part];

	if (part != SPM_ORG_SPLITS || count == 0)
	{
		if (part != SPM_ORG_SPLITS && count > CLEAR_ABOVE)
			clear_rows(relation, part, snapshot);
		insert_row(relation, part, random_number());
	}
	UnregisterSnapshot(snapshot);
	table_close(relation, NoLock);
	appended[part] = true;
}

static int64
random_number(void)
{
	int64 number;

	if (!pg_strong_random(&number, sizeof(number)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate a random number")));
	return number;
}

static void
insert_row(Relation relation, SpmOrgPart part, int64 change)
{
	Datum values[] = {Int64GetDatum(change), Int16GetDatum(part)};
	bool nulls[lengthof(values)] = {false};
	HeapTuple tuple =
		heap_form_tuple(RelationGetDescr(relation), values, nulls);

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

		if (((SpmOrgChange *) GETSTRUCT(tuple))->part == part)
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
	if (spm_org_rows_forget(relation))
		state.epoch++;
}
