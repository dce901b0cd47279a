/*-------------------------------------------------------------------------
 *
 * join.c
 *	  How the tables of a source belong together.
 *
 * Lines and header are joined by equal columns, and so are a table of splits,
 * and rows that are looked up.  The columns are what a change of one table is
 * traced by to the documents that it concerns.
 *
 * src/sale/join.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteManip.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"
#include "utils/typcache.h"

#include "core/catalog.h"
#include "sale/expression.h"

/* Whose rows an equality may join: own ones, and those of near tables. */
typedef struct Sides
{
	const SpmMapping *mapping;
	const char *argument;
	uint32 roles; /* all that the condition may use */
	SpmRole own;
	uint32 near;
} Sides;

static void add_lookup(SpmMapping *mapping, const char *join);
static void check_alias(const SpmMapping *mapping, const char *join,
						const char *alias);
static void find_document_key(SpmMapping *mapping);
static void find_header_link(SpmMapping *mapping);
static void find_split_link(SpmMapping *mapping);
static void find_lookup_link(SpmMapping *mapping, int number);
static bool add_pair(const Sides *sides, SpmLink *link, Node *condition);
static const char *column_name(const SpmMapping *mapping, SpmRole role,
							   Var *column);
static void check_key_type(const char *argument, Oid type);
static void add_split_filter(SpmMapping *mapping, Node *condition, int varno);
static void refuse_condition(const char *argument, const char *text,
							 const char *tables, const char *hint);

/* Fill in tables and aliases of the joins. */
void
spm_mapping_find_lookups(SpmMapping *mapping)
{
	int count = mapping->lookup_count;

	mapping->aliases[SPM_ROLE_LINES] = "l";
	mapping->aliases[SPM_ROLE_HEADER] = "h";
	mapping->aliases[SPM_ROLE_SPLITS] = "s";
	mapping->lookup_count = 0;
	for (int i = 0; i < count; i++)
		add_lookup(mapping, mapping->joins[i]);
}

static void
add_lookup(SpmMapping *mapping, const char *join)
{
	SpmRole role = SPM_ROLE_LOOKUP + mapping->lookup_count;
	RangeVar *table = castNode(RangeVar, spm_expression_parse_join(join)->rarg);
	Oid known = mapping->tables[role];

	check_alias(mapping, join, table->alias->aliasname);
	mapping->aliases[role] = table->alias->aliasname;
	mapping->tables[role] = RangeVarGetRelid(table, NoLock, true);
	if (OidIsValid(known) && OidIsValid(mapping->tables[role]) &&
		mapping->tables[role] != known)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s\" of argument \"%s\" is not the one that "
						"was attached, %s",
						table->relname,
						"joins",
						spm_qualified_name(known))));
	if (!OidIsValid(mapping->tables[role]))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table \"%s\" of argument \"%s\" does not exist",
						table->relname,
						"joins"),
				 table->schemaname ? 0
								   : errhint("Qualify it with its schema.")));
	mapping->lookup_count++;
}

/* Refuse an alias that is taken. */
static void
check_alias(const SpmMapping *mapping, const char *join, const char *alias)
{
	bool taken = strncmp(alias, "salesperf_", strlen("salesperf_")) == 0;

	for (int role = 0; role < SPM_ROLE_LOOKUP + mapping->lookup_count; role++)
		taken |= strcmp(alias, mapping->aliases[role]) == 0;
	if (taken)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_ALIAS),
				 errmsg("invalid element of argument \"%s\": %s",
						"joins",
						join),
				 errdetail("Alias \"%s\" is taken.", alias)));
}

/* Fill in how each table is joined to those before it. */
void
spm_mapping_find_links(SpmMapping *mapping)
{
	memset(mapping->links, 0, sizeof(mapping->links));
	if (OidIsValid(mapping->tables[SPM_ROLE_HEADER]))
		find_header_link(mapping);
	else
		find_document_key(mapping);
	if (OidIsValid(mapping->tables[SPM_ROLE_SPLITS]))
		find_split_link(mapping);
	for (int i = 0; i < mapping->lookup_count; i++)
		find_lookup_link(mapping, i);
}

