/*-------------------------------------------------------------------------
 *
 * expression.c
 *	  Check the expressions of a mapping against the table they read.
 *
 * An expression may use the columns of one row, alias l, and nothing else: a
 * figure that depended on a session setting, the time or another table could
 * change without a write that salesperf sees.
 *
 * src/sale/expression.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/pg_am.h"
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
#include "utils/ruleutils.h"
#include "utils/typcache.h"

#include "sale/mapping.h"

static Node *analyse(const SpmField *field, const char *text, Relation lines);
static Node *analyse_or_throw(const SpmField *field, const char *text,
							  Relation lines);
static Node *parse_one_expression(const char *text);
static const char *typed_text(const SpmField *field, const char *text,
							  Oid type);
static void refuse_mutable(const SpmField *field, const char *text, Node *node);
static void refuse_nested(ParseState *pstate, Node *node);
static void refuse_system_columns(Relation lines, Node *node);
static void check_key_type(const SpmField *field, Oid type);
static bool has_index_on(Relation lines, Node *key);

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
	[SPM_COUNTS] = {"counts", SPM_FIELD_BOOLEAN, false},
	[SPM_ATTRIBUTES] = {"attributes", SPM_FIELD_JSON, false},
};

/* Check every expression, and fill in its typed form and the key's type. */
void
spm_mapping_check(SpmMapping *mapping)
{
	Relation lines = table_open(mapping->lines, AccessShareLock);

	for (int i = 0; i < SPM_FIELD_COUNT; i++)
	{
		const SpmField *field = &spm_fields[i];
		const char *text = mapping->expressions[i];
		Oid type;

		mapping->typed[i] = NULL;
		if (text == NULL)
			continue;
		type = exprType(analyse(field, text, lines));
		if (i == SPM_DOCUMENT)
		{
			check_key_type(field, type);
			mapping->key_type = type;
		}
		mapping->typed[i] = typed_text(field, text, type);
		refuse_mutable(field, text, analyse(field, mapping->typed[i], lines));
	}
	table_close(lines, AccessShareLock);
}

/* Refuse a table that has no index by which a document's rows are found. */
void
spm_mapping_require_index(const SpmMapping *mapping)
{
	const SpmField *field = &spm_fields[SPM_DOCUMENT];
	const char *text = mapping->expressions[SPM_DOCUMENT];
	Relation lines = table_open(mapping->lines, AccessShareLock);
	Node *key = analyse(field, text, lines);

	if (!has_index_on(lines, key))
	{
		const char *table =
			quote_qualified_identifier(get_namespace_name(
										   RelationGetNamespace(lines)),
									   RelationGetRelationName(lines));
		List *context = deparse_context_for("l", RelationGetRelid(lines));
		const char *column =
			IsA(key, Var)
				? quote_identifier(get_attname(RelationGetRelid(lines),
											   castNode(Var, key)->varattno,
											   false))
				: psprintf("(%s)",
						   deparse_expression(key, context, false, false));

		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table %s has no index that begins with the document",
						table),
				 errdetail("A commit reads the documents that it touched."),
				 errhint("Run \"CREATE INDEX ON %s (%s)\" first.",
						 table,
						 column)));
	}
	table_close(lines, AccessShareLock);
}

/* Analyse one expression; errors name the argument. */
static Node *
analyse(const SpmField *field, const char *text, Relation lines)
{
	MemoryContext context = CurrentMemoryContext;
	Node *volatile node = NULL;

	PG_TRY();
	{
		node = analyse_or_throw(field, text, lines);
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		ereport(ERROR,
				(errcode(error->sqlerrcode),
				 errmsg("invalid expression for argument \"%s\": %s",
						field->name,
						text),
				 errdetail_internal("%s", error->message),
				 error->hint ? errhint("%s", error->hint) : 0));
	}
	PG_END_TRY();
	return node;
}

