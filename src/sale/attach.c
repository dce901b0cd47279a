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
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/varlena.h"

#include "core/catalog.h"
#include "core/export.h"
#include "core/guard.h"
#include "core/lock.h"
#include "core/spi.h"
#include "sale/install.h"
#include "sale/mapping.h"
#include "sale/source.h"

SPM_FUNCTION_INFO_V1(spm_attach_source);
SPM_FUNCTION_INFO_V1(spm_detach_source);
SPM_FUNCTION_INFO_V1(spm_restore_sources);

/* As the CHECK of table source says. */
#define MAX_NAME_LENGTH 40

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
static void check_name(const char *name);
static Oid resolve_table(const char *argument, const char *name);
static void check_table(Oid lines);
static void check_header_readable(const SpmMapping *mapping);
static void store(const SpmMapping *mapping);
static const char *literal(const char *text);
static void touch(const char *name);
static SpmMapping *load_mappings(uint64 *count);
static void take_tables_of_view(void *argument);
static Oid known_table(const char *name);
static void restore(SpmMapping *mapping);
static void check(void *mapping);

/* attach_source(name, lines, header, join_on, expressions as spm_fields) */
Datum
spm_attach_source(PG_FUNCTION_ARGS)
{
	SpmMapping mapping = {0};

	read_arguments(fcinfo, &mapping);
	check_table(mapping.lines);
	if (OidIsValid(mapping.header))
	{
		check_table(mapping.header);
		check_header_readable(&mapping);
	}
	spm_mapping_check(&mapping);
	spm_mapping_require_indexes(&mapping);

	spm_spi_begin();
	store(&mapping);
	spm_lock_patiently(spm_install_locks(NIL, &mapping, ShareRowExclusiveLock));
	spm_install_drop_other_triggers(&mapping);
	spm_install_empty_sale_view();
	spm_install_source(&mapping);
	spm_install_sale_view();
	spm_spi_end();
	PG_RETURN_VOID();
}

/* detach_source(name) */
Datum
spm_detach_source(PG_FUNCTION_ARGS)
{
	SpmArgs args = {1, {TEXTOID}, {PG_GETARG_DATUM(0)}};
	char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	SpmMapping detached = {.name = name};

	spm_spi_begin();
	if (spm_spi_run("DELETE FROM salesperf.source WHERE name = $1 RETURNING 1",
					&args) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("source \"%s\" does not exist", name)));
	spm_lock_patiently(spm_install_locks(NIL, &detached, NoLock));
	spm_install_drop_other_triggers(&detached);
	spm_install_empty_sale_view();
	spm_spi_utility(psprintf("DROP VIEW IF EXISTS salesperf.%s",
							 spm_source_view_name(name)));
	spm_install_sale_view();
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
		locks = spm_install_locks(locks, &all[i], ShareRowExclusiveLock);
	spm_lock_patiently(locks);
	spm_install_empty_sale_view();
	for (uint64 i = 0; i < count; i++)
		restore(&all[i]);
	spm_install_sale_view();
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
	check_name(mapping->name);
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
				 errmsg("argument \"%s\" of attach_source is required", name)));
}

/* A source's name is part of the names of its view and triggers. */
static void
check_name(const char *name)
{
	int length = strlen(name);

	if (length == 0 || length > MAX_NAME_LENGTH ||
		strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789") < length ||
		isdigit((unsigned char) name[0]))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("invalid name of a source: \"%s\"", name),
				 errdetail("A name has lower-case letters, digits and "
						   "underscores, begins with no digit, and is at most "
						   "%d characters long.",
						   MAX_NAME_LENGTH)));
}

/* OID of the table that an argument names. */
static Oid
resolve_table(const char *argument, const char *name)
{
	RangeVar *range = makeRangeVarFromNameList(
		textToQualifiedNameList(cstring_to_text(name)));
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

/* Sales are read as the owner of the lines: the header must be open to it. */
static void
check_header_readable(const SpmMapping *mapping)
{
	Oid owner = spm_relation_owner(mapping->lines);

	if (pg_class_aclcheck(mapping->header, owner, ACL_SELECT) == ACLCHECK_OK)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("the owner of table %s cannot read table %s",
					spm_qualified_name(mapping->lines),
					spm_qualified_name(mapping->header)),
			 errhint("Run \"GRANT SELECT ON %s TO %s\" first.",
					 spm_qualified_name(mapping->header),
					 quote_identifier(GetUserNameFromId(owner, false)))));
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
 * All mappings in order of name, unchecked.  The table is the one that the
 * source's view reads, or, without a view, the one of that name, if any.
 */
static SpmMapping *
load_mappings(uint64 *count)
{
	StringInfoData query;
	SpmMapping *mappings;

	initStringInfo(&query);
	appendStringInfoString(&query, "SELECT name, lines, header, join_on");
	for (int i = 0; i < SPM_FIELD_COUNT; i++)
		appendStringInfo(&query, ", %s", spm_fields[i].name);
	appendStringInfoString(&query, " FROM salesperf.source ORDER BY name");
	*count = spm_spi_run(query.data, NULL);
	mappings = palloc0(*count * sizeof(SpmMapping));
	for (uint64 row = 0; row < *count; row++)
	{
		SpmMapping *mapping = &mappings[row];

		mapping->name = spm_spi_text(row, 1 + ARG_NAME);
		mapping->lines = known_table(spm_spi_text(row, 1 + ARG_LINES));
		mapping->header = known_table(spm_spi_text(row, 1 + ARG_HEADER));
		mapping->join_on = spm_spi_text(row, 1 + ARG_JOIN_ON);
		for (int i = 0; i < SPM_FIELD_COUNT; i++)
			mapping->expressions[i] = spm_spi_text(row, 1 + ARG_FIELDS + i);
	}
	for (uint64 i = 0; i < *count; i++)
		if (spm_install_has_view(mappings[i].name))
			(void) spm_guard(take_tables_of_view, &mappings[i]);
	return mappings;
}

/* A view follows a renamed table, if it is as attach_source() made it. */
static void
take_tables_of_view(void *argument)
{
	SpmMapping *mapping = argument;
	SpmSource *source = spm_source_get(mapping->name);

	mapping->lines = source->tables[SPM_ROLE_LINES];
	mapping->header = source->tables[SPM_ROLE_HEADER];
}

/* OID of a table; InvalidOid if it is gone, or none was given. */
static Oid
known_table(const char *name)
{
	if (name == NULL)
		return InvalidOid;
	return RangeVarGetRelid(makeRangeVarFromNameList(
								textToQualifiedNameList(cstring_to_text(name))),
							NoLock,
							true);
}

/*
 * Create the view and the triggers of a source again.  If its text does not
 * fit the tables any more, a view that is there stays.
 */
static void
restore(SpmMapping *mapping)
{
	char *message =
		psprintf("a table of source \"%s\" does not exist", mapping->name);

	if (OidIsValid(mapping->lines) &&
		OidIsValid(mapping->header) == (mapping->join_on != NULL))
	{
		if (!spm_install_is_complete(mapping))
			touch(mapping->name);
		message = spm_guard(check, mapping);
		if (message == NULL)
			spm_install_source(mapping);
		else if (spm_install_has_view(mapping->name))
			spm_install_triggers(mapping);
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
