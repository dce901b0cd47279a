/*-------------------------------------------------------------------------
 *
 * direct_expression.c
 *	  Expressions of a source's view over the one row that holds all tables'.
 *
 * src/sale/direct_expression.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/transam.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"

#include "sale/direct_load.h"
#include "sale/direct_rate.h"

static Node *plan(Loading *loading, Node *expression);
static Node *simplify(Node *node, void *state);
static Node *to_whole_row(Node *node, void *state);
static int add_column(Loading *loading, DirectTable *table, const Var *var);
static DirectTable *table_of(const Loading *loading, int rtindex);
static bool calls_others(Node *node, void *state);

/* An expression over the whole row, ready to be run; NULL for no value. */
ExprState *
spm_direct_expression(Loading *loading, Node *expression)
{
	Node *planned = plan(loading, expression);

	return planned ? ExecInitExpr((Expr *) planned, NULL) : NULL;
}

/* The same of an amount. */
void
spm_direct_figure(Loading *loading, Node *expression, SpmFigure *figure)
{
	Node *planned = plan(loading, expression);

	if (planned == NULL)
		return;
	figure->state = ExecInitExpr((Expr *) planned, NULL);
	figure->root = spm_figure_load(planned, &loading->figure_columns);
}

/* An expression over the whole row; NULL for no value. */
static Node *
plan(Loading *loading, Node *expression)
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
	return simplify((Node *) planned, NULL);
}

/* What a text is made of is NULL where the text is, and sooner had. */
static Node *
simplify(Node *node, void *state)
{
	NullTest *test;

	if (node == NULL)
		return NULL;
	node = expression_tree_mutator(node, simplify, state);
	if (!IsA(node, NullTest))
		return node;
	test = castNode(NullTest, node);
	while (IsA(test->arg, RelabelType) || IsA(test->arg, CoerceViaIO))
		test->arg = IsA(test->arg, RelabelType)
						? castNode(RelabelType, test->arg)->arg
						: castNode(CoerceViaIO, test->arg)->arg;
	return node;
}

/* Is an expression the same for all lines of a document? */
bool
spm_direct_is_of_header(const Loading *loading, Node *node)
{
	ListCell *cell;

	if (!loading->direct->has_header || contain_volatile_functions(node))
		return false;
	foreach (cell, pull_var_clause(node, PVC_RECURSE_AGGREGATES))
	{
		int rtindex = lfirst_node(Var, cell)->varno;
		bool found = rtindex == loading->rtindexes[SPM_ROLE_HEADER];

		for (int i = SPM_ROLE_HEADER + 1; i < loading->direct->table_count; i++)
			found |= rtindex == loading->rtindexes[i] &&
					 loading->direct->tables[i].of_header;
		if (!found)
			return false;
	}
	return true;
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
							spm_direct_place(loading, var) + 1,
							var->vartype,
							var->vartypmod,
							var->varcollid,
							0);
}

/* Where in the whole row a column of a table, or the factor, is. */
int
spm_direct_place(Loading *loading, const Var *var)
{
	DirectTable *table = table_of(loading, var->varno);

	if (loading->direct->rate != NULL && var->varno == loading->rate_rtindex)
		return loading->direct->rate->place;
	if (table == NULL || var->varattno <= 0 || var->varlevelsup > 0)
	{
		loading->possible = false;
		return 0;
	}
	for (int i = 0; i < table->used_count; i++)
		if (table->used[i].number == var->varattno)
		{
			table->used[i].decides |= !loading->of_amounts;
			return table->used[i].place;
		}
	return add_column(loading, table, var);
}

/* One more column of a table is used; returns its place. */
static int
add_column(Loading *loading, DirectTable *table, const Var *var)
{
	DirectColumn *column;
	bool by_value;

	if (table->used_count == table->used_room)
	{
		Size size = (table->used_room = Max(8, 2 * table->used_room)) *
					sizeof(DirectColumn);

		table->used = table->used ? repalloc(table->used, size) : palloc(size);
	}
	column = &table->used[table->used_count++];
	column->number = var->varattno;
	get_typlenbyval(var->vartype, &column->length, &by_value);
	if (by_value)
		column->length = 0;
	column->place = spm_direct_add_place(loading, var);
	column->decides = !loading->of_amounts;
	table->last_used = Max(table->last_used, var->varattno);
	return column->place;
}

/* The table that variables of a number stand for, NULL: none that is read. */
static DirectTable *
table_of(const Loading *loading, int rtindex)
{
	SpmDirect *direct = loading->direct;

	for (int i = 0; i < direct->table_count; i++)
		if (loading->rtindexes[i] == rtindex)
			return &direct->tables[i];
	return direct->rate != NULL && rtindex == SETTING_RTINDEX
			   ? &direct->rate->setting
			   : NULL;
}

/* One more column of the whole row; returns its place. */
int
spm_direct_add_place(Loading *loading, const Var *var)
{
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
	if (check_functions_in_node(node, spm_direct_is_others, state))
		return true;
	return expression_tree_walker(node, calls_others, state);
}

/* Is it no function that PostgreSQL comes with? */
bool
spm_direct_is_others(Oid function, void *state)
{
	return function >= FirstNormalObjectId;
}

/* The column of the view that has that name, NULL if there is none. */
TargetEntry *
spm_direct_column(const Loading *loading, const char *name)
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
