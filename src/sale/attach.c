/*-------------------------------------------------------------------------
 *
 * attach.c
 *	  attach_source() and detach_source(): make an ERP's table a source.
 *
 * The mapping is a row of table source.  From it are made view source_<name>
 * (the canonical rows, what figures are computed from), a branch of view
 * sale, and the triggers that collect the documents touched.
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
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/varlena.h"

#include "core/catalog.h"
#include "core/export.h"
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

/* Arguments of attach_source() before the expressions. */
enum
{
	ARG_NAME,
	ARG_LINES,
	ARG_HEADER,
	ARG_JOIN_ON,
	ARG_FIELDS
};

static void read_arguments(FunctionCallInfo fcinfo, SpmMapping *mapping);
static char *text_argument(FunctionCallInfo fcinfo, int number);
static void require_argument(const void *value, const char *name);
static Oid resolve_table(const char *argument, const char *name);
static void check_table(Oid lines);
static void store(const SpmMapping *mapping);
static const char *literal(const char *text);
static void touch(const char *name);
static SpmMapping *load_mappings(uint64 *count);
static Oid known_table(const char *name);
static void install(const SpmMapping *mapping);
static void create_source_view(const SpmMapping *mapping);
static bool has_triggers(const SpmMapping *mapping);
static void create_triggers(const SpmMapping *mapping);
static void create_table_triggers(const SpmMapping *mapping, Oid table,
								  SpmRole role);
static void drop_triggers(const SpmMapping *mapping);
static void create_sale_view(const SpmMapping *mappings, uint64 count);

/* attach_source(name, lines, header, join_on, expressions as spm_fields) */
Datum
spm_attach_source(PG_FUNCTION_ARGS)
{
	SpmMapping mapping = {0};
	SpmMapping *all;
	uint64 count;

	read_arguments(fcinfo, &mapping);
	check_table(mapping.lines);
	if (OidIsValid(mapping.header))
		check_table(mapping.header);
	spm_mapping_check(&mapping);
	spm_mapping_require_indexes(&mapping);

	spm_spi_begin();
	all = load_mappings(&count);
	for (uint64 i = 0; i < count; i++)
		if (strcmp(all[i].name, mapping.name) == 0 &&
			(all[i].lines != mapping.lines || all[i].header != mapping.header))
			drop_triggers(&all[i]);
	store(&mapping);
	install(&mapping);
	all = load_mappings(&count);
	create_sale_view(all, count);
	spm_spi_end();
	PG_RETURN_VOID();
}

/* detach_source(name) */
Datum
spm_detach_source(PG_FUNCTION_ARGS)
{
	SpmArgs args = {1, {TEXTOID}, {PG_GETARG_DATUM(0)}};
	char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	SpmMapping *all;
	uint64 count;

	spm_spi_begin();
	all = load_mappings(&count);
	if (spm_spi_run("DELETE FROM salesperf.source WHERE name = $1 RETURNING 1",
					&args) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("source \"%s\" does not exist", name)));
	for (uint64 i = 0; i < count; i++)
		if (strcmp(all[i].name, name) == 0)
			drop_triggers(&all[i]);
	spm_spi_utility(psprintf("DROP VIEW IF EXISTS salesperf.%s",
							 spm_source_view_name(name)));
	all = load_mappings(&count);
	create_sale_view(all, count);
	spm_spi_end();
	PG_RETURN_VOID();
}

/* restore_sources(): what setup() finds missing after a DROP EXTENSION. */
Datum
spm_restore_sources(PG_FUNCTION_ARGS)
{
	uint64 count;
	SpmMapping *all;

	spm_spi_begin();
	all = load_mappings(&count);
	for (uint64 i = 0; i < count; i++)
	{
		if (!has_triggers(&all[i]))
			touch(all[i].name);
		install(&all[i]);
	}
	create_sale_view(all, count);
	spm_spi_end();
	PG_RETURN_VOID();
}

/* Fill in the mapping that attach_source() was called with. */
static void
read_arguments(FunctionCallInfo fcinfo, SpmMapping *mapping)
{
	char *lines = text_argument(fcinfo, ARG_LINES);
	char *header = text_argument(fcinfo, ARG_HEADER);

	mapping->name = text_argument(fcinfo, ARG_NAME);
	require_argument(mapping->name, "name");
	require_argument(lines, "lines");
	mapping->lines = resolve_table("lines", lines);
	mapping->join_on = text_argument(fcinfo, ARG_JOIN_ON);
	if (header != NULL)
	{
		require_argument(mapping->join_on, "join_on");
		mapping->header = resolve_table("header", header);
	}
	else if (mapping->join_on != NULL)
		require_argument(header, "header");
	if (mapping->header == mapping->lines)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("lines and header cannot be the same table")));
	for (int i = 0; i < SPM_FIELD_COUNT; i++)
	{
		mapping->expressions[i] = text_argument(fcinfo, ARG_FIELDS + i);
		if (spm_fields[i].required)
			require_argument(mapping->expressions[i], spm_fields[i].name);
	}
}

