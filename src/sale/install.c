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

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/snapmgr.h"

#include "core/catalog.h"
#include "core/guard.h"
#include "core/lock.h"
#include "core/spi.h"
#include "sale/install.h"
#include "sale/split_query.h"

/* A trigger of an attached table. */
typedef struct SpmTrigger
{
	const char *suffix;
	const char *event;
	const char *level;
	const char *enabled;
} SpmTrigger;

/*
 * Statement triggers fire whatever session_replication_role says.  Logical
 * replication fires none of them but for TRUNCATE: the trigger for rows is
 * for it, and does not fire otherwise.
 */
static const SpmTrigger triggers[] = {
	{"insert",
	 "INSERT",
	 "REFERENCING NEW TABLE AS salesperf_new FOR EACH STATEMENT",
	 "ALWAYS"},
	{"update",
	 "UPDATE",
	 "REFERENCING OLD TABLE AS salesperf_old NEW TABLE AS salesperf_new"
	 " FOR EACH STATEMENT",
	 "ALWAYS"},
	{"delete",
	 "DELETE",
	 "REFERENCING OLD TABLE AS salesperf_old FOR EACH STATEMENT",
	 "ALWAYS"},
	{"truncate", "TRUNCATE", "FOR EACH STATEMENT", "ALWAYS"},
	{"row", "INSERT OR UPDATE OR DELETE", "FOR EACH ROW", "REPLICA"},
};

/* The triggers of source $1. */
#define TRIGGERS_OF_SOURCE                                                     \
	"t.tgfoid = 'salesperf.collect_changes()'::pg_catalog.regprocedure"        \
	" AND t.tgname::pg_catalog.text"                                           \
	" ~ ('^salesperf_' || $1 || '([$](splits|lookup_[1-8]))?'"                 \
	" || '_(insert|update|delete|truncate|row)$')"

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

static bool installing = false;

static void create_view(const SpmMapping *mapping, const char *view,
						const char *query, const char *comment);
static void run_script(void *script);
static void drop_view(const char *view);
static SpmArgs trigger_arguments(const SpmMapping *mapping);
static void create_table_triggers(const SpmMapping *mapping, SpmRole role);
static void replace_view(const char *view, const char *columns,
						 const char *query);
static char *by_indexes(const char *query);
static const char *credits_of(const char *name);
static void append_credits(void *argument);

/* Has the source of that name its view? */
bool
spm_install_has_view(const char *name)
{
	return OidIsValid(spm_relation_oid(psprintf("source_%s", name), true));
}

/*
 * Add the locks that a change of a source takes: on its tables, in that mode,
 * on other tables that have triggers of it, and on the views.
 */
