/*-------------------------------------------------------------------------
 *
 * key_index.c
 *	  Finding sales by the indexes of attached tables.
 *
 * View sale shows keys as text and days as dates, which no index of the ERP
 * is over.  Where a query compares one, a condition on the column follows
 * (key_condition.c, day_condition.c), and a hook of the planner offers the
 * scans that the table's indexes allow for it, as paths beside all others.
 * The query's own clause remains the scan's filter: a condition that follows
 * can make a scan shorter, and never change a result.
 *
 * The hook is called for tables of subqueries too, after the view is gone
 * from the query.  View sale calls use_source_indexes(), or a session that
 * only reads would not have loaded this library.
 *
 * src/sale/key_index.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "nodes/makefuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "sale/key_index.h"
#include "sale/key_index_int.h"

static set_rel_pathlist_hook_type previous_hook = NULL;

static void add_paths(PlannerInfo *root, RelOptInfo *rel, Index number,
					  RangeTblEntry *entry);
static bool is_attached(Oid table_oid);
static List *find_restrictions(PlannerInfo *root, RelOptInfo *rel);
static List *find_joins(PlannerInfo *root, RelOptInfo *rel);
static bool is_key(PlannerInfo *root, RelOptInfo *rel,
				   EquivalenceClass *equivalence, EquivalenceMember *member,
				   void *argument);
static List *conditions_of(PlannerInfo *root, RelOptInfo *rel,
						   RestrictInfo *clause);
static RestrictInfo *condition_like(PlannerInfo *root, RestrictInfo *clause,
									Expr *condition);
static void estimate_again(PlannerInfo *root, RelOptInfo *rel);
static void scale(List *paths, double ratio);
static void add_up(PlannerInfo *root, RelOptInfo *rel, Index number);
static void add_index_paths(PlannerInfo *root, RelOptInfo *rel,
							List *restrictions, List *joins);

void
spm_key_index_init(void)
{
	previous_hook = set_rel_pathlist_hook;
	set_rel_pathlist_hook = add_paths;
}

/* The hook: look for conditions on an attached table's columns. */
static void
add_paths(PlannerInfo *root, RelOptInfo *rel, Index number,
		  RangeTblEntry *entry)
{
	List *restrictions;
	List *joins;

	if (previous_hook != NULL)
		previous_hook(root, rel, number, entry);
	if (entry->inh && entry->rtekind == RTE_SUBQUERY)
		add_up(root, rel, number);
	if (entry->inh || entry->rtekind != RTE_RELATION ||
		entry->tablesample != NULL || rel->indexlist == NIL ||
		IS_DUMMY_REL(rel) || !is_attached(entry->relid))
		return;
	restrictions = find_restrictions(root, rel);
	joins = find_joins(root, rel);
	if (restrictions != NIL)
		estimate_again(root, rel);
	if (restrictions != NIL || joins != NIL)
		add_index_paths(root, rel, restrictions, joins);
}

/* Is it a table of a source?  Plans of all others stay as they are. */
static bool
is_attached(Oid table_oid)
{
	Relation table = RelationIdGetRelation(table_oid);
	TriggerDesc *triggers = RelationIsValid(table) ? table->trigdesc : NULL;
	bool found = false;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		char *function = get_func_name(triggers->triggers[i].tgfoid);

		found |= function != NULL && strcmp(function, "collect_changes") == 0;
	}
	if (RelationIsValid(table))
		RelationClose(table);
	return found;
}

/*
 * Conditions that follow from clauses over the table alone.  Of an expression
 * the planner knows nothing; what it knows of the column is as true.
 */
static List *
find_restrictions(PlannerInfo *root, RelOptInfo *rel)
{
	List *restrictions = NIL;
	ListCell *cell;

	foreach (cell, rel->baserestrictinfo)
	{
		RestrictInfo *clause = lfirst_node(RestrictInfo, cell);
		List *conditions = conditions_of(root, rel, clause);

		if (conditions == NIL)
			continue;
		clause->norm_selec =
			clauselist_selectivity(root, conditions, 0, JOIN_INNER, NULL);
		restrictions = list_concat(restrictions, conditions);
	}
	return restrictions;
}

/*
 * Conditions that follow from joins.  How many rows each scan for a row of the
 * other table returns is estimated here, before the conditions are there: they
 * make it no fewer.
 */
