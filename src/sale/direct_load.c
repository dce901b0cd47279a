/*-------------------------------------------------------------------------
 *
 * direct_load.c
 *	  Which indexes and expressions a source's documents are read by.
 *
 * To start the executor takes longer than to read the few rows of a document.
 * Where a source's view is no more than a join by keys, and its expressions
 * call nothing but functions that PostgreSQL comes with, documents are read
 * without it (direct_read.c): nobody's code is run, so nobody's rights are
 * taken on either.
 *
 * src/sale/direct_load.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteHandler.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/typcache.h"

#include "core/catalog.h"
#include "sale/direct.h"
#include "sale/row_cache.h"
#include "sale/source_int.h"

/* A source's view, while it is taken apart. */
typedef struct Loading
{
	const SpmSource *source;
	SpmDirect *direct;
	Query *query;
	int rtindexes[MAX_DIRECT_TABLES];
	Node *conditions[MAX_DIRECT_TABLES];
	int place_count;
	List *vars; /* the columns of the whole row */
	bool possible;
} Loading;

static void list_tables(Loading *loading, Node *from);
static void add_table(Loading *loading, Node *from, Node *condition);
static bool is_readable(const SpmSource *source, Oid table_oid);
static void find_document_keys(Loading *loading);
static bool is_hashed_by_others(Oid type);
static void find_lookup_keys(Loading *loading, int number);
static void set_key(DirectTable *table, int key, AttrNumber column, Oid type,
					Oid collation);
static bool find_index(DirectTable *table, bool unique);
static int count_index_columns(const DirectTable *table, Relation index,
							   int *keys);
static void load_columns(Loading *loading);
static ExprState *load_expression(Loading *loading, Node *expression);
static Node *to_whole_row(Node *node, void *state);
static bool calls_others(Node *node, void *state);
static bool is_others(Oid function, void *state);
static int place_of(Loading *loading, const Var *var);
static TargetEntry *column_named(const Loading *loading, const char *name);
static TupleTableSlot *make_row_slot(const Loading *loading);
static TupleTableSlot *make_line_slot(const Loading *loading);
static TupleTableSlot *make_sale_slot(void);
static void find_by_code(Loading *loading, DirectTable *table, const char *name,
						 SpmKey first, int count);

/* The columns that every read of sales has. */
static const char *const column_names[] = {
	"sold_on",
	"seller",
	"unit",
	"customer",
	"sector",
	"region",
	"segment",
	"product",
	"brand",
	"family",
	"branch",
	"sale_type",
	"source",
	"quantity",
	"gross",
	"net",
	"margin",
};

static uint64 loads = 0;

/*
 * How documents of the source can be read directly, in the current memory
 * context; NULL if they can't.
 */
SpmDirect *
spm_direct_load(const SpmSource *source)
{
	Relation view = table_open(source->cache->view, AccessShareLock);
	Loading loading = {.source = source,
					   .direct = palloc0(sizeof(SpmDirect)),
					   .query = copyObject(get_view_query(view)),
					   .possible = true};

	table_close(view, AccessShareLock);
	if (loading.query->jointree->quals != NULL ||
		list_length(loading.query->jointree->fromlist) != 1 ||
		source->converted)
		return NULL;
	list_tables(&loading, linitial(loading.query->jointree->fromlist));
	if (!loading.possible)
		return NULL;
	loading.direct->has_header = OidIsValid(source->tables[SPM_ROLE_HEADER]);
	find_document_keys(&loading);
	for (int i = loading.direct->has_header ? 2 : 1;
		 loading.possible && i < loading.direct->table_count;
		 i++)
		find_lookup_keys(&loading, i);
	if (loading.possible)
		load_columns(&loading);
	find_by_code(&loading,
				 &loading.direct->customers,
				 "customer",
				 SPM_KEY_SECTOR,
				 3);
	find_by_code(&loading,
				 &loading.direct->products,
				 "product",
				 SPM_KEY_BRAND,
				 2);
	if (!loading.possible)
		return NULL;
	loading.direct->number = ++loads;
	loading.direct->row = make_row_slot(&loading);
	loading.direct->line = make_line_slot(&loading);
	loading.direct->sale = make_sale_slot();
	loading.direct->econtext = CreateStandaloneExprContext();
	loading.direct->econtext->ecxt_scantuple = loading.direct->row;
	return loading.direct;
}

