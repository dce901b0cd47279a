/*-------------------------------------------------------------------------
 *
 * split_query.c
 *	  Queries for sales and the splits of their documents.
 *
 * A document is split by its rows of order_split or, if it has none, by those
 * of its source's own table of splits.  The rows of either kind form a
 * relation w, with columns that link them to a sale s:
 *
 *		document, or split_key_1 ..., seller, percent, amount, overlay
 *
 * and, gathered to arrays, one row for each document, k.  Lines that are part
 * of another source's documents are linked to its splits by the document.
 *
 * src/sale/split_query.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "core/catalog.h"
#include "core/equality.h"
#include "sale/mapping.h"
#include "sale/split_query.h"

/* The splits of one kind, as a source's sales are linked to them. */
typedef struct Splits
{
	const char *rows;
	int count;
	const char *columns[SPM_MAX_KEYS];
	const char *equality[SPM_MAX_KEYS];
	SpmKeyTypes types;
} Splits;

/* The columns of view credit, as numeric(24,4) where they are shares. */
#define CREDIT_COLUMNS                                                         \
	"s.source, s.document, s.line, s.sold_on, s.customer, %s AS seller,"       \
	" s.unit, s.product, s.branch, s.sale_type"

static void find_splits(SpmSource *source, ReadPart part, Splits *splits);
static void link_by_keys(SpmSource *source, Splits *splits);
static const char *part_rows(SpmSource *root);
static char *link_condition(const Splits *splits, const char *left,
							const char *right);
static char *column_list(const Splits *splits, const char *alias);
static char *gathered(const Splits *splits, bool lateral);
static char *not_split(SpmSource *source, ReadPart part, const char *more);
static void append_document(StringInfo query, StringInfo order,
							const SpmSource *source, const Splits *splits);
static void append_key(StringInfo query, StringInfo order, const char *column,
					   Oid collation);
static char *document_net(SpmSource *source);
static void append_unsplit_credits(StringInfo query, SpmSource *source);
static void append_split_credits(StringInfo query, SpmSource *source,
								 ReadPart part);
static void append_amounts(StringInfo query, const char *part,
						   const char *whole);

/* Can documents of the source be split in that way? */
bool
spm_split_query_has(SpmSource *source, ReadPart part)
{
	SpmSource *root = source;

	if (part != READ_CHILD_SPLIT)
		return true;
	if (spm_source_is_part(source))
		root = spm_source_get(source->root);
	return OidIsValid(root->tables[SPM_ROLE_SPLITS]);
}

/*
 * Append to "SELECT columns" what makes it a query of that part: for split
 * documents the columns sellers, percents, amounts, overlays and net; where
 * documents are to come one after the other their key, and that of the splits;
 * FROM, WHERE, and ORDER BY these keys.
 */
void
spm_split_query_append(StringInfo query, const SpmSplitQuery *parts)
{
	SpmSource *source = parts->source;
	bool is_split = parts->part >= READ_ORDER_SPLIT;
	Splits splits = {0};
	StringInfoData order;

	initStringInfo(&order);
	if (is_split)
	{
		find_splits(source, parts->part, &splits);
		appendStringInfo(query,
						 ", k.sellers, k.percents, k.amounts, k.overlays, %s",
						 document_net(source));
	}
	if (parts->by_document)
		append_document(query, &order, source, &splits);
	appendStringInfo(query,
					 " FROM %ssalesperf.%s AS s%s",
					 parts->before,
					 spm_source_view_name(source->name),
					 parts->joins);
	if (is_split)
		appendStringInfo(query,
						 ", %s WHERE %s AND %s",
						 gathered(&splits, parts->of_some_documents),
						 parts->condition,
						 link_condition(&splits, "k", "s"));
	else
		appendStringInfo(query, " WHERE %s", parts->condition);
	if (parts->part == READ_UNSPLIT || parts->part == READ_CHILD_SPLIT)
		appendStringInfo(query,
						 " AND %s",
						 not_split(source, READ_ORDER_SPLIT, ""));
	if (parts->part == READ_UNSPLIT &&
		spm_split_query_has(source, READ_CHILD_SPLIT))
		appendStringInfo(query,
						 " AND %s",
						 not_split(source, READ_CHILD_SPLIT, ""));
	appendStringInfoString(query, order.data);
}

/*
 * Add the key of a sale's document, and of its splits if it has any, to the
 * columns of a query and to ORDER BY.  Equal keys are next to each other only
 * in an order of their type: as texts they may differ.
 */
static void
append_document(StringInfo query, StringInfo order, const SpmSource *source,
				const Splits *splits)
{
	const SpmKeyTypes *key = &source->keys[SPM_ROLE_LINES];

	for (int i = 0; i < key->count; i++)
		append_key(query,
				   order,
				   psprintf("s.document_key_%d", i + 1),
				   key->collations[i]);
	for (int i = 0; i < splits->count; i++)
		append_key(query,
				   order,
				   psprintf("k.%s", splits->columns[i]),
				   splits->types.collations[i]);
}