static List *
find_joins(PlannerInfo *root, RelOptInfo *rel)
{
	List *joins = NIL;
	List *clauses = NIL;
	ListCell *cell;

	if (rel->has_eclass_joins)
		clauses =
			generate_implied_equalities_for_column(root,
												   rel,
												   is_key,
												   NULL,
												   rel->lateral_referencers);
	foreach (cell, clauses)
	{
		RestrictInfo *clause = lfirst_node(RestrictInfo, cell);
		List *conditions = conditions_of(root, rel, clause);

		if (conditions == NIL)
			continue;
		(void) get_baserel_parampathinfo(
			root,
			rel,
			bms_union(bms_difference(clause->clause_relids, rel->relids),
					  rel->lateral_relids));
		joins = list_concat(joins, conditions);
	}
	return joins;
}

/* Is the member of an equivalence class a key made of a column? */
static bool
is_key(PlannerInfo *root, RelOptInfo *rel, EquivalenceClass *equivalence,
	   EquivalenceMember *member, void *argument)
{
	return bms_equal(member->em_relids, rel->relids) &&
		   spm_key_has_column((Node *) member->em_expr);
}

/* What follows from a clause for columns of a table. */
static List *
conditions_of(PlannerInfo *root, RelOptInfo *rel, RestrictInfo *clause)
{
	SpmComparison comparison;
	List *conditions;
	List *result = NIL;
	ListCell *cell;

	if (clause->pseudoconstant ||
		!spm_comparison_find(root, clause->clause, rel->relids, &comparison))
		return NIL;
	conditions = spm_key_conditions(root, &comparison);
	if (conditions == NIL)
		conditions = spm_day_conditions(root, &comparison);
	foreach (cell, conditions)
		result = lappend(result, condition_like(root, clause, lfirst(cell)));
	return result;
}

/* A condition that is as secure as the clause which it follows from. */
static RestrictInfo *
condition_like(PlannerInfo *root, RestrictInfo *clause, Expr *condition)
{
	RestrictInfo *result = make_simple_restrictinfo(root, condition);

	result->security_level = clause->security_level;
	result->leakproof = clause->security_level > 0 &&
						!contain_leaked_vars((Node *) condition);
	return result;
}

/* The number of rows, in the table's paths too, after better estimates. */
static void
estimate_again(PlannerInfo *root, RelOptInfo *rel)
{
	double before = rel->rows;
	double ratio;
	ListCell *cell;

	set_baserel_size_estimates(root, rel);
	ratio = rel->rows / before;
	scale(rel->pathlist, ratio);
	scale(rel->partial_pathlist, ratio);
	foreach (cell, rel->ppilist)
	{
		ParamPathInfo *parameters = lfirst(cell);

		parameters->ppi_rows = clamp_row_est(parameters->ppi_rows * ratio);
	}
}

static void
scale(List *paths, double ratio)
{
	ListCell *cell;

	foreach (cell, paths)
	{
		Path *path = lfirst(cell);

		path->rows = clamp_row_est(path->rows * ratio);
	}
}

/* The number of rows of a UNION ALL, as the planner adds it up before. */
static void
add_up(PlannerInfo *root, RelOptInfo *rel, Index number)
{
	double rows = 0;
	ListCell *cell;

	if (IS_DUMMY_REL(rel))
		return;
	foreach (cell, root->append_rel_list)
	{
		AppendRelInfo *member = lfirst_node(AppendRelInfo, cell);
		RelOptInfo *child = root->simple_rel_array[member->child_relid];

		if (member->parent_relid == number && child != NULL &&
			!IS_DUMMY_REL(child))
			rows += child->rows;
	}
	rel->rows = rows;
	rel->tuples = rows;
}

/* Offer the paths that the table's indexes allow for more conditions. */
static void
add_index_paths(PlannerInfo *root, RelOptInfo *rel, List *restrictions,
				List *joins)
{
	List *own_restrictions = rel->baserestrictinfo;
	List *own_joins = rel->joininfo;
	List *of_indexes = NIL;
	ListCell *cell;
	ListCell *of_index;

	foreach (cell, rel->indexlist)
		of_indexes = lappend(of_indexes,
							 lfirst_node(IndexOptInfo, cell)->indrestrictinfo);
	rel->baserestrictinfo = list_concat_copy(own_restrictions, restrictions);
	rel->joininfo = list_concat_copy(own_joins, joins);
	check_index_predicates(root, rel);
	create_index_paths(root, rel);

	/* Plans take their filters from here: they need the own clauses only. */
	rel->baserestrictinfo = own_restrictions;
	rel->joininfo = own_joins;
	forboth (cell, rel->indexlist, of_index, of_indexes)
		lfirst_node(IndexOptInfo, cell)->indrestrictinfo = lfirst(of_index);
}
