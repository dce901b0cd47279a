/*-------------------------------------------------------------------------
 *
 * load.c
 *	  Learning what a source is from its views.
 *
 * The columns of view source_<name> before the canonical ones say which tables
 * a source has, and what leads from a row of each to documents; view
 * split_<name> says the same of its table of splits.
 *
 * src/sale/load.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "core/catalog.h"
#include "sale/source_int.h"

/* A view of a source that is being read. */
typedef struct Reading
{
	SpmSource *source;
	SpmSourceCache *cache;
	Oid view;
	Query *query;
} Reading;

static void read_view(Reading *reading, Oid view,
					  void (*take)(Reading *reading, TargetEntry *column));
static void take_column(Reading *reading, TargetEntry *column);
static bool is_of_lookup(const char *name);
static void take_split_column(Reading *reading, TargetEntry *column);
static bool parse_name(const char *name, const char *prefix, int *number);
static void take_key(Reading *reading, SpmRole role, int number,
					 TargetEntry *column);
static int table_number(const Reading *reading, Node *expression);
static void take_near_column(Reading *reading, SpmRole role,
							 TargetEntry *column);
static bool begins_index(Oid table_oid, AttrNumber column);
static void take_root(Reading *reading, TargetEntry *column);
static void find_conversion(Reading *reading);
static void find_used_columns(Reading *reading);
static Bitmapset *add_used_by_rate(const Query *query, int rtindex,
								   Bitmapset *used);
static bool splits_are_by_document(Reading *reading);
static Node *view_column(Query *query, const char *name);
static void refuse_lost_splits(const SpmSource *source);
static void refuse_view(Oid view);

/* Fill in all of a source that its views tell. */
void
spm_source_load(SpmSource *source, SpmSourceCache *cache)
{
	Reading reading = {.source = source, .cache = cache};

	memset(source->keys, 0, sizeof(source->keys));
	memset(source->tables, 0, sizeof(source->tables));
	memset(source->direct, 0, sizeof(source->direct));
	source->direct[SPM_ROLE_LINES] = true;
	source->direct[SPM_ROLE_HEADER] = true;
	strlcpy(source->root, source->name, NAMEDATALEN);
	read_view(&reading, cache->view, take_column);
	if (source->keys[SPM_ROLE_LINES].count == 0)
		refuse_view(cache->view);
	source->keys[SPM_ROLE_HEADER] = source->keys[SPM_ROLE_LINES];
	find_conversion(&reading);
	find_used_columns(&reading);
	cache->splits_view =
		spm_relation_oid(psprintf("split_%s", source->name), true);
	if (!OidIsValid(cache->splits_view))
	{
		if (view_column(reading.query, "split_key_1") != NULL)
			refuse_lost_splits(source);
		return;
	}
	source->direct[SPM_ROLE_SPLITS] = splits_are_by_document(&reading);
	read_view(&reading, cache->splits_view, take_split_column);
}

/* Hand on each column of a view. */
static void
read_view(Reading *reading, Oid view,
		  void (*take)(Reading *reading, TargetEntry *column))
{
	Relation relation = table_open(view, AccessShareLock);
	ListCell *cell;

	reading->view = view;
	reading->query = copyObject(get_view_query(relation));
	foreach (cell, reading->query->targetList)
		take(reading, lfirst_node(TargetEntry, cell));
	table_close(relation, AccessShareLock);
}

static void
take_column(Reading *reading, TargetEntry *column)
{
	int number;

	if (parse_name(column->resname, "document_key_", &number))
		take_key(reading, SPM_ROLE_LINES, number, column);
	else if (parse_name(column->resname, "header_key_", &number))
		take_key(reading, SPM_ROLE_HEADER, number, column);
	else if (strcmp(column->resname, "source") == 0)
		take_root(reading, column);
	for (int i = 0; i < SPM_MAX_LOOKUPS && is_of_lookup(column->resname); i++)
	{
		SpmRole role = SPM_ROLE_LOOKUP + i;

		if (parse_name(column->resname,
					   psprintf("lookup_%d_own_", i + 1),
					   &number))
			take_key(reading, role, number, column);
		if (parse_name(column->resname,
					   psprintf("lookup_%d_key_", i + 1),
					   &number))
			take_near_column(reading, role, column);
	}
}

/* Is a column one of those that tell of a look-up?  Most are not. */
static bool
is_of_lookup(const char *name)
{
	return strncmp(name, "lookup_", strlen("lookup_")) == 0;
}

static void
take_split_column(Reading *reading, TargetEntry *column)
{
	int number;

	if (parse_name(column->resname, "split_key_", &number))
		take_key(reading, SPM_ROLE_SPLITS, number, column);
}

/* Is a column's name prefix and a number from 1 to SPM_MAX_KEYS?  From 0. */
static bool
parse_name(const char *name, const char *prefix, int *number)
{
	if (strncmp(name, prefix, strlen(prefix)) != 0)
		return false;
	*number = atoi(name + strlen(prefix)) - 1;
	return *number >= 0 && *number < SPM_MAX_KEYS;
}

/* Take one column of a key, and the table that it is of. */
static void
take_key(Reading *reading, SpmRole role, int number, TargetEntry *column)
{
	KeyExpressions *keys = &reading->cache->keys[role];
	SpmKeyTypes *types = &reading->source->keys[role];
	Node *expression = copyObject((Node *) column->expr);
	int rtindex = table_number(reading, expression);
	Expr *key;

	ChangeVarNodes(expression, rtindex, 1, 0);
	key = expression_planner((Expr *) expression);
	keys->plain = IsA(key, Var) && (number == 0 || keys->plain);
	keys->states[number] = ExecInitExpr(key, NULL);
	keys->columns[number] = IsA(key, Var) ? ((Var *) key)->varattno : 0;
	reading->source->tables[role] =
		rt_fetch(rtindex, reading->query->rtable)->relid;
	types->count = number + 1;
	types->types[number] = exprType((Node *) key);
	types->collations[number] = exprCollation((Node *) key);
}

