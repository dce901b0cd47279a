/*-------------------------------------------------------------------------
 *
 * direct_rate_load.c
 *	  How a source's view turns amounts into the reporting currency.
 *
 * It has the factor from a subquery, as mapping.c writes it:
 *
 *		CASE
 *		WHEN rate > 0 AND rate < 'Infinity' THEN rate
 *		WHEN rate IS NOT NULL THEN NULL
 *		WHEN currency IS NULL OR currency = (SELECT v.value ...) THEN 1
 *		ELSE (SELECT x.rate ... ORDER BY x.valid_from DESC LIMIT 1)
 *		END
 *
 * One that has not just this form is not taken apart.
 *
 * src/sale/direct_rate_load.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteManip.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "core/catalog.h"
#include "sale/direct_rate.h"

static bool load_factor(Loading *loading, const Query *query);
static bool load_origin(Loading *loading, const CaseExpr *factor);
static CaseWhen *make_when(Expr *condition, RateOrigin origin);
static Const *make_origin(RateOrigin origin);
static bool load_setting(Loading *loading, OpExpr *comparison);
static bool load_latest(Loading *loading, SubLink *link);
static bool finds_latest(const Query *query);
static bool is_number(Node *expression, int64 number);
static bool load_rate_index(SpmDirectRate *rate, const Var *currency,
							const Var *day);
static bool ascends(Oid index_oid, int column);
static const Query *query_of(const SubLink *link, Oid table);
static bool is_comparison(Node *node, Oid function);
static bool is_column(Node *node, Oid type);

/* Learn how the view converts amounts; it can't be read directly if not so. */
void
spm_direct_rate_load(Loading *loading)
{
	const RangeTblEntry *entry =
		rt_fetch(loading->rate_rtindex, loading->query->rtable);
	Var *factor =
		makeVar(loading->rate_rtindex, 1, NUMERICOID, -1, InvalidOid, 0);

	loading->direct->rate = palloc0(sizeof(SpmDirectRate));
	loading->direct->rate->place = spm_direct_add_place(loading, factor);
	loading->possible = entry->subquery != NULL &&
						load_factor(loading, entry->subquery) &&
						loading->possible;
}

/* The same of the subquery.  Variables of the view are its own afterwards. */
static bool
load_factor(Loading *loading, const Query *query)
{
	SpmDirectRate *rate = loading->direct->rate;
	CaseExpr *factor;
	Node *usual;
	BoolExpr *is_own;

	if (query->setOperations != NULL || query->jointree->fromlist != NIL ||
		query->jointree->quals != NULL || query->limitCount != NULL ||
		!is_number(query->limitOffset, 0) ||
		list_length(query->targetList) != 1)
		return false;
	factor = (CaseExpr *) copyObject(
		linitial_node(TargetEntry, query->targetList)->expr);
	if (!IsA(factor, CaseExpr) || factor->casetype != NUMERICOID ||
		factor->arg != NULL || list_length(factor->args) != 3 ||
		!IsA(factor->defresult, SubLink))
		return false;
	IncrementVarSublevelsUp((Node *) factor, -1, 1);
	usual = (Node *) lthird_node(CaseWhen, factor->args)->expr;
	if (!is_orclause(usual))
		return false;
	is_own = castNode(BoolExpr, usual);
	if (list_length(is_own->args) != 2 ||
		!IsA(linitial(is_own->args), NullTest))
		return false;
	rate->of_sale =
		spm_direct_expression(loading,
							  (Node *) linitial_node(CaseWhen, factor->args)
								  ->result);
	rate->one =
		spm_direct_expression(loading,
							  (Node *) lthird_node(CaseWhen, factor->args)
								  ->result);
	return load_origin(loading, factor) &&
		   is_comparison(lsecond(is_own->args), F_TEXTEQ) &&
		   load_setting(loading, lsecond_node(OpExpr, is_own->args)) &&
		   load_latest(loading, castNode(SubLink, factor->defresult));
}

