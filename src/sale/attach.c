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
#include "catalog/partition.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/varlena.h"

#include "core/catalog.h"
#include "core/export.h"
#include "core/guard.h"
#include "core/lock.h"
#include "core/spi.h"
#include "sale/install.h"
#include "sale/mapping.h"
#include "sale/partition.h"
#include "sale/source.h"
#include "sale/stored.h"

SPM_FUNCTION_INFO_V1(spm_attach_source);
SPM_FUNCTION_INFO_V1(spm_detach_source);
SPM_FUNCTION_INFO_V1(spm_restore_sources);

/* As the CHECK of table source says. */
#define MAX_NAME_LENGTH 40

static void read_arguments(FunctionCallInfo fcinfo, SpmMapping *mapping);
static void read_tables(FunctionCallInfo fcinfo, SpmMapping *mapping);
static void read_splits(FunctionCallInfo fcinfo, SpmMapping *mapping);
static void read_joins(FunctionCallInfo fcinfo, SpmMapping *mapping);
static char *text_argument(FunctionCallInfo fcinfo, int number);
static void require_argument(const void *value, const char *name);
static void check_part_of(const SpmMapping *mapping);
static void check_no_parts(const char *name);
static void check_name(const char *name);
static Oid resolve_table(const char *argument, const char *name);
static void check_table(SpmRole role, Oid table_oid);
static void check_not_partition(Oid table);
static void check_partition(Oid root, Oid partition);
static void check_readable(const SpmMapping *mapping);
static void restore(SpmMapping *mapping);
static bool has_its_tables(const SpmMapping *mapping);
static void check(void *mapping);

/* attach_source(name, lines, header, …): see table source */
Datum
spm_attach_source(PG_FUNCTION_ARGS)
{
	SpmMapping mapping = {0};

	read_arguments(fcinfo, &mapping);
	spm_mapping_find_lookups(&mapping);
	for (int role = 0; role < SPM_ROLE_COUNT; role++)
		if (OidIsValid(mapping.tables[role]))
			check_table(role, mapping.tables[role]);
	check_readable(&mapping);
	spm_mapping_check(&mapping);
	spm_mapping_require_indexes(&mapping);

	spm_spi_begin();
	check_part_of(&mapping);
	spm_stored_write(&mapping);
	spm_lock_patiently(spm_install_locks(NIL, &mapping, ShareRowExclusiveLock));
	spm_install_drop_other_triggers(&mapping);
	spm_install_empty_views();
	spm_install_source(&mapping);
	spm_install_views();
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
	check_no_parts(name);
	if (spm_spi_run("DELETE FROM salesperf.source WHERE name = $1 RETURNING 1",
					&args) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("source \"%s\" does not exist", name)));
	spm_lock_patiently(spm_install_locks(NIL, &detached, NoLock));
	spm_install_drop_other_triggers(&detached);
	spm_install_empty_views();
	spm_install_drop_source_views(name);
	spm_install_views();
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
	all = spm_stored_read(&count);
	for (uint64 i = 0; i < count; i++)
		locks = spm_install_locks(locks, &all[i], ShareRowExclusiveLock);
	spm_lock_patiently(locks);
	spm_install_empty_views();
	for (uint64 i = 0; i < count; i++)
		restore(&all[i]);
	spm_install_views();
	spm_spi_end();
	PG_RETURN_VOID();
}

/* Fill in the mapping that attach_source() was called with. */
static void
read_arguments(FunctionCallInfo fcinfo, SpmMapping *mapping)
{
	mapping->name = text_argument(fcinfo, ARG_NAME);
	require_argument(mapping->name, "name");
	check_name(mapping->name);
	mapping->part_of = text_argument(fcinfo, ARG_PART_OF);
	read_tables(fcinfo, mapping);
	read_joins(fcinfo, mapping);
	for (int i = 0; i < SPM_FIELD_COUNT; i++)
	{
		mapping->expressions[i] = text_argument(fcinfo, spm_stored_argument(i));
		if (spm_fields[i].required)
			require_argument(mapping->expressions[i], spm_fields[i].name);
	}
	read_splits(fcinfo, mapping);
}

static void
read_tables(FunctionCallInfo fcinfo, SpmMapping *mapping)
{
	char *lines = text_argument(fcinfo, ARG_LINES);
	char *header = text_argument(fcinfo, ARG_HEADER);

	require_argument(lines, "lines");
	mapping->tables[SPM_ROLE_LINES] = resolve_table("lines", lines);
	mapping->join_on = text_argument(fcinfo, ARG_JOIN_ON);
	if (header != NULL)
	{
		require_argument(mapping->join_on, "join_on");
		mapping->tables[SPM_ROLE_HEADER] = resolve_table("header", header);
	}
	else if (mapping->join_on != NULL)
		require_argument(header, "header");
	if (mapping->tables[SPM_ROLE_HEADER] == mapping->tables[SPM_ROLE_LINES])
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("lines and header cannot be the same table")));
}