/* In a flat table the document is the key. */
static void
find_document_key(SpmMapping *mapping)
{
	const char *text = mapping->expressions[SPM_DOCUMENT];
	Node *node = spm_expression_analyse(mapping,
										SPM_ROLE_BIT(SPM_ROLE_LINES),
										"document",
										text);
	SpmKeyPair *pair = &mapping->links[SPM_ROLE_LINES].pairs[0];

	check_key_type("document", exprType(node));
	mapping->links[SPM_ROLE_LINES].count = 1;
	pair->near = IsA(node, Var)
					 ? column_name(mapping, SPM_ROLE_LINES, (Var *) node)
					 : text;
	pair->own = pair->near;
	pair->type = exprType(node);
}

/* With a header the columns are that join lines to it. */
static void
find_header_link(SpmMapping *mapping)
{
	Sides sides = {mapping,
				   "join_on",
				   SPM_ROLE_BIT(SPM_ROLE_LINES) | SPM_ROLE_BIT(SPM_ROLE_HEADER),
				   SPM_ROLE_HEADER,
				   SPM_ROLE_BIT(SPM_ROLE_LINES)};
	Node *condition = spm_expression_analyse(mapping,
											 sides.roles,
											 sides.argument,
											 mapping->join_on);
	ListCell *cell;

	foreach (cell, make_ands_implicit((Expr *) condition))
		if (!add_pair(&sides, &mapping->links[SPM_ROLE_HEADER], lfirst(cell)))
			refuse_condition(sides.argument,
							 mapping->join_on,
							 "a column of l and one of h",
							 "Put any other condition into \"counts\".");
	mapping->links[SPM_ROLE_LINES] = mapping->links[SPM_ROLE_HEADER];
}

/*
 * Splits are joined to the table with the documents.  What else is said of
 * them alone chooses among them.
 */
static void
find_split_link(SpmMapping *mapping)
{
	SpmRole documents = OidIsValid(mapping->tables[SPM_ROLE_HEADER])
							? SPM_ROLE_HEADER
							: SPM_ROLE_LINES;
	Sides sides = {mapping,
				   "split_on",
				   SPM_ROLE_BIT(documents) | SPM_ROLE_BIT(SPM_ROLE_SPLITS),
				   SPM_ROLE_SPLITS,
				   SPM_ROLE_BIT(documents)};
	Node *condition = spm_expression_analyse(mapping,
											 sides.roles,
											 sides.argument,
											 mapping->split_on);
	SpmLink *link = &mapping->links[SPM_ROLE_SPLITS];
	bool understood = true;
	ListCell *cell;

	mapping->split_filter = NULL;
	spm_expression_refuse_mutable(sides.argument, mapping->split_on, condition);
	foreach (cell, make_ands_implicit((Expr *) condition))
	{
		Node *part = lfirst(cell);
		int varno;

		if (add_pair(&sides, link, part))
			continue;
		if (bms_get_singleton_member(pull_varnos(NULL, part), &varno) &&
			spm_expression_role(mapping, sides.roles, varno) == SPM_ROLE_SPLITS)
			add_split_filter(mapping, part, varno);
		else
			understood = false;
	}
	if (!understood || link->count == 0)
		refuse_condition(sides.argument,
						 mapping->split_on,
						 psprintf("a column of %s and one of s",
								  mapping->aliases[documents]),
						 "Any other condition must be on s alone.");
}

/* What is looked up is found by some of its columns. */
static void
find_lookup_link(SpmMapping *mapping, int number)
{
	SpmRole role = SPM_ROLE_LOOKUP + number;
	uint32 before = (SPM_ROLE_BIT(role) - 1) & SPM_ROW_ROLES;
	Sides sides = {mapping, "joins", before | SPM_ROLE_BIT(role), role, before};
	Node *condition = spm_expression_join_condition(mapping,
													sides.roles,
													mapping->joins[number]);
	ListCell *cell;

	spm_expression_refuse_mutable(sides.argument,
								  mapping->joins[number],
								  condition);
	foreach (cell, make_ands_implicit((Expr *) condition))
		(void) add_pair(&sides, &mapping->links[role], lfirst(cell));
	if (mapping->links[role].count == 0)
		refuse_condition(sides.argument,
						 mapping->joins[number],
						 psprintf("a column of %s and one of a table before it",
								  mapping->aliases[role]),
						 "A row is looked up by its key.");
}