/* The expression of what says the factor, if the view asks in that order. */
static bool
load_origin(Loading *loading, const CaseExpr *factor)
{
	CaseWhen *has_rate = linitial_node(CaseWhen, factor->args);
	CaseWhen *has_other = lsecond_node(CaseWhen, factor->args);
	BoolExpr *usual = (BoolExpr *) lthird_node(CaseWhen, factor->args)->expr;
	CaseExpr *origin = makeNode(CaseExpr);

	if (!IsA(has_other->result, Const) ||
		!castNode(Const, has_other->result)->constisnull)
		return false;
	origin->casetype = INT4OID;
	origin->args =
		list_make3(make_when(has_rate->expr, RATE_OF_SALE),
				   make_when(has_other->expr, RATE_UNUSABLE),
				   make_when(linitial(usual->args), RATE_OF_NO_CURRENCY));
	origin->defresult = (Expr *) make_origin(RATE_OF_CURRENCY);
	loading->direct->rate->origin =
		spm_direct_expression(loading, (Node *) origin);
	return loading->possible;
}

static CaseWhen *
make_when(Expr *condition, RateOrigin origin)
{
	CaseWhen *when = makeNode(CaseWhen);

	when->expr = condition;
	when->result = (Expr *) make_origin(origin);
	return when;
}

static Const *
make_origin(RateOrigin origin)
{
	return makeConst(INT4OID,
					 -1,
					 InvalidOid,
					 sizeof(int32),
					 Int32GetDatum(origin),
					 false,
					 true);
}

/* "currency = (SELECT v.value FROM setting v WHERE v.name = 'currency')" */
static bool
load_setting(Loading *loading, OpExpr *comparison)
{
	SpmDirectRate *rate = loading->direct->rate;
	const Query *query =
		query_of(lsecond(comparison->args), spm_relation_oid("setting", false));
	OpExpr *named;
	Var *value;

	if (query == NULL || query->limitCount != NULL ||
		query->sortClause != NIL || list_length(query->targetList) != 1 ||
		!is_comparison(query->jointree->quals, F_TEXTEQ))
		return false;
	named = castNode(OpExpr, query->jointree->quals);
	value = (Var *) linitial_node(TargetEntry, query->targetList)->expr;
	if (!is_column((Node *) value, TEXTOID) ||
		!is_column(linitial(named->args), TEXTOID) ||
		!IsA(lsecond(named->args), Const) ||
		castNode(Const, lsecond(named->args))->constisnull ||
		!spm_direct_find_by_text(&rate->setting, "setting", "name") ||
		rate->setting.columns[0] !=
			castNode(Var, linitial(named->args))->varattno)
		return false;
	rate->setting_name = castNode(Const, lsecond(named->args))->constvalue;
	ItemPointerSetInvalid(&rate->setting_place);
	value = copyObject(value);
	value->varno = SETTING_RTINDEX;
	lsecond(comparison->args) = value;
	rate->is_own = spm_direct_expression(loading, (Node *) comparison);
	return loading->possible;
}

/*
 * "(SELECT x.rate FROM exchange_rate x WHERE x.currency = currency
 * AND x.valid_from <= sold_on ORDER BY x.valid_from DESC LIMIT 1)"
 */
static bool
load_latest(Loading *loading, SubLink *link)
{
	SpmDirectRate *rate = loading->direct->rate;
	const Query *query =
		query_of(link, spm_relation_oid("exchange_rate", false));
	OpExpr *of_currency;
	OpExpr *until;

	if (query == NULL || !finds_latest(query))
		return false;
	of_currency =
		linitial_node(OpExpr, ((BoolExpr *) query->jointree->quals)->args);
	until = lsecond_node(OpExpr, ((BoolExpr *) query->jointree->quals)->args);
	rate->rate_column =
		((Var *) linitial_node(TargetEntry, query->targetList)->expr)->varattno;
	if (!load_rate_index(rate,
						 linitial(of_currency->args),
						 linitial(until->args)))
		return false;
	IncrementVarSublevelsUp(lsecond(of_currency->args), -1, 1);
	IncrementVarSublevelsUp(lsecond(until->args), -1, 1);
	rate->currency = spm_direct_expression(loading, lsecond(of_currency->args));
	rate->day = spm_direct_expression(loading, lsecond(until->args));
	return loading->possible;
}

