/*-------------------------------------------------------------------------
 *
 * day_condition.c
 *	  Bounds of a timestamp column, from those of the day made of it.
 *
 *		((date_order AT TIME ZONE 'UTC') AT TIME ZONE 'Asia/Tokyo')::date >= d
 *
 * A zone moves a timestamp by less than 16 hours, or 7 days where it is
 * spelled out as in 'X-20'.  So date_order is at least d less 32 hours,
 * whatever the rules of the zones are or become.
 *
 * src/sale/day_condition.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "sale/key_index_int.h"

#define HOURS_OF_A_DAY 24
#define HOURS_OF_A_ZONE 16
#define HOURS_OF_A_SPELLED_ZONE 168

static Expr *column_of_day(Node *day, int *slack);
static int zone_slack(Node *zone);
static int strategy_of(Oid opno, Oid *value_type);
static Expr *day_of(Node *value, Oid type);
static Expr *bound(PlannerInfo *root, Expr *column, int strategy, Expr *day,
				   int hours);

/* What follows for the column of a day that is compared. */
List *
spm_day_conditions(PlannerInfo *root, const SpmComparison *comparison)
{
	List *conditions = NIL;
	int slack = 0;
	int before = 0;
	int after = HOURS_OF_A_DAY;
	Oid type;
	int strategy;
	Expr *column;
	Expr *day;

	if (comparison->is_array || exprType(comparison->key) != DATEOID)
		return NIL;
	strategy = strategy_of(comparison->opno, &type);
	column = strategy == 0 ? NULL : column_of_day(comparison->key, &slack);
	if (column == NULL)
		return NIL;
	day = day_of(comparison->value, type);

	/* Of a time of day, what is compared is less than its day's end. */
	if (type == TIMESTAMPTZOID)
		slack += HOURS_OF_A_DAY;
	else if (type == DATEOID && strategy == BTLessStrategyNumber)
		after = 0;
	else if (type == DATEOID && strategy == BTGreaterStrategyNumber)
		before = HOURS_OF_A_DAY;

	if (strategy >= BTEqualStrategyNumber)
		conditions = lappend(conditions,
							 bound(root,
								   column,
								   BTGreaterEqualStrategyNumber,
								   day,
								   before - slack));
	if (strategy <= BTEqualStrategyNumber)
		conditions = lappend(conditions,
							 bound(root,
								   column,
								   BTLessEqualStrategyNumber,
								   day,
								   after + slack));
	return list_member_ptr(conditions, NULL) ? NIL : conditions;
}

/*
 * The timestamp column of which this is the day, and by how many hours it may
 * be moved; NULL if it is another expression.
 */
static Expr *
column_of_day(Node *day, int *slack)
{
	Node *node = spm_comparison_strip(day);
	Expr *column;

	if (!IsA(node, FuncExpr) ||
		castNode(FuncExpr, node)->funcid != F_DATE_TIMESTAMP)
		return NULL;
	day = linitial(castNode(FuncExpr, node)->args);
	node = spm_comparison_strip(day);
	while (IsA(node, FuncExpr) &&
		   (castNode(FuncExpr, node)->funcid == F_TIMEZONE_TEXT_TIMESTAMP ||
			castNode(FuncExpr, node)->funcid == F_TIMEZONE_TEXT_TIMESTAMPTZ))
	{
		int hours = zone_slack(linitial(castNode(FuncExpr, node)->args));

		if (hours == 0)
			return NULL;
		*slack += hours;
		day = lsecond(castNode(FuncExpr, node)->args);
		node = spm_comparison_strip(day);
	}
	column = spm_comparison_column(day);
	return column;
}

/* Hours by which a zone moves a timestamp at most; 0 if it is not known. */
static int
zone_slack(Node *zone)
{
	char *name;

	if (!IsA(zone, Const) || castNode(Const, zone)->constisnull)
		return 0;
	name = TextDatumGetCString(castNode(Const, zone)->constvalue);
	return strpbrk(name, "0123456789") == NULL ? HOURS_OF_A_ZONE
											   : HOURS_OF_A_SPELLED_ZONE;
}

/* Which comparison of days the operator is; 0 if it is none. */
static int
strategy_of(Oid opno, Oid *value_type)
{
	Oid family =
		lookup_type_cache(DATEOID, TYPECACHE_BTREE_OPFAMILY)->btree_opf;
	Oid day_type;
	int strategy;

	if (!op_in_opfamily(opno, family))
		return 0;
	get_op_opfamily_properties(opno,
							   family,
							   false,
							   &strategy,
							   &day_type,
							   value_type);
	return day_type == DATEOID ? strategy : 0;
}

/* The day of what a day is compared with. */
static Expr *
day_of(Node *value, Oid type)
{
	if (type == DATEOID)
		return (Expr *) value;
	return (Expr *) makeFuncExpr(type == TIMESTAMPOID ? F_DATE_TIMESTAMP
													  : F_DATE_TIMESTAMPTZ,
								 DATEOID,
								 list_make1(value),
								 InvalidOid,
								 InvalidOid,
								 COERCE_EXPLICIT_CAST);
}

/* The column compared with so many hours after the day's begin, or NULL. */
static Expr *
bound(PlannerInfo *root, Expr *column, int strategy, Expr *day, int hours)
{
	Oid type = exprType((Node *) column);
	Oid opno =
		get_opfamily_member(lookup_type_cache(type, TYPECACHE_BTREE_OPFAMILY)
								->btree_opf,
							type,
							type,
							strategy);
	Const *offset = makeConst(INT4OID,
							  -1,
							  InvalidOid,
							  sizeof(int32),
							  Int32GetDatum(hours),
							  false,
							  true);
	Expr *value = spm_comparison_call(type == TIMESTAMPOID ? "day_bound"
														   : "day_bound_utc",
									  type,
									  list_make2(copyObject(day), offset));
	Expr *condition;

	if (value == NULL || !OidIsValid(opno))
		return NULL;
	value = (Expr *) eval_const_expressions(root, (Node *) value);
	condition = make_opclause(opno,
							  BOOLOID,
							  false,
							  column,
							  value,
							  InvalidOid,
							  InvalidOid);
	set_opfuncid(castNode(OpExpr, condition));
	return condition;
}
