/*-------------------------------------------------------------------------
 *
 * expression.c
 *	  Check the expressions of a mapping against the tables they read.
 *
 * An expression may use the columns of a line, alias l, of its header, alias
 * h, and of the rows looked up for them, and nothing else: a figure that
 * depended on a session setting, the time or another table could change
 * without a write that salesperf sees.
 *
 * src/sale/expression.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/heap.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_node.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "sale/expression.h"

typedef Node *(*Parser)(const char *text);

static Node *analyse_with(const SpmMapping *mapping, uint32 roles,
						  const char *argument, const char *text, Parser parse);
static Node *analyse_or_throw(const SpmMapping *mapping, uint32 roles,
							  const char *text, Parser parse);
static void throw_for(const char *argument, const char *text);
static void add_table(ParseState *pstate, Relation table, const char *alias);
static Node *parse_one_expression(const char *text);
static Node *parse_join_condition(const char *text);
static SelectStmt *parse_from_join(const char *text);
static SelectStmt *parse_select(const char *text);
static void check_field(SpmMapping *mapping, SpmFieldId id);
static const char *typed_text(const SpmField *field, const char *text,
							  Oid type);
static void refuse_nested(ParseState *pstate, Node *node);
static void refuse_system_columns(Node *node);

const SpmField spm_fields[SPM_FIELD_COUNT] = {
	[SPM_DOCUMENT] = {"document", SPM_FIELD_KEY, true},
	[SPM_LINE] = {"line", SPM_FIELD_KEY, false},
	[SPM_SOLD_ON] = {"sold_on", SPM_FIELD_DATE, true},
	[SPM_CUSTOMER] = {"customer", SPM_FIELD_KEY, false},
	[SPM_SELLER] = {"seller", SPM_FIELD_KEY, false},
	[SPM_UNIT] = {"unit", SPM_FIELD_KEY, false},
	[SPM_PRODUCT] = {"product", SPM_FIELD_KEY, false},
	[SPM_BRANCH] = {"branch", SPM_FIELD_KEY, false},
	[SPM_SALE_TYPE] = {"sale_type", SPM_FIELD_KEY, false},
	[SPM_QUANTITY] = {"quantity", SPM_FIELD_AMOUNT, false},
	[SPM_GROSS] = {"gross", SPM_FIELD_AMOUNT, false},
	[SPM_NET] = {"net", SPM_FIELD_AMOUNT, true},
	[SPM_COST] = {"cost", SPM_FIELD_AMOUNT, false},
	[SPM_REVENUE] = {"revenue", SPM_FIELD_AMOUNT, false},
	[SPM_CURRENCY] = {"currency", SPM_FIELD_KEY, false},
	[SPM_RATE] = {"rate", SPM_FIELD_AMOUNT, false},
	[SPM_COUNTS] = {"counts", SPM_FIELD_BOOLEAN, false},
	[SPM_ATTRIBUTES] = {"attributes", SPM_FIELD_JSON, false},
	[SPM_SPLIT_SELLER] = {"split_seller", SPM_FIELD_KEY, false},
	[SPM_SPLIT_PERCENT] = {"split_percent", SPM_FIELD_AMOUNT, false},
	[SPM_SPLIT_AMOUNT] = {"split_amount", SPM_FIELD_AMOUNT, false},
};

/* Check everything that is text; fill in joins, keys and typed forms. */
void
spm_mapping_check(SpmMapping *mapping)
{
	spm_mapping_find_lookups(mapping);
	spm_mapping_find_links(mapping);
	for (int i = 0; i < SPM_FIELD_COUNT; i++)
	{
		mapping->typed[i] = NULL;
		if (mapping->expressions[i] != NULL)
			check_field(mapping, i);
	}
}

/* Check one expression; fill in its typed form. */
static void
check_field(SpmMapping *mapping, SpmFieldId id)
{
	const SpmField *field = &spm_fields[id];
	const char *text = mapping->expressions[id];
	uint32 roles = id >= SPM_SPLIT_SELLER ? SPM_ROLE_BIT(SPM_ROLE_SPLITS)
										  : SPM_ROW_ROLES;
	Node *node = spm_expression_analyse(mapping, roles, field->name, text);

	mapping->typed[id] = typed_text(field, text, exprType(node));
	spm_expression_refuse_mutable(field->name,
								  text,
								  spm_expression_analyse(mapping,
														 roles,
														 field->name,
														 mapping->typed[id]));
}

/* Analyse one expression over rows of some of the tables. */
Node *
spm_expression_analyse(const SpmMapping *mapping, uint32 roles,
					   const char *argument, const char *text)
{
	return analyse_with(mapping, roles, argument, text, parse_one_expression);
}

