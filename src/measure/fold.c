/*-------------------------------------------------------------------------
 *
 * fold.c
 *	  Adding pending deltas to the totals.
 *
 * The current segment becomes full, and an empty one current.  When all who
 * may still append to the full one have ended, its sum is added to the totals
 * and it is marked as folded, in one transaction: a snapshot shows either both
 * or neither.  A folded segment is emptied when no snapshot is left that shows
 * it as pending.  See README.md here.
 *
 * src/measure/fold.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "storage/procarray.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "core/catalog.h"
#include "core/export.h"
#include "core/guard.h"
#include "core/owner.h"
#include "core/spi.h"
#include "measure/fold.h"
#include "measure/fold_totals.h"
#include "measure/pending.h"
#include "measure/segment.h"
#include "measure/totals.h"

SPM_FUNCTION_INFO_V1(spm_fold_call);

/*
 * How long to wait for writers that are committing.  They wait for each other
 * 10 seconds at most.
 */
#define WRITER_TIMEOUT "15s"

static void empty_segments(void);
static bool is_needed(const SpmSegment *segment);
static void empty_segment(int number);
static void switch_segment(void);
static bool is_used(int number);
static void set_state(int number, const char *state);
static void fold_full_segments(void);
static void fold_segment(int number);
static int number_of(const void *builds, int32 build_id);
static bool is_held_by_prepared(Oid table);
static bool wait_for_writers(Oid table);
static void wait_for(void *writer);
static void commit(void);

/* CALL fold() */
Datum
spm_fold_call(PG_FUNCTION_ARGS)
{
	LockRelId lock = {spm_relation_oid("build", false), MyDatabaseId};

	spm_require_own_transactions(fcinfo, "fold");
	LockRelationIdForSession(&lock, SPM_BUILDER_LOCK);
	PG_TRY();
	{
		SPI_connect_ext(SPI_OPT_NONATOMIC);
		spm_fold();
		SPI_finish();
	}
	PG_FINALLY();
	{
		UnlockRelationIdForSession(&lock, SPM_BUILDER_LOCK);
	}
	PG_END_TRY();
	PG_RETURN_VOID();
}

/*
 * Fold all that is pending, in transactions of their own.  The caller holds
 * SPM_BUILDER_LOCK and is connected to SPI in non-atomic mode.
 */
void
spm_fold(void)
{
	empty_segments();
	switch_segment();
	fold_full_segments();
	empty_segments();
}

/* Refuse a call that can't commit, or whose snapshots would not move on. */
void
spm_require_own_transactions(FunctionCallInfo fcinfo, const char *procedure)
{
	CallContext *context = (CallContext *) fcinfo->context;

	PreventCommandDuringRecovery(procedure);
	if (context == NULL || !IsA(context, CallContext) || context->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("%s cannot run inside a transaction block", procedure),
				 errhint("Run \"CALL salesperf.%s()\" on its own.",
						 procedure)));
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("%s must run in isolation level READ COMMITTED",
						procedure)));
}

/* Empty folded segments that no snapshot shows as pending. */
static void
empty_segments(void)
{
	SpmSegment segments[SPM_SEGMENT_COUNT];
	int count;

	PushActiveSnapshot(GetTransactionSnapshot());
	count = spm_segments_read(GetActiveSnapshot(), segments);
	for (int i = 0; i < count; i++)
		if (segments[i].state == SPM_SEGMENT_FOLDED && !is_needed(&segments[i]))
			empty_segment(segments[i].number);
	PopActiveSnapshot();
	commit();
}

/*
 * Can a snapshot be around, of a session, a replication slot or a standby that
 * gives feedback, to which who folded the segment has not committed?  As long
 * as one can, VACUUM does not remove what was true before.
 */
static bool
is_needed(const SpmSegment *segment)
{
	Relation relation =
		table_open(spm_segment_table(segment->number), AccessShareLock);
	TransactionId oldest = GetOldestNonRemovableTransactionId(relation);

	table_close(relation, AccessShareLock);
	return !TransactionIdPrecedes(segment->since, oldest);
}

/* Empty a segment, unless somebody is just reading it: then it can wait. */
static void
empty_segment(int number)
{
	SpmArgs args = {.count = 1,
					.types = {INT4OID},
					.values = {Int32GetDatum(number)}};
	SpmCaller caller;

	if (!ConditionalLockRelationOid(spm_segment_table(number),
									AccessExclusiveLock))
		return;
	spm_become_extension_owner(&caller);
	spm_spi_run(psprintf("TRUNCATE salesperf.pending_%d", number), NULL);
	spm_spi_run("UPDATE salesperf.pending_segment SET state = 'empty',"
				" emptied = emptied + 1, changed_at = pg_catalog.now()"
				" WHERE segment = $1",
				&args);
	spm_return_to(&caller);
	spm_segments_changed();
}

