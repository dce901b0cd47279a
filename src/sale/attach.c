/*-------------------------------------------------------------------------
 *
 * attach.c
 *	  attach_source() and detach_source(): make an ERP's table a source.
 *
 * The mapping is a row of table source.  From it are made view source_<name>
 * (the canonical rows, what figures are computed from), a branch of view
 * sale, and the triggers that collect the documents touched.
 *
 * Once made, a view follows a renamed table or column, which the text of the
 * mapping does not: view sale is made from the sources' views, and a text is
 * read again only for the source that it belongs to.
 *
 * The row is written before the ERP's table is locked: its triggers wait for
 * a build that runs, which may take long.
 *
 * src/sale/attach.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/varlena.h"

#include "core/catalog.h"
#include "core/export.h"
#include "core/guard.h"
#include "core/lock.h"
#include "core/spi.h"
#include "sale/mapping.h"
#include "sale/source.h"

SPM_FUNCTION_INFO_V1(spm_attach_source);
SPM_FUNCTION_INFO_V1(spm_detach_source);
SPM_FUNCTION_INFO_V1(spm_restore_sources);

/* A trigger of an attached table. */
typedef struct SpmTrigger
{
	const char *suffix;
	const char *event;
	const char *tables;
} SpmTrigger;

static const SpmTrigger triggers[] = {
	{"insert", "INSERT", "REFERENCING NEW TABLE AS salesperf_new"},
	{"update",
	 "UPDATE",
	 "REFERENCING OLD TABLE AS salesperf_old NEW TABLE AS salesperf_new"},
	{"delete", "DELETE", "REFERENCING OLD TABLE AS salesperf_old"},
	{"truncate", "TRUNCATE", ""},
};

/* The triggers of source $1. */
#define TRIGGERS_OF_SOURCE                                                     \
	"t.tgfoid = 'salesperf.collect_changes()'::pg_catalog.regprocedure"        \
	" AND t.tgname::pg_catalog.text"                                           \
	" ~ ('^salesperf_' || $1 || '_(insert|update|delete|truncate)$')"

static Oid resolve_table(const char *name);
static void check_table(Oid lines);
static void store(const SpmMapping *mapping, const char *table);
static void touch(const char *name);
static SpmMapping *load_mappings(uint64 *count);
static bool has_view(const char *name);
static void restore(SpmMapping *mapping);
static void check(void *mapping);
static List *add_locks(List *locks, const char *name, Oid lines, LOCKMODE mode);
static void install(const SpmMapping *mapping);
static void create_source_view(const SpmMapping *mapping);
static bool has_triggers(const SpmMapping *mapping);
static void create_triggers(const SpmMapping *mapping);
static void drop_triggers(const char *name, Oid but_not_of);
static void create_empty_sale_view(void);
static void create_sale_view(void);
static void replace_sale_view(const char *query);
static char *qualified_name(Oid relation);

/* attach_source(name, lines, expressions in the order of spm_fields) */
Datum
spm_attach_source(PG_FUNCTION_ARGS)
{
	SpmMapping mapping = {0};

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" of attach_source is required",
						PG_ARGISNULL(0) ? "name" : "lines")));
	mapping.name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	mapping.lines = resolve_table(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	for (int i = 0; i < SPM_FIELD_COUNT; i++)
	{
		if (!PG_ARGISNULL(i + 2))
			mapping.expressions[i] = text_to_cstring(PG_GETARG_TEXT_PP(i + 2));
		else if (spm_fields[i].required)
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument \"%s\" of attach_source is required",
							spm_fields[i].name)));
	}
	check_table(mapping.lines);
	spm_mapping_check(&mapping);
	spm_mapping_require_index(&mapping);

	spm_spi_begin();
	store(&mapping, qualified_name(mapping.lines));
	spm_lock_patiently(
		add_locks(NIL, mapping.name, mapping.lines, ShareRowExclusiveLock));
	drop_triggers(mapping.name, mapping.lines);
	create_empty_sale_view();
	install(&mapping);
	create_sale_view();
	spm_spi_end();
	PG_RETURN_VOID();
}

