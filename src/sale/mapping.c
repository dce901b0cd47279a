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

#include "utils/builtins.h"

#include "core/catalog.h"
#include "sale/mapping.h"

/* Beyond this a sale does not count: sums must fit numeric(24,4). */
#define AMOUNT_LIMIT "999999999999999.9999"

static char *key_columns(const SpmMapping *mapping);
static char *from_clause(const SpmMapping *mapping);
static const char *field_or(const SpmMapping *mapping, SpmFieldId field,
							const char *instead);
static char *amount_or(const SpmMapping *mapping, SpmFieldId field,
					   const char *instead);
static char *counts(const SpmMapping *mapping);
static char *presented_amount(const char *column);

/*
 * Append the query of the canonical rows of a source.  ONLY: rows of a table
 * that inherits do not fire the source's triggers, so they do not count.
 */
void
spm_mapping_canonical(const SpmMapping *mapping, StringInfo query)
{
	char *net = amount_or(mapping, SPM_NET, "0");

	appendStringInfo(query,
					 "SELECT %s%s::pg_catalog.text AS source",
					 key_columns(mapping),
					 quote_literal_cstr(mapping->name));
	for (int i = SPM_DOCUMENT; i <= SPM_SALE_TYPE; i++)
		appendStringInfo(query,
						 ",\n %s AS %s",
						 field_or(mapping, i, "NULL::pg_catalog.text"),
						 spm_fields[i].name);
	appendStringInfo(query,
					 ",\n %s AS quantity,\n %s AS gross,\n %s AS net"
					 ",\n %s AS cost,\n %s - %s AS margin,\n %s AS revenue"
					 ",\n %s AS counts,\n %s AS attributes"
					 "\n%s",
					 amount_or(mapping, SPM_QUANTITY, "1::pg_catalog.numeric"),
					 amount_or(mapping, SPM_GROSS, net),
					 net,
					 field_or(mapping, SPM_COST, "NULL::pg_catalog.numeric"),
					 net,
					 field_or(mapping, SPM_COST, "NULL::pg_catalog.numeric"),
					 field_or(mapping, SPM_REVENUE, "NULL::pg_catalog.numeric"),
					 counts(mapping),
					 field_or(mapping,
							  SPM_ATTRIBUTES,
							  "NULL::pg_catalog.jsonb"),
					 from_clause(mapping));
}

/* Append the query of a source's branch of view sale, over its own view. */
void
spm_mapping_presented(const char *view, StringInfo query)
{
	appendStringInfo(query,
					 "SELECT s.source, s.document, s.line, s.sold_on, "
					 "s.customer, s.seller, s.unit, s.product, s.branch, "
					 "s.sale_type, %s, %s, %s, %s, %s, %s, "
					 "NULL::pg_catalog.text AS currency, s.counts, "
					 "s.attributes\nFROM salesperf.%s AS s",
					 presented_amount("quantity"),
					 presented_amount("gross"),
					 presented_amount("net"),
					 presented_amount("cost"),
					 presented_amount("margin"),
					 presented_amount("revenue"),
					 view);
}

/* The document's key, in its own types, as the source's tables have it. */
static char *
key_columns(const SpmMapping *mapping)
{
	StringInfoData columns;

	initStringInfo(&columns);
	for (int i = 0; i < mapping->key_count; i++)
		appendStringInfo(&columns,
						 "(\n%s\n) AS document_key_%d,\n ",
						 mapping->keys[i].line,
						 i + 1);
	for (int i = 0; i < mapping->key_count; i++)
		if (mapping->keys[i].header != NULL)
			appendStringInfo(&columns,
							 "%s AS header_key_%d,\n ",
							 mapping->keys[i].header,
							 i + 1);
	return columns.data;
}

static char *
from_clause(const SpmMapping *mapping)
{
	char *lines = spm_qualified_name(mapping->lines);

	if (!OidIsValid(mapping->header))
		return psprintf("FROM ONLY %s AS l", lines);
	return psprintf("FROM ONLY %s AS l JOIN ONLY %s AS h ON (\n%s\n)",
					lines,
					spm_qualified_name(mapping->header),
					mapping->join_on);
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
	if (mapping->typed[field] == NULL)
		return pstrdup(instead);
	return psprintf("COALESCE(%s, 0)", mapping->typed[field]);
}

/* The condition under which a row counts. */
static char *
counts(const SpmMapping *mapping)
{
	StringInfoData condition;

	initStringInfo(&condition);
	appendStringInfo(&condition,
					 "(COALESCE(%s, false) AND (%s) IS NOT NULL "
					 "AND (%s) IS NOT NULL",
					 field_or(mapping, SPM_COUNTS, "true"),
					 mapping->typed[SPM_SOLD_ON],
					 mapping->typed[SPM_DOCUMENT]);
	for (int i = SPM_QUANTITY; i <= SPM_REVENUE; i++)
		if (mapping->typed[i] != NULL)
			appendStringInfo(&condition,
							 " AND COALESCE(%s BETWEEN -" AMOUNT_LIMIT
							 " AND " AMOUNT_LIMIT ", true)",
							 mapping->typed[i]);
	appendStringInfoChar(&condition, ')');
	return condition.data;
}

/* An amount for reading: four decimals, NULL where it can't count. */
static char *
presented_amount(const char *column)
{
	return psprintf("CASE WHEN s.%s BETWEEN -" AMOUNT_LIMIT " AND " AMOUNT_LIMIT
					" THEN s.%s END::pg_catalog.numeric(24,4) AS %s",
					column,
					column,
					column);
}