/* An argument as a string, NULL for null. */
static char *
text_argument(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? NULL
								: text_to_cstring(PG_GETARG_TEXT_PP(number));
}

static void
require_argument(const void *value, const char *name)
{
	if (value == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" of attach_source is required",
						name)));
}

/* OID of the table that an argument names. */
static Oid
resolve_table(const char *argument, const char *name)
{
	RangeVar *range =
		makeRangeVarFromNameList(textToQualifiedNameList(cstring_to_text(name)));
	Oid table = RangeVarGetRelid(range, NoLock, true);

	if (!OidIsValid(table))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table \"%s\" of argument \"%s\" does not exist",
						name,
						argument),
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
		table->rd_rel->relpersistence == RELPERSISTENCE_TEMP ||
		table->rd_rel->relispartition || table->rd_rel->relhassubclass)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" cannot be a source",
						RelationGetRelationName(table)),
				 errdetail("Only ordinary tables that are neither temporary "
						   "nor partitioned nor inherited from can.")));
	table_close(table, AccessShareLock);
}

/* Write the row of table source. */
static void
store(const SpmMapping *mapping)
{
	StringInfoData columns;
	StringInfoData values;
	StringInfoData changes;

	initStringInfo(&columns);
	initStringInfo(&values);
	initStringInfo(&changes);
	appendStringInfo(&values,
					 "%s, %s, %s, %s",
					 quote_literal_cstr(mapping->name),
					 literal(spm_qualified_name(mapping->lines)),
					 OidIsValid(mapping->header)
						 ? literal(spm_qualified_name(mapping->header))
						 : "NULL",
					 literal(mapping->join_on));
	for (int i = 0; i < SPM_FIELD_COUNT; i++)
	{
		appendStringInfo(&columns, ", %s", spm_fields[i].name);
		appendStringInfo(&values, ", %s", literal(mapping->expressions[i]));
		appendStringInfo(&changes,
						 ", %s = excluded.%s",
						 spm_fields[i].name,
						 spm_fields[i].name);
	}
	spm_spi_run(psprintf("INSERT INTO salesperf.source"
						 " (name, lines, header, join_on%s)"
						 " VALUES (%s)"
						 " ON CONFLICT (name) DO UPDATE"
						 " SET lines = excluded.lines,"
						 " header = excluded.header,"
						 " join_on = excluded.join_on%s",
						 columns.data,
						 values.data,
						 changes.data),
				NULL);
}