List *
spm_install_locks(List *locks, const SpmMapping *mapping, LOCKMODE mode)
{
	SpmArgs args = trigger_arguments(mapping);
	uint64 count = spm_spi_run("SELECT DISTINCT t.tgrelid"
							   " FROM pg_catalog.pg_trigger t"
							   " WHERE " TRIGGERS_OF_SOURCE
							   " AND t.tgrelid <> ALL ($2)",
							   &args);
	static const char *const views[] = {"sale", "credit"};

	for (uint64 row = 0; row < count; row++)
	{
		bool is_null;

		locks = spm_lock_add(locks,
							 DatumGetObjectId(spm_spi_datum(row, 1, &is_null)),
							 AccessExclusiveLock);
	}
	for (int role = 0; role < SPM_ROLE_COUNT; role++)
		locks = spm_lock_add(locks, mapping->tables[role], mode);
	locks = spm_lock_add(locks,
						 spm_relation_oid(psprintf("source_%s", mapping->name),
										  true),
						 AccessExclusiveLock);
	locks = spm_lock_add(locks,
						 spm_relation_oid(psprintf("split_%s", mapping->name),
										  true),
						 AccessExclusiveLock);
	for (int i = 0; i < lengthof(views); i++)
		locks = spm_lock_add(locks,
							 spm_relation_oid(views[i], true),
							 AccessExclusiveLock);
	return locks;
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

/* Tell all sessions that the source whose documents have lines changed. */
void
spm_install_announce(const char *root)
{
	if (root != NULL && spm_install_has_view(root))
		CacheInvalidateRelcacheByRelid(
			spm_relation_oid(psprintf("source_%s", root), false));
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

/* Have the source's tables all their triggers, enabled? */
bool
spm_install_is_complete(const SpmMapping *mapping)
{
	SpmArgs args = trigger_arguments(mapping);
	int tables = 0;

	for (int role = 0; role < SPM_ROLE_COUNT; role++)
		tables += OidIsValid(mapping->tables[role]);
	return spm_spi_run("SELECT FROM pg_catalog.pg_trigger t"
					   " WHERE " TRIGGERS_OF_SOURCE " AND t.tgrelid = ANY ($2)"
					   " AND t.tgenabled = CASE t.tgtype & 1"
					   " WHEN 1 THEN 'R' ELSE 'A' END",
					   &args) == lengthof(triggers) * tables;
}

/* Parameters of queries for the triggers of a source and on its tables. */
static SpmArgs
trigger_arguments(const SpmMapping *mapping)
{
	Datum tables[SPM_ROLE_COUNT];
	SpmArgs args = {2,
					{TEXTOID, OIDARRAYOID},
					{CStringGetTextDatum(mapping->name)}};

	for (int role = 0; role < SPM_ROLE_COUNT; role++)
		tables[role] = ObjectIdGetDatum(mapping->tables[role]);
	args.values[1] = PointerGetDatum(construct_array(tables,
													 SPM_ROLE_COUNT,
													 OIDOID,
													 sizeof(Oid),
													 true,
													 TYPALIGN_INT));
	return args;
}

/* Are triggers being made?  Until all are there a source is not complete. */
bool
spm_install_is_under_way(void)
{
	return installing;
}

void
spm_install_triggers(const SpmMapping *mapping)
{
	installing = true;
	PG_TRY();
	{
		for (int role = 0; role < SPM_ROLE_COUNT; role++)
			if (OidIsValid(mapping->tables[role]))
				create_table_triggers(mapping, role);
	}
	PG_FINALLY();
	{
		installing = false;
	}
	PG_END_TRY();
}

static void
create_table_triggers(const SpmMapping *mapping, SpmRole role)
{
	const char *table_name = spm_qualified_name(mapping->tables[role]);
	const char *suffix =
		role < SPM_ROLE_SPLITS ? "" : psprintf("$%s", spm_role_names[role]);

	for (int i = 0; i < lengthof(triggers); i++)
	{
		char *name = psprintf("salesperf_%s%s_%s",
							  mapping->name,
							  suffix,
							  triggers[i].suffix);

		spm_spi_utility(
			psprintf("CREATE OR REPLACE TRIGGER %s AFTER %s ON %s"
					 " %s EXECUTE FUNCTION"
					 " salesperf.collect_changes(%s, %s, %s)",
					 name,
					 triggers[i].event,
					 table_name,
					 triggers[i].level,
					 quote_literal_cstr(mapping->name),
					 quote_literal_cstr(spm_role_names[role]),
					 quote_literal_cstr(spm_mapping_root(mapping))));
		spm_spi_utility(psprintf("ALTER TABLE %s ENABLE %s TRIGGER %s;"
								 "COMMENT ON TRIGGER %s ON %s IS"
								 " 'notes which documents a change concerns'",
								 table_name,
								 triggers[i].enabled,
								 name,
								 name,
								 table_name));
	}
}

/* Drop the triggers of a source wherever they are but on its tables. */
void
spm_install_drop_other_triggers(const SpmMapping *mapping)
{
	SpmArgs args = trigger_arguments(mapping);
	uint64 count = spm_spi_run("SELECT format('DROP TRIGGER %I ON %s',"
							   " t.tgname, t.tgrelid::pg_catalog.regclass)"
							   " FROM pg_catalog.pg_trigger t"
							   " WHERE " TRIGGERS_OF_SOURCE
							   " AND t.tgrelid <> ALL ($2)",
							   &args);
	char **commands = palloc(count * sizeof(char *));

	for (uint64 row = 0; row < count; row++)
		commands[row] = spm_spi_text(row, 1);
	for (uint64 row = 0; row < count; row++)
		spm_spi_utility(commands[row]);
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
	PushCopiedSnapshot(GetActiveSnapshot());
	UpdateActiveSnapshotCommandId();
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
	CreditBranches branches = {name};

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
