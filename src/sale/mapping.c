/*-------------------------------------------------------------------------
 *
 * mapping.c
 *	  The queries that turn a source's rows into sales.
 *
 * Two forms of the same row: the canonical one, unrounded and with the
 * document's key in its own type, is what figures are computed from; the
 * presented one, with fixed precision, is a branch of view sale.
 *
 * src/sale/mapping.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "core/catalog.h"
#include "sale/expression.h"

static void append_keys(const SpmMapping *mapping, StringInfo query);
static void append_column(StringInfo query, const char *expression,
						  const char *name);
static void append_from(const SpmMapping *mapping, StringInfo query);
static const char *from_table(Oid table);
static void append_lookup(const char *join, StringInfo query);
static void append_rate(const SpmMapping *mapping, StringInfo query);
static bool is_converted(const SpmMapping *mapping);
static const char *field_or(const SpmMapping *mapping, SpmFieldId field,
							const char *instead);
static char *amount_or(const SpmMapping *mapping, SpmFieldId field,
					   const char *instead);
static char *converted(const SpmMapping *mapping, const char *amount);
static char *wants_to_count(const SpmMapping *mapping);
static char *is_in_range(const SpmMapping *mapping);
static char *flaw(const SpmMapping *mapping);
static char *presented_amount(const char *column);

/* Append the query of the canonical rows of a source. */
void
spm_mapping_canonical(const SpmMapping *mapping, StringInfo query)
{
	char *net = amount_or(mapping, SPM_NET, "0");
	const char *cost = field_or(mapping, SPM_COST, "NULL::pg_catalog.numeric");

	if (mapping->typed[SPM_COST] != NULL)
		cost = converted(mapping, mapping->typed[SPM_COST]);
	appendStringInfoString(query, "SELECT ");
	append_keys(mapping, query);
	appendStringInfo(query,
					 "%s::pg_catalog.text AS source",
					 quote_literal_cstr(spm_mapping_root(mapping)));
	for (int i = SPM_DOCUMENT; i <= SPM_SALE_TYPE; i++)
		append_column(query,
					  field_or(mapping, i, "NULL::pg_catalog.text"),
					  spm_fields[i].name);
	append_column(query,
				  amount_or(mapping, SPM_QUANTITY, "1::pg_catalog.numeric"),
				  "quantity");
	append_column(query, amount_or(mapping, SPM_GROSS, net), "gross");
	append_column(query, net, "net");
	append_column(query, cost, "cost");
	append_column(query, psprintf("%s - %s", net, cost), "margin");
	append_column(query,
				  mapping->typed[SPM_REVENUE] != NULL
					  ? converted(mapping, mapping->typed[SPM_REVENUE])
					  : "NULL::pg_catalog.numeric",
				  "revenue");
	append_column(query,
				  field_or(mapping, SPM_CURRENCY, "NULL::pg_catalog.text"),
				  "currency");
	append_column(query,
				  psprintf("(%s%s AND %s)",
						   wants_to_count(mapping),
						   is_converted(mapping)
							   ? " AND salesperf_rate.factor IS NOT NULL"
							   : "",
						   is_in_range(mapping)),
				  "counts");
	append_column(query,
				  field_or(mapping, SPM_ATTRIBUTES, "NULL::pg_catalog.jsonb"),
				  "attributes");
	append_column(query, flaw(mapping), "flaw");
	append_from(mapping, query);
}

/* Append the query of the rows by which documents of a source are split. */
void
spm_mapping_splits(const SpmMapping *mapping, StringInfo query)
{
	const SpmLink *link = &mapping->links[SPM_ROLE_SPLITS];

	appendStringInfoString(query, "SELECT ");
	for (int i = 0; i < link->count; i++)
		appendStringInfo(query,
						 "%s AS split_key_%d,\n ",
						 link->pairs[i].own,
						 i + 1);
	appendStringInfo(query,
					 "%s AS seller,\n %s AS percent,\n %s AS amount"
					 "\nFROM %s AS s",
					 mapping->typed[SPM_SPLIT_SELLER],
					 field_or(mapping,
							  SPM_SPLIT_PERCENT,
							  "NULL::pg_catalog.numeric"),
					 field_or(mapping,
							  SPM_SPLIT_AMOUNT,
							  "NULL::pg_catalog.numeric"),
					 from_table(mapping->tables[SPM_ROLE_SPLITS]));
	if (mapping->split_filter != NULL)
		appendStringInfo(query, "\nWHERE %s", mapping->split_filter);
}

