/*-------------------------------------------------------------------------
 *
 * expression.c
 *	  Check the expressions of a mapping against the table they read.
 *
 * An expression may use the columns of a line, alias l, and of its header,
 * alias h, and nothing else: a
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
#include "catalog/heap.h"
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

#include "core/catalog.h"
#include "sale/mapping.h"

/* Columns of the rows that an expression is over. */
#define LINES_RTE 1
#define HEADER_RTE 2

static Node *analyse(const SpmMapping *mapping, const char *argument,
					 const char *text);
static Node *analyse_or_throw(const SpmMapping *mapping, const char *text);
static void add_table(ParseState *pstate, Relation table, const char *alias);
static Node *parse_one_expression(const char *text);
static const char *typed_text(const SpmField *field, const char *text,
							  Oid type);
static void refuse_mutable(const char *argument, const char *text, Node *node);
static void refuse_nested(ParseState *pstate, Node *node);
static void refuse_system_columns(Node *node);
static void find_flat_key(SpmMapping *mapping, Oid type);
static void find_join_keys(SpmMapping *mapping);
static const char *column_name(Oid table, Node *column);
static bool add_join_key(SpmMapping *mapping, Node *condition);
static void check_key_type(const char *argument, Oid type);
static void require_index(Oid table, List *keys, const char *columns);
static bool has_index_on(Relation table, List *keys);

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

/* Check every expression; fill in their typed forms and the keys. */
void
spm_mapping_check(SpmMapping *mapping)
{
	mapping->key_count = 0;
	if (OidIsValid(mapping->header))
		find_join_keys(mapping);
	for (int i = 0; i < SPM_FIELD_COUNT; i++)
	{
		const SpmField *field = &spm_fields[i];
		const char *text = mapping->expressions[i];
		Oid type;

		mapping->typed[i] = NULL;
		if (text == NULL)
			continue;
		type = exprType(analyse(mapping, field->name, text));
		if (i == SPM_DOCUMENT && !OidIsValid(mapping->header))
			find_flat_key(mapping, type);
		mapping->typed[i] = typed_text(field, text, type);
		refuse_mutable(field->name,
					   text,
					   analyse(mapping, field->name, mapping->typed[i]));
	}
}

/* Refuse tables that have no index by which a document's rows are found. */
void
spm_mapping_require_indexes(const SpmMapping *mapping)
{
	List *line_keys = NIL;
	List *header_keys = NIL;
	StringInfoData line_columns;
	StringInfoData header_columns;

	initStringInfo(&line_columns);
	initStringInfo(&header_columns);
	for (int i = 0; i < mapping->key_count; i++)
	{
		const SpmKeyPair *pair = &mapping->keys[i];
		Node *key = analyse(mapping, "document", pair->line);

		line_keys = lappend(line_keys, key);
		appendStringInfo(&line_columns,
						 i > 0 ? ", %s" : "%s",
						 IsA(key, Var)
							 ? column_name(mapping->lines, key)
							 : psprintf("(%s)",
										deparse_expression(
											key,
											deparse_context_for("l",
																mapping->lines),
											false,
											false)));
		if (pair->header == NULL)
			continue;
		key = analyse(mapping, "join_on", pair->header);
		header_keys = lappend(header_keys, key);
		appendStringInfo(&header_columns,
						 i > 0 ? ", %s" : "%s",
						 column_name(mapping->header, key));
	}
	require_index(mapping->lines, line_keys, line_columns.data);
	if (OidIsValid(mapping->header))
		require_index(mapping->header, header_keys, header_columns.data);
}

/* Analyse one expression; errors name the argument. */
static Node *
analyse(const SpmMapping *mapping, const char *argument, const char *text)
{
	MemoryContext context = CurrentMemoryContext;
	Node *volatile node = NULL;

	PG_TRY();
	{
		node = analyse_or_throw(mapping, text);
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
						argument,
						text),
				 errdetail_internal("%s", error->message),
				 error->hint ? errhint("%s", error->hint) : 0));
	}
	PG_END_TRY();
	return node;
}

