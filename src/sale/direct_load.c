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

#include "access/table.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteHandler.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/typcache.h"

#include "core/catalog.h"
#include "core/equality.h"
#include "sale/attribute_cache.h"
#include "sale/direct_amount.h"
#include "sale/direct_rate.h"
#include "sale/direct_split.h"
#include "sale/source_int.h"

static void load_tables(Loading *loading);
static void list_tables(Loading *loading, Node *from);
static void add_table(Loading *loading, Node *from, Node *condition);
static void find_document_keys(Loading *loading);
static bool is_hashed_by_others(Oid type);
static void find_lookup_keys(Loading *loading, int number);
static Var *integer_of(const ExprState *text);
static uint32 shared_keys(const SpmDirect *direct);
static void load_counts(Loading *loading);
static ExprState *all_of(Loading *loading, List *conditions);
static void load_columns(Loading *loading);
static void add_sale_column(Loading *loading, int number, Node *expression);
static TupleTableSlot *make_row_slot(const Loading *loading);
static bool is_shared(const SpmDirect *direct, int number);
static TupleTableSlot *make_sale_slot(void);
static bool find_by_code(DirectTable *table, Oid role, const char *name,
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
		list_length(loading.query->jointree->fromlist) != 1)
		return NULL;
	load_tables(&loading);
	if (loading.possible)
		load_columns(&loading);
	spm_direct_split_load(&loading);
	if (!loading.possible)
		return NULL;
	loading.direct->number = ++loads;
	loading.direct->row = make_row_slot(&loading);
	loading.direct->sale = make_sale_slot();
	loading.direct->econtext = CreateStandaloneExprContext();
	loading.direct->econtext->ecxt_scantuple = loading.direct->row;
	return loading.direct;
}

/* The tables, and by what their rows are found. */
static void
load_tables(Loading *loading)
{
	SpmDirect *direct = loading->direct;

	direct->has_header = OidIsValid(loading->source->tables[SPM_ROLE_HEADER]);
	list_tables(loading, linitial(loading->query->jointree->fromlist));
	if (loading->possible)
		find_document_keys(loading);
	for (int i = direct->has_header ? 2 : 1;
		 loading->possible && i < direct->table_count;
		 i++)
		find_lookup_keys(loading, i);
	if (loading->possible && loading->rate_rtindex != 0)
		spm_direct_rate_load(loading);
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

	if (entry->rtekind == RTE_SUBQUERY && condition == NULL &&
		loading->source->converted && loading->rate_rtindex == 0)
	{
		loading->rate_rtindex = rtindex;
		return;
	}
	if (entry->rtekind != RTE_RELATION || entry->tablesample != NULL ||
		number == MAX_DIRECT_TABLES || loading->rate_rtindex != 0 ||
		!spm_direct_is_readable(entry->relid))
	{
		loading->possible = false;
		return;
	}
	loading->rtindexes[number] = rtindex;
	loading->conditions[number] = condition;
	loading->direct->tables[number].table = entry->relid;
	loading->direct->table_count++;
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
			spm_direct_set_key(table,
							   i,
							   keys->columns[i],
							   types->types[i],
							   types->collations[i]);
		loading->possible =
			loading->possible &&
			spm_direct_find_index(table, role == SPM_ROLE_HEADER);
	}
}

/* Does it take code that PostgreSQL does not come with to tell keys apart? */
static bool
is_hashed_by_others(Oid type)
{
	TypeCacheEntry *entry;

	if (spm_known_equality(type) != NULL)
		return false;
	entry = lookup_type_cache(type, TYPECACHE_HASH_PROC | TYPECACHE_EQ_OPR);
	return (entry->typtype != TYPTYPE_BASE && entry->typtype != TYPTYPE_ENUM) ||
		   type_is_array(type) ||
		   spm_direct_is_others(entry->hash_proc, NULL) ||
		   spm_direct_is_others(entry->eq_opr, NULL);
}

