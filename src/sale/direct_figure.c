/*-------------------------------------------------------------------------
 *
 * direct_figure.c
 *	  Amounts of a line, worked out as integers where they are small.
 *
 * An expression that takes columns, turns integers into numerics, adds,
 * subtracts and multiplies them, and says what stands for null, is exact in
 * integers of one scale as it is in numerics.  Any other, and any figure that
 * does not fit, is left to the expression itself.
 *
 * src/sale/direct_figure.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "utils/fmgroids.h"

#include "sale/direct_amount.h"
#include "sale/direct_figure.h"

typedef enum FigureKind
{
	FIGURE_COLUMN,
	FIGURE_CONSTANT,
	FIGURE_EITHER, /* the first that is not null */
	FIGURE_SUM,
	FIGURE_DIFFERENCE,
	FIGURE_PRODUCT
} FigureKind;

typedef struct FigureNode
{
	FigureKind kind;
	bool is_small;	  /* of a column; null is, too */
	SpmAmount amount; /* or the constant, or what was worked out last */
	union
	{
		struct
		{
			int place; /* in the row, from 0 */
			Oid type;
			uint64 row; /* the number of that whose amount this is */
		} column;
		struct
		{
			struct FigureNode *left;
			struct FigureNode *right;
		} pair;
	} of;
} FigureNode;

/* Rows that amounts were taken of in this session so far. */
static uint64 rows = 0;

static Node *without_casts(Node *expression);
static FigureNode *make_node(FigureKind kind);
static FigureNode *column(const Var *var, List **columns);
static FigureNode *constant(const Const *value);
static FigureNode *pair(FigureKind kind, const List *arguments, List **columns);
static FigureNode *operation(OpExpr *expression, List **columns);
static void evaluate(const SpmFigure *figure, ExprContext *econtext,
					 SpmAmount *amount);
static const SpmAmount *run(FigureNode *node, const TupleTableSlot *row);
static bool take_column(FigureNode *node, const TupleTableSlot *row);
static const SpmAmount *take_both(FigureNode *node, const TupleTableSlot *row);

/*
 * A numeric expression over the whole row as figures are worked out, in the
 * current memory context; NULL: it has something else in it.  What takes a
 * column is shared by all that have one list of columns.
 */
FigureNode *
spm_figure_load(Node *expression, List **columns)
{
	Node *plain = without_casts(expression);

	if (plain == NULL || exprType(expression) != NUMERICOID)
		return NULL;
	switch (nodeTag(plain))
	{
		case T_Var:
			return column(castNode(Var, plain), columns);
		case T_Const:
			return constant(castNode(Const, plain));
		case T_CoalesceExpr:
			return pair(FIGURE_EITHER,
						castNode(CoalesceExpr, plain)->args,
						columns);
		case T_OpExpr:
			return operation(castNode(OpExpr, plain), columns);
		default:
			return NULL;
	}
}

/* Leave out what turns integers into numerics; NULL: they are computed. */
static Node *
without_casts(Node *expression)
{
	for (;;)
	{
		if (IsA(expression, RelabelType))
			expression = (Node *) castNode(RelabelType, expression)->arg;
		else if (IsA(expression, FuncExpr) &&
				 (castNode(FuncExpr, expression)->funcid == F_NUMERIC_INT2 ||
				  castNode(FuncExpr, expression)->funcid == F_NUMERIC_INT4 ||
				  castNode(FuncExpr, expression)->funcid == F_NUMERIC_INT8))
		{
			expression = linitial(castNode(FuncExpr, expression)->args);
			return IsA(expression, Var) ? expression : NULL;
		}
		else
			return expression;
	}
}

static FigureNode *
make_node(FigureKind kind)
{
	FigureNode *node = palloc0(sizeof(FigureNode));

	node->kind = kind;
	return node;
}

static FigureNode *
column(const Var *var, List **columns)
{
	FigureNode *node;
	ListCell *cell;

	if (var->vartype != INT2OID && var->vartype != INT4OID &&
		var->vartype != INT8OID && var->vartype != NUMERICOID)
		return NULL;
	foreach (cell, *columns)
	{
		node = lfirst(cell);
		if (node->of.column.place == var->varattno - 1)
			return node;
	}
	node = make_node(FIGURE_COLUMN);
	node->of.column.place = var->varattno - 1;
	node->of.column.type = var->vartype;
	*columns = lappend(*columns, node);
	return node;
}

static FigureNode *
constant(const Const *value)
{
	FigureNode *node = make_node(FIGURE_CONSTANT);

	return value->consttype == NUMERICOID && !value->constisnull &&
				   spm_amount_open(&node->amount, value->constvalue)
			   ? node
			   : NULL;
}

