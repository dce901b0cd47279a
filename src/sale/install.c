/*-------------------------------------------------------------------------
 *
 * install.c
 *	  The views and triggers of attached sources.
 *
 * Once made, a view follows a renamed table or column, which the text of the
 * mapping does not: view sale is made from the sources' views, and a text is
 * read again only for the source that it belongs to.
 *
 * src/sale/install.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/snapmgr.h"

#include "core/catalog.h"
#include "core/guard.h"
#include "core/spi.h"
#include "sale/install.h"
#include "sale/split_query.h"

/* The columns of the common views. */
#define SALE_VIEW_COLUMNS                                                      \
	"source, document, line, sold_on, customer, seller, unit, product,"        \
	" branch, sale_type, quantity, gross, net, cost, margin, revenue,"         \
	" currency, counts, attributes"
#define CREDIT_VIEW_COLUMNS SALE_VIEW_COLUMNS ", share, overlay"

/* Argument of append_credits(), which runs guarded. */
typedef struct CreditBranches
{
	const char *name;
	StringInfoData query;
} CreditBranches;

static void create_view(const SpmMapping *mapping, const char *view,
						const char *query, const char *comment);
static void run_script(void *script);
static void drop_view(const char *view);
static void replace_view(const char *view, const char *columns,
						 const char *query);
static void announce(void);
static char *by_indexes(const char *query);
static const char *credits_of(const char *name);
static void append_credits(void *argument);

/* Has the source of that name its view? */
bool
spm_install_has_view(const char *name)
{
	return OidIsValid(spm_relation_oid(psprintf("source_%s", name), true));
}

/* Create the views and the triggers of one source. */
void
spm_install_source(const SpmMapping *mapping)
{
	StringInfoData query;

	initStringInfo(&query);
	spm_mapping_canonical(mapping, &query);
	create_view(mapping,
				psprintf("source_%s", mapping->name),
				query.data,
				psprintf("sales of source %s, unrounded, what figures are "
						 "computed from",
						 mapping->name));
	resetStringInfo(&query);
	if (OidIsValid(mapping->tables[SPM_ROLE_SPLITS]))
	{
		spm_mapping_splits(mapping, &query);
		create_view(mapping,
					psprintf("split_%s", mapping->name),
					query.data,
					psprintf("rows by which documents of source %s are split",
							 mapping->name));
	}
	else
		drop_view(psprintf("split_%s", mapping->name));
	spm_install_triggers(mapping);
}

/* Create a view that the owner of the lines and readers can read. */
static void
create_view(const SpmMapping *mapping, const char *view, const char *query,
			const char *comment)
{
	const char *owner = quote_identifier(
		GetUserNameFromId(spm_relation_owner(mapping->tables[SPM_ROLE_LINES]),
						  false));
	const char *quoted = quote_identifier(view);
	StringInfoData script;

	initStringInfo(&script);
	appendStringInfo(&script,
					 "CREATE OR REPLACE VIEW salesperf.%s"
					 " WITH (security_invoker = true) AS\n%s;"
					 "GRANT USAGE ON SCHEMA salesperf TO %s;"
					 "GRANT SELECT ON salesperf.order_split,"
					 " salesperf.exchange_rate, salesperf.setting,"
					 " salesperf.customer, salesperf.product TO %s;"
					 "GRANT SELECT ON salesperf.%s TO salesperf_reader, %s;"
					 "COMMENT ON VIEW salesperf.%s IS %s",
					 quoted,
					 query,
					 owner,
					 owner,
					 quoted,
					 owner,
					 quoted,
					 quote_literal_cstr(comment));

	/* Replacing keeps views over it; another key may need another view. */
	if (spm_guard(run_script, script.data) != NULL)
	{
		drop_view(view);
		spm_spi_utility(script.data);
	}
}

static void
run_script(void *script)
{
	spm_spi_utility(script);
}

/*
 * Tell all sessions that sources changed: what they keep of one may depend on
 * others, of whose documents it is a part.
 */
static void
announce(void)
{
	CacheInvalidateRelcacheByRelid(spm_relation_oid("source", false));
}

