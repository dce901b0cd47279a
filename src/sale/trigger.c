/*-------------------------------------------------------------------------
 *
 * trigger.c
 *	  The triggers of attached sources.
 *
 * src/sale/trigger.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "core/catalog.h"
#include "core/lock.h"
#include "core/spi.h"
#include "sale/install.h"
#include "sale/partition.h"

/* A trigger of an attached table. */
typedef struct SpmTrigger
{
	const char *suffix;
	const char *event;
	const char *level;
	const char *enabled;
	bool for_rows; /* not for a partitioned table, which has none */
} SpmTrigger;

/*
 * Statement triggers fire whatever session_replication_role says.  Logical
 * replication fires none of them but for TRUNCATE: the trigger for rows is
 * for it, and does not fire otherwise.  Were it on a partitioned table,
 * PostgreSQL would clone it for each new partition, with the rights of who
 * creates that, who may not execute the function.
 */
static const SpmTrigger triggers[] = {
	{"insert",
	 "INSERT",
	 "REFERENCING NEW TABLE AS salesperf_new FOR EACH STATEMENT",
	 "ALWAYS",
	 false},
	{"update",
	 "UPDATE",
	 "REFERENCING OLD TABLE AS salesperf_old NEW TABLE AS salesperf_new"
	 " FOR EACH STATEMENT",
	 "ALWAYS",
	 false},
	{"delete",
	 "DELETE",
	 "REFERENCING OLD TABLE AS salesperf_old FOR EACH STATEMENT",
	 "ALWAYS",
	 false},
	{"truncate", "TRUNCATE", "FOR EACH STATEMENT", "ALWAYS", false},
	{"row", "INSERT OR UPDATE OR DELETE", "FOR EACH ROW", "REPLICA", true},
};

/* The names of triggers of a source; long ones lack their last letters. */
#define TRIGGER_NAMES_OF(source)                                               \
	"('^salesperf_' || " source " || '([$](splits|lookup_[1-8]))?'"            \
	" || '_(ins|upd|del|tru|row)[a-z]*$')"

/* The triggers of source $1. */
#define TRIGGERS_OF_SOURCE                                                     \
	"t.tgfoid = 'salesperf.collect_changes()'::pg_catalog.regprocedure"        \
	" AND t.tgname::pg_catalog.text ~ " TRIGGER_NAMES_OF("$1")

static bool installing = false;

static List *tables_of(const SpmMapping *mapping, SpmRole role);
static SpmArgs trigger_arguments(const SpmMapping *mapping);
static void run_installing(List *commands);
static List *table_triggers(List *commands, const SpmMapping *mapping,
							SpmRole role, Oid table);

/* What a trigger's table is to its source, or to all; -1: it has none. */
int
spm_trigger_role(const Trigger *trigger)
{
	const char *argument = trigger->tgnargs > 0 ? trigger->tgargs[0] : "";

	for (int role = 0; role < SPM_TRACE_NAMES; role++)
	{
		Size length = strlen(spm_role_names[role]);

		if (strncmp(argument, spm_role_names[role], length) == 0 &&
			argument[length] == ':')
			return role;
	}
	return -1;
}

/* Name of the source of a trigger that has a role; empty: all of them. */
const char *
spm_trigger_source(const Trigger *trigger)
{
	return strchr(trigger->tgargs[0], ':') + 1;
}

/*
 * Add the locks that a change of a source takes: on its tables and their
 * partitions, in that mode, on other tables that have triggers of it, and on
 * the views.
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
	ListCell *cell;

	for (uint64 row = 0; row < count; row++)
	{
		bool is_null;

		locks = spm_lock_add(locks,
							 DatumGetObjectId(spm_spi_datum(row, 1, &is_null)),
							 AccessExclusiveLock);
	}
	for (int role = 0; role < SPM_ROLE_COUNT; role++)
		foreach (cell, tables_of(mapping, role))
			locks = spm_lock_add(locks, lfirst_oid(cell), mode);
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

/* Have the source's tables all their triggers, enabled? */
bool
spm_install_is_complete(const SpmMapping *mapping)
{
	SpmArgs args = trigger_arguments(mapping);
	int expected = 0;
	ListCell *cell;

	for (int role = 0; role < SPM_ROLE_COUNT; role++)
		foreach (cell, tables_of(mapping, role))
			expected += spm_trigger_count(get_rel_relkind(lfirst_oid(cell)));
	return spm_spi_run("SELECT FROM pg_catalog.pg_trigger t"
					   " WHERE " TRIGGERS_OF_SOURCE " AND t.tgrelid = ANY ($2)"
					   " AND t.tgenabled = CASE t.tgtype & 1"
					   " WHEN 1 THEN 'R' ELSE 'A' END",
					   &args) == expected;
}

/* The table of a role with its partitions. */
static List *
tables_of(const SpmMapping *mapping, SpmRole role)
{
	SpmTree tree;
	List *tables = NIL;

	if (!OidIsValid(mapping->tables[role]))
		return NIL;
	spm_tree_load(&tree, mapping->tables[role]);
	for (int i = 0; i < tree.count; i++)
		tables = lappend_oid(tables, tree.tables[i]);
	return tables;
}