static FigureNode *
pair(FigureKind kind, const List *arguments, List **columns)
{
	FigureNode *node = make_node(kind);

	if (list_length(arguments) != 2)
		return NULL;
	node->of.pair.left = spm_figure_load(linitial(arguments), columns);
	node->of.pair.right = spm_figure_load(lsecond(arguments), columns);
	return node->of.pair.left != NULL && node->of.pair.right != NULL ? node
																	 : NULL;
}

static FigureNode *
operation(OpExpr *expression, List **columns)
{
	set_opfuncid(expression);
	switch (expression->opfuncid)
	{
		case F_NUMERIC_ADD:
			return pair(FIGURE_SUM, expression->args, columns);
		case F_NUMERIC_SUB:
			return pair(FIGURE_DIFFERENCE, expression->args, columns);
		case F_NUMERIC_MUL:
			return pair(FIGURE_PRODUCT, expression->args, columns);
		default:
			return NULL;
	}
}

/* Amounts of another row, or of other values in it, are going to be taken. */
void
spm_figures_begin(void)
{
	rows++;
}

/*
 * The amount in the row of an expression context; not known if it is null.
 * What it points to lives as long as the row and the current memory context.
 */
void
spm_figure_run(const SpmFigure *figure, ExprContext *econtext,
			   SpmAmount *amount)
{
	const SpmAmount *small =
		figure->root ? run(figure->root, econtext->ecxt_scantuple) : NULL;

	if (small != NULL)
		*amount = *small;
	else
		evaluate(figure, econtext, amount);
}

/* The same by the expression itself. */
static void
evaluate(const SpmFigure *figure, ExprContext *econtext, SpmAmount *amount)
{
	bool is_null;
	Datum value;

	memset(amount, 0, sizeof(SpmAmount));
	if (figure->state == NULL)
		return;
	value = ExecEvalExpr(figure->state, econtext, &is_null);
	if (!is_null)
		amount->value = DatumGetNumeric(value);
}

/* Is the amount, if it is known, no larger than amounts may be? */
bool
spm_figure_is_within(const SpmFigure *figure, ExprContext *econtext)
{
	const SpmAmount *small =
		figure->root ? run(figure->root, econtext->ecxt_scantuple) : NULL;
	SpmAmount amount;

	if (small != NULL)
		return !small->is_small || spm_amount_is_within(small);
	evaluate(figure, econtext, &amount);
	return !spm_amount_is_known(&amount) || spm_amount_is_within(&amount);
}

/* The same of small amounts; NULL: it takes larger ones. */
static const SpmAmount *
run(FigureNode *node, const TupleTableSlot *row)
{
	const SpmAmount *left;

	switch (node->kind)
	{
		case FIGURE_COLUMN:
			if (node->of.column.row != rows)
				node->is_small = take_column(node, row);
			node->of.column.row = rows;
			return node->is_small ? &node->amount : NULL;
		case FIGURE_CONSTANT:
			return &node->amount;
		case FIGURE_EITHER:
			left = run(node->of.pair.left, row);
			return left == NULL || left->is_small
					   ? left
					   : run(node->of.pair.right, row);
		default:
			return take_both(node, row);
	}
}

/* Take the amount of a column; false: it is no small one. */
static bool
take_column(FigureNode *node, const TupleTableSlot *row)
{
	int place = node->of.column.place;
	Datum value = row->tts_values[place];

	node->amount.is_small = !row->tts_isnull[place];
	if (!node->amount.is_small)
		return true;
	switch (node->of.column.type)
	{
		case INT2OID:
			node->amount.scaled = DatumGetInt16(value);
			return true;
		case INT4OID:
			node->amount.scaled = DatumGetInt32(value);
			return true;
		case INT8OID:
			node->amount.scaled = DatumGetInt64(value);
			return true;
		default:
			return spm_amount_open(&node->amount, value);
	}
}

/* Add, subtract or multiply; what is not known makes that of it unknown. */
static const SpmAmount *
take_both(FigureNode *node, const TupleTableSlot *row)
{
	const SpmAmount *left = run(node->of.pair.left, row);
	const SpmAmount *right;
	bool fits;

	if (left == NULL || !left->is_small)
		return left;
	right = run(node->of.pair.right, row);
	if (right == NULL || !right->is_small)
		return right;
	fits = node->kind == FIGURE_PRODUCT
			   ? spm_amount_product(&node->amount, left, right)
			   : spm_amount_sum(&node->amount,
								left,
								right,
								node->kind == FIGURE_DIFFERENCE);
	return fits ? &node->amount : NULL;
}