/* In which order they are does not matter: the cheapest of a text is bytes. */
static void
append_key(StringInfo query, StringInfo order, const char *column,
		   Oid collation)
{
	bool by_bytes = OidIsValid(collation) && spm_is_deterministic(collation);

	appendStringInfo(query, ", %s", column);
	appendStringInfo(order,
					 "%s%s%s",
					 order->len > 0 ? ", " : " ORDER BY ",
					 column,
					 by_bytes ? " COLLATE pg_catalog.\"C\"" : "");
}

/* The types of what splits of one kind are found by. */
void
spm_split_query_key(SpmSource *source, ReadPart part, SpmKeyTypes *types)
{
	Splits splits;

	find_splits(source, part, &splits);
	*types = splits.types;
}

/* Append the queries of a source's branches of view credit. */
void
spm_split_query_credits(StringInfo query, SpmSource *source)
{
	append_unsplit_credits(query, source);
	append_split_credits(query, source, READ_ORDER_SPLIT);
	if (spm_split_query_has(source, READ_CHILD_SPLIT))
		append_split_credits(query, source, READ_CHILD_SPLIT);
}

/* Append the splits of one kind, alias w, and how sales are linked to them. */
void
spm_split_query_rows(SpmSource *source, ReadPart part, StringInfo from,
					 StringInfo condition)
{
	Splits splits;

	find_splits(source, part, &splits);
	appendStringInfo(from, "(%s) AS w, ", splits.rows);
	appendStringInfoString(condition, link_condition(&splits, "w", "s"));
}

/* The splits of one kind for the sales of a source. */
static void
find_splits(SpmSource *source, ReadPart part, Splits *splits)
{
	splits->count = 1;
	splits->columns[0] = "document";
	splits->equality[0] = "OPERATOR(pg_catalog.=)";
	splits->types.count = 1;
	splits->types.types[0] = TEXTOID;
	splits->types.collations[0] = DEFAULT_COLLATION_OID;
	if (part == READ_ORDER_SPLIT)
		splits->rows = psprintf("SELECT o.document, o.seller, o.percent,"
								" o.amount, o.overlay"
								" FROM salesperf.order_split o"
								" WHERE o.source = %s",
								quote_literal_cstr(source->root));
	else if (spm_source_is_part(source))
		splits->rows = part_rows(spm_source_get(source->root));
	else
		link_by_keys(source, splits);
}

/* Splits of a source's own table, by the columns that join it. */
static void
link_by_keys(SpmSource *source, Splits *splits)
{
	const SpmKeyTypes *keys = &source->keys[SPM_ROLE_SPLITS];
	StringInfoData columns;

	initStringInfo(&columns);
	splits->count = keys->count;
	splits->types = *keys;
	for (int i = 0; i < keys->count; i++)
	{
		splits->columns[i] = psprintf("split_key_%d", i + 1);
		splits->equality[i] = spm_source_equality(keys->types[i]);
		appendStringInfo(&columns, "c.split_key_%d, ", i + 1);
	}
	splits->rows = psprintf("SELECT %sc.seller, c.percent, c.amount,"
							" false AS overlay FROM salesperf.%s AS c",
							columns.data,
							spm_source_splits_view_name(source->name));
}

/* The same by document, for lines that are part of them. */
static const char *
part_rows(SpmSource *root)
{
	Splits splits;

	link_by_keys(root, &splits);
	return psprintf("SELECT r.document, c.seller, c.percent, c.amount,"
					" c.overlay FROM (SELECT DISTINCT d.document, %s"
					" FROM salesperf.%s AS d) AS r, (%s) AS c WHERE %s",
					column_list(&splits, "d"),
					spm_source_view_name(root->name),
					splits.rows,
					link_condition(&splits, "c", "r"));
}

/* The condition that a row of left is linked to one of right. */
static char *
link_condition(const Splits *splits, const char *left, const char *right)
{
	StringInfoData condition;

	initStringInfo(&condition);
	for (int i = 0; i < splits->count; i++)
		appendStringInfo(&condition,
						 "%s%s.%s %s %s.%s",
						 i > 0 ? " AND " : "",
						 left,
						 splits->columns[i],
						 splits->equality[i],
						 right,
						 splits->columns[i]);
	return condition.data;
}

static char *
column_list(const Splits *splits, const char *alias)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < splits->count; i++)
		appendStringInfo(&list,
						 "%s%s.%s",
						 i > 0 ? ", " : "",
						 alias,
						 splits->columns[i]);
	return list.data;
}

/*
 * The splits gathered by document, alias k.  LATERAL: only those of the sale,
 * for a query of few documents.
 */
static char *
gathered(const Splits *splits, bool lateral)
{
	char *columns = column_list(splits, "w");

	return psprintf("%s(SELECT %s, array_agg(w.seller) AS sellers,"
					" array_agg(w.percent) AS percents,"
					" array_agg(w.amount) AS amounts,"
					" array_agg(w.overlay) AS overlays,"
					" bool_or(w.amount IS NOT NULL) AS fixed"
					" FROM (%s) AS w%s%s GROUP BY %s) AS k",
					lateral ? "LATERAL " : "",
					columns,
					splits->rows,
					lateral ? " WHERE " : "",
					lateral ? link_condition(splits, "w", "s") : "",
					columns);
}