/* What the views of a source read. */
char *
spm_install_definition(const char *name)
{
	SpmArgs args = {1, {TEXTOID}, {CStringGetTextDatum(name)}};

	spm_spi_run("SELECT coalesce(string_agg("
				"pg_catalog.pg_get_viewdef(c.oid), '' ORDER BY c.relname), '')"
				" FROM pg_catalog.pg_class c"
				" WHERE c.relnamespace = 'salesperf'::pg_catalog.regnamespace"
				" AND c.relname IN ('source_' || $1, 'split_' || $1)",
				&args);
	return spm_spi_text(0, 1);
}

/* Drop the views of a source, which nothing may be left of. */
void
spm_install_drop_source_views(const char *name)
{
	drop_view(psprintf("source_%s", name));
	drop_view(psprintf("split_%s", name));
}

/* Drop a view, if it is there. */
static void
drop_view(const char *view)
{
	if (OidIsValid(spm_relation_oid(view, true)))
		spm_spi_utility(
			psprintf("DROP VIEW salesperf.%s", quote_identifier(view)));
}

/* Take all sources out of the common views, so that theirs can be made anew. */
void
spm_install_empty_views(void)
{
	const char *sales =
		"SELECT n.t, n.t, n.t, NULL::pg_catalog.date, n.t, n.t, n.t, n.t,"
		" n.t, n.t, n.a, n.a, n.a, n.a, n.a, n.a, n.t,"
		" NULL::pg_catalog.bool, NULL::pg_catalog.jsonb%s"
		" FROM (SELECT NULL::pg_catalog.text,"
		" NULL::pg_catalog.numeric(24,4)) AS n (t, a) WHERE false";

	replace_view("sale", SALE_VIEW_COLUMNS, psprintf(sales, ""));
	replace_view("credit",
				 CREDIT_VIEW_COLUMNS,
				 psprintf(sales,
						  ", NULL::pg_catalog.numeric(12,6),"
						  " NULL::pg_catalog.bool"));
}

/* Create the common views over all sources that have one. */
void
spm_install_views(void)
{
	uint64 count =
		spm_spi_run("SELECT name FROM salesperf.source ORDER BY name", NULL);
	char **names = palloc(count * sizeof(char *));
	StringInfoData sales;
	StringInfoData credits;

	initStringInfo(&sales);
	initStringInfo(&credits);
	for (uint64 row = 0; row < count; row++)
		names[row] = spm_spi_text(row, 1);

	/* Which sources there are is read under the active snapshot. */
	announce();
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	for (uint64 i = 0; i < count; i++)
	{
		const char *credits_of_source = credits_of(names[i]);

		if (!spm_install_has_view(names[i]))
			continue;
		if (sales.len > 0)
			appendStringInfoString(&sales, "\nUNION ALL\n");
		spm_mapping_presented(spm_source_view_name(names[i]), &sales);
		if (credits_of_source == NULL)
			continue;
		if (credits.len > 0)
			appendStringInfoString(&credits, "\nUNION ALL\n");
		appendStringInfoString(&credits, credits_of_source);
	}
	PopActiveSnapshot();
	if (sales.len > 0)
		replace_view("sale", SALE_VIEW_COLUMNS, by_indexes(sales.data));
	if (credits.len > 0)
		replace_view("credit", CREDIT_VIEW_COLUMNS, by_indexes(credits.data));
	spm_spi_utility("SELECT salesperf.describe_sale_views()");
}

/* The same query, for which the indexes of attached tables serve its keys. */
static char *
by_indexes(const char *query)
{
	return psprintf("SELECT s.* FROM (\n%s\n) AS s"
					" WHERE salesperf.use_source_indexes()",
					query);
}

/* The branches of view credit for a source; NULL if it can't be used. */
static const char *
credits_of(const char *name)
{
	CreditBranches branches = {.name = name};

	initStringInfo(&branches.query);
	if (!spm_install_has_view(name) ||
		spm_guard(append_credits, &branches) != NULL)
		return NULL;
	return branches.query.data;
}

static void
append_credits(void *argument)
{
	CreditBranches *branches = argument;

	spm_split_query_credits(&branches->query, spm_source_get(branches->name));
}

static void
replace_view(const char *view, const char *columns, const char *query)
{
	spm_spi_utility(psprintf("CREATE OR REPLACE VIEW salesperf.%s (%s)"
							 " WITH (security_invoker = true) AS\n%s",
							 view,
							 columns,
							 query));
}