/* Text as an SQL literal. */
static const char *
literal(const char *text)
{
	return text ? quote_literal_cstr(text) : "NULL";
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
 * All mappings in order of name.  One whose table is gone is left out with a
 * warning: what other sources sold must still be there.
 */
static SpmMapping *
load_mappings(uint64 *count)
{
	StringInfoData query;
	uint64 rows;
	SpmMapping *mappings;

	initStringInfo(&query);
	appendStringInfoString(&query, "SELECT name, lines, header, join_on");
	for (int i = 0; i < SPM_FIELD_COUNT; i++)
		appendStringInfo(&query, ", %s", spm_fields[i].name);
	appendStringInfoString(&query, " FROM salesperf.source ORDER BY name");
	rows = spm_spi_run(query.data, NULL);
	mappings = palloc0(rows * sizeof(SpmMapping));
	*count = 0;
	for (uint64 row = 0; row < rows; row++)
	{
		SpmMapping *mapping = &mappings[*count];
		char *header = spm_spi_text(row, 1 + ARG_HEADER);

		mapping->name = spm_spi_text(row, 1 + ARG_NAME);
		mapping->lines = known_table(spm_spi_text(row, 1 + ARG_LINES));
		mapping->header = header ? known_table(header) : InvalidOid;
		mapping->join_on = spm_spi_text(row, 1 + ARG_JOIN_ON);
		for (int i = 0; i < SPM_FIELD_COUNT; i++)
			mapping->expressions[i] = spm_spi_text(row, 1 + ARG_FIELDS + i);
		if (OidIsValid(mapping->lines) &&
			OidIsValid(mapping->header) == (header != NULL))
			(*count)++;
		else
			ereport(WARNING,
					(errcode(ERRCODE_UNDEFINED_TABLE),
					 errmsg("a table of source \"%s\" does not exist",
							mapping->name),
					 errhint("Attach the source again, or detach it.")));
	}
	for (uint64 i = 0; i < *count; i++)
		spm_mapping_check(&mappings[i]);
	return mappings;
}

/* OID of a table, InvalidOid if it is gone. */
static Oid
known_table(const char *name)
{
	return RangeVarGetRelid(makeRangeVarFromNameList(textToQualifiedNameList(
								cstring_to_text(name))),
							NoLock,
							true);
}

/* Create the view and the triggers of one source. */
static void
install(const SpmMapping *mapping)
{
	spm_lock_patiently(mapping->lines, ShareRowExclusiveLock);
	if (OidIsValid(mapping->header))
		spm_lock_patiently(mapping->header, ShareRowExclusiveLock);
	create_source_view(mapping);
	create_triggers(mapping);
}

static void
create_source_view(const SpmMapping *mapping)
{
	StringInfoData query;
	const char *view = spm_source_view_name(mapping->name);

	initStringInfo(&query);
	if (OidIsValid(
			spm_relation_oid(psprintf("source_%s", mapping->name), true)))
		appendStringInfo(&query, "DROP VIEW salesperf.%s;", view);
	appendStringInfo(&query,
					 "CREATE VIEW salesperf.%s"
					 " WITH (security_invoker = true) AS\n",
					 view);
	spm_mapping_canonical(mapping, &query);
	appendStringInfo(&query,
					 ";GRANT SELECT ON salesperf.%s TO salesperf_reader;"
					 "COMMENT ON VIEW salesperf.%s IS %s",
					 view,
					 view,
					 quote_literal_cstr(
						 psprintf("sales of source %s, unrounded, what "
								  "figures are computed from",
								  mapping->name)));
	spm_spi_utility(query.data);
}

/* Have the source's tables all their triggers, enabled? */
static bool
has_triggers(const SpmMapping *mapping)
{
	SpmArgs args = {3,
					{OIDOID, OIDOID, TEXTOID},
					{ObjectIdGetDatum(mapping->lines),
					 ObjectIdGetDatum(mapping->header),
					 CStringGetTextDatum(mapping->name)}};
	int tables = OidIsValid(mapping->header) ? 2 : 1;

	return spm_spi_run("SELECT FROM pg_catalog.pg_trigger t"
					   " WHERE t.tgrelid IN ($1, $2)"
					   " AND t.tgenabled IN ('O', 'A')"
					   " AND t.tgfoid = 'salesperf.collect_changes()'"
					   "::pg_catalog.regprocedure"
					   " AND starts_with(t.tgname::pg_catalog.text,"
					   " 'salesperf_' || $3 || '_')",
					   &args) == lengthof(triggers) * tables;
}

static void
create_triggers(const SpmMapping *mapping)
{
	create_table_triggers(mapping, mapping->lines, SPM_ROLE_LINES);
	if (OidIsValid(mapping->header))
		create_table_triggers(mapping, mapping->header, SPM_ROLE_HEADER);
}

static void
create_table_triggers(const SpmMapping *mapping, Oid table, SpmRole role)
{
	for (int i = 0; i < lengthof(triggers); i++)
		spm_spi_utility(psprintf("CREATE OR REPLACE TRIGGER salesperf_%s_%s"
								 " AFTER %s ON %s %s FOR EACH STATEMENT EXECUTE"
								 " FUNCTION salesperf.collect_changes(%s, %s)",
								 mapping->name,
								 triggers[i].suffix,
								 triggers[i].event,
								 spm_qualified_name(table),
								 triggers[i].tables,
								 quote_literal_cstr(mapping->name),
								 quote_literal_cstr(spm_role_names[role])));
}

static void
drop_triggers(const SpmMapping *mapping)
{
	Oid tables[] = {mapping->lines, mapping->header};

	for (int table = 0; table < lengthof(tables); table++)
		for (int i = 0; OidIsValid(tables[table]) && i < lengthof(triggers);
			 i++)
			spm_spi_utility(
				psprintf("DROP TRIGGER IF EXISTS salesperf_%s_%s ON %s",
						 mapping->name,
						 triggers[i].suffix,
						 spm_qualified_name(tables[table])));
}

/* Create view sale over all sources; without any it has no rows. */
static void
create_sale_view(const SpmMapping *mappings, uint64 count)
{
	StringInfoData query;

	initStringInfo(&query);
	appendStringInfoString(
		&query,
		"CREATE OR REPLACE VIEW salesperf.sale"
		" (source, document, line, sold_on, customer, seller, unit, product,"
		" branch, sale_type, quantity, gross, net, cost, margin, revenue,"
		" currency, counts, attributes)"
		" WITH (security_invoker = true) AS\n");
	if (count == 0)
		appendStringInfoString(
			&query,
			"SELECT n.t, n.t, n.t, NULL::pg_catalog.date, n.t, n.t, n.t, n.t,"
			" n.t, n.t, n.a, n.a, n.a, n.a, n.a, n.a, n.t,"
			" NULL::pg_catalog.bool, NULL::pg_catalog.jsonb"
			" FROM (SELECT NULL::pg_catalog.text,"
			" NULL::pg_catalog.numeric(24,4)) AS n (t, a) WHERE false");
	for (uint64 i = 0; i < count; i++)
	{
		if (i > 0)
			appendStringInfoString(&query, "\nUNION ALL\n");
		spm_mapping_presented(&mappings[i], &query);
	}
	spm_spi_utility(query.data);
	spm_spi_utility("SELECT salesperf.describe_sale_view()");
}