/* Analyse the condition of "table alias ON condition". */
Node *
spm_expression_join_condition(const SpmMapping *mapping, uint32 roles,
							  const char *text)
{
	return analyse_with(mapping, roles, "joins", text, parse_join_condition);
}

/* Which table has that number among those of roles? */
SpmRole
spm_expression_role(const SpmMapping *mapping, uint32 roles, int varno)
{
	int number = 0;

	for (int role = 0; role < SPM_ROLE_COUNT; role++)
		if ((roles & SPM_ROLE_BIT(role)) && OidIsValid(mapping->tables[role]) &&
			++number == varno)
			return role;
	elog(ERROR, "no table of the mapping has number %d", varno);
	return SPM_ROLE_COUNT;
}

/* Analyse text; errors name the argument. */
static Node *
analyse_with(const SpmMapping *mapping, uint32 roles, const char *argument,
			 const char *text, Parser parse)
{
	MemoryContext context = CurrentMemoryContext;
	Node *volatile node = NULL;

	PG_TRY();
	{
		node = analyse_or_throw(mapping, roles, text, parse);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		throw_for(argument, text);
	}
	PG_END_TRY();
	return node;
}

/* Throw the current error on as one of an argument's text. */
static void
throw_for(const char *argument, const char *text)
{
	ErrorData *error = CopyErrorData();

	FlushErrorState();
	ereport(ERROR,
			(errcode(error->sqlerrcode),
			 errmsg("invalid expression for argument \"%s\": %s",
					argument,
					text),
			 errdetail_internal("%s", error->message),
			 error->hint ? errhint("%s", error->hint) : 0));
}

static Node *
analyse_or_throw(const SpmMapping *mapping, uint32 roles, const char *text,
				 Parser parse)
{
	ParseState *pstate = make_parsestate(NULL);
	Node *node;

	for (int role = 0; role < SPM_ROLE_COUNT; role++)
		if ((roles & SPM_ROLE_BIT(role)) && OidIsValid(mapping->tables[role]))
		{
			Relation table = table_open(mapping->tables[role], AccessShareLock);

			add_table(pstate, table, mapping->aliases[role]);
			table_close(table, NoLock);
		}
	node = transformExpr(pstate, parse(text), EXPR_KIND_OTHER);
	refuse_nested(pstate, node);
	refuse_system_columns(node);
	if (exprType(node) == UNKNOWNOID)
		node = coerce_type(pstate,
						   node,
						   UNKNOWNOID,
						   TEXTOID,
						   -1,
						   COERCION_IMPLICIT,
						   COERCE_IMPLICIT_CAST,
						   -1);
	assign_expr_collations(pstate, node);
	return node;
}

static void
add_table(ParseState *pstate, Relation table, const char *alias)
{
	ParseNamespaceItem *item =
		addRangeTableEntryForRelation(pstate,
									  table,
									  AccessShareLock,
									  makeAlias(alias, NIL),
									  false,
									  true);

	addNSItemToQuery(pstate, item, true, true, true);
}

/*
 * The parse tree of text, which must be one expression and no more.  It is
 * parsed by itself first: what closes a parenthesis of ours, as "1) + (2"
 * does, would mean something else wherever it is put.
 */
static Node *
parse_one_expression(const char *text)
{
	SelectStmt *select;
	SelectStmt *expected = makeNode(SelectStmt);

	(void) raw_parser(text, RAW_PARSE_PLPGSQL_EXPR);
	select = parse_select(psprintf("SELECT (\n%s\n)", text));

	/* Anything but a target list shows as a difference. */
	if (select != NULL && list_length(select->targetList) == 1)
	{
		expected->targetList = select->targetList;
		expected->limitOption = select->limitOption;
		if (equal(select, expected))
			return linitial_node(ResTarget, select->targetList)->val;
	}
	ereport(ERROR,
			(errcode(ERRCODE_SYNTAX_ERROR), errmsg("one expression expected")));
	return NULL;
}

static Node *
parse_join_condition(const char *text)
{
	return spm_expression_parse_join(text)->quals;
}

/* The join of "schema.table alias ON condition", which must be no more. */
JoinExpr *
spm_expression_parse_join(const char *text)
{
	SelectStmt *select = parse_from_join(text);
	SelectStmt *expected = makeNode(SelectStmt);

	if (select != NULL && list_length(select->fromClause) == 1 &&
		IsA(linitial(select->fromClause), JoinExpr))
	{
		JoinExpr *join = linitial_node(JoinExpr, select->fromClause);

		expected->fromClause = select->fromClause;
		expected->limitOption = select->limitOption;
		if (equal(select, expected) && join->jointype == JOIN_LEFT &&
			!join->isNatural && join->quals != NULL && join->alias == NULL &&
			IsA(join->larg, RangeVar) && IsA(join->rarg, RangeVar) &&
			castNode(RangeVar, join->rarg)->alias != NULL &&
			castNode(RangeVar, join->rarg)->alias->colnames == NIL)
			return join;
	}
	ereport(ERROR,
			(errcode(ERRCODE_SYNTAX_ERROR),
			 errmsg("invalid element of argument \"%s\": %s", "joins", text),
			 errdetail("\"schema.table alias ON condition\" is expected.")));
	return NULL;
}