/* Append the query of a source's branch of view sale, over its own view. */
void
spm_mapping_presented(const char *view, StringInfo query)
{
	appendStringInfo(query,
					 "SELECT s.source, s.document, s.line, s.sold_on, "
					 "s.customer, s.seller, s.unit, s.product, s.branch, "
					 "s.sale_type, %s, %s, %s, %s, %s, %s, "
					 "s.currency, s.counts, s.attributes"
					 "\nFROM salesperf.%s AS s",
					 presented_amount("quantity"),
					 presented_amount("gross"),
					 presented_amount("net"),
					 presented_amount("cost"),
					 presented_amount("margin"),
					 presented_amount("revenue"),
					 view);
}

/*
 * The columns that changes are traced by, in their own types: the document's
 * key as lines and header have it, and what splits and looked up rows are
 * found by.
 */
static void
append_keys(const SpmMapping *mapping, StringInfo query)
{
	for (int role = 0; role < SPM_ROLE_COUNT; role++)
		for (int i = 0; i < mapping->links[role].count; i++)
		{
			const SpmKeyPair *pair = &mapping->links[role].pairs[i];

			if (role == SPM_ROLE_LINES)
				appendStringInfo(query,
								 "(\n%s\n) AS document_key_%d,\n ",
								 pair->near,
								 i + 1);
			else if (role == SPM_ROLE_HEADER)
				appendStringInfo(query,
								 "%s AS header_key_%d,\n ",
								 pair->own,
								 i + 1);
			else if (role == SPM_ROLE_SPLITS)
				appendStringInfo(query,
								 "%s AS split_key_%d,\n ",
								 pair->near,
								 i + 1);
			else
				appendStringInfo(query,
								 "%s AS lookup_%d_key_%d,\n "
								 "%s AS lookup_%d_own_%d,\n ",
								 pair->near,
								 role - SPM_ROLE_LOOKUP + 1,
								 i + 1,
								 pair->own,
								 role - SPM_ROLE_LOOKUP + 1,
								 i + 1);
		}
}

/* Append one more column. */
static void
append_column(StringInfo query, const char *expression, const char *name)
{
	appendStringInfo(query, ",\n %s AS %s", expression, name);
}

static void
append_from(const SpmMapping *mapping, StringInfo query)
{
	appendStringInfo(query,
					 "\nFROM %s AS l",
					 from_table(mapping->tables[SPM_ROLE_LINES]));
	if (OidIsValid(mapping->tables[SPM_ROLE_HEADER]))
		appendStringInfo(query,
						 "\nJOIN %s AS h ON (\n%s\n)",
						 from_table(mapping->tables[SPM_ROLE_HEADER]),
						 mapping->join_on);
	for (int i = 0; i < mapping->lookup_count; i++)
		append_lookup(mapping->joins[i], query);
	if (is_converted(mapping))
		append_rate(mapping, query);
}

/* Append what is looked up, of that table ONLY even if the text has no such. */
static void
append_lookup(const char *join, StringInfo query)
{
	RangeVar *table = castNode(RangeVar, spm_expression_parse_join(join)->rarg);

	appendStringInfo(query,
					 "\nLEFT JOIN%s\n%s\n",
					 table->inh ? " ONLY" : "",
					 join);
}

/*
 * A table as FROM names it.  ONLY: rows of a table that inherits do not fire
 * the triggers, so they do not count; those of a partition do.
 */
static const char *
from_table(Oid table)
{
	return psprintf(get_rel_relkind(table) == RELKIND_PARTITIONED_TABLE
						? "%s"
						: "ONLY %s",
					spm_qualified_name(table));
}

/*
 * Append the row with the factor that turns the sale's amounts into the
 * reporting currency; NULL if no rate is known.  OFFSET 0: it is looked up
 * once, not once for each amount.
 */