/* Parameters of queries for the triggers of a source and on its tables. */
static SpmArgs
trigger_arguments(const SpmMapping *mapping)
{
	ArrayBuildState *tables =
		initArrayResult(OIDOID, CurrentMemoryContext, false);
	SpmArgs args = {2,
					{TEXTOID, OIDARRAYOID},
					{CStringGetTextDatum(mapping->name)}};
	ListCell *cell;

	for (int role = 0; role < SPM_ROLE_COUNT; role++)
		foreach (cell, tables_of(mapping, role))
			(void) accumArrayResult(tables,
									ObjectIdGetDatum(lfirst_oid(cell)),
									false,
									OIDOID,
									CurrentMemoryContext);
	args.values[1] = makeArrayResult(tables, CurrentMemoryContext);
	return args;
}

/*
 * Are triggers being made or dropped?  Until that is done a source is not
 * complete.
 */
bool
spm_install_is_under_way(void)
{
	return installing;
}

/* Create the triggers on all tables of a source and their partitions. */
void
spm_install_triggers(const SpmMapping *mapping)
{
	List *commands = NIL;
	ListCell *cell;

	for (int role = 0; role < SPM_ROLE_COUNT; role++)
		foreach (cell, tables_of(mapping, role))
			commands =
				table_triggers(commands, mapping, role, lfirst_oid(cell));
	run_installing(commands);
}

/* Create them on some of the partitions. */
void
spm_install_on_partitions(const SpmMapping *mapping, List *partitions)
{
	List *commands = NIL;
	ListCell *cell;

	for (int role = 0; role < SPM_ROLE_COUNT; role++)
		foreach (cell, tables_of(mapping, role))
			if (lfirst_oid(cell) != mapping->tables[role] &&
				list_member_oid(partitions, lfirst_oid(cell)))
				commands =
					table_triggers(commands, mapping, role, lfirst_oid(cell));
	run_installing(commands);
}

/* Run commands that create or drop triggers. */
static void
run_installing(List *commands)
{
	ListCell *cell;

	installing = true;
	PG_TRY();
	{
		foreach (cell, commands)
			spm_spi_utility(lfirst(cell));
	}
	PG_FINALLY();
	{
		installing = false;
	}
	PG_END_TRY();
}

/* Add the commands that create the triggers of one table or partition. */
static List *
table_triggers(List *commands, const SpmMapping *mapping, SpmRole role,
			   Oid table)
{
	const char *table_name = spm_qualified_name(table);
	const char *suffix =
		role < SPM_ROLE_SPLITS ? "" : psprintf("$%s", spm_role_names[role]);
	bool partitioned = get_rel_relkind(table) == RELKIND_PARTITIONED_TABLE;
	const char *root =
		mapping->part_of == NULL
			? ""
			: psprintf(", %s", quote_literal_cstr(spm_mapping_root(mapping)));

	if (spm_is_foreign(table))
		return commands;
	for (int i = 0; i < lengthof(triggers); i++)
	{
		char *name = pnstrdup(psprintf("salesperf_%s%s_%s",
									   mapping->name,
									   suffix,
									   triggers[i].suffix),
							  NAMEDATALEN - 1);

		if (triggers[i].for_rows && partitioned)
			continue;
		commands =
			lappend(commands,
					psprintf("CREATE OR REPLACE TRIGGER %s AFTER %s ON %s"
							 " %s EXECUTE FUNCTION"
							 " salesperf.collect_changes(%s%s)",
							 name,
							 triggers[i].event,
							 table_name,
							 triggers[i].level,
							 quote_literal_cstr(psprintf("%s:%s",
														 spm_role_names[role],
														 mapping->name)),
							 root));
		commands = lappend(commands,
						   psprintf("ALTER TABLE %s ENABLE %s TRIGGER %s",
									table_name,
									triggers[i].enabled,
									name));
		commands =
			lappend(commands,
					psprintf("COMMENT ON TRIGGER %s ON %s IS"
							 " 'notes which documents a change concerns'",
							 name,
							 table_name));
	}
	return commands;
}

/*
 * Drop the triggers of a source wherever they are but on its tables, as far as
 * this transaction has locked where they are.
 */
void
spm_install_drop_other_triggers(const SpmMapping *mapping)
{
	SpmArgs args = trigger_arguments(mapping);
	uint64 count = spm_spi_run("SELECT t.tgrelid, format('DROP TRIGGER %I"
							   " ON %s', t.tgname,"
							   " t.tgrelid::pg_catalog.regclass)"
							   " FROM pg_catalog.pg_trigger t"
							   " WHERE " TRIGGERS_OF_SOURCE
							   " AND t.tgrelid <> ALL ($2)",
							   &args);
	List *commands = NIL;

	for (uint64 row = 0; row < count; row++)
	{
		bool is_null;
		Oid table = DatumGetObjectId(spm_spi_datum(row, 1, &is_null));

		if (spm_lock_is_held(table, AccessExclusiveLock))
			commands = lappend(commands, spm_spi_text(row, 2));
	}
	run_installing(commands);
}

/* Names of the sources of which an event trigger sees triggers dropped. */
List *
spm_install_dropped(void)
{
	List *names = NIL;
	uint64 count =
		spm_spi_run("SELECT DISTINCT s.name"
					" FROM"
					" pg_catalog.pg_event_trigger_dropped_objects()"
					" d JOIN salesperf.source s ON d.address_names[3]"
					" ~ " TRIGGER_NAMES_OF(
						"s.name") " WHERE d.object_type = 'trigger'"
								  " ORDER BY 1",
					NULL);

	for (uint64 row = 0; row < count; row++)
		names = lappend(names, spm_spi_text(row, 1));
	return names;
}