/* Have writers append to another segment, if there is an empty one. */
static void
switch_segment(void)
{
	SpmSegment segments[SPM_SEGMENT_COUNT];
	int current = 0;
	int next = 0;
	int count;

	PushActiveSnapshot(GetTransactionSnapshot());
	count = spm_segments_read(GetActiveSnapshot(), segments);
	for (int i = 0; i < count; i++)
	{
		if (segments[i].state == SPM_SEGMENT_CURRENT)
			current = segments[i].number;
		if (segments[i].state == SPM_SEGMENT_EMPTY &&
			(next == 0 || segments[i].number < next))
			next = segments[i].number;
	}
	if (current > 0 && next > 0 && is_used(current))
	{
		set_state(current, "full");
		set_state(next, "current");
		spm_segments_changed();
	}
	PopActiveSnapshot();
	commit();
}

static bool
is_used(int number)
{
	Relation relation = table_open(spm_segment_table(number), AccessShareLock);
	BlockNumber blocks = RelationGetNumberOfBlocks(relation);

	table_close(relation, AccessShareLock);
	return blocks > 0;
}

static void
set_state(int number, const char *state)
{
	SpmArgs args = {.count = 2,
					.types = {INT4OID, TEXTOID},
					.values = {Int32GetDatum(number),
							   CStringGetTextDatum(state)}};
	SpmCaller caller;

	spm_become_extension_owner(&caller);
	spm_spi_run("UPDATE salesperf.pending_segment SET state = $2,"
				" changed_at = pg_catalog.now() WHERE segment = $1",
				&args);
	spm_return_to(&caller);
}

/* Fold the full segments whose writers have ended. */
static void
fold_full_segments(void)
{
	SpmSegment segments[SPM_SEGMENT_COUNT];
	int count;

	PushActiveSnapshot(GetTransactionSnapshot());
	count = spm_segments_read(GetActiveSnapshot(), segments);
	PopActiveSnapshot();
	commit();
	for (int i = 0; i < count; i++)
		if (segments[i].state == SPM_SEGMENT_FULL &&
			!is_held_by_prepared(spm_segment_table(segments[i].number)) &&
			wait_for_writers(spm_segment_table(segments[i].number)))
			fold_segment(segments[i].number);
}

/*
 * May a prepared transaction have appended to a segment?  Nobody knows when it
 * ends.  Its locks are of no process.
 */
static bool
is_held_by_prepared(Oid table)
{
	SpmArgs args = {.count = 1,
					.types = {OIDOID},
					.values = {ObjectIdGetDatum(table)}};
	uint64 count;

	PushActiveSnapshot(GetTransactionSnapshot());
	count = spm_spi_read("SELECT FROM pg_catalog.pg_locks AS l"
						 " WHERE l.locktype = 'relation' AND l.relation = $1"
						 " AND l.mode = 'RowExclusiveLock' AND l.pid IS NULL"
						 " AND l.database = (SELECT d.oid"
						 " FROM pg_catalog.pg_database AS d"
						 " WHERE d.datname = pg_catalog.current_database())",
						 &args);
	PopActiveSnapshot();
	commit();
	return count > 0;
}

/*
 * Wait, without a snapshot, until all that may append to a segment have ended.
 * False if one does not end in time.
 */
static bool
wait_for_writers(Oid table)
{
	int guc_level = NewGUCNestLevel();
	bool ended = true;
	VirtualTransactionId *writers;
	LOCKTAG tag;
	int count;

	spm_set_locally("lock_timeout", WRITER_TIMEOUT);
	SET_LOCKTAG_RELATION(tag, MyDatabaseId, table);
	writers = GetLockConflicts(&tag, ShareLock, &count);
	for (int i = 0; ended && i < count; i++)
		ended = spm_guard(wait_for, &writers[i]) == NULL;
	AtEOXact_GUC(false, guc_level);
	return ended;
}

static void
wait_for(void *writer)
{
	(void) VirtualXactLock(*(VirtualTransactionId *) writer, true);
}

/* Fold a segment that nobody writes to any more, and commit. */
static void
fold_segment(int number)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "salesperf fold",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	SpmDeltas *deltas;

	/* A snapshot that shows what those who were waited for have committed. */
	commit();
	PushActiveSnapshot(GetTransactionSnapshot());
	deltas = spm_deltas_create(context);
	spm_pending_add_table(spm_segment_table(number),
						  number_of,
						  NULL,
						  deltas,
						  false);
	spm_fold_into_totals(deltas);
	set_state(number, "folded");
	PopActiveSnapshot();
	commit();
	MemoryContextSwitchTo(caller_context);
	MemoryContextDelete(context);
}

/* What a build counts need not be known: its id is its number. */
static int
number_of(const void *builds, int32 build_id)
{
	return build_id;
}

static void
commit(void)
{
	SPI_commit();
	CHECK_FOR_INTERRUPTS();
}
