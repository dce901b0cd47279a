/*-------------------------------------------------------------------------
 *
 * comparison.c
 *	  Taking clauses of a query over view sale apart.
 *
 * src/sale/comparison.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "core/catalog.h"
#include "core/compat.h"
#include "sale/key_index_int.h"

static bool is_over(PlannerInfo *root, Node *node, Relids table);
static bool is_apart_from(PlannerInfo *root, Node *node, Relids table);

/*
 * Is the clause a comparison of an expression over the table with one that
 * knows nothing of it?
 */
bool
spm_comparison_find(PlannerInfo *root, Expr *clause, Relids table,
					SpmComparison *comparison)
{
	ScalarArrayOpExpr *any;

	comparison->is_array = IsA(clause, ScalarArrayOpExpr);
	if (comparison->is_array)
	{
		any = castNode(ScalarArrayOpExpr, clause);
		comparison->key = linitial(any->args);
		comparison->value = lsecond(any->args);
		comparison->opno = any->opno;
		comparison->collation = any->inputcollid;
		return any->useOr && is_over(root, comparison->key, table) &&
			   is_apart_from(root, comparison->value, table);
	}
	if (!is_opclause(clause) ||
		list_length(castNode(OpExpr, clause)->args) != 2)
		return false;
	comparison->key = get_leftop(clause);
	comparison->value = get_rightop(clause);
	comparison->opno = castNode(OpExpr, clause)->opno;
	comparison->collation = castNode(OpExpr, clause)->inputcollid;
	if (!is_over(root, comparison->key, table))
	{
		comparison->key = get_rightop(clause);
		comparison->value = get_leftop(clause);
		comparison->opno = get_commutator(comparison->opno);
	}
	return OidIsValid(comparison->opno) &&
		   is_over(root, comparison->key, table) &&
		   is_apart_from(root, comparison->value, table);
}

/* Is every column in it one of the table, and one there? */
static bool
is_over(PlannerInfo *root, Node *node, Relids table)
{
	return bms_equal(pull_varnos(root, node), table);
}

/* Can it be computed without a row of the table, once for a scan? */
static bool
is_apart_from(PlannerInfo *root, Node *node, Relids table)
{
	return !bms_overlap(pull_varnos(root, node), table) &&
		   !contain_volatile_functions(node);
}

/* The node without what does not change its value. */
Node *
spm_comparison_strip(Node *node)
{
	for (;;)
		if (IsA(node, PlaceHolderVar))
			node = (Node *) castNode(PlaceHolderVar, node)->phexpr;
		else if (IsA(node, RelabelType))
			node = (Node *) castNode(RelabelType, node)->arg;
		else
			return node;
}

/*
 * The column that the node is, in the node's type and the column's own
 * collation; NULL if it is none.
 */
Expr *
spm_comparison_column(Node *node)
{
	Node *column = spm_comparison_strip(node);

	if (!IsA(column, Var) || castNode(Var, column)->varlevelsup != 0 ||
		castNode(Var, column)->varattno <= 0)
		return NULL;
	column = copyObject(column);
	if (exprType(column) == exprType(node))
		return (Expr *) column;
	return (Expr *) makeRelabelType((Expr *) column,
									exprType(node),
									-1,
									exprCollation(column),
									COERCE_IMPLICIT_CAST);
}

/*
 * A call of a function of ours; NULL if there is none, or the user may not
 * execute it.
 */
Expr *
spm_comparison_call(const char *function, Oid type, List *args)
{
	Oid types[FUNC_MAX_ARGS];
	Oid schema = get_namespace_oid(SPM_SCHEMA, true);
	Oid found;
	ListCell *cell;

	foreach (cell, args)
		types[foreach_current_index(cell)] = exprType(lfirst(cell));
	found = GetSysCacheOid3(PROCNAMEARGSNSP,
							Anum_pg_proc_oid,
							CStringGetDatum(function),
							PointerGetDatum(
								buildoidvector(types, list_length(args))),
							ObjectIdGetDatum(schema));
	if (!OidIsValid(found) || !SPM_MAY_EXECUTE(found))
		return NULL;
	return (Expr *) makeFuncExpr(found,
								 type,
								 args,
								 InvalidOid,
								 InvalidOid,
								 COERCE_EXPLICIT_CALL);
}