/* detach_source(name) */
Datum
spm_detach_source(PG_FUNCTION_ARGS)
{
	SpmArgs args = {1, {TEXTOID}, {PG_GETARG_DATUM(0)}};
	char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));

	spm_spi_begin();
	if (spm_spi_run("DELETE FROM salesperf.source WHERE name = $1 RETURNING 1",
					&args) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("source \"%s\" does not exist", name)));
	spm_lock_patiently(add_locks(NIL, name, InvalidOid, NoLock));
	drop_triggers(name, InvalidOid);
	create_empty_sale_view();
	spm_spi_utility(psprintf("DROP VIEW IF EXISTS salesperf.%s",
							 spm_source_view_name(name)));
	create_sale_view();
	spm_spi_end();
	PG_RETURN_VOID();
}

/* restore_sources(): what setup() finds missing after a DROP EXTENSION. */
Datum
spm_restore_sources(PG_FUNCTION_ARGS)
{
	uint64 count;
	List *locks = NIL;
	SpmMapping *all;
	spm_spi_begin();
	all = load_mappings(&count);
	for (uint64 i = 0; i < count; i++)
		locks =
			add_locks(locks, all[i].name, all[i].lines, ShareRowExclusiveLock);
	spm_lock_patiently(locks);
	create_empty_sale_view();
	for (uint64 i = 0; i < count; i++)
		restore(&all[i]);
	create_sale_view();
	spm_spi_end();
	PG_RETURN_VOID();
}

/* OID of the table that an argument names. */
static Oid
resolve_table(const char *name)
{
	RangeVar *range = makeRangeVarFromNameList(
		textToQualifiedNameList(cstring_to_text(name)));
	Oid table = RangeVarGetRelid(range, NoLock, true);

	if (!OidIsValid(table))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table \"%s\" of argument \"lines\" does not exist",
						name),
				 range->schemaname ? 0
								   : errhint("Qualify it with its schema.")));
	return table;
}

/* Refuse what triggers with transition tables can't follow. */
static void
check_table(Oid lines)
{
	Relation table = table_open(lines, AccessShareLock);

	if (table->rd_rel->relkind != RELKIND_RELATION ||
		table->rd_rel->relpersistence != RELPERSISTENCE_PERMANENT ||
		table->rd_rel->relispartition ||
		find_inheritance_children(lines, NoLock) != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" cannot be a source",
						RelationGetRelationName(table)),
				 errdetail("Only ordinary tables that are neither temporary "
						   "nor unlogged nor partitioned nor inherited from "
						   "can.")));
	table_close(table, AccessShareLock);
}

/* Write the row of table source. */
static void
store(const SpmMapping *mapping, const char *table)
{
	StringInfoData columns;
	StringInfoData values;
	StringInfoData changes;

	initStringInfo(&columns);
	initStringInfo(&values);
	initStringInfo(&changes);
	for (int i = 0; i < SPM_FIELD_COUNT; i++)
	{
		const char *text = mapping->expressions[i];

		appendStringInfo(&columns, ", %s", spm_fields[i].name);
		appendStringInfo(&values,
						 ", %s",
						 text ? quote_literal_cstr(text) : "NULL");
		appendStringInfo(&changes,
						 ", %s = excluded.%s",
						 spm_fields[i].name,
						 spm_fields[i].name);
	}
	spm_spi_run(psprintf("INSERT INTO salesperf.source (name, lines%s)"
						 " VALUES (%s, %s%s)"
						 " ON CONFLICT (name) DO UPDATE"
						 " SET lines = excluded.lines%s",
						 columns.data,
						 quote_literal_cstr(mapping->name),
						 quote_literal_cstr(table),
						 values.data,
						 changes.data),
				NULL);
}

/* Write a row of table source again, so that its triggers see a change. */
static void
touch(const char *name)
{
	SpmArgs args = {1, {TEXTOID}, {CStringGetTextDatum(name)}};

	spm_spi_run("UPDATE salesperf.source SET lines = lines WHERE name = $1",
				&args);
}

