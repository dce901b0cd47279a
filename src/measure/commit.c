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
#include "core/lock.h"
#include "core/owner.h"
#include "measure/commit.h"
#include "measure/dimension.h"
#include "measure/document_lock.h"
#include "measure/pending.h"
#include "org/version.h"
#include "sale/line_change.h"
#include "sale/trace.h"

/* Keys of a document that few others have: customer, seller, some products. */
#define PROBES_PER_DOCUMENT 2

/* Arguments of look_twice(), which runs guarded. */
typedef struct TwoLooks
{
	SpmTouched *touched;
	const SpmBuildSet *set;
	CommandId until;
	SpmDeltas *deltas;
	bool whole; /* until includes all that the transaction did */
} TwoLooks;

static void book_at_commit(XactEvent event, void *argument);
static char *changes_of(TwoLooks *looks);
static bool anything_touched(List *sources);
static void book(void);
static void book_for_builds(void);
static void book_dimensions(const SpmBuildSet *set);
static void invalidate_trees(void);
static void invalidate_source(const SpmTouched *touched, const char *why);
static void load_all_builds(void *argument);
static void follow_in_source(const char *name, uint32 dimensions);
static void prepare_source(void *argument);
static void book_sources(List *sources, const SpmBuildSet *set);
static List *changes_of_all(List *sources, const SpmBuildSet *set,
							SpmDeltas *deltas);
static int count_fixed_amounts(List *sources);
static void lock_documents(void *argument);
static uint64 count_probes(List *sources);
static void load_builds(void *argument);
static void look_twice(void *argument);
static void require_old_rows(const TwoLooks *looks, const SpmSource *source);
static void require_old_table(Oid table_oid);
static void trace(SpmTouched *touched, CommandId until);
static bool is_unknown(const SpmKeyEntry *entry);
static bool is_old_unknown(const SpmKeyEntry *entry);
static void look(const TwoLooks *looks, SpmSource *source, SpmKeyFilter filter,
				 CommandId until, bool negate);
static void note_fixed_amounts(SpmTouched *touched);

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
spm_changes_of(SpmTouched *touched, const SpmBuildSet *set, CommandId until,
			   SpmDeltas *deltas)
{
	TwoLooks looks = {touched, set, until, deltas, false};

	return changes_of(&looks);
}

static char *
changes_of(TwoLooks *looks)
{
	SpmTouched *touched = looks->touched;

	if (touched->uncountable)
		return touched->why;
	if (!spm_touched_anything(touched))
		return NULL;
	return spm_guard(look_twice, looks);
}

static void
book_at_commit(XactEvent event, void *argument)
{
	List *sources = spm_touched_sources();

	if (event != XACT_EVENT_PRE_COMMIT && event != XACT_EVENT_PRE_PREPARE)
		return;
	if (anything_touched(sources) || spm_shared_anything())
		book();
}

static bool
anything_touched(List *sources)
{
	ListCell *cell;

	foreach (cell, sources)
		if (spm_touched_anything(lfirst(cell)))
			return true;
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
book(void)
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
		book_for_builds();
	AtEOXact_GUC(false, guc_level);
}

