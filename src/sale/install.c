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
#include "utils/builtins.h"

#include "core/catalog.h"
#include "core/guard.h"
#include "core/lock.h"
#include "core/spi.h"
#include "sale/install.h"

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
	" ~ ('^salesperf_' || $1 || '_(insert|update|delete|truncate|row)$')"

static bool installing = false;

static void create_source_view(const SpmMapping *mapping);
static void run_script(void *script);
static SpmArgs trigger_arguments(const SpmMapping *mapping);
static void create_table_triggers(const SpmMapping *mapping, Oid table,
								  SpmRole role);
static void replace_sale_view(const char *query);

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
							   " AND t.tgrelid NOT IN ($2, $3)",
							   &args);

	for (uint64 row = 0; row < count; row++)
	{
		bool is_null;

		locks = spm_lock_add(locks,
							 DatumGetObjectId(spm_spi_datum(row, 1, &is_null)),
							 AccessExclusiveLock);
	}
	locks = spm_lock_add(locks, mapping->lines, mode);
	locks = spm_lock_add(locks, mapping->header, mode);
	locks = spm_lock_add(locks,
						 spm_relation_oid(psprintf("source_%s", mapping->name),
										  true),
						 AccessExclusiveLock);
	return spm_lock_add(locks,
						spm_relation_oid("sale", true),
						AccessExclusiveLock);
}

/* Create the view and the triggers of one source. */
void
spm_install_source(const SpmMapping *mapping)
{
	create_source_view(mapping);
	spm_install_triggers(mapping);
}

static void
create_source_view(const SpmMapping *mapping)
{
	StringInfoData query;
	const char *view = spm_source_view_name(mapping->name);
	const char *owner = quote_identifier(
		GetUserNameFromId(spm_relation_owner(mapping->lines), false));

	initStringInfo(&query);
	appendStringInfo(&query,
					 "CREATE OR REPLACE VIEW salesperf.%s"
					 " WITH (security_invoker = true) AS\n",
					 view);
	spm_mapping_canonical(mapping, &query);
	appendStringInfo(&query,
					 ";GRANT USAGE ON SCHEMA salesperf TO %s;"
					 "GRANT SELECT ON salesperf.%s TO salesperf_reader, %s;"
					 "COMMENT ON VIEW salesperf.%s IS %s",
					 owner,
					 view,
					 owner,
					 view,
					 quote_literal_cstr(
						 psprintf("sales of source %s, unrounded, what "
								  "figures are computed from",
								  mapping->name)));

	/* Replacing keeps views over it; another key may need another view. */
	if (spm_guard(run_script, query.data) != NULL)
	{
		if (spm_install_has_view(mapping->name))
			spm_spi_utility(psprintf("DROP VIEW salesperf.%s", view));
		spm_spi_utility(query.data);
	}
}

static void
run_script(void *script)
{
	spm_spi_utility(script);
}

/* Have the source's tables all their triggers, enabled? */
bool
spm_install_is_complete(const SpmMapping *mapping)
{
	SpmArgs args = trigger_arguments(mapping);
	int tables = OidIsValid(mapping->header) ? 2 : 1;

	return spm_spi_run("SELECT FROM pg_catalog.pg_trigger t"
					   " WHERE " TRIGGERS_OF_SOURCE " AND t.tgrelid IN ($2, $3)"
					   " AND t.tgenabled = CASE t.tgtype & 1"
					   " WHEN 1 THEN 'R' ELSE 'A' END",
					   &args) == lengthof(triggers) * tables;
}

/* Parameters of queries for the triggers of a source and on its tables. */
static SpmArgs
trigger_arguments(const SpmMapping *mapping)
{
	SpmArgs args = {3,
					{TEXTOID, OIDOID, OIDOID},
					{CStringGetTextDatum(mapping->name),
					 ObjectIdGetDatum(mapping->lines),
					 ObjectIdGetDatum(mapping->header)}};

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
		create_table_triggers(mapping, mapping->lines, SPM_ROLE_LINES);
		if (OidIsValid(mapping->header))
			create_table_triggers(mapping, mapping->header, SPM_ROLE_HEADER);
	}
	PG_FINALLY();
	{
		installing = false;
	}
	PG_END_TRY();
}

static void
create_table_triggers(const SpmMapping *mapping, Oid table, SpmRole role)
{
	const char *table_name = spm_qualified_name(table);

	for (int i = 0; i < lengthof(triggers); i++)
	{
		char *name =
			psprintf("salesperf_%s_%s", mapping->name, triggers[i].suffix);

		spm_spi_utility(psprintf("CREATE OR REPLACE TRIGGER %s AFTER %s ON %s"
								 " %s EXECUTE FUNCTION"
								 " salesperf.collect_changes(%s, %s)",
								 name,
								 triggers[i].event,
								 table_name,
								 triggers[i].level,
								 quote_literal_cstr(mapping->name),
								 quote_literal_cstr(spm_role_names[role])));
		spm_spi_utility(psprintf("ALTER TABLE %s ENABLE %s TRIGGER %s",
								 table_name,
								 triggers[i].enabled,
								 name));
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
							   " AND t.tgrelid NOT IN ($2, $3)",
							   &args);
	char **commands = palloc(count * sizeof(char *));

	for (uint64 row = 0; row < count; row++)
		commands[row] = spm_spi_text(row, 1);
	for (uint64 row = 0; row < count; row++)
		spm_spi_utility(commands[row]);
}

/* Take all sources out of view sale, so that their views can be made anew. */
void
spm_install_empty_sale_view(void)
{
	replace_sale_view(
		"SELECT n.t, n.t, n.t, NULL::pg_catalog.date, n.t, n.t, n.t, n.t,"
		" n.t, n.t, n.a, n.a, n.a, n.a, n.a, n.a, n.t,"
		" NULL::pg_catalog.bool, NULL::pg_catalog.jsonb"
		" FROM (SELECT NULL::pg_catalog.text,"
		" NULL::pg_catalog.numeric(24,4)) AS n (t, a) WHERE false");
}

/* Create view sale over all sources that have a view. */
void
spm_install_sale_view(void)
{
	uint64 count =
		spm_spi_run("SELECT name FROM salesperf.source ORDER BY name", NULL);
	StringInfoData query;

	initStringInfo(&query);
	for (uint64 row = 0; row < count; row++)
	{
		const char *name = spm_spi_text(row, 1);

		if (!spm_install_has_view(name))
			continue;
		if (query.len > 0)
			appendStringInfoString(&query, "\nUNION ALL\n");
		spm_mapping_presented(spm_source_view_name(name), &query);
	}
	if (query.len > 0)
		replace_sale_view(psprintf("SELECT s.* FROM (\n%s\n) AS s"
								   " WHERE salesperf.use_source_indexes()",
								   query.data));
	else
		spm_install_empty_sale_view();
	spm_spi_utility("SELECT salesperf.describe_sale_view()");
}

static void
replace_sale_view(const char *query)
{
	spm_spi_utility(
		psprintf("CREATE OR REPLACE VIEW salesperf.sale"
				 " (source, document, line, sold_on, customer, seller, unit,"
				 " product, branch, sale_type, quantity, gross, net, cost,"
				 " margin, revenue, currency, counts, attributes)"
				 " WITH (security_invoker = true) AS\n%s",
				 query));
}