/* All that belongs to a table of splits needs that table. */
static void
read_splits(FunctionCallInfo fcinfo, SpmMapping *mapping)
{
	char *splits = text_argument(fcinfo, ARG_SPLITS);

	mapping->split_on = text_argument(fcinfo, ARG_SPLIT_ON);
	if (splits != NULL)
	{
		require_argument(mapping->split_on, "split_on");
		require_argument(mapping->expressions[SPM_SPLIT_SELLER],
						 "split_seller");
		mapping->tables[SPM_ROLE_SPLITS] = resolve_table("splits", splits);
	}
	for (int i = ARG_SPLIT_ON; i < ARG_COUNT; i++)
		if (!PG_ARGISNULL(i))
			require_argument(splits, "splits");
	if (splits != NULL && mapping->part_of != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("arguments \"%s\" and \"%s\" cannot be given both",
						"part_of",
						"splits"),
				 errdetail("Splits belong to documents, and these are of "
						   "source \"%s\".",
						   mapping->part_of)));
}

static void
read_joins(FunctionCallInfo fcinfo, SpmMapping *mapping)
{
	Datum *joins;
	bool *nulls;

	if (PG_ARGISNULL(ARG_JOINS))
		return;
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(ARG_JOINS),
					  TEXTOID,
					  -1,
					  false,
					  TYPALIGN_INT,
					  &joins,
					  &nulls,
					  &mapping->lookup_count);
	if (mapping->lookup_count > SPM_MAX_LOOKUPS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("argument \"%s\" has more than %d elements",
						"joins",
						SPM_MAX_LOOKUPS)));
	for (int i = 0; i < mapping->lookup_count; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument \"%s\" cannot contain nulls", "joins")));
		mapping->joins[i] = TextDatumGetCString(joins[i]);
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

/*
 * Refuse what triggers with transition tables can't follow, and to look rows
 * up in several tables.
 */
static void
check_table(SpmRole role, Oid table_oid)
{
	Relation table = table_open(table_oid, AccessShareLock);
	bool partitioned = table->rd_rel->relkind == RELKIND_PARTITIONED_TABLE;
	SpmTree tree;

	check_not_partition(table_oid);
	if ((table->rd_rel->relkind != RELKIND_RELATION && !partitioned) ||
		table->rd_rel->relpersistence != RELPERSISTENCE_PERMANENT ||
		has_superclass(table_oid) ||
		(!partitioned && find_inheritance_children(table_oid, NoLock) != NIL))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" cannot be a source",
						RelationGetRelationName(table)),
				 errdetail("Only permanent, logged tables that neither inherit "
						   "nor are inherited from can; they may be "
						   "partitioned.")));
	if (partitioned && role >= SPM_ROLE_LOOKUP)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("rows cannot be looked up in partitioned table %s",
						spm_qualified_name(table_oid)),
				 errdetail("Lines, header and splits may be partitioned.")));
	spm_tree_load(&tree, table_oid);
	for (int i = 0; i < tree.count; i++)
		check_partition(table_oid, tree.tables[i]);
	table_close(table, AccessShareLock);
}

/* Refuse a partition: what is written through its root would be missed. */
static void
check_not_partition(Oid table)
{
	List *ancestors =
		get_rel_relispartition(table) ? get_partition_ancestors(table) : NIL;

	if (ancestors != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" cannot be a source", get_rel_name(table)),
				 errdetail("It is a partition of %s.",
						   spm_qualified_name(llast_oid(ancestors))),
				 errhint("Attach %s.",
						 spm_qualified_name(llast_oid(ancestors)))));
}

/* Refuse a root with a partition of the wrong kind. */
static void
check_partition(Oid root, Oid partition)
{
	bool foreign = spm_is_foreign(partition);

	if (foreign || get_rel_persistence(partition) != RELPERSISTENCE_PERMANENT)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" cannot be a source", get_rel_name(root)),
				 foreign ? errdetail("Its partition \"%s\" is a foreign table.",
									 get_rel_name(partition))
						 : errdetail("Its partition \"%s\" is unlogged.",
									 get_rel_name(partition))));
}

