/*-------------------------------------------------------------------------
 *
 * index.c
 *	  The indexes that an attached table must have.
 *
 * A commit reads the documents that it touched, by what joins the tables.
 * Without an index each would read a whole table.
 *
 * src/sale/index.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/pg_am.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

#include "core/catalog.h"
#include "sale/expression.h"

static void require_index(const SpmMapping *mapping, SpmRole link, SpmRole role,
						  bool near);
static void require_unique_index(const SpmMapping *mapping, SpmRole role);
static List *link_columns(const SpmMapping *mapping, SpmRole link, bool near,
						  SpmRole role, StringInfo names);
static const char *index_column(const SpmMapping *mapping, SpmRole role,
								Node *column);
static bool has_index_on(Relation table, List *columns);
static bool has_unique_index_on(Relation table, List *columns);
static bool is_usable(Relation index);

/* Refuse tables that lack an index by which documents are found. */
void
spm_mapping_require_indexes(const SpmMapping *mapping)
{
	SpmRole documents = OidIsValid(mapping->tables[SPM_ROLE_HEADER])
							? SPM_ROLE_HEADER
							: SPM_ROLE_LINES;

	require_index(mapping, SPM_ROLE_LINES, SPM_ROLE_LINES, true);
	if (documents == SPM_ROLE_HEADER)
		require_index(mapping, SPM_ROLE_HEADER, SPM_ROLE_HEADER, false);
	if (OidIsValid(mapping->tables[SPM_ROLE_SPLITS]))
	{
		require_index(mapping, SPM_ROLE_SPLITS, SPM_ROLE_SPLITS, false);
		require_index(mapping, SPM_ROLE_SPLITS, documents, true);
	}
	for (int i = 0; i < mapping->lookup_count; i++)
		require_unique_index(mapping, SPM_ROLE_LOOKUP + i);
}

/*
 * Refuse a table without an index that begins with one of the columns of a
 * link, of its own side or of the near one.
 */
static void
require_index(const SpmMapping *mapping, SpmRole link, SpmRole role, bool near)
{
	Oid table_oid = mapping->tables[role];
	Relation table = table_open(table_oid, AccessShareLock);
	StringInfoData names;

	initStringInfo(&names);
	if (!has_index_on(table, link_columns(mapping, link, near, role, &names)))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 link == SPM_ROLE_SPLITS
					 ? errmsg("table %s has no index that begins with a column "
							  "of argument \"%s\"",
							  spm_qualified_name(table_oid),
							  "split_on")
					 : errmsg("table %s has no index that begins with the "
							  "document",
							  spm_qualified_name(table_oid)),
				 errdetail("A commit reads the documents that it touched."),
				 errhint("Run \"CREATE INDEX ON %s (%s)\" first.",
						 spm_qualified_name(table_oid),
						 names.data)));
	table_close(table, AccessShareLock);
}

/* Refuse to look up rows of which there may be several. */
static void
require_unique_index(const SpmMapping *mapping, SpmRole role)
{
	Oid table_oid = mapping->tables[role];
	Relation table = table_open(table_oid, AccessShareLock);
	StringInfoData names;

	initStringInfo(&names);
	if (!has_unique_index_on(table,
							 link_columns(mapping, role, false, role, &names)))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table %s has no unique index on columns that it is "
						"looked up by",
						spm_qualified_name(table_oid)),
				 errdetail("At most one row may be looked up for a sale."),
				 errhint("Run \"CREATE UNIQUE INDEX ON %s (%s)\" first.",
						 spm_qualified_name(table_oid),
						 names.data)));
	table_close(table, AccessShareLock);
}

/* The columns of one side of a link, as expressions over its table alone. */
static List *
link_columns(const SpmMapping *mapping, SpmRole link, bool near, SpmRole role,
			 StringInfo names)
{
	const SpmLink *columns = &mapping->links[link];
	List *nodes = NIL;

	for (int i = 0; i < columns->count; i++)
	{
		Node *column = spm_expression_analyse(mapping,
											  SPM_ROLE_BIT(role),
											  "document",
											  near ? columns->pairs[i].near
												   : columns->pairs[i].own);

		nodes = lappend(nodes, column);
		appendStringInfo(names,
						 i > 0 ? ", %s" : "%s",
						 index_column(mapping, role, column));
	}
	return nodes;
}

/* A column as CREATE INDEX wants it. */
static const char *
index_column(const SpmMapping *mapping, SpmRole role, Node *column)
{
	Oid table = mapping->tables[role];

	if (IsA(column, Var))
		return quote_identifier(
			get_attname(table, castNode(Var, column)->varattno, false));
	return psprintf("(%s)",
					deparse_expression(column,
									   deparse_context_for(mapping
															   ->aliases[role],
														   table),
									   false,
									   false));
}

/* Is there a usable index whose first column is one of those? */
static bool
has_index_on(Relation table, List *columns)
{
	ListCell *index_cell;
	ListCell *column_cell;

	foreach (index_cell, RelationGetIndexList(table))
	{
		Relation index = index_open(lfirst_oid(index_cell), AccessShareLock);
		AttrNumber first = index->rd_index->indkey.values[0];
		Node *expression =
			first == 0 ? linitial(RelationGetIndexExpressions(index)) : NULL;
		bool found = false;

		foreach (column_cell, columns)
		{
			Node *column = lfirst(column_cell);

			if (first == 0)
				found |=
					equal(expression, eval_const_expressions(NULL, column));
			else
				found |= IsA(column, Var) &&
						 castNode(Var, column)->varattno == first;
		}
		found &= is_usable(index) && index->rd_rel->relam == BTREE_AM_OID;
		index_close(index, AccessShareLock);
		if (found)
			return true;
	}
	return false;
}

/* Is there a unique index over some of the columns and no others? */
static bool
has_unique_index_on(Relation table, List *columns)
{
	ListCell *index_cell;
	ListCell *column_cell;

	foreach (index_cell, RelationGetIndexList(table))
	{
		Relation index = index_open(lfirst_oid(index_cell), AccessShareLock);
		bool covered = is_usable(index) && index->rd_index->indisunique &&
					   index->rd_index->indimmediate;

		for (int i = 0; i < index->rd_index->indnkeyatts; i++)
		{
			bool found = false;

			foreach (column_cell, columns)
				found |= castNode(Var, lfirst(column_cell))->varattno ==
						 index->rd_index->indkey.values[i];
			covered &= found;
		}
		index_close(index, AccessShareLock);
		if (covered)
			return true;
	}
	return false;
}

static bool
is_usable(Relation index)
{
	return index->rd_index->indisvalid &&
		   RelationGetIndexPredicate(index) == NIL;
}
