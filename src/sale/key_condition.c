/*-------------------------------------------------------------------------
 *
 * key_condition.c
 *	  Conditions on a column, from those on the key made of it.
 *
 * A key is the text of a column, in one form for each value, so that a text
 * is the key of one value of the column or of none:
 *
 *		customer = '10'		partner_id = key_bigint('10')
 *
 * where key_bigint() is null for what is no integer's text.  The condition
 * follows from the comparison, and is never put in its place.
 *
 * src/sale/key_condition.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "sale/key_index_int.h"

/* How the text of a type becomes what its columns are compared with. */
typedef struct KeyType
{
	Oid column;
	Oid value;
	const char *function; /* NULL: a cast */
} KeyType;

static const KeyType key_types[] = {
	{INT2OID, INT8OID, "key_bigint"},
	{INT4OID, INT8OID, "key_bigint"},
	{INT8OID, INT8OID, "key_bigint"},
	{NUMERICOID, NUMERICOID, "key_numeric"},
	{UUIDOID, UUIDOID, "key_uuid"},
	{TEXTOID, TEXTOID, NULL},
	{BPCHAROID, BPCHAROID, NULL},
};

static Expr *column_of(Node *key);
static Expr *column_of_text(Node *key);
static const KeyType *key_type_of(const Expr *column);
static Node *convert(const KeyType *type, Node *value, bool is_array);
static Expr *condition(const SpmComparison *comparison, Expr *column, Oid opno,
					   Node *value);

/* What follows for the column of a key that a text is compared with. */
List *
spm_key_conditions(PlannerInfo *root, const SpmComparison *comparison)
{
	Oid text_type = comparison->is_array ? TEXTARRAYOID : TEXTOID;
	Expr *column;
	const KeyType *type;
	Oid opno;
	Node *value;

	/* Other equalities may hold for texts that differ. */
	if (comparison->opno != TextEqualOperator ||
		!OidIsValid(comparison->collation) ||
		!get_collation_isdeterministic(comparison->collation) ||
		exprType(comparison->value) != text_type)
		return NIL;
	column = column_of(comparison->key);
	type = column ? key_type_of(column) : NULL;
	if (type == NULL)
		return NIL;
	/* The index can be used as it is. */
	if (type->column == TEXTOID &&
		exprCollation((Node *) column) == comparison->collation)
		return NIL;
	opno = get_opfamily_member(lookup_type_cache(type->column,
												 TYPECACHE_BTREE_OPFAMILY)
								   ->btree_opf,
							   type->column,
							   type->value,
							   BTEqualStrategyNumber);
	value = convert(type, comparison->value, comparison->is_array);
	if (!OidIsValid(opno) || value == NULL)
		return NIL;
	value = eval_const_expressions(root, value);
	return list_make1(condition(comparison, column, opno, value));
}

/* Is it a key of which conditions on a column may follow? */
bool
spm_key_has_column(Node *key)
{
	Expr *column = column_of(key);

	return column != NULL && key_type_of(column) != NULL;
}

/* The column of which this is the key; NULL if it is another expression. */
static Expr *
column_of(Node *key)
{
	Node *node = spm_comparison_strip(key);

	if (exprType(key) != TEXTOID)
		return NULL;
	if (IsA(node, Var))
		return column_of_text(key);
	if (IsA(node, FuncExpr) &&
		castNode(FuncExpr, node)->funcid == F_TEXT_BPCHAR)
		return spm_comparison_column(linitial(castNode(FuncExpr, node)->args));
	if (IsA(node, CoerceViaIO))
	{
		Node *from = (Node *) castNode(CoerceViaIO, node)->arg;
		Node *inner = spm_comparison_strip(from);

		/* Only without trailing zeros is there one text for each number. */
		if (IsA(inner, FuncExpr) &&
			castNode(FuncExpr, inner)->funcid == F_TRIM_SCALE)
			return spm_comparison_column(
				linitial(castNode(FuncExpr, inner)->args));
		if (exprType(from) != NUMERICOID)
			return spm_comparison_column(from);
	}
	return NULL;
}

/* The same for a column that holds text. */
static Expr *
column_of_text(Node *key)
{
	Oid type = getBaseType(exprType(spm_comparison_strip(key)));

	return type == TEXTOID || type == VARCHAROID ? spm_comparison_column(key)
												 : NULL;
}

static const KeyType *
key_type_of(const Expr *column)
{
	Oid type = exprType((const Node *) column);

	for (int i = 0; i < lengthof(key_types); i++)
		if (key_types[i].column == type)
			return &key_types[i];
	return NULL;
}

/* What a column is compared with, instead of its key with a text. */
static Node *
convert(const KeyType *type, Node *value, bool is_array)
{
	Oid wanted = is_array ? get_array_type(type->value) : type->value;

	if (type->function != NULL)
		return (Node *) spm_comparison_call(type->function,
											wanted,
											list_make1(value));
	return coerce_type(NULL,
					   value,
					   exprType(value),
					   wanted,
					   -1,
					   COERCION_IMPLICIT,
					   COERCE_IMPLICIT_CAST,
					   -1);
}

/* The comparison, with the column in place of its key. */
static Expr *
condition(const SpmComparison *comparison, Expr *column, Oid opno, Node *value)
{
	Oid collation = exprCollation((Node *) column);
	ScalarArrayOpExpr *any;

	if (!comparison->is_array)
	{
		Expr *one = make_opclause(opno,
								  BOOLOID,
								  false,
								  column,
								  (Expr *) value,
								  InvalidOid,
								  collation);

		set_opfuncid(castNode(OpExpr, one));
		return one;
	}
	any = makeNode(ScalarArrayOpExpr);
	any->opno = opno;
	any->opfuncid = get_opcode(opno);
	any->useOr = true;
	any->inputcollid = collation;
	any->args = list_make2(column, value);
	any->location = -1;
	return (Expr *) any;
}
