/*-------------------------------------------------------------------------
 *
 * touched.c
 *	  What the current transaction touched of each source.
 *
 * A rolled back savepoint leaves its keys behind, which costs a look but no
 * exactness.
 *
 * src/sale/touched.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"

#include "sale/line_change.h"

/* More documents than this are not listed: the measures turn live. */
#define MAX_DOCUMENTS 1000000

/* SpmTouched of each source, in TopTransactionContext. */
static List *touched_sources = NIL;

/*
 * Codes of customers, products and sellers of which something changed that
 * all sources share; and the trees above them.
 */
static SpmKeySet *shared_traces[SPM_TRACE_COUNT];
static SpmTreeChange shared_trees[SPM_TRACE_NAMES - SPM_TRACE_UNITS];
static bool anything_shared = false;

static void lead_parts(SpmTouched *touched);
static void forget_at_end(XactEvent event, void *argument);
static void forget_created(SubXactEvent event, SubTransactionId mine,
						   SubTransactionId parent, void *argument);
static void forget_if_created_in(SpmKeyEntry *entry, void *state);

/* Start following transactions. */
void
spm_collect_init(void)
{
	RegisterXactCallback(forget_at_end, NULL);
	RegisterSubXactCallback(forget_created, NULL);
}

/* What the transaction touched, one SpmTouched for each source. */
List *
spm_touched_sources(void)
{
	return touched_sources;
}

/* Is there anything to look at, or a reason why it can't be told? */
bool
spm_touched_anything(const SpmTouched *touched)
{
	return touched->uncountable || spm_keyset_count(touched->documents) > 0 ||
		   spm_touched_has_traces(touched) || spm_touched_is_led(touched);
}

/* Are there documents that have yet to be found? */
bool
spm_touched_has_traces(const SpmTouched *touched)
{
	return touched->traces != NULL || touched->dimensions != 0;
}

/* Do documents of another source, which were touched, lead to some? */
bool
spm_touched_is_led(const SpmTouched *touched)
{
	return touched->whole != NULL && spm_touched_anything(touched->whole);
}

/* Are the touched documents' keys what the source has now? */
bool
spm_touched_has_key(const SpmTouched *touched, const SpmSource *source)
{
	return touched->documents == NULL ||
		   spm_keyset_has_types(touched->documents,
								&source->keys[SPM_ROLE_LINES]);
}

/*
 * The keys of those documents that a filter takes, or of all, an array for
 * each column, in the current memory context.  Returns how many.
 */
int
spm_touched_keys(const SpmTouched *touched, SpmKeyFilter filter, Datum *arrays)
{
	return touched->documents == NULL
			   ? 0
			   : spm_keyset_arrays(touched->documents, filter, arrays);
}

/* May the document have been there before this transaction? */
bool
spm_touched_is_old(const SpmKeyEntry *entry)
{
	return entry->created_in == InvalidSubTransactionId;
}

/* Add a document that a trace led to. */
void
spm_touched_add(SpmTouched *touched, Datum *key)
{
	bool found;
	SpmKeyEntry *entry = spm_keyset_add(touched->documents, key, &found);

	entry->created_in = InvalidSubTransactionId;
	entry->partial = true;
}

/* The transaction's entry for a source, whose documents are root's. */
SpmTouched *
spm_touched_source(const char *name, const char *root)
{
	MemoryContext caller_context;
	SpmTouched *touched;
	ListCell *cell;

	foreach (cell, touched_sources)
	{
		touched = lfirst(cell);
		if (strcmp(touched->source, name) == 0)
			return touched;
	}
	caller_context = MemoryContextSwitchTo(TopTransactionContext);
	touched = palloc0(sizeof(SpmTouched));
	touched->source = pstrdup(name);
	touched->root = root == name ? touched->source : pstrdup(root);
	touched_sources = lappend(touched_sources, touched);
	MemoryContextSwitchTo(caller_context);
	return touched;
}

/* Make an entry fit to note documents of the source, or give it up. */
void
spm_touched_prepare(SpmTouched *touched, SpmSource *source)
{
	if (touched->documents == NULL)
	{
		if (OidIsValid(source->tables[SPM_ROLE_SPLITS]))
			lead_parts(touched);
		touched->has_header = OidIsValid(source->tables[SPM_ROLE_HEADER]);
		touched->has_splits = OidIsValid(source->tables[SPM_ROLE_SPLITS]);
		touched->unique = spm_source_has_unique_key(source);
		touched->documents = spm_keyset_create(&source->keys[SPM_ROLE_LINES]);
	}
	else if (!spm_touched_has_key(touched, source))
		spm_touched_give_up(touched,
							"the source was attached with another key");
}

