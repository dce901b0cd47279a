/*-------------------------------------------------------------------------
 *
 * version.c
 *	  Which state of the organisation a snapshot shows.
 *
 * A transaction that changes unit_parent, seller_unit or product_family appends a row with a
 * random number to org_version.  The row becomes visible together with the
 * change.  So two snapshots that show the same set of rows show the same
 * assignments, in whatever order transactions commit, and a session that has
 * read assignments under one may use them under the other.  Invalidation
 * messages could not do that: a snapshot may show a change some moments
 * before its message comes, and an old snapshot must not show it at all.
 *
 * Rows that are no longer needed to tell two states apart are deleted by
 * later changes, as they come by.  Deleting is safe: it needs a later change
 * d that saw the row committed, so every snapshot that shows d shows the
 * row's change as well; of two snapshots that differ in any change, the last
 * one they differ in is a row in one of them only.
 *
 * Within the changing transaction rows tell too little, as it appends only
 * one.  There, every change moves the epoch, so does a rollback to a
 * savepoint, and curcid tells snapshots apart (path.c).
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
#include "utils/inval.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "core/catalog.h"
#include "core/export.h"
#include "org/org.h"
#include "org/version_int.h"

SPM_FUNCTION_INFO_V1(spm_org_changed);

/* From how many rows on they are cleared away. */
#define CLEAR_ABOVE 16

static SpmOrgState state;
static bool appended = false; /* has this transaction appended its row? */
static Oid watched[4];
static bool watching = false; /* are they known? */

static void append_row(void);
static void clear_rows(Relation relation);
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
 * Trigger: note that assignments change.  It fires before each statement, so
 * that a trigger of somebody else's finds nothing outdated, and after each
 * row (replication applies rows, not statements) and TRUNCATE.
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
	state.own_changes = true;
	state.epoch++;
	if (!appended)
		append_row();
	return PointerGetDatum(NULL);
}

/* What this session knows without looking. */
const SpmOrgState *
spm_org_state(void)
{
	return &state;
}

/* The changes that a snapshot shows. */
SpmOrgVersion
spm_org_version(Snapshot snapshot)
{
	SpmOrgVersion version = {0, 0};
	Relation relation;
	SysScanDesc scan;
	HeapTuple tuple;

	watch_tables();
	relation = table_open(watched[0], AccessShareLock);
	scan = systable_beginscan(relation, InvalidOid, false, snapshot, 0, NULL);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		bool is_null;
		Datum change =
			heap_getattr(tuple, 1, RelationGetDescr(relation), &is_null);

		version.count++;
		version.sum += (uint64) DatumGetInt64(change);
	}
	systable_endscan(scan);
	table_close(relation, NoLock);
	return version;
}

/* Append this transaction's row. */
static void
append_row(void)
{
	Relation relation =
		table_open(spm_relation_oid("org_version", false), RowExclusiveLock);
	Datum value;
	bool is_null = false;
	HeapTuple tuple;
	uint64 change;

	if (!pg_strong_random(&change, sizeof(change)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate a random number")));
	clear_rows(relation);
	value = Int64GetDatum((int64) change);
	tuple = heap_form_tuple(RelationGetDescr(relation), &value, &is_null);
	simple_heap_insert(relation, tuple);
	heap_freetuple(tuple);
	table_close(relation, NoLock);
	appended = true;
}

/*
 * Delete the rows that this transaction sees, once there are many.  A row
 * that somebody else is deleting is left to them: nobody waits here.
 */
static void
clear_rows(Relation relation)
{
	Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());
	SysScanDesc scan;
	HeapTuple tuple;

	if (spm_org_version(snapshot).count > CLEAR_ABOVE)
	{
		scan =
			systable_beginscan(relation, InvalidOid, false, snapshot, 0, NULL);
		while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		{
			TM_FailureData failure;

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
	UnregisterSnapshot(snapshot);
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
	if (state.own_changes)
		state.epoch++;
	state.own_changes = false;
	appended = false;
}

/* A rollback to a savepoint may take changes back, and our row. */
static void
end_subtransaction(SubXactEvent event, SubTransactionId mine,
				   SubTransactionId parent, void *argument)
{
	if (event != SUBXACT_EVENT_ABORT_SUB)
		return;
	state.rollbacks++;
	if (!state.own_changes)
		return;
	state.epoch++;
	appended = false;
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
		}
}

/* Remember which tables forget_relation() is about. */
static void
watch_tables(void)
{
	static const char *const names[] = {"org_version",
										"unit_parent",
										"seller_unit",
										"product_family"};

	StaticAssertStmt(lengthof(names) == lengthof(watched), "one for each");
	if (watching)
		return;
	for (int i = 0; i < lengthof(watched); i++)
		watched[i] = spm_relation_oid(names[i], false);
	watching = true;
}