/* Number of the one table that an expression is over. */
static int
table_number(const Reading *reading, Node *expression)
{
	List *from = reading->query->jointree->fromlist;
	int rtindex = 0;
	ListCell *cell;

	foreach (cell, pull_var_clause(expression, 0))
	{
		int varno = lfirst_node(Var, cell)->varno;

		if (rtindex != 0 && varno != rtindex)
			refuse_view(reading->view);
		rtindex = varno;
	}

	/* A constant names no table: then there must be one alone. */
	if (rtindex == 0)
	{
		if (list_length(from) != 1 || !IsA(linitial(from), RangeTblRef))
			refuse_view(reading->view);
		rtindex = linitial_node(RangeTblRef, from)->rtindex;
	}
	if (rt_fetch(rtindex, reading->query->rtable)->rtekind != RTE_RELATION)
		refuse_view(reading->view);
	return rtindex;
}

/* Take a column that leads to a row that is looked up. */
static void
take_near_column(Reading *reading, SpmRole role, TargetEntry *column)
{
	Var *near;

	if (!IsA(column->expr, Var))
		refuse_view(reading->view);
	near = castNode(Var, column->expr);
	reading->cache->indexed[role] |=
		begins_index(rt_fetch(near->varno, reading->query->rtable)->relid,
					 near->varattno);
}

/* Is there an index by which rows with that column's value are found? */
static bool
begins_index(Oid table_oid, AttrNumber column)
{
	Relation table = table_open(table_oid, AccessShareLock);
	bool found = false;
	ListCell *cell;

	foreach (cell, RelationGetIndexList(table))
	{
		Relation index = index_open(lfirst_oid(cell), AccessShareLock);

		found |= index->rd_index->indisvalid &&
				 index->rd_index->indkey.values[0] == column;
		index_close(index, AccessShareLock);
	}
	table_close(table, AccessShareLock);
	return found;
}

/* The source whose documents these are is a constant of the view. */
static void
take_root(Reading *reading, TargetEntry *column)
{
	Node *root = strip_implicit_coercions((Node *) column->expr);

	if (!IsA(root, Const) || castNode(Const, root)->constisnull)
		refuse_view(reading->view);
	strlcpy(reading->source->root,
			TextDatumGetCString(castNode(Const, root)->constvalue),
			NAMEDATALEN);
}

/* Are amounts converted by table exchange_rate? */
static void
find_conversion(Reading *reading)
{
	ListCell *cell;

	reading->source->converted = false;
	foreach (cell, reading->query->rtable)
		reading->source->converted |=
			strcmp(lfirst_node(RangeTblEntry, cell)->eref->aliasname,
				   "salesperf_rate") == 0;
}

/* Which columns of its tables does the view use? */
static void
find_used_columns(Reading *reading)
{
	int rtindex = 0;
	ListCell *cell;

	foreach (cell, reading->query->rtable)
	{
		Oid table = lfirst_node(RangeTblEntry, cell)->relid;
		Bitmapset *used = NULL;

		rtindex++;
		if (!OidIsValid(table))
			continue;
		pull_varattnos((Node *) reading->query->targetList, rtindex, &used);
		pull_varattnos((Node *) reading->query->jointree, rtindex, &used);
		used = add_used_by_rate(reading->query, rtindex, used);
		for (int role = 0; role < SPM_ROLE_COUNT; role++)
			if (reading->source->tables[role] == table)
				reading->cache->used[role] =
					bms_add_members(reading->cache->used[role], used);
	}
}

/* Add those of one table that a subquery, of the rate, uses. */
static Bitmapset *
add_used_by_rate(const Query *query, int rtindex, Bitmapset *used)
{
	ListCell *entry;
	ListCell *cell;

	foreach (entry, query->rtable)
	{
		Query *rate = lfirst_node(RangeTblEntry, entry)->subquery;
		List *vars = rate ? pull_vars_of_level((Node *) rate, 1) : NIL;

		foreach (cell, vars)
		{
			Var *var = lfirst_node(Var, cell);
			int column = var->varattno - FirstLowInvalidHeapAttributeNumber;

			if (var->varno == rtindex)
				used = bms_add_member(used, column);
		}
	}
	return used;
}

/* Are splits joined by just the columns that lines and header are? */
static bool
splits_are_by_document(Reading *reading)
{
	const char *document = OidIsValid(reading->source->tables[SPM_ROLE_HEADER])
							   ? "header"
							   : "document";

	for (int i = 1; i <= SPM_MAX_KEYS; i++)
		if (!equal(view_column(reading->query, psprintf("split_key_%d", i)),
				   view_column(reading->query,
							   psprintf("%s_key_%d", document, i))))
			return false;
	return true;
}

/* The expression of a view's column, NULL if it has none of that name. */
static Node *
view_column(Query *query, const char *name)
{
	ListCell *cell;

	foreach (cell, query->targetList)
		if (strcmp(lfirst_node(TargetEntry, cell)->resname, name) == 0)
			return (Node *) lfirst_node(TargetEntry, cell)->expr;
	return NULL;
}

/* A table of splits that was dropped must not seem never to have been there. */
static void
refuse_lost_splits(const SpmSource *source)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 errmsg("the splits of source \"%s\" are gone", source->name),
			 errhint("Attach the source again, or detach it.")));
}

/* Refuse a view that somebody has put in the place of ours. */
static void
refuse_view(Oid view)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("view \"%s\" was not made by attach_source",
					get_rel_name(view)),
			 errhint("Attach the source again.")));
}
