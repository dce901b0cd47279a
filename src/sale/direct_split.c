/*-------------------------------------------------------------------------
 *
 * direct_split.c
 *	  Has a document rows in order_split?  Without the executor.
 *
 * Rows of order_split name a document as view sale does.  What a source makes
 * its name of may differ between lines that share a document's key, so each of
 * them is asked about, unless the header alone says it.
 *
 * src/sale/direct_split.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "core/catalog.h"
#include "core/equality.h"
#include "org/version.h"
#include "sale/direct_split.h"
#include "sale/source_int.h"

static bool is_of(const Loading *loading, Node *document, SpmRole first,
				  SpmRole last);
static bool load_index(SpmDirectSplit *split);
static void set_key(DirectTable *table, int key, const char *name,
					Relation relation);
static bool was_looked_for(const SplitScan *scan, const text *document);

/*
 * Learn by what a source's documents are found in order_split.  Where that
 * can't be done a query has to tell which are split.
 */
void
spm_direct_split_load(Loading *loading)
{
	TargetEntry *column = spm_direct_column(loading, "document");
	SpmDirectSplit *split = palloc0(sizeof(SpmDirectSplit));
	bool has_header = loading->direct->has_header;
	Node *document;

	if (!loading->possible || column == NULL)
		return;
	document = (Node *) column->expr;
	if (exprType(document) != TEXTOID ||
		(OidIsValid(exprCollation(document)) &&
		 !spm_is_deterministic(exprCollation(document))) ||
		!is_of(loading,
			   document,
			   SPM_ROLE_LINES,
			   has_header ? SPM_ROLE_HEADER : SPM_ROLE_LINES))
		return;
	split->document = spm_direct_expression(loading, document);
	split->of_header = spm_direct_is_of_header(loading, document);
	split->source = CStringGetTextDatum(loading->source->root);
	loading->direct->split = split;
}

/* Is an expression over no other tables than these, lines or header? */
static bool
is_of(const Loading *loading, Node *document, SpmRole first, SpmRole last)
{
	ListCell *cell;

	foreach (cell, pull_var_clause(document, PVC_RECURSE_AGGREGATES))
	{
		int rtindex = lfirst_node(Var, cell)->varno;
		bool found = false;

		for (SpmRole role = first; role <= last; role++)
			found |= loading->rtindexes[role] == rtindex;
		if (!found)
			return false;
	}
	return true;
}

/*
 * By what the source's documents are found in order_split, whose index is
 * looked for when that has rows; NULL: a query has to tell which are split.
 */
SpmDirectSplit *
spm_direct_split(const SpmSource *source)
{
	SpmDirectSplit *split = source->cache->direct->split;
	MemoryContext caller_context;

	if (split != NULL && !split->index_known)
	{
		caller_context = MemoryContextSwitchTo(source->cache->context);
		split->has_index = load_index(split);
		split->index_known = true;
		MemoryContextSwitchTo(caller_context);
	}
	return split != NULL && split->has_index ? split : NULL;
}

/* Find the index of order_split by source and document. */
static bool
load_index(SpmDirectSplit *split)
{
	DirectTable *table = &split->table;
	Relation relation;

	table->table = spm_relation_oid("order_split", true);
	if (!OidIsValid(table->table) || !spm_direct_is_readable(table->table) ||
		has_subclass(table->table))
		return false;
	relation = table_open(table->table, AccessShareLock);
	table->key_count = 2;
	set_key(table, 0, "source", relation);
	set_key(table, 1, "document", relation);
	table_close(relation, AccessShareLock);
	return spm_direct_find_index(table, false) && table->index_count == 2;
}

static void
set_key(DirectTable *table, int key, const char *name, Relation relation)
{
	spm_direct_set_key(table,
					   key,
					   spm_column_number(relation, name, TEXTOID),
					   TEXTOID,
					   DEFAULT_COLLATION_OID);
}

/* Can order_split have rows?  Nobody sees one while it has no blocks. */
bool
spm_splits_are_there(void)
{
	Oid order_split = spm_relation_oid("order_split", true);
	Relation table;
	BlockNumber blocks;

	if (!OidIsValid(order_split))
		return false;
	table = table_open(order_split, AccessShareLock);
	blocks = RelationGetNumberOfBlocks(table);
	table_close(table, AccessShareLock);
	return blocks > 0;
}

/*
 * Writers who know the builds that are to be entered look for splits if there
 * are any: a restore, or who disabled triggers, may have entered them unnoticed.
 */
void
spm_source_note_splits(void)
{
	if (spm_splits_are_there())
		spm_org_note_change(SPM_ORG_SPLITS);
}

/* Open order_split; split NULL: there is nothing to be looked for. */
void
spm_split_scan_open(SplitScan *scan, SpmDirectSplit *split)
{
	scan->split = split;
	if (split == NULL)
		return;
	spm_scan_open(&scan->table, &split->table);
	scan->table.key[0] = split->source;
}

/* Close it, if it was opened. */
void
spm_split_scan_close(SplitScan *scan)
{
	spm_scan_close(&scan->table);
}

/* May a role read it? */
bool
spm_split_scan_may_read(const SplitScan *scan, Oid role)
{
	return spm_scan_may_read(&scan->table, role);
}

/*
 * Has the document in the context's row rows in order_split, as the active
 * snapshot shows them?
 */
bool
spm_split_scan_has(SplitScan *scan, ExprContext *econtext)
{
	bool is_null;
	Datum value;
	text *document;

	if (scan->split->document == NULL)
		return false;
	value =
		ExecEvalExprSwitchContext(scan->split->document, econtext, &is_null);
	if (is_null)
		return false;
	document = DatumGetTextPP(value);
	if (was_looked_for(scan, document))
		return false;
	scan->table.key[1] = PointerGetDatum(document);
	spm_scan_find(&scan->table);
	if (spm_scan_next(&scan->table))
		return true;
	if (scan->document != NULL)
		pfree(scan->document);
	scan->document =
		MemoryContextAlloc(scan->table.context, VARSIZE_ANY(document));
	memcpy(scan->document, document, VARSIZE_ANY(document));
	return false;
}

/* Is it known that it has none? */
static bool
was_looked_for(const SplitScan *scan, const text *document)
{
	return scan->document != NULL &&
		   VARSIZE_ANY_EXHDR(document) == VARSIZE_ANY_EXHDR(scan->document) &&
		   memcmp(VARDATA_ANY(document),
				  VARDATA_ANY(scan->document),
				  VARSIZE_ANY_EXHDR(document)) == 0;
}
