/*-------------------------------------------------------------------------
 *
 * commit.c
 *	  Book what a transaction changed, just before it commits.
 *
 * A document's change is the difference between two looks at it through one
 * snapshot: with this transaction's changes, and without them, as if it had
 * done nothing.  A snapshot sees its own transaction's rows by command: with
 * curcid FirstCommandId it sees none of them.  So nothing has to be known of
 * the commands, triggers and cascades in between.  See README.md here.
 *
 * src/measure/commit.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "access/xact.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "core/catalog.h"
#include "core/compat.h"
#include "core/guard.h"
#include "core/owner.h"
#include "measure/commit.h"
#include "measure/document_lock.h"
#include "measure/pending.h"

/* Arguments of look_twice() and load_builds(), which run guarded. */
typedef struct TwoLooks
{
	const SpmTouched *touched;
	const SpmBuildSet *set;
	CommandId until;
	SpmDeltas *deltas;
} TwoLooks;

static void book_at_commit(XactEvent event, void *argument);
static bool anything_touched(List *sources);
static void book(List *sources);
static void book_for_builds(List *sources);
static void book_sources(List *sources, const SpmBuildSet *set);
static void lock_documents(void *argument);
static void load_builds(void *argument);
static void look_twice(void *argument);
static void require_old_rows(const SpmSource *source);
static void look(const TwoLooks *looks, const Datum *keys, CommandId until,
				 bool negate);

/* Start following commits. */
void
spm_commit_init(void)
{
	RegisterXactCallback(book_at_commit, NULL);
}

/*
 * Add to deltas what this transaction changed in one source, up to a command
 * and under the active snapshot.  Returns NULL, or why it can't be told.
 */
char *
spm_changes_of(const SpmTouched *touched, const SpmBuildSet *set,
			   CommandId until, SpmDeltas *deltas)
{
	TwoLooks looks = {touched, set, until, deltas};

	if (touched->uncountable)
		return touched->why;
	if (spm_touched_count(touched) == 0)
		return NULL;
	return spm_guard(look_twice, &looks);
}

static void
book_at_commit(XactEvent event, void *argument)
{
	List *sources = spm_touched_sources();

	if (event != XACT_EVENT_PRE_COMMIT && event != XACT_EVENT_PRE_PREPARE)
		return;
	if (anything_touched(sources))
		book(sources);
}

static bool
anything_touched(List *sources)
{
	ListCell *cell;

	foreach (cell, sources)
	{
		SpmTouched *touched = lfirst(cell);

		if (touched->uncountable || spm_touched_count(touched) > 0)
			return true;
	}
	return false;
}

/*
 * Book all touched documents.  The lock on relation writer, kept to the end
 * of the transaction, comes before the look at the builds: a builder that
 * committed a build this look does not show will find the lock and wait.
 *
 * The ERP's lock_timeout is meant for its own tables.
 */
static void
book(List *sources)
{
	Oid writer = spm_relation_oid("writer", true);
	int guc_level = NewGUCNestLevel();

	if (LockTimeout > 0)
		spm_set_locally("lock_timeout", "0");
	if (OidIsValid(writer))
		LockRelationOid(writer, RowExclusiveLock);
	AcceptInvalidationMessages();

	/* The extension may have been dropped while we waited. */
	if (OidIsValid(writer) && spm_relation_oid("writer", true) == writer)
		book_for_builds(sources);
	AtEOXact_GUC(false, guc_level);
}

/* Book for all builds there are. */
static void
book_for_builds(List *sources)
{
	MemoryContext context = AllocSetContextCreate(TopTransactionContext,
												  "salesperf booking",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	SpmBuildSet *set = spm_builds_current();
	char *message = NULL;

	CommandCounterIncrement();
	if (set == NULL)
	{
		PushActiveSnapshot(GetLatestSnapshot());
		message = spm_guard(load_builds, &set);
		PopActiveSnapshot();
	}
	if (message != NULL)
		spm_invalidate_all(message);
	else if (set->count > 0)
		book_sources(sources, set);
	MemoryContextSwitchTo(caller_context);
	MemoryContextDelete(context);
}

/*
 * Book each source, through a snapshot that is taken when the documents are
 * locked.  A source that fails takes its measures' totals with it.
 */
static void
book_sources(List *sources, const SpmBuildSet *set)
{
	SpmDeltas *all = spm_deltas_create(CurrentMemoryContext);
	CommandId now = GetCurrentCommandId(false);
	char *not_locked = spm_guard(lock_documents, sources);
	ListCell *cell;

	PushActiveSnapshot(GetLatestSnapshot());
	foreach (cell, sources)
	{
		SpmTouched *touched = lfirst(cell);
		char *message = not_locked ? not_locked
								   : spm_changes_of(touched, set, now, all);

		if (message != NULL)
			spm_invalidate_source(set, touched->source, message);
	}
	PopActiveSnapshot();

	/* A function in a mapping may have written an attached table. */
	foreach (cell, spm_touched_sources())
	{
		SpmTouched *touched = lfirst(cell);

		if (touched->uncountable)
			spm_invalidate_source(set, touched->source, touched->why);
	}
	spm_pending_append(set, all);
}

static void
lock_documents(void *argument)
{
	spm_lock_documents(argument);
}

static void
load_builds(void *argument)
{
	SpmBuildSet **set = argument;

	*set = spm_builds_of_writers();
}

/* What the touched documents add now, less what they added before. */
static void
look_twice(void *argument)
{
	TwoLooks *looks = argument;
	Datum keys[SPM_MAX_KEYS];

	require_old_rows(spm_source_get(looks->touched->source));
	(void) spm_touched_keys(looks->touched, false, keys);
	look(looks, keys, looks->until, false);
	if (spm_touched_keys(looks->touched, true, keys) > 0)
		look(looks, keys, FirstCommandId, true);
}

/*
 * A table that this transaction wrote anew (ALTER TABLE, TRUNCATE) holds only
 * rows of its own: what it held before can't be looked at any more.
 */
static void
require_old_rows(const SpmSource *source)
{
	for (int role = 0; role < SPM_ROLE_COUNT; role++)
	{
		Relation table;

		if (!OidIsValid(source->tables[role]))
			continue;
		table = table_open(source->tables[role], AccessShareLock);
		if (table->rd_createSubid != InvalidSubTransactionId ||
			SPM_NEW_STORAGE_SUBID(table) != InvalidSubTransactionId)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("the table was rewritten in the same "
							"transaction")));
		table_close(table, AccessShareLock);
	}
}

/* One look through the active snapshot, up to a command of ours. */
static void
look(const TwoLooks *looks, const Datum *keys, CommandId until, bool negate)
{
	SpmSource *source = spm_source_get(looks->touched->source);

	if (!spm_touched_has_key(looks->touched, source))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the source was attached with another key")));
	PushCopiedSnapshot(GetActiveSnapshot());
	GetActiveSnapshot()->curcid = until;
	spm_deltas_add_documents(looks->deltas,
							 looks->set->matcher,
							 source,
							 keys,
							 negate);
	PopActiveSnapshot();
}