/* The keys that rows are looked up by, and what else is asked of them. */
static void
find_lookup_keys(Loading *loading, int number)
{
	int lookup = number - (loading->direct->has_header ? 2 : 1);
	DirectTable *table = &loading->direct->tables[number];
	List *used = list_make1(loading->conditions[number]);

	for (int i = 0; i < SPM_MAX_KEYS; i++)
	{
		TargetEntry *near =
			spm_direct_column(loading,
							  psprintf("lookup_%d_key_%d", lookup + 1, i + 1));
		TargetEntry *own =
			spm_direct_column(loading,
							  psprintf("lookup_%d_own_%d", lookup + 1, i + 1));

		if (near == NULL || own == NULL)
			break;
		if (castNode(Var, own->expr)->varno != loading->rtindexes[number])
		{
			loading->possible = false;
			return;
		}
		spm_direct_set_key(table,
						   i,
						   castNode(Var, own->expr)->varattno,
						   exprType((Node *) own->expr),
						   exprCollation((Node *) own->expr));
		table->near[i] = spm_direct_place(loading, castNode(Var, near->expr));
		table->key_count++;
		used = lappend(used, near->expr);
	}
	loading->possible &= table->key_count > 0 &&
						 spm_direct_find_index(table, true);
	if (loading->possible)
		table->condition =
			spm_direct_expression(loading, loading->conditions[number]);
	table->of_header = true;
	table->of_header = spm_direct_is_of_header(loading, (Node *) used);
}

/* The expressions of the sale's columns. */
static void
load_columns(Loading *loading)
{
	SpmDirect *direct = loading->direct;

	direct->columns = palloc0(sizeof(SaleColumn) * (1 + SPM_KEY_COUNT));
	for (int i = 0; i < lengthof(column_names); i++)
	{
		TargetEntry *column = spm_direct_column(loading, column_names[i]);
		Node *expression = column ? (Node *) column->expr : NULL;

		if (expression == NULL)
			continue;
		loading->of_amounts = i > SPM_KEY_COUNT;
		if (loading->of_amounts)
			spm_direct_figure(loading,
							  expression,
							  &direct->amounts[i - 1 - SPM_KEY_COUNT]);
		else
			add_sale_column(loading, i, expression);
	}
	direct->shared = shared_keys(direct);
	direct->customers.of_header = is_shared(direct, 1 + SPM_KEY_CUSTOMER);
	loading->of_amounts = true;
	load_counts(loading);
	loading->of_amounts = false;
}

/* Add the day or a key, unless it has no value. */
static void
add_sale_column(Loading *loading, int number, Node *expression)
{
	SpmDirect *direct = loading->direct;
	SaleColumn *column = &direct->columns[direct->column_count];
	Var *integer;

	column->state = spm_direct_expression(loading, expression);
	if (column->state == NULL)
		return;
	direct->column_count++;
	column->number = number;
	column->of_header = spm_direct_is_of_header(loading, expression);
	integer = integer_of(column->state);
	if (integer == NULL)
		return;
	column->integer = integer->vartype;
	column->place = integer->varattno - 1;
}

/* The column of integers that an expression is the text of, else NULL. */
static Var *
integer_of(const ExprState *text)
{
	Expr *expression = text->expr;
	Var *var;

	while (IsA(expression, RelabelType))
		expression = castNode(RelabelType, expression)->arg;
	if (!IsA(expression, CoerceViaIO) ||
		castNode(CoerceViaIO, expression)->resulttype != TEXTOID)
		return NULL;
	expression = castNode(CoerceViaIO, expression)->arg;
	if (!IsA(expression, Var))
		return NULL;
	var = castNode(Var, expression);
	return var->vartype == INT4OID || var->vartype == INT8OID ? var : NULL;
}

/*
 * Bits of the keys that all lines of a document share, and its day; 0: none.
 * What customers and products say comes with their codes.
 */