/* Lines of other sources are split by this source's own table of splits. */
static void
lead_parts(SpmTouched *touched)
{
	ListCell *cell;

	foreach (cell, spm_source_family(touched->source))
	{
		if (strcmp(lfirst(cell), touched->source) == 0)
			continue;
		touched->has_parts = true;
		spm_touched_source(lfirst(cell), touched->root)->whole = touched;
	}
}

/* Note a key, of a document or of what leads to documents. */
SpmKeyEntry *
spm_touched_note(SpmTouched *touched, int trace, const SpmKeyTypes *types,
				 Datum *key)
{
	bool found;
	SpmKeySet **set = &touched->documents;
	SpmKeyEntry *entry;

	if (trace != SPM_ROLE_LINES)
	{
		if (touched->traces == NULL)
			touched->traces =
				MemoryContextAllocZero(TopTransactionContext,
									   SPM_TRACE_COUNT * sizeof(SpmKeySet *));
		set = &touched->traces[trace];
	}
	if (*set == NULL)
		*set = spm_keyset_create(types);
	entry = spm_keyset_add(*set, key, &found);
	if (spm_keyset_count(*set) > MAX_DOCUMENTS)
		spm_touched_give_up(touched,
							"one transaction touched too many documents");
	return entry;
}

/* What was noted of what leads to documents of a source, NULL: nothing. */
const SpmKeySet *
spm_touched_trace(const SpmTouched *touched, int trace)
{
	return touched->traces ? touched->traces[trace] : NULL;
}

/* What was noted for all sources, NULL: nothing. */
SpmKeySet *
spm_shared_trace(int trace)
{
	return shared_traces[trace];
}

/* Note a code for all sources. */
SpmKeyEntry *
spm_shared_note(int trace, const SpmKeyTypes *types, Datum *key)
{
	bool found;

	anything_shared = true;
	if (shared_traces[trace] == NULL)
		shared_traces[trace] = spm_keyset_create(types);
	return spm_keyset_add(shared_traces[trace], key, &found);
}

/* How the tree of units or of families changed. */
const SpmTreeChange *
spm_shared_tree(int trace)
{
	return &shared_trees[trace - SPM_TRACE_UNITS];
}

/* Note that it did, on these days. */
void
spm_shared_note_tree(int trace, DateADT from, DateADT to)
{
	SpmTreeChange *tree = &shared_trees[trace - SPM_TRACE_UNITS];

	anything_shared = true;
	tree->from = tree->changed ? Min(tree->from, from) : from;
	tree->to = tree->changed ? Max(tree->to, to) : to;
	tree->changed = true;
}

/* Was anything noted for all sources? */
bool
spm_shared_anything(void)
{
	return anything_shared;
}

/* Was a tree? */
bool
spm_shared_trees_changed(void)
{
	for (int i = SPM_TRACE_UNITS; anything_shared && i < SPM_TRACE_NAMES; i++)
		if (spm_shared_tree(i)->changed)
			return true;
	return false;
}

/* Stop listing documents of a source, and say why. */
void
spm_touched_give_up(SpmTouched *touched, const char *why)
{
	touched->uncountable = true;
	touched->why = MemoryContextStrdup(TopTransactionContext, why);
}

/* A transaction's notes end with it; its memory goes by itself. */
static void
forget_at_end(XactEvent event, void *argument)
{
	if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT &&
		event != XACT_EVENT_PREPARE)
		return;
	touched_sources = NIL;
	if (!anything_shared)
		return;
	memset(shared_traces, 0, sizeof(shared_traces));
	memset(shared_trees, 0, sizeof(shared_trees));
	anything_shared = false;
}

/* What a rolled back subtransaction created may be another's by now. */
static void
forget_created(SubXactEvent event, SubTransactionId mine,
			   SubTransactionId parent, void *argument)
{
	ListCell *cell;

	if (event != SUBXACT_EVENT_ABORT_SUB)
		return;
	foreach (cell, touched_sources)
	{
		SpmTouched *touched = lfirst(cell);

		if (touched->changed_in >= mine)
			spm_line_changes_forget(touched);
		spm_keyset_each(touched->documents, forget_if_created_in, &mine);
	}
}

static void
forget_if_created_in(SpmKeyEntry *entry, void *state)
{
	SubTransactionId aborted = *(SubTransactionId *) state;

	if (entry->created_in >= aborted)
		entry->created_in = InvalidSubTransactionId;
}