static Node *
analyse_or_throw(const SpmMapping *mapping, const char *text)
{
	ParseState *pstate = make_parsestate(NULL);
	Relation lines = table_open(mapping->lines, AccessShareLock);
	Relation header = NULL;
	Node *node;

	add_table(pstate, lines, "l");
	if (OidIsValid(mapping->header))
	{
		header = table_open(mapping->header, AccessShareLock);
		add_table(pstate, header, "h");
	}
	node = transformExpr(pstate, parse_one_expression(text), EXPR_KIND_OTHER);
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
	table_close(lines, AccessShareLock);
	if (header != NULL)
		table_close(header, AccessShareLock);
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

/* In a flat table the document is the key. */
static void
find_flat_key(SpmMapping *mapping, Oid type)
{
	check_key_type("document", type);
	mapping->key_count = 1;
	mapping->keys[0].line = mapping->expressions[SPM_DOCUMENT];
	mapping->keys[0].header = NULL;
	mapping->keys[0].type = type;
}

/* With a header the columns are that join lines to it. */
static void
find_join_keys(SpmMapping *mapping)
{
	Node *condition = analyse(mapping, "join_on", mapping->join_on);
	ListCell *cell;

	foreach (cell, make_ands_implicit((Expr *) condition))
		if (!add_join_key(mapping, lfirst(cell)))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid expression for argument \"%s\": %s",
							"join_on",
							mapping->join_on),
					 errdetail("Equalities of a column of l and one of h of "
							   "the same type are expected, at most %d, "
							   "joined by AND.",
							   SPM_MAX_KEYS),
					 errhint("Put any other condition into \"counts\".")));
}

/* Take one equality of join_on; false if it is something else. */
static bool
add_join_key(SpmMapping *mapping, Node *condition)
{
	SpmKeyPair *pair = &mapping->keys[mapping->key_count];
	Node *line;
	Node *header;

	if (!is_opclause(condition) || mapping->key_count == SPM_MAX_KEYS ||
		list_length(castNode(OpExpr, condition)->args) != 2)
		return false;
	line = strip_implicit_coercions(get_leftop(condition));
	header = strip_implicit_coercions(get_rightop(condition));
	if (!IsA(line, Var) || !IsA(header, Var))
		return false;
	if (castNode(Var, line)->varno != LINES_RTE)
	{
		Node *other = line;

		line = header;
		header = other;
	}
	if (castNode(Var, line)->varno != LINES_RTE ||
		castNode(Var, header)->varno != HEADER_RTE ||
		exprType(line) != exprType(header) ||
		castNode(OpExpr, condition)->opno !=
			lookup_type_cache(exprType(line), TYPECACHE_EQ_OPR)->eq_opr)
		return false;
	check_key_type("join_on", exprType(line));
	pair->line = psprintf("l.%s", column_name(mapping->lines, line));
	pair->header = psprintf("h.%s", column_name(mapping->header, header));
	pair->type = exprType(line);
	mapping->key_count++;
	return true;
}

/* Name, quoted, of a column of a table. */
static const char *
column_name(Oid table, Node *column)
{
	return quote_identifier(
		get_attname(table, castNode(Var, column)->varattno, false));
}

/* Refuse a key that can't be hashed or passed as an array. */
static void
check_key_type(const char *argument, Oid type)
{
	TypeCacheEntry *entry =
		lookup_type_cache(type, TYPECACHE_HASH_PROC | TYPECACHE_EQ_OPR);

	if (!OidIsValid(entry->hash_proc) || !OidIsValid(entry->eq_opr) ||
		!OidIsValid(get_array_type(type)))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("argument \"%s\" cannot be of type %s",
						argument,
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
refuse_mutable(const char *argument, const char *text, Node *node)
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

/* Refuse a table without an index that begins with one of the keys. */
static void
require_index(Oid table_oid, List *keys, const char *columns)
{
	Relation table = table_open(table_oid, AccessShareLock);

	if (!has_index_on(table, keys))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table %s has no index that begins with the document",
						spm_qualified_name(table_oid)),
				 errdetail("A commit reads the documents that it touched."),
				 errhint("Run \"CREATE INDEX ON %s (%s)\" first.",
						 spm_qualified_name(table_oid),
						 columns)));
	table_close(table, AccessShareLock);
}

/* Is there a usable index whose first column is one of the keys? */
static bool
has_index_on(Relation table, List *keys)
{
	ListCell *index_cell;
	ListCell *key_cell;

	foreach (index_cell, RelationGetIndexList(table))
	{
		Relation index = index_open(lfirst_oid(index_cell), AccessShareLock);
		AttrNumber first = index->rd_index->indkey.values[0];
		Node *expression =
			first == 0 ? linitial(RelationGetIndexExpressions(index)) : NULL;
		bool found = false;

		foreach (key_cell, keys)
		{
			Node *key = lfirst(key_cell);

			if (first == 0)
				found |= equal(expression, eval_const_expressions(NULL, key));
			else
				found |= IsA(key, Var) && castNode(Var, key)->varattno == first;
		}
		found &= index->rd_index->indisvalid &&
				 index->rd_rel->relam == BTREE_AM_OID &&
				 RelationGetIndexPredicate(index) == NIL;
		index_close(index, AccessShareLock);
		if (found)
			return true;
	}
	return false;
}