/*
 * All mappings in order of name, unchecked.  The table is the one that the
 * source's view reads, or, without a view, the one of that name, if any.
 */
static SpmMapping *
load_mappings(uint64 *count)
{
	StringInfoData query;
	SpmMapping *mappings;

	initStringInfo(&query);
	appendStringInfoString(&query, "SELECT name, lines");
	for (int i = 0; i < SPM_FIELD_COUNT; i++)
		appendStringInfo(&query, ", %s", spm_fields[i].name);
	appendStringInfoString(&query, " FROM salesperf.source ORDER BY name");
	*count = spm_spi_run(query.data, NULL);
	mappings = palloc0(*count * sizeof(SpmMapping));
	for (uint64 row = 0; row < *count; row++)
	{
		SpmMapping *mapping = &mappings[row];
		List *table =
			textToQualifiedNameList(cstring_to_text(spm_spi_text(row, 2)));

		mapping->name = spm_spi_text(row, 1);
		mapping->lines =
			RangeVarGetRelid(makeRangeVarFromNameList(table), NoLock, true);
		for (int i = 0; i < SPM_FIELD_COUNT; i++)
			mapping->expressions[i] = spm_spi_text(row, i + 3);
	}
	for (uint64 i = 0; i < *count; i++)
		if (has_view(mappings[i].name))
			mappings[i].lines = spm_source_get(mappings[i].name)->lines;
	return mappings;
}

/* Has the source of that name its view? */
static bool
has_view(const char *name)
{
	return OidIsValid(spm_relation_oid(psprintf("source_%s", name), true));
}

/*
 * Create the view and the triggers of a source again.  If its text does not
 * fit the table any more, a view that is there stays.
 */
static void
restore(SpmMapping *mapping)
{
	char *message =
		psprintf("table of source \"%s\" does not exist", mapping->name);

	if (OidIsValid(mapping->lines))
	{
		if (!has_triggers(mapping))
			touch(mapping->name);
		message = spm_guard(check, mapping);
		if (message == NULL)
			install(mapping);
		else if (has_view(mapping->name))
			create_triggers(mapping);
	}
	if (message != NULL)
		ereport(WARNING,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("could not restore source \"%s\"", mapping->name),
				 errdetail_internal("%s", message),
				 errhint("Attach the source again, or detach it.")));
}

static void
check(void *mapping)
{
	spm_mapping_check(mapping);
}

/*
 * Add the locks that a change of a source takes: on its table, in that mode,
 * on other tables that have triggers of it, and on the views.
 */
static List *
add_locks(List *locks, const char *name, Oid lines, LOCKMODE mode)
{
	SpmArgs args = {2,
					{TEXTOID, OIDOID},
					{CStringGetTextDatum(name), ObjectIdGetDatum(lines)}};
	uint64 count = spm_spi_run("SELECT DISTINCT t.tgrelid"
							   " FROM pg_catalog.pg_trigger t"
							   " WHERE " TRIGGERS_OF_SOURCE
							   " AND t.tgrelid <> $2",
							   &args);

	for (uint64 row = 0; row < count; row++)
	{
		bool is_null;

		locks = spm_lock_add(locks,
							 DatumGetObjectId(spm_spi_datum(row, 1, &is_null)),
							 AccessExclusiveLock);
	}
	locks = spm_lock_add(locks, lines, mode);
	locks = spm_lock_add(locks,
						 spm_relation_oid(psprintf("source_%s", name), true),
						 AccessExclusiveLock);
	return spm_lock_add(locks,
						spm_relation_oid("sale", true),
						AccessExclusiveLock);
}

/* Create the view and the triggers of one source. */
static void
install(const SpmMapping *mapping)
{
	create_source_view(mapping);
	create_triggers(mapping);
}