/* List the tables of a join, in the order in which it names them. */
static void
list_tables(Loading *loading, Node *from)
{
	JoinExpr *join;

	if (IsA(from, RangeTblRef))
	{
		add_table(loading, from, NULL);
		return;
	}
	join = castNode(JoinExpr, from);
	list_tables(loading, join->larg);
	if (IsA(join->rarg, RangeTblRef))
		add_table(loading, join->rarg, join->quals);
	else
		loading->possible = false;
}

static void
add_table(Loading *loading, Node *from, Node *condition)
{
	int rtindex = castNode(RangeTblRef, from)->rtindex;
	RangeTblEntry *entry = rt_fetch(rtindex, loading->query->rtable);
	int number = loading->direct->table_count;

	if (entry->rtekind != RTE_RELATION || entry->tablesample != NULL ||
		number == MAX_DIRECT_TABLES ||
		!is_readable(loading->source, entry->relid))
	{
		loading->possible = false;
		return;
	}
	loading->rtindexes[number] = rtindex;
	loading->conditions[number] = condition;
	loading->direct->tables[number].table = entry->relid;
	loading->direct->table_count++;
}

/* Is it an ordinary table without row security? */
static bool
is_readable(const SpmSource *source, Oid table_oid)
{
	Relation table = table_open(table_oid, AccessShareLock);
	bool readable = table->rd_rel->relkind == RELKIND_RELATION &&
					table->rd_rel->relam == HEAP_TABLE_AM_OID &&
					!table->rd_rel->relrowsecurity;

	table_close(table, AccessShareLock);
	return readable;
}

/* The keys that lines, and the header, are found by. */
static void
find_document_keys(Loading *loading)
{
	const SpmSource *source = loading->source;
	const SpmKeyTypes *types = &source->keys[SPM_ROLE_LINES];

	for (int role = SPM_ROLE_LINES;
		 role <=
		 (loading->direct->has_header ? SPM_ROLE_HEADER : SPM_ROLE_LINES);
		 role++)
	{
		DirectTable *table = &loading->direct->tables[role];
		const KeyExpressions *keys = &source->cache->keys[role];

		loading->possible &= keys->plain &&
							 table->table == source->tables[role];
		table->key_count = types->count;
		for (int i = 0; i < types->count; i++)
			loading->possible &= !is_hashed_by_others(types->types[i]);
		for (int i = 0; loading->possible && i < types->count; i++)
			set_key(table,
					i,
					keys->columns[i],
					types->types[i],
					types->collations[i]);
		loading->possible = loading->possible &&
							find_index(table, role == SPM_ROLE_HEADER);
	}
}

/* Does it take code that PostgreSQL does not come with to tell keys apart? */
static bool
is_hashed_by_others(Oid type)
{
	TypeCacheEntry *entry =
		lookup_type_cache(type, TYPECACHE_HASH_PROC | TYPECACHE_EQ_OPR);

	return (entry->typtype != TYPTYPE_BASE && entry->typtype != TYPTYPE_ENUM) ||
		   type_is_array(type) || is_others(entry->hash_proc, NULL) ||
		   is_others(entry->eq_opr, NULL);
}

/* The keys that rows are looked up by, and what else is asked of them. */
static void
find_lookup_keys(Loading *loading, int number)
{
	int lookup = number - (loading->direct->has_header ? 2 : 1);
	DirectTable *table = &loading->direct->tables[number];

	for (int i = 0; i < SPM_MAX_KEYS; i++)
	{
		TargetEntry *near =
			column_named(loading,
						 psprintf("lookup_%d_key_%d", lookup + 1, i + 1));
		TargetEntry *own =
			column_named(loading,
						 psprintf("lookup_%d_own_%d", lookup + 1, i + 1));

		if (near == NULL || own == NULL)
			break;
		if (castNode(Var, own->expr)->varno != loading->rtindexes[number])
		{
			loading->possible = false;
			return;
		}
		set_key(table,
				i,
				castNode(Var, own->expr)->varattno,
				exprType((Node *) own->expr),
				exprCollation((Node *) own->expr));
		table->near[i] = place_of(loading, castNode(Var, near->expr));
		table->key_count++;
	}
	loading->possible &= table->key_count > 0 && find_index(table, true);
	if (loading->possible)
		table->condition =
			load_expression(loading, loading->conditions[number]);
}

/* Have rows of a table found by the value of a column. */
static void
set_key(DirectTable *table, int key, AttrNumber column, Oid type, Oid collation)
{
	table->columns[key] = column;
	table->collations[key] = collation;
	table->operators[key] = lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr;
	fmgr_info_cxt(get_opcode(table->operators[key]),
				  &table->equal[key],
				  CurrentMemoryContext);
}