/* Is it the latest rate that it finds? */
static bool
finds_latest(const Query *query)
{
	List *conditions = is_andclause(query->jointree->quals)
						   ? castNode(BoolExpr, query->jointree->quals)->args
						   : NIL;
	SortGroupClause *sort = query->sortClause ? linitial(query->sortClause)
											  : NULL;
	TargetEntry *rate = linitial_node(TargetEntry, query->targetList);
	Node *day;

	if (list_length(conditions) != 2 || list_length(query->sortClause) != 1 ||
		!is_comparison(linitial(conditions), F_TEXTEQ) ||
		!is_comparison(lsecond(conditions), F_DATE_LE))
		return false;
	day = linitial(lsecond_node(OpExpr, conditions)->args);
	return !rate->resjunk && is_column((Node *) rate->expr, NUMERICOID) &&
		   is_column(linitial(linitial_node(OpExpr, conditions)->args),
					 TEXTOID) &&
		   is_column(day, DATEOID) &&
		   exprType(lsecond(lsecond_node(OpExpr, conditions)->args)) ==
			   DATEOID &&
		   equal(get_sortgroupclause_expr(sort, query->targetList), day) &&
		   get_opcode(sort->sortop) == F_DATE_GT &&
		   query->limitOption == LIMIT_OPTION_COUNT &&
		   is_number(query->limitCount, 1);
}

/* Is an expression that constant? */
static bool
is_number(Node *expression, int64 number)
{
	Const *value = (Const *) eval_const_expressions(NULL, expression);

	return value != NULL && IsA(value, Const) && !value->constisnull &&
		   value->consttype == INT8OID &&
		   DatumGetInt64(value->constvalue) == number;
}

/* Find the index of a currency's rates in the order of days. */
static bool
load_rate_index(SpmDirectRate *rate, const Var *currency, const Var *day)
{
	DirectTable *rates = &rate->rates;

	rates->table = spm_relation_oid("exchange_rate", false);
	if (!spm_direct_is_readable(rates->table))
		return false;
	rates->key_count = 2;
	spm_direct_set_key(rates,
					   0,
					   currency->varattno,
					   TEXTOID,
					   currency->varcollid);
	spm_direct_set_key(rates, 1, day->varattno, DATEOID, InvalidOid);
	return spm_direct_find_index(rates, false) && rates->index_count == 2 &&
		   rates->index_keys[0] == 0 && ascends(rates->index, 1);
}

static bool
ascends(Oid index_oid, int column)
{
	Relation index = index_open(index_oid, AccessShareLock);
	bool is_ascending = index->rd_indoption[column] == 0;

	index_close(index, AccessShareLock);
	return is_ascending;
}

/* The query of a subquery in an expression, if it is over just that table. */
static const Query *
query_of(const SubLink *link, Oid table)
{
	const Query *query;

	if (!IsA(link, SubLink) || link->subLinkType != EXPR_SUBLINK)
		return NULL;
	query = castNode(Query, link->subselect);
	return query->setOperations == NULL && list_length(query->rtable) == 1 &&
				   linitial_node(RangeTblEntry, query->rtable)->relid ==
					   table &&
				   linitial_node(RangeTblEntry, query->rtable)->tablesample ==
					   NULL &&
				   list_length(query->jointree->fromlist) == 1 &&
				   query->groupClause == NIL && query->groupingSets == NIL &&
				   query->havingQual == NULL && query->distinctClause == NIL &&
				   query->limitOffset == NULL && !query->hasAggs &&
				   !query->hasWindowFuncs && !has_subclass(table)
			   ? query
			   : NULL;
}

/*
 * Is it a comparison by that function?  Of texts only where the collation has
 * no say in what is equal.
 */
static bool
is_comparison(Node *node, Oid function)
{
	OpExpr *comparison = (OpExpr *) node;

	return node != NULL && IsA(node, OpExpr) &&
		   get_opcode(comparison->opno) == function &&
		   (!OidIsValid(comparison->inputcollid) ||
			get_collation_isdeterministic(comparison->inputcollid));
}

/* Is it a column of the subquery's table, of that type? */
static bool
is_column(Node *node, Oid type)
{
	Var *column = (Var *) node;

	return IsA(node, Var) && column->varlevelsup == 0 && column->varattno > 0 &&
		   column->vartype == type &&
		   (!OidIsValid(column->varcollid) ||
			get_collation_isdeterministic(column->varcollid));
}