/* A query that joins it, NULL if text makes it something else. */
static SelectStmt *
parse_from_join(const char *text)
{
	MemoryContext context = CurrentMemoryContext;
	SelectStmt *volatile select = NULL;

	PG_TRY();
	{
		select = parse_select(psprintf("SELECT FROM l LEFT JOIN\n%s\n", text));
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		throw_for("joins", text);
	}
	PG_END_TRY();
	return select;
}

/* The one SELECT that text consists of; NULL if it is something else. */
static SelectStmt *
parse_select(const char *text)
{
	List *trees = raw_parser(text, RAW_PARSE_DEFAULT);

	if (list_length(trees) != 1 ||
		!IsA(linitial_node(RawStmt, trees)->stmt, SelectStmt))
		return NULL;
	return castNode(SelectStmt, linitial_node(RawStmt, trees)->stmt);
}

/* Refuse what an expression over one row can't be. */
static void
refuse_nested(ParseState *pstate, Node *node)
{
	if (pstate->p_hasSubLinks || pstate->p_hasAggs ||
		pstate->p_hasWindowFuncs || expression_returns_set(node))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("subqueries, aggregates, window and set-returning "
						"functions cannot be used here"),
				 errhint("A sale depends on its own row alone.")));
}

/* Refuse ctid and the like, which change without a write. */
static void
refuse_system_columns(Node *node)
{
	ListCell *cell;

	foreach (cell, pull_var_clause(node, 0))
	{
		AttrNumber number = lfirst_node(Var, cell)->varattno;

		if (number < 0)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("system column \"%s\" cannot be used here",
							NameStr(
								SystemAttributeDefinition(number)->attname))));
	}
}

/*
 * The expression cast to what the canonical row holds.  Keys are text, those
 * of type numeric without trailing zeros, and whatever collation a column has
 * that of the database: view sale shows those of all sources in one column.
 */
static const char *
typed_text(const SpmField *field, const char *text, Oid type)
{
	Oid base = getBaseType(type);
	bool fits = true;
	const char *wanted = "text";

	switch (field->kind)
	{
		case SPM_FIELD_KEY:
			if (base == BYTEAOID)
				text = psprintf("pg_catalog.encode((%s), 'hex')", text);
			else if (base == NUMERICOID || base == FLOAT4OID ||
					 base == FLOAT8OID)
				text =
					psprintf("pg_catalog.trim_scale((%s)::pg_catalog.numeric)",
							 text);
			break;
		case SPM_FIELD_DATE:
			wanted = "date";
			fits = base == DATEOID || base == TIMESTAMPOID ||
				   base == TIMESTAMPTZOID;
			break;
		case SPM_FIELD_AMOUNT:
			wanted = "numeric";
			fits = TypeCategory(base) == TYPCATEGORY_NUMERIC;
			break;
		case SPM_FIELD_BOOLEAN:
			wanted = "bool";
			fits = base == BOOLOID;
			break;
		case SPM_FIELD_JSON:
			wanted = "jsonb";
			fits = base == JSONBOID || base == JSONOID;
			break;
	}
	if (!fits)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("invalid expression for argument \"%s\": %s",
						field->name,
						text),
				 errdetail("It is of type %s, and %s is expected.",
						   format_type_be(type),
						   wanted)));
	return psprintf("((\n%s\n)::pg_catalog.%s%s)",
					text,
					wanted,
					field->kind == SPM_FIELD_KEY
						? " COLLATE pg_catalog.\"default\""
						: "");
}

/* Refuse an expression whose value could change while its row does not. */
void
spm_expression_refuse_mutable(const char *argument, const char *text,
							  Node *node)
{
	/* As for an index: planning puts in default arguments and inlines. */
	if (!contain_mutable_functions(
			(Node *) expression_planner((Expr *) copyObject(node))))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
			 errmsg("expression for argument \"%s\" is not immutable: %s",
					argument,
					text),
			 errdetail("It depends on the time or on settings of the session."),
			 strcmp(argument, "sold_on") == 0
				 ? errhint(
					   "For a timestamp with time zone write \"(... AT TIME "
					   "ZONE 'Europe/Brussels')::date\".")
				 : errhint(
					   "Use functions and casts that are immutable, such as "
					   "a::text before ||.")));
}
