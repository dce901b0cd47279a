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
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
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

static Oid resolve_table(const char *name);
static void check_table(Oid lines);
static void store(const SpmMapping *mapping, const char *table);
static void touch(const char *name);
static SpmMapping *load_mappings(uint64 *count);
static SpmMapping *load_usable_mappings(uint64 *count);
static bool is_usable(SpmMapping *mapping);
static void check_mapping(void *mapping);
static void install(const SpmMapping *mapping);
static void create_source_view(const SpmMapping *mapping);
static bool has_triggers(const SpmMapping *mapping);
static void create_triggers(const SpmMapping *mapping);
static void drop_triggers(const SpmMapping *mapping);
static void create_sale_view(const SpmMapping *mappings, uint64 count);
static char *qualified_name(Oid relation);

/* attach_source(name, lines, expressions in the order of spm_fields) */
Datum
spm_attach_source(PG_FUNCTION_ARGS)
{
	SpmMapping mapping = {0};
	SpmMapping *all;
	uint64 count;

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
	all = load_mappings(&count);
	for (uint64 i = 0; i < count; i++)
		if (strcmp(all[i].name, mapping.name) == 0 &&
			all[i].lines != mapping.lines)
			drop_triggers(&all[i]);
	store(&mapping, qualified_name(mapping.lines));
	install(&mapping);
	all = load_usable_mappings(&count);
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
	all = load_usable_mappings(&count);
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
	all = load_usable_mappings(&count);
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

/* All mappings in order of name; lines is invalid where the table is gone. */
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

		mapping->name = spm_spi_text(row, 1);
		mapping->lines =
			RangeVarGetRelid(makeRangeVarFromNameList(textToQualifiedNameList(
								 cstring_to_text(spm_spi_text(row, 2)))),
							 NoLock,
							 true);
		for (int i = 0; i < SPM_FIELD_COUNT; i++)
			mapping->expressions[i] = spm_spi_text(row, i + 3);
	}
	return mappings;
}

/*
 * The same, checked.  One whose table is gone, or has changed so that an
 * expression does not fit any more, is left out with a warning: what other
 * sources sold must still be there.
 */
static SpmMapping *
load_usable_mappings(uint64 *count)
{
	uint64 loaded;
	SpmMapping *mappings = load_mappings(&loaded);

	*count = 0;
	for (uint64 i = 0; i < loaded; i++)
		if (is_usable(&mappings[i]))
			mappings[(*count)++] = mappings[i];
	return mappings;
}

static bool
is_usable(SpmMapping *mapping)
{
	char *message;

	if (OidIsValid(mapping->lines))
		message = spm_guard(check_mapping, mapping);
	else
		message = pstrdup("its table does not exist");
	if (message == NULL)
		return true;
	ereport(WARNING,
			(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
			 errmsg("source \"%s\" cannot be used: %s", mapping->name, message),
			 errhint("Attach the source again, or detach it.")));
	return false;
}

static void
check_mapping(void *mapping)
{
	spm_mapping_check(mapping);
}

/* Create the view and the triggers of one source. */
static void
install(const SpmMapping *mapping)
{
	spm_lock_patiently(mapping->lines, ShareRowExclusiveLock);
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

/* Has the source's table all its triggers, enabled? */
static bool
has_triggers(const SpmMapping *mapping)
{
	SpmArgs args = {2,
					{OIDOID, TEXTOID},
					{ObjectIdGetDatum(mapping->lines),
					 CStringGetTextDatum(mapping->name)}};

	return spm_spi_run("SELECT FROM pg_catalog.pg_trigger t"
					   " WHERE t.tgrelid = $1 AND t.tgenabled IN ('O', 'A')"
					   " AND t.tgfoid = 'salesperf.collect_changes()'"
					   "::pg_catalog.regprocedure"
					   " AND starts_with(t.tgname::pg_catalog.text,"
					   " 'salesperf_' || $2 || '_')",
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

static void
drop_triggers(const SpmMapping *mapping)
{
	if (!OidIsValid(mapping->lines))
		return;
	for (int i = 0; i < lengthof(triggers); i++)
		spm_spi_utility(psprintf("DROP TRIGGER IF EXISTS salesperf_%s_%s ON %s",
								 mapping->name,
								 triggers[i].suffix,
								 qualified_name(mapping->lines)));
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

static char *
qualified_name(Oid relation)
{
	return quote_qualified_identifier(get_namespace_name(
										  get_rel_namespace(relation)),
									  get_rel_name(relation));
}