static Node *
analyse_or_throw(const SpmField *field, const char *text, Relation lines)
{
	ParseState *pstate = make_parsestate(NULL);
	ParseNamespaceItem *item;
	Node *node;

	item = addRangeTableEntryForRelation(pstate,
										 lines,
										 AccessShareLock,
										 makeAlias("l", NIL),
										 false,
										 true);
	addNSItemToQuery(pstate, item, true, true, true);
	node = transformExpr(pstate, parse_one_expression(text), EXPR_KIND_OTHER);
	refuse_nested(pstate, node);
	refuse_system_columns(lines, node);
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

/*
 * The parse tree of text, which must be one expression and no more.  It is
 * parsed by itself first: what closes a parenthesis of ours, as "1) + (2"
 * does, would mean something else wherever it is put.
 */
static Node *
parse_one_expression(const char *text)
{
	List *trees;

	(void) raw_parser(text, RAW_PARSE_PLPGSQL_EXPR);
	trees = raw_parser(psprintf("SELECT (\n%s\n)", text), RAW_PARSE_DEFAULT);
	if (list_length(trees) == 1 &&
		IsA(linitial_node(RawStmt, trees)->stmt, SelectStmt))
	{
		SelectStmt *select =
			castNode(SelectStmt, linitial_node(RawStmt, trees)->stmt);
		SelectStmt *expected = makeNode(SelectStmt);

		/* Anything but a target list shows as a difference. */
		expected->targetList = select->targetList;
		expected->limitOption = select->limitOption;
		if (equal(select, expected) && list_length(select->targetList) == 1)
			return linitial_node(ResTarget, select->targetList)->val;
	}
	ereport(ERROR,
			(errcode(ERRCODE_SYNTAX_ERROR), errmsg("one expression expected")));
	return NULL;
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
refuse_system_columns(Relation lines, Node *node)
{
	ListCell *cell;

	foreach (cell, pull_var_clause(node, 0))
	{
		Var *column = lfirst_node(Var, cell);

		if (column->varattno < 0)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("system column \"%s\" cannot be used here",
							get_attname(RelationGetRelid(lines),
										column->varattno,
										false))));
	}
}

/* Refuse a key that can't be hashed or passed as an array. */
static void
check_key_type(const SpmField *field, Oid type)
{
	TypeCacheEntry *entry =
		lookup_type_cache(type, TYPECACHE_HASH_PROC | TYPECACHE_EQ_OPR);

	if (!OidIsValid(entry->hash_proc) || !OidIsValid(entry->eq_opr) ||
		!OidIsValid(get_array_type(type)))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("argument \"%s\" cannot be of type %s",
						field->name,
						format_type_be(type)),
				 errdetail("The type has no hash function, equality or array "
						   "type."),
				 errhint("Cast the expression to text.")));
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
static void
refuse_mutable(const SpmField *field, const char *text, Node *node)
{
	/* As for an index: planning puts in default arguments and inlines. */
	if (!contain_mutable_functions(
			(Node *) expression_planner((Expr *) copyObject(node))))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
			 errmsg("expression for argument \"%s\" is not immutable: %s",
					field->name,
					text),
			 errdetail("It depends on the time or on settings of the session."),
			 field->kind == SPM_FIELD_DATE
				 ? errhint(
					   "For a timestamp with time zone write \"(... AT TIME "
					   "ZONE 'Europe/Brussels')::date\".")
				 : errhint("Use functions and casts that are immutable.")));
}

/* Is there a usable index whose first column is key? */
static bool
has_index_on(Relation lines, Node *key)
{
	List *indexes = RelationGetIndexList(lines);
	Node *simplified = eval_const_expressions(NULL, key);
	bool found = false;
	ListCell *cell;

	foreach (cell, indexes)
	{
		Relation index = index_open(lfirst_oid(cell), AccessShareLock);
		AttrNumber first = index->rd_index->indkey.values[0];

		if (!index->rd_index->indisvalid ||
			index->rd_rel->relam != BTREE_AM_OID ||
			RelationGetIndexPredicate(index) != NIL)
			found = false;
		else if (first != 0)
			found = IsA(key, Var) && castNode(Var, key)->varattno == first;
		else
			found =
				equal(linitial(RelationGetIndexExpressions(index)), simplified);
		index_close(index, AccessShareLock);
		if (found)
			break;
	}
	return found;
}