static uint32
shared_keys(const SpmDirect *direct)
{
	uint32 shared = 0;

	if (direct->column_count == 0 || direct->columns[0].number != 0 ||
		!direct->columns[0].of_header)
		return 0;
	for (int key = 0; key < SPM_KEY_COUNT; key++)
	{
		int from = key;

		if (key >= SPM_KEY_SECTOR && key <= SPM_KEY_SEGMENT)
			from = SPM_KEY_CUSTOMER;
		if (key == SPM_KEY_BRAND || key == SPM_KEY_FAMILY)
			from = SPM_KEY_PRODUCT;
		if (is_shared(direct, 1 + from))
			shared |= SPM_KEY_BIT(key);
	}
	return shared;
}

/* Do all lines of a document share a column, or has none a value in it? */
static bool
is_shared(const SpmDirect *direct, int number)
{
	for (int i = 0; i < direct->column_count; i++)
		if (direct->columns[i].number == number)
			return direct->columns[i].of_header;
	return true;
}

/*
 * The conditions under which a sale counts: those of the document, limits of
 * amounts, and what else there is.
 */
static void
load_counts(Loading *loading)
{
	SpmDirect *direct = loading->direct;
	TargetEntry *column = spm_direct_column(loading, "counts");
	List *of_header = NIL;
	List *of_line = NIL;
	ListCell *cell;

	if (column == NULL)
	{
		loading->possible = false;
		return;
	}
	foreach (cell,
			 make_ands_implicit(expression_planner(copyObject(column->expr))))
	{
		Node *amount = spm_limited_amount(lfirst(cell));

		if (amount != NULL && direct->limited_count < MAX_LIMITED_AMOUNTS)
			spm_direct_figure(loading,
							  amount,
							  &direct->limited[direct->limited_count++]);
		else if (spm_direct_is_of_header(loading, lfirst(cell)))
			of_header = lappend(of_header, lfirst(cell));
		else
			of_line = lappend(of_line, lfirst(cell));
	}
	direct->header_counts = all_of(loading, of_header);
	direct->counts = all_of(loading, of_line);
}

static ExprState *
all_of(Loading *loading, List *conditions)
{
	return conditions == NIL
			   ? NULL
			   : spm_direct_expression(loading,
									   (Node *) make_ands_explicit(conditions));
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
 * Have the tables found by which sales get what is needed of customers and
 * products, when it is for the first time.  False: they can't be read directly.
 */
bool
spm_direct_find_attributes(const SpmSource *source, SpmDirect *direct,
						   SpmNeeds needs)
{
	MemoryContext caller_context =
		MemoryContextSwitchTo(source->cache->context);
	Oid owner = source->cache->owner;
	bool found = true;

	if (needs.customers)
		found &= find_by_code(&direct->customers,
							  owner,
							  "customer",
							  SPM_KEY_SECTOR,
							  3);
	if (needs.products)
		found &=
			find_by_code(&direct->products, owner, "product", SPM_KEY_BRAND, 2);
	MemoryContextSwitchTo(caller_context);
	return found;
}

/*
 * Have rows of customer or product found by their code, and tell the columns
 * of the sale that are theirs.  Returns whether a role may read them so.
 */
static bool
find_by_code(DirectTable *table, Oid role, const char *name, SpmKey first,
			 int count)
{
	AttrNumber columns[SPM_MAX_ATTRIBUTES];
	Relation relation;

	if (OidIsValid(table->table) ||
		!spm_direct_find_by_text(table, name, "code"))
		return table->allowed;
	relation = table_open(table->table, AccessShareLock);
	table->used = palloc0(count * sizeof(DirectColumn));
	for (int i = 0; i < count; i++)
	{
		int place = 1 + first + i;

		columns[i] = spm_column_number(relation, column_names[place], TEXTOID);
		table->used[i] =
			(DirectColumn){.number = columns[i], .length = -1, .place = place};
		table->last_used = Max(table->last_used, columns[i]);
	}
	table->used_count = count;
	table->attributes = spm_attributes_create(columns, count);
	table->allowed = pg_class_aclcheck(table->table, role, ACL_SELECT) ==
					 ACLCHECK_OK;
	table_close(relation, AccessShareLock);
	return table->allowed;
}