/*
 * Find an index that begins with columns of the key, as many as possible.  A
 * unique one has to be over some of them and nothing else.
 */
static bool
find_index(DirectTable *table, bool unique)
{
	Relation relation = table_open(table->table, AccessShareLock);
	ListCell *cell;

	foreach (cell, RelationGetIndexList(relation))
	{
		Relation index = index_open(lfirst_oid(cell), AccessShareLock);
		int keys[SPM_MAX_KEYS];
		int count = count_index_columns(table, index, keys);

		if (count > table->index_count &&
			(!unique ||
			 (index->rd_index->indisunique && index->rd_index->indimmediate &&
			  count == index->rd_index->indnkeyatts)))
		{
			table->index = RelationGetRelid(index);
			table->index_count = count;
			memcpy(table->index_keys, keys, sizeof(keys));
		}
		index_close(index, AccessShareLock);
	}
	table_close(relation, AccessShareLock);
	return table->index_count > 0;
}

/* How many of an index's first columns are columns of the key? */
static int
count_index_columns(const DirectTable *table, Relation index, int *keys)
{
	int count = 0;

	if (index->rd_rel->relam != BTREE_AM_OID || !index->rd_index->indisvalid ||
		index->rd_index->indcheckxmin ||
		RelationGetIndexPredicate(index) != NIL)
		return 0;
	while (count < Min(index->rd_index->indnkeyatts, SPM_MAX_KEYS))
	{
		int found = -1;

		for (int i = 0; i < table->key_count; i++)
			if (index->rd_index->indkey.values[count] == table->columns[i] &&
				index->rd_indcollation[count] == table->collations[i] &&
				get_op_opfamily_strategy(table->operators[i],
										 index->rd_opfamily[count]) ==
					BTEqualStrategyNumber)
				found = i;
		if (found < 0)
			break;
		keys[count++] = found;
	}
	return count;
}

/* The expressions of the sale's columns. */
static void
load_columns(Loading *loading)
{
	SpmDirect *direct = loading->direct;
	TargetEntry *counts = column_named(loading, "counts");

	direct->columns = palloc0(sizeof(ExprState *) * lengthof(column_names));
	for (int i = 0; i < lengthof(column_names); i++)
	{
		TargetEntry *column = column_named(loading, column_names[i]);

		if (column != NULL)
			direct->columns[i] =
				load_expression(loading, (Node *) column->expr);
	}
	if (counts == NULL)
		loading->possible = false;
	else
		direct->counts = load_expression(loading, (Node *) counts->expr);
}

/* An expression over the whole row, ready to be run; NULL for no value. */
static ExprState *
load_expression(Loading *loading, Node *expression)
{
	Expr *planned;

	if (!loading->possible)
		return NULL;
	planned = expression_planner((Expr *) to_whole_row(expression, loading));
	if (calls_others((Node *) planned, NULL))
		loading->possible = false;
	if (!loading->possible ||
		(IsA(planned, Const) && castNode(Const, planned)->constisnull))
		return NULL;
	return ExecInitExpr(planned, NULL);
}

/* Columns of the tables become columns of the whole row. */
static Node *
to_whole_row(Node *node, void *state)
{
	Loading *loading = state;
	Var *var;

	if (node == NULL || !IsA(node, Var))
		return node == NULL
				   ? NULL
				   : expression_tree_mutator(node, to_whole_row, state);
	var = castNode(Var, node);
	return (Node *) makeVar(1,
							place_of(loading, var) + 1,
							var->vartype,
							var->vartypmod,
							var->varcollid,
							0);
}

/* Where in the whole row a column of a table is. */
static int
place_of(Loading *loading, const Var *var)
{
	SpmDirect *direct = loading->direct;
	DirectTable *table = NULL;

	for (int i = 0; i < direct->table_count; i++)
		if (loading->rtindexes[i] == var->varno)
			table = &direct->tables[i];
	if (table == NULL || var->varattno <= 0 || var->varlevelsup > 0)
	{
		loading->possible = false;
		return 0;
	}
	for (int i = 0; i < table->used_count; i++)
		if (table->used[i] == var->varattno)
			return table->places[i];
	if (table->used_count == table->used_room)
	{
		table->used_room = Max(8, 2 * table->used_room);
		table->used =
			table->used
				? repalloc(table->used, table->used_room * sizeof(AttrNumber))
				: palloc(table->used_room * sizeof(AttrNumber));
		table->places = table->places ? repalloc(table->places,
												 table->used_room * sizeof(int))
									  : palloc(table->used_room * sizeof(int));
	}
	table->used[table->used_count] = var->varattno;
	table->places[table->used_count++] = loading->place_count;
	table->last_used = Max(table->last_used, var->varattno);
	loading->vars = lappend(loading->vars, (void *) copyObject(var));
	return loading->place_count++;
}