/* Book for all builds there are. */
static void
book_for_builds(void)
{
	MemoryContext context = AllocSetContextCreate(TopTransactionContext,
												  "salesperf booking",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	SpmBuildSet *set = spm_builds_current(count_probes(spm_touched_sources()));
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
	else if (set->any)
	{
		book_dimensions(set);
		book_sources(spm_touched_sources(), set);
	}
	MemoryContextSwitchTo(caller_context);
	MemoryContextDelete(context);
}

/*
 * What changed for all sources: customers, products, and who belongs to whom.
 * Documents are found of customers, products and sellers; what is above them
 * concerns too many, and the builds that filter by it are put out of use.
 */
static void
book_dimensions(const SpmBuildSet *set)
{
	uint32 dimensions = spm_concerned_dimensions(set);
	ListCell *cell;

	if (dimensions != 0)
	{
		List *names;

		PushActiveSnapshot(GetLatestSnapshot());
		names = spm_source_names();
		PopActiveSnapshot();
		foreach (cell, names)
			follow_in_source(lfirst(cell), dimensions);
	}
	if (spm_shared_trees_changed())
		invalidate_trees();
	foreach (cell, spm_touched_sources())
		((SpmTouched *) lfirst(cell))->distinct =
			spm_matcher_needs(set->matcher).documents;
}

/* Put builds out of use that filter by units or families which were moved. */
static void
invalidate_trees(void)
{
	SpmBuildSet *all = NULL;
	char *message = spm_guard(load_all_builds, &all);

	if (message != NULL)
		spm_invalidate_all(message);
	else
		spm_invalidate_trees(all);
}

/* Put builds out of use that may count a source. */
static void
invalidate_source(const SpmTouched *touched, const char *why)
{
	SpmBuildSet *all = NULL;
	char *message = spm_guard(load_all_builds, &all);

	if (message != NULL)
		spm_invalidate_all(message);
	else
		spm_invalidate_source(all, touched->source, touched->root, why);
}

/* Load all builds, also those that this session has not met. */
static void
load_all_builds(void *argument)
{
	SpmBuildSet **all = argument;

	PushActiveSnapshot(GetLatestSnapshot());
	*all = spm_builds_load(SPM_BUILDS_KNOWN, CurrentMemoryContext);
	PopActiveSnapshot();
}

/* Have documents of a source found that shared traces lead to. */
static void
follow_in_source(const char *name, uint32 dimensions)
{
	SpmTouched *touched;
	char *message;

	PushActiveSnapshot(GetLatestSnapshot());
	touched = spm_touched_source(name, spm_source_root(name));
	message = spm_guard(prepare_source, touched);
	PopActiveSnapshot();
	if (message != NULL)
		spm_touched_give_up(touched, message);
	touched->dimensions = dimensions;
}

static void
prepare_source(void *argument)
{
	SpmTouched *touched = argument;

	spm_touched_prepare(touched, spm_source_get(touched->source));
}

/*
 * Book each source, through a snapshot that is taken when the documents are
 * locked.  A source that fails takes its measures' totals with it.
 *
 * Whether shares depend on all lines of a document is seen when it is looked
 * at.  If so the locks were too weak: all are given back, and taken anew.
 */
static void
book_sources(List *sources, const SpmBuildSet *set)
{
	SpmDeltas *all;
	List *messages;
	char *not_locked;
	int fixed_amounts;
	ListCell *cell;
	ListCell *message;

	do
	{
		SpmDocumentLocks *locks = spm_list_document_locks(sources);

		fixed_amounts = count_fixed_amounts(sources);
		all = spm_deltas_create_in(CurrentMemoryContext);
		not_locked = spm_try_lock_documents(locks)
						 ? NULL
						 : spm_guard(lock_documents, locks);
		PushActiveSnapshot(GetLatestSnapshot());
		messages = changes_of_all(sources, set, all);
		PopActiveSnapshot();
		if (not_locked == NULL && count_fixed_amounts(sources) > fixed_amounts)
			spm_unlock_documents(locks);
	} while (not_locked == NULL &&
			 count_fixed_amounts(sources) > fixed_amounts);

	forboth (cell, sources, message, messages)
	{
		SpmTouched *touched = lfirst(cell);

		if (not_locked != NULL || lfirst(message) != NULL)
			invalidate_source(touched,
							  not_locked ? not_locked : lfirst(message));
		else if (touched->strays && touched->has_header)
			spm_org_note_strays(spm_source_view(touched->source));
	}

	/* A function in a mapping may have written an attached table. */
	foreach (cell, spm_touched_sources())
	{
		SpmTouched *touched = lfirst(cell);

		if (touched->uncountable)
			invalidate_source(touched, touched->why);
	}
	spm_pending_append(set, all);
}

/* Add all changes; returns for each source NULL, or why it can't be told. */
static List *
changes_of_all(List *sources, const SpmBuildSet *set, SpmDeltas *deltas)
{
	CommandId now = GetCurrentCommandId(false);
	List *messages = NIL;
	ListCell *cell;

	foreach (cell, sources)
	{
		TwoLooks looks = {lfirst(cell), set, now, deltas, true};

		messages = lappend(messages, changes_of(&looks));
	}
	return messages;
}

/* In how many sources has a document been met whose shares depend on its net? */
static int
count_fixed_amounts(List *sources)
{
	int count = 0;
	ListCell *cell;

	foreach (cell, sources)
		count += ((SpmTouched *) lfirst(cell))->fixed_amounts;
	return count;
}

static void
lock_documents(void *argument)
{
	spm_lock_documents(argument);
}

/* About how many keys will be looked for. */
static uint64
count_probes(List *sources)
{
	uint64 documents = 0;
	ListCell *cell;

	foreach (cell, sources)
		documents += spm_keyset_count(((SpmTouched *) lfirst(cell))->documents);
	return documents * PROBES_PER_DOCUMENT;
}

static void
load_builds(void *argument)
{
	SpmBuildSet **set = argument;

	*set = spm_builds_of_writers(count_probes(spm_touched_sources()));
}

/*
 * What the touched documents add now, less what they added before.  What only
 * leads to documents is followed in both states: a row of order_split, say,
 * may have been of another document.
 *
 * All partitions are read, also those that this transaction had not locked.
 */
static void
look_twice(void *argument)
{
	TwoLooks *looks = argument;
	SpmSource *source = spm_source_get(looks->touched->source);
	int guc_level = NewGUCNestLevel();
	bool changes_known = false;

	if (spm_source_is_partitioned(source))
		spm_lock_briefly();
	if (!spm_touched_has_key(looks->touched, source))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the source was attached with another key")));
	if (spm_touched_is_led(looks->touched) &&
		spm_touched_has_traces(looks->touched->whole))
		trace(looks->touched->whole, looks->until);
	if (spm_touched_has_traces(looks->touched) ||
		spm_touched_is_led(looks->touched))
	{
		require_old_rows(looks, source);
		trace(looks->touched, looks->until);
	}
	else if (looks->whole)
		changes_known = spm_deltas_add_changes(looks->deltas,
											   looks->set->matcher,
											   source,
											   looks->touched);
	look(looks, source, changes_known ? is_unknown : NULL, looks->until, false);
	look(looks,
		 source,
		 changes_known ? is_old_unknown : spm_touched_is_old,
		 FirstCommandId,
		 true);
	AtEOXact_GUC(false, guc_level);
}

/* Must the document be read, as noted changes of lines are not all? */
static bool
is_unknown(const SpmKeyEntry *entry)
{
	return !spm_line_changes_are_all(entry);
}

/* The same of those that may have been there before. */
static bool
is_old_unknown(const SpmKeyEntry *entry)
{
	return spm_touched_is_old(entry) && !spm_line_changes_are_all(entry);
}

/* Refuse tables of which nothing but the present state can be looked at. */
static void
require_old_rows(const TwoLooks *looks, const SpmSource *source)
{
	ListCell *cell;

	foreach (cell, spm_source_tables(source))
		require_old_table(lfirst_oid(cell));
	if (spm_touched_trace(looks->touched, SPM_TRACE_ORDER_SPLIT) != NULL)
		require_old_table(spm_relation_oid("order_split", false));
	if (spm_touched_trace(looks->touched, SPM_TRACE_RATE) != NULL)
		require_old_table(spm_relation_oid("exchange_rate", false));
}

/*
 * A table that this transaction wrote anew (ALTER TABLE, TRUNCATE) holds only
 * rows of its own: what it held before can't be looked at any more.  A
 * partition that it created held nothing before.  It is not locked: only the
 * session that did any of this has to know.
 */
static void
require_old_table(Oid table_oid)
{
	Relation table = RelationIdGetRelation(table_oid);
	bool created;
	bool rewritten;

	if (!RelationIsValid(table))
		return;
	created = table->rd_createSubid != InvalidSubTransactionId;
	rewritten = SPM_NEW_STORAGE_SUBID(table) != InvalidSubTransactionId;
	if (created && table->rd_rel->relispartition)
		created = rewritten = false;
	RelationClose(table);
	if (created || rewritten)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the table was rewritten in the same transaction")));
}

/*
 * Find documents through the active snapshot: those that are led to up to a
 * command of ours, and those that were before this transaction.
 */
static void
trace(SpmTouched *touched, CommandId until)
{
	CommandId ends[] = {until, FirstCommandId};

	for (int i = 0; i < lengthof(ends); i++)
	{
		PushCopiedSnapshot(GetActiveSnapshot());
		GetActiveSnapshot()->curcid = ends[i];
		spm_trace_documents(touched, spm_source_get(touched->source));
		PopActiveSnapshot();
	}
}

/* One look through the active snapshot, up to a command of ours. */
static void
look(const TwoLooks *looks, SpmSource *source, SpmKeyFilter filter,
	 CommandId until, bool negate)
{
	Datum keys[SPM_MAX_KEYS];
	SpmMet met;

	if (spm_touched_keys(looks->touched, filter, keys) == 0)
		return;
	if (until == FirstCommandId)
		require_old_rows(looks, source);
	PushCopiedSnapshot(GetActiveSnapshot());
	GetActiveSnapshot()->curcid = until;
	met = spm_deltas_add_documents(looks->deltas,
								   looks->set->matcher,
								   source,
								   keys,
								   negate);
	if (met.by_net)
		note_fixed_amounts(looks->touched);
	if (looks->whole && !negate)
		looks->touched->strays |= met.strays;
	PopActiveSnapshot();
}

/*
 * A fixed amount of a document with lines of several sources: a line of one
 * changes what those of the others add, which nobody looks at.
 */
static void
note_fixed_amounts(SpmTouched *touched)
{
	touched->fixed_amounts = true;
	if (list_length(spm_source_family(touched->root)) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a document that is split by a fixed amount has lines "
						"of several sources")));
}