static void
append_rate(const SpmMapping *mapping, StringInfo query)
{
	const char *currency =
		field_or(mapping, SPM_CURRENCY, "NULL::pg_catalog.text");
	const char *rate = field_or(mapping, SPM_RATE, "NULL::pg_catalog.numeric");

	appendStringInfo(query,
					 "\nCROSS JOIN LATERAL (SELECT CASE"
					 "\n WHEN %s > 0 AND %s < 'Infinity' THEN %s"
					 "\n WHEN %s IS NOT NULL THEN NULL"
					 "\n WHEN %s IS NULL OR %s = (SELECT v.value FROM"
					 " salesperf.setting v WHERE v.name = 'currency') THEN 1"
					 "\n ELSE (SELECT x.rate FROM salesperf.exchange_rate x"
					 " WHERE x.currency = %s AND x.valid_from <= %s"
					 " ORDER BY x.valid_from DESC LIMIT 1)"
					 "\n END AS factor OFFSET 0) AS salesperf_rate",
					 rate,
					 rate,
					 rate,
					 rate,
					 currency,
					 currency,
					 currency,
					 mapping->typed[SPM_SOLD_ON]);
}

/* Are amounts in another currency than the reporting one? */
static bool
is_converted(const SpmMapping *mapping)
{
	return mapping->typed[SPM_CURRENCY] != NULL ||
		   mapping->typed[SPM_RATE] != NULL;
}

/* The typed expression of a field, or what stands in for it. */
static const char *
field_or(const SpmMapping *mapping, SpmFieldId field, const char *instead)
{
	return mapping->typed[field] ? mapping->typed[field] : instead;
}

/* The same for an amount, whose NULL is 0. */
static char *
amount_or(const SpmMapping *mapping, SpmFieldId field, const char *instead)
{
	char *amount;

	if (mapping->typed[field] == NULL)
		return pstrdup(instead);
	amount = psprintf("COALESCE(%s, 0)", mapping->typed[field]);
	return field == SPM_QUANTITY ? amount : converted(mapping, amount);
}

/* An amount in the reporting currency; NULL if no rate is known. */
static char *
converted(const SpmMapping *mapping, const char *amount)
{
	if (!is_converted(mapping))
		return pstrdup(amount);
	return psprintf("(%s * salesperf_rate.factor)", amount);
}

/* The condition under which a row counts, if nothing is wrong with it. */
static char *
wants_to_count(const SpmMapping *mapping)
{
	return psprintf("COALESCE(%s, false)"
					" AND COALESCE(pg_catalog.isfinite(%s), false)"
					" AND (%s) IS NOT NULL",
					field_or(mapping, SPM_COUNTS, "true"),
					mapping->typed[SPM_SOLD_ON],
					mapping->typed[SPM_DOCUMENT]);
}

/* The condition that all amounts are finite, and not too large. */
static char *
is_in_range(const SpmMapping *mapping)
{
	StringInfoData condition;

	initStringInfo(&condition);
	for (int i = SPM_QUANTITY; i <= SPM_REVENUE; i++)
		if (mapping->typed[i] != NULL)
			appendStringInfo(&condition,
							 "%sCOALESCE(%s BETWEEN -" SPM_AMOUNT_LIMIT
							 " AND " SPM_AMOUNT_LIMIT ", true)",
							 condition.len > 0 ? " AND " : "",
							 i == SPM_QUANTITY
								 ? mapping->typed[i]
								 : converted(mapping, mapping->typed[i]));
	return condition.data;
}

/* What keeps a row from counting: no rate, or an amount out of range. */
static char *
flaw(const SpmMapping *mapping)
{
	return psprintf("CASE WHEN %s THEN CASE%s WHEN NOT (%s)"
					" THEN 'amount'::pg_catalog.text END END",
					wants_to_count(mapping),
					is_converted(mapping)
						? " WHEN salesperf_rate.factor IS NULL THEN 'rate'"
						: "",
					is_in_range(mapping));
}

/* A column of s for reading. */
static char *
presented_amount(const char *column)
{
	return psprintf(SPM_PRESENTED_AMOUNT " AS %s",
					column,
					psprintf("s.%s", column),
					column);
}