/* The condition that a sale's document has no such splits. */
static char *
not_split(SpmSource *source, ReadPart part, const char *more)
{
	Splits splits;

	find_splits(source, part, &splits);
	return psprintf("NOT EXISTS (SELECT FROM (%s) AS w WHERE %s%s)",
					splits.rows,
					link_condition(&splits, "w", "s"),
					more);
}

/* The net of a sale's document, where fixed amounts need it. */
static char *
document_net(SpmSource *source)
{
	StringInfoData net;
	ListCell *cell;

	initStringInfo(&net);
	appendStringInfoString(&net, "CASE WHEN k.fixed THEN 0");
	foreach (cell, spm_source_family(source->root))
	{
		const char *name = lfirst(cell);
		bool own = strcmp(name, source->name) == 0;
		const SpmKeyTypes *keys = &source->keys[SPM_ROLE_LINES];

		/* Who lost a table can't be read: no figure is made of the rest. */
		if (!OidIsValid(spm_relation_oid(psprintf("source_%s", name), true)))
			continue;
		appendStringInfo(&net,
						 " + COALESCE((SELECT sum(n.net)"
						 " FROM salesperf.%s AS n WHERE n.counts",
						 spm_source_view_name(name));
		for (int i = 0; own && i < keys->count; i++)
			appendStringInfo(&net,
							 " AND n.document_key_%d %s s.document_key_%d",
							 i + 1,
							 spm_source_equality(keys->types[i]),
							 i + 1);
		if (!own)
			appendStringInfoString(&net, " AND n.document = s.document");
		appendStringInfoString(&net, "), 0)");
	}
	appendStringInfoString(&net, " END");
	return net.data;
}

/* Sales of documents without splits belong to their own seller. */
static void
append_unsplit_credits(StringInfo query, SpmSource *source)
{
	SpmSplitQuery parts = {source, READ_UNSPLIT, false, false, "", "", "true"};

	appendStringInfo(query, "SELECT " CREDIT_COLUMNS, "s.seller");
	append_amounts(query, NULL, NULL);
	appendStringInfoString(query,
						   ", 1::pg_catalog.numeric(12,6) AS share,"
						   " false AS overlay");
	spm_split_query_append(query, &parts);
}

/*
 * Those of split documents belong to the sellers of the splits; and what is
 * left over to their own, if it is none of these.  Sellers come from a table
 * in either case, so that one can be looked for.
 */
static void
append_split_credits(StringInfo query, SpmSource *source, ReadPart part)
{
	const char *view = spm_source_view_name(source->name);
	Splits splits;
	char *shares;
	char *more = "";

	find_splits(source, part, &splits);
	shares = psprintf("%s, LATERAL salesperf.document_shares(k.sellers,"
					  " k.percents, k.amounts, k.overlays, %s, s.seller) AS c",
					  gathered(&splits, true),
					  document_net(source));
	if (part == READ_CHILD_SPLIT)
		more = psprintf(" AND %s", not_split(source, READ_ORDER_SPLIT, ""));

	appendStringInfo(query, "\nUNION ALL\nSELECT " CREDIT_COLUMNS, "r.seller");
	append_amounts(query, "c.part", "c.whole");
	appendStringInfo(query,
					 ", (c.part / c.whole)::pg_catalog.numeric(12,6),"
					 " c.overlay FROM salesperf.%s AS s,"
					 " (SELECT DISTINCT %s, w.seller, w.overlay"
					 " FROM (%s) AS w) AS r, %s"
					 " WHERE %s AND c.seller = r.seller"
					 " AND c.overlay = r.overlay%s",
					 view,
					 column_list(&splits, "w"),
					 splits.rows,
					 shares,
					 link_condition(&splits, "r", "s"),
					 more);

	appendStringInfo(query, "\nUNION ALL\nSELECT " CREDIT_COLUMNS, "s.seller");
	append_amounts(query, "c.part", "c.whole");
	appendStringInfo(query,
					 ", (c.part / c.whole)::pg_catalog.numeric(12,6), false"
					 " FROM salesperf.%s AS s, %s"
					 " WHERE NOT c.overlay"
					 " AND c.seller IS NOT DISTINCT FROM s.seller AND %s%s",
					 view,
					 shares,
					 not_split(source,
							   part,
							   " AND w.seller = s.seller AND NOT w.overlay"),
					 more);
}

/* The amounts of a credit: the sale's, or a share of them. */
static void
append_amounts(StringInfo query, const char *part, const char *whole)
{
	static const char *const amounts[] =
		{"quantity", "gross", "net", "cost", "margin", "revenue"};

	for (int i = 0; i < lengthof(amounts); i++)
	{
		char *amount = psprintf("s.%s", amounts[i]);

		if (part != NULL)
			amount =
				psprintf("salesperf.share_of(%s, %s, %s)", amount, part, whole);
		appendStringInfo(query,
						 ", " SPM_PRESENTED_AMOUNT " AS %s",
						 amounts[i],
						 amount,
						 amounts[i]);
	}
	appendStringInfoString(query, ", s.currency, s.counts, s.attributes");
}