/* Does an expression run code that PostgreSQL does not come with? */
static bool
calls_others(Node *node, void *state)
{
	if (node == NULL)
		return false;
	if (IsA(node, SubLink) || IsA(node, CoerceToDomain) || IsA(node, Param) ||
		IsA(node, Aggref) || IsA(node, WindowFunc) || IsA(node, SubPlan))
		return true;
	if (IsA(node, MinMaxExpr) &&
		castNode(MinMaxExpr, node)->minmaxtype >= FirstNormalObjectId)
		return true;
	if (check_functions_in_node(node, is_others, state))
		return true;
	return expression_tree_walker(node, calls_others, state);
}

static bool
is_others(Oid function, void *state)
{
	return function >= FirstNormalObjectId;
}

/* The column of the view that has that name, NULL if there is none. */
static TargetEntry *
column_named(const Loading *loading, const char *name)
{
	ListCell *cell;

	foreach (cell, loading->query->targetList)
	{
		TargetEntry *column = lfirst_node(TargetEntry, cell);

		if (strcmp(column->resname, name) == 0)
			return column;
	}
	return NULL;
}

static TupleTableSlot *
make_row_slot(const Loading *loading)
{
	TupleDesc row = CreateTemplateTupleDesc(loading->place_count);
	int number = 1;
	ListCell *cell;

	foreach (cell, loading->vars)
	{
		Var *var = lfirst_node(Var, cell);

		TupleDescInitEntry(row, number, NULL, var->vartype, var->vartypmod, 0);
		TupleDescInitEntryCollation(row, number++, var->varcollid);
	}
	return MakeSingleTupleTableSlot(row, &TTSOpsVirtual);
}

static TupleTableSlot *
make_line_slot(const Loading *loading)
{
	const DirectTable *lines = &loading->direct->tables[SPM_ROLE_LINES];
	TupleDesc row = CreateTemplateTupleDesc(lines->used_count);

	for (int i = 0; i < lines->used_count; i++)
		TupleDescCopyEntry(row,
						   i + 1,
						   loading->direct->row->tts_tupleDescriptor,
						   lines->places[i] + 1);
	return MakeSingleTupleTableSlot(row, &TTSOpsMinimalTuple);
}

static TupleTableSlot *
make_sale_slot(void)
{
	TupleDesc sale = CreateTemplateTupleDesc(lengthof(column_names));

	for (int i = 0; i < lengthof(column_names); i++)
		TupleDescInitEntry(sale,
						   i + 1,
						   column_names[i],
						   i == 0				? DATEOID
						   : i <= SPM_KEY_COUNT ? TEXTOID
												: NUMERICOID,
						   -1,
						   0);
	return MakeSingleTupleTableSlot(sale, &TTSOpsVirtual);
}

/*
 * Have rows of customer or product found by their code, and tell the columns
 * of the sale that are theirs.
 */
static void
find_by_code(Loading *loading, DirectTable *table, const char *name,
			 SpmKey first, int count)
{
	Relation relation;

	if (!loading->possible)
		return;
	table->table = spm_relation_oid(name, false);
	if (!is_readable(loading->source, table->table))
	{
		loading->possible = false;
		return;
	}
	relation = table_open(table->table, AccessShareLock);
	table->key_count = 1;
	set_key(table,
			0,
			spm_column_number(relation, "code", TEXTOID),
			TEXTOID,
			DEFAULT_COLLATION_OID);
	table->used = palloc(count * sizeof(AttrNumber));
	table->places = palloc(count * sizeof(int));
	for (int i = 0; i < count; i++)
	{
		table->places[i] = 1 + first + i;
		table->used[i] =
			spm_column_number(relation, column_names[1 + first + i], TEXTOID);
		table->last_used = Max(table->last_used, table->used[i]);
	}
	table->used_count = count;
	table->places_kept = spm_row_cache_create();
	table_close(relation, AccessShareLock);
	loading->possible = find_index(table, true);
}