static void
create_source_view(const SpmMapping *mapping)
{
	StringInfoData query;
	const char *view = spm_source_view_name(mapping->name);
	const char *owner = quote_identifier(
		GetUserNameFromId(spm_relation_owner(mapping->lines), false));

	initStringInfo(&query);
	if (has_view(mapping->name))
		appendStringInfo(&query, "DROP VIEW salesperf.%s;", view);
	appendStringInfo(&query,
					 "CREATE VIEW salesperf.%s"
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
	spm_spi_utility(query.data);
}

/* Has the source's table all its triggers, enabled? */
static bool
has_triggers(const SpmMapping *mapping)
{
	SpmArgs args = {2,
					{TEXTOID, OIDOID},
					{CStringGetTextDatum(mapping->name),
					 ObjectIdGetDatum(mapping->lines)}};

	return spm_spi_run("SELECT FROM pg_catalog.pg_trigger t"
					   " WHERE " TRIGGERS_OF_SOURCE
					   " AND t.tgrelid = $2 AND t.tgenabled IN ('O', 'A')",
					   &args) == lengthof(triggers);
}

static void
create_triggers(const SpmMapping *mapping)
{
	for (int i = 0; i < lengthof(triggers); i++)
		spm_spi_utility(
			psprintf("CREATE OR REPLACE TRIGGER salesperf_%s_%s"
					 " AFTER %s ON %s %s FOR EACH STATEMENT"
					 " EXECUTE FUNCTION salesperf.collect_changes(%s)",
					 mapping->name,
					 triggers[i].suffix,
					 triggers[i].event,
					 qualified_name(mapping->lines),
					 triggers[i].tables,
					 quote_literal_cstr(mapping->name)));
}

/* Drop the triggers of a source wherever they are, but not of one table. */
static void
drop_triggers(const char *name, Oid but_not_of)
{
	SpmArgs args = {2,
					{TEXTOID, OIDOID},
					{CStringGetTextDatum(name), ObjectIdGetDatum(but_not_of)}};
	uint64 count = spm_spi_run("SELECT format('DROP TRIGGER %I ON %s',"
							   " t.tgname, t.tgrelid::pg_catalog.regclass)"
							   " FROM pg_catalog.pg_trigger t"
							   " WHERE " TRIGGERS_OF_SOURCE
							   " AND t.tgrelid <> $2",
							   &args);
	char **commands = palloc(count * sizeof(char *));

	for (uint64 row = 0; row < count; row++)
		commands[row] = spm_spi_text(row, 1);
	for (uint64 row = 0; row < count; row++)
		spm_spi_utility(commands[row]);
}

/* Take all sources out of view sale, so that their views can be made anew. */
static void
create_empty_sale_view(void)
{
	replace_sale_view(
		"SELECT n.t, n.t, n.t, NULL::pg_catalog.date, n.t, n.t, n.t, n.t,"
		" n.t, n.t, n.a, n.a, n.a, n.a, n.a, n.a, n.t,"
		" NULL::pg_catalog.bool, NULL::pg_catalog.jsonb"
		" FROM (SELECT NULL::pg_catalog.text,"
		" NULL::pg_catalog.numeric(24,4)) AS n (t, a) WHERE false");
}

/* Create view sale over all sources that have a view. */
static void
create_sale_view(void)
{
	uint64 count =
		spm_spi_run("SELECT name FROM salesperf.source ORDER BY name", NULL);
	StringInfoData query;

	initStringInfo(&query);
	for (uint64 row = 0; row < count; row++)
	{
		const char *name = spm_spi_text(row, 1);

		if (!has_view(name))
			continue;
		if (query.len > 0)
			appendStringInfoString(&query, "\nUNION ALL\n");
		spm_mapping_presented(spm_source_view_name(name), &query);
	}
	if (query.len > 0)
		replace_sale_view(query.data);
	else
		create_empty_sale_view();
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

static char *
qualified_name(Oid relation)
{
	return quote_qualified_identifier(get_namespace_name(
										  get_rel_namespace(relation)),
									  get_rel_name(relation));
}