/* Sales are read as the owner of the lines: all must be open to it. */
static void
check_readable(const SpmMapping *mapping)
{
	Oid owner = spm_relation_owner(mapping->tables[SPM_ROLE_LINES]);
	const char *name = quote_identifier(GetUserNameFromId(owner, false));

	for (int role = SPM_ROLE_LINES; role < SPM_ROLE_COUNT; role++)
	{
		Oid table = mapping->tables[role];

		if (!OidIsValid(table))
			continue;
		if (pg_class_aclcheck(table, owner, ACL_SELECT) != ACLCHECK_OK)
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("the owner of table %s cannot read table %s",
							spm_qualified_name(mapping->tables[SPM_ROLE_LINES]),
							spm_qualified_name(table)),
					 errhint("Run \"GRANT SELECT ON %s TO %s\" first.",
							 spm_qualified_name(table),
							 name)));
		if (check_enable_rls(table, owner, true) == RLS_ENABLED)
			ereport(
				ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("row security of table %s holds for the owner of "
						"table %s",
						spm_qualified_name(table),
						spm_qualified_name(mapping->tables[SPM_ROLE_LINES])),
				 errdetail("Sales that it hides would be missing from all "
						   "figures."),
				 errhint("Run \"ALTER ROLE %s BYPASSRLS\", or let that role "
						 "own the table.",
						 name)));
	}
}

/* Documents are of a source that is not itself a part of another. */
static void
check_part_of(const SpmMapping *mapping)
{
	SpmArgs args = {.count = 1, .types = {TEXTOID}};

	if (mapping->part_of == NULL)
		return;
	check_no_parts(mapping->name);
	args.values[0] = CStringGetTextDatum(mapping->part_of);
	if (strcmp(mapping->part_of, mapping->name) == 0 ||
		spm_spi_run("SELECT FROM salesperf.source"
					" WHERE name = $1 AND part_of IS NULL",
					&args) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("source \"%s\" cannot be part of \"%s\"",
						mapping->name,
						mapping->part_of),
				 errdetail("Another source is expected that is attached and "
						   "not itself part of one.")));
	if (spm_source_owner(mapping->part_of) !=
		spm_relation_owner(mapping->tables[SPM_ROLE_LINES]))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("source \"%s\" cannot be part of \"%s\"",
						mapping->name,
						mapping->part_of),
				 errdetail("The lines of both must have the same owner, as "
						   "whom they are read together.")));
}

/* Refuse to take away a source that others are part of. */
static void
check_no_parts(const char *name)
{
	SpmArgs args = {1, {TEXTOID}, {CStringGetTextDatum(name)}};

	if (spm_spi_run("SELECT name FROM salesperf.source"
					" WHERE part_of = $1 ORDER BY name",
					&args) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
				 errmsg("source \"%s\" has documents that source \"%s\" is "
						"part of",
						name,
						spm_spi_text(0, 1)),
				 errhint("Detach source \"%s\" first.", spm_spi_text(0, 1))));
}

/*
 * Create the views and the triggers of a source again.  If its text does not
 * fit the tables any more, views that are there stay.  If it means something
 * else, as after a column was renamed and another given its name, or writes
 * may have gone unnoticed, no total can be used.
 */
static void
restore(SpmMapping *mapping)
{
	char *message =
		psprintf("a table of source \"%s\" does not exist", mapping->name);

	if (has_its_tables(mapping))
	{
		bool complete = spm_install_is_complete(mapping);
		char *before = spm_install_definition(mapping->name);

		message = spm_guard(check, mapping);
		if (message == NULL)
			spm_install_source(mapping);
		else if (spm_install_has_view(mapping->name) &&
				 spm_guard(spm_stored_follow_view, mapping) == NULL)
			spm_install_triggers(mapping);
		if (!complete ||
			(before[0] != '\0' &&
			 strcmp(spm_install_definition(mapping->name), before) != 0))
			spm_stored_touch(mapping->name);
	}
	if (message != NULL)
		ereport(WARNING,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("could not restore source \"%s\"", mapping->name),
				 errdetail_internal("%s", message),
				 errhint("Attach the source again, or detach it.")));
}

/* Is every table there that the mapping names? */
static bool
has_its_tables(const SpmMapping *mapping)
{
	return OidIsValid(mapping->tables[SPM_ROLE_LINES]) &&
		   OidIsValid(mapping->tables[SPM_ROLE_HEADER]) ==
			   (mapping->join_on != NULL) &&
		   OidIsValid(mapping->tables[SPM_ROLE_SPLITS]) ==
			   (mapping->split_on != NULL);
}

static void
check(void *mapping)
{
	spm_mapping_check(mapping);
}