/* Take one equality of columns; false if it is something else. */
static bool
add_pair(const Sides *sides, SpmLink *link, Node *condition)
{
	SpmKeyPair *pair = &link->pairs[link->count];
	Node *near;
	Node *own;
	SpmRole near_role;

	if (!is_opclause(condition) || link->count == SPM_MAX_KEYS ||
		list_length(castNode(OpExpr, condition)->args) != 2)
		return false;
	near = strip_implicit_coercions(get_leftop(condition));
	own = strip_implicit_coercions(get_rightop(condition));
	if (!IsA(near, Var) || !IsA(own, Var) ||
		castNode(Var, near)->varattno <= 0 || castNode(Var, own)->varattno <= 0)
		return false;
	near_role = spm_expression_role(sides->mapping,
									sides->roles,
									castNode(Var, near)->varno);
	if (near_role == sides->own)
	{
		Node *other = near;

		near = own;
		own = other;
		near_role = spm_expression_role(sides->mapping,
										sides->roles,
										castNode(Var, near)->varno);
	}
	if (!(sides->near & SPM_ROLE_BIT(near_role)) ||
		spm_expression_role(sides->mapping,
							sides->roles,
							castNode(Var, own)->varno) != sides->own ||
		exprType(near) != exprType(own) ||
		castNode(OpExpr, condition)->opno !=
			lookup_type_cache(exprType(near), TYPECACHE_EQ_OPR)->eq_opr)
		return false;
	check_key_type(sides->argument, exprType(near));
	pair->near = column_name(sides->mapping, near_role, (Var *) near);
	pair->own = column_name(sides->mapping, sides->own, (Var *) own);
	pair->type = exprType(near);
	link->count++;
	return true;
}

/* Name, quoted and with its table's alias, of a column. */
static const char *
column_name(const SpmMapping *mapping, SpmRole role, Var *column)
{
	return psprintf("%s.%s",
					quote_identifier(mapping->aliases[role]),
					quote_identifier(get_attname(mapping->tables[role],
												 column->varattno,
												 false)));
}

/* Refuse a key that can't be hashed, sorted or passed as an array. */
static void
check_key_type(const char *argument, Oid type)
{
	TypeCacheEntry *entry = lookup_type_cache(type,
											  TYPECACHE_HASH_PROC |
												  TYPECACHE_EQ_OPR |
												  TYPECACHE_LT_OPR);

	if (!OidIsValid(entry->hash_proc) || !OidIsValid(entry->eq_opr) ||
		!OidIsValid(entry->lt_opr) || !OidIsValid(get_array_type(type)))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("argument \"%s\" cannot be of type %s",
						argument,
						format_type_be(type)),
				 errdetail("The type has no hash function, equality, order or "
						   "array type."),
				 errhint("Cast the expression to text.")));
}

/* Add a condition that chooses among the rows of the splits' table. */
static void
add_split_filter(SpmMapping *mapping, Node *condition, int varno)
{
	Node *alone = copyObject(condition);
	const char *text;

	ChangeVarNodes(alone, varno, 1, 0);
	text =
		deparse_expression(alone,
						   deparse_context_for("s",
											   mapping
												   ->tables[SPM_ROLE_SPLITS]),
						   true,
						   false);
	mapping->split_filter =
		mapping->split_filter == NULL
			? psprintf("(%s)", text)
			: psprintf("%s AND (%s)", mapping->split_filter, text);
}

static void
refuse_condition(const char *argument, const char *text, const char *tables,
				 const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid expression for argument \"%s\": %s",
					argument,
					text),
			 errdetail("Equalities of %s of the same type are expected, at "
					   "most %d, joined by AND.",
					   tables,
					   SPM_MAX_KEYS),
			 errhint("%s", hint)));
}
