/*-------------------------------------------------------------------------
 *
 * altered.c
 *	  An attached table was altered, or a partition came or went.
 *
 * ALTER TABLE can disable triggers, and enable them again when writes have
 * gone by unseen.  When it leaves a source whose changes can't be followed all
 * totals there are, and those being made, are put out of use; and as long as
 * that lasts no new ones are built (refresh.c).  So none is left to be wrong
 * when the triggers are enabled again.
 *
 * A partition that is created gets its triggers at once, and being empty it
 * changes no total.  One that is attached gets them too, but the totals do not
 * have its rows: they are put out of use, as they are when one is detached or
 * dropped.
 *
 * src/measure/altered.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "commands/event_trigger.h"
#include "nodes/parsenodes.h"
#include "storage/bufmgr.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

#include "core/catalog.h"
#include "core/export.h"
#include "core/guard.h"
#include "core/owner.h"
#include "core/spi.h"
#include "measure/pending.h"
#include "org/version.h"
#include "sale/install.h"
#include "sale/partition.h"
#include "sale/source.h"

SPM_FUNCTION_INFO_V1(spm_table_altered);

#define LOST_REASON "a table was altered so that its changes cannot be followed"
#define MOVED_REASON "a partition was attached or detached"
#define DROPPED_REASON "a table, a partition or a trigger of it was dropped"

/* A command, and what it did to one source; for the part that runs guarded. */
typedef struct Alteration
{
	EventTriggerData *trigger;
	bool creates; /* tables, which are empty */
	bool moves;	  /* partitions, which may not be */
	List *tables; /* that were created or altered */
	List *sources;
	const char *source;
	const char *reason; /* why its totals can't be used any more */
	Oid foreign;
} Alteration;

static bool is_set_up(void);
static bool nothing_was_kept(void);
static bool concerns_sources(Alteration *alteration);
static bool creates_partition(List *elements);
static bool moves_partition(List *commands);
static void follow_command(Alteration *alteration);
static void read_tables_and_sources(void *argument);
static void follow_source(void *argument);
static bool has_any(const SpmSource *source, List *tables);
static void refuse_foreign(const Alteration *alteration);
static void give_up_dropped(void *argument);
static void give_up(void *argument);

/* table_altered(): event trigger after commands on tables, and drops */
Datum
spm_table_altered(PG_FUNCTION_ARGS)
{
	Alteration alteration = {.trigger = (EventTriggerData *) fcinfo->context};

	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("table_altered must be called as an event trigger")));
	if (spm_install_is_under_way() || !is_set_up() ||
		!concerns_sources(&alteration) ||
		(!alteration.creates && !alteration.moves && nothing_was_kept()))
		PG_RETURN_NULL();
	if (strcmp(alteration.trigger->event, "sql_drop") != 0)
		follow_command(&alteration);
	else if (spm_guard(give_up_dropped, &alteration) != NULL)
		spm_invalidate_all(DROPPED_REASON);
	PG_RETURN_NULL();
}

/* Are the tables there that sources and totals are in? */
static bool
is_set_up(void)
{
	return OidIsValid(spm_relation_oid("source", true)) &&
		   OidIsValid(spm_relation_oid("build", true)) &&
		   OidIsValid(spm_relation_oid("invalidation", true));
}

/*
 * Was no build ever made here?  So it is while a dump is restored, when many
 * sessions alter tables at once.
 */
static bool
nothing_was_kept(void)
{
	Relation build =
		table_open(spm_relation_oid("build", false), AccessShareLock);
	BlockNumber blocks = RelationGetNumberOfBlocks(build);

	table_close(build, AccessShareLock);
	return blocks == 0;
}

/*
 * What kind of command is it?  False for those that no source can be concerned
 * by: tables are created all the time.
 */
static bool
concerns_sources(Alteration *alteration)
{
	Node *command = alteration->trigger->parsetree;

	if (strcmp(alteration->trigger->event, "sql_drop") == 0)
		return true;
	switch (nodeTag(command))
	{
		case T_CreateStmt:
		case T_CreateForeignTableStmt:
			alteration->creates = true;
			return creates_partition(list_make1(command));
		case T_CreateSchemaStmt:
			alteration->creates = true;
			return creates_partition(
				castNode(CreateSchemaStmt, command)->schemaElts);
		case T_AlterTableStmt:
			alteration->moves =
				moves_partition(castNode(AlterTableStmt, command)->cmds);
			return true;
		default:
			return true;
	}
}

/* Is one of them CREATE TABLE ... PARTITION OF? */
static bool
creates_partition(List *elements)
{
	ListCell *cell;

	foreach (cell, elements)
	{
		Node *element = lfirst(cell);

		if ((IsA(element, CreateStmt) ||
			 IsA(element, CreateForeignTableStmt)) &&
			((CreateStmt *) element)->partbound != NULL)
			return true;
	}
	return false;
}

/* Is one of them ATTACH PARTITION or DETACH PARTITION? */
static bool
moves_partition(List *commands)
{
	ListCell *cell;

	foreach (cell, commands)
		switch (lfirst_node(AlterTableCmd, cell)->subtype)
		{
			case AT_AttachPartition:
			case AT_DetachPartition:
			case AT_DetachPartitionFinalize:
				return true;
			default:
				break;
		}
	return false;
}

/*
 * Look at all sources: which of them a command concerns is not to be seen from
 * its text.  One that fails is given up.
 */
static void
follow_command(Alteration *alteration)
{
	ListCell *cell;

	if (spm_guard(read_tables_and_sources, alteration) != NULL)
	{
		spm_invalidate_all(LOST_REASON);
		return;
	}
	foreach (cell, alteration->sources)
	{
		alteration->source = lfirst(cell);
		alteration->reason = NULL;
		alteration->foreign = InvalidOid;
		if (spm_guard(follow_source, alteration) != NULL)
			alteration->reason = LOST_REASON;
		if (OidIsValid(alteration->foreign))
			refuse_foreign(alteration);
		if (alteration->reason != NULL &&
			spm_guard(give_up, alteration) != NULL)
			spm_invalidate_all(alteration->reason);
	}
}

/*
 * Take the tables that were created or altered, and the sources that may be
 * concerned: of tables that were merely altered, those that their triggers are
 * for.  Others' tables are not looked at: somebody may be altering them, and
 * wait for these.
 */
static void
read_tables_and_sources(void *argument)
{
	Alteration *alteration = argument;
	MemoryContext caller_context = CurrentMemoryContext;
	uint64 count;

	spm_spi_begin();
	count = spm_spi_run("SELECT c.objid"
						" FROM pg_catalog.pg_event_trigger_ddl_commands() c"
						" WHERE c.classid OPERATOR(pg_catalog.=)"
						" 'pg_catalog.pg_class'::pg_catalog.regclass"
						" AND c.objid IS NOT NULL",
						NULL);
	for (uint64 row = 0; row < count; row++)
	{
		bool is_null;
		Oid table = DatumGetObjectId(spm_spi_datum(row, 1, &is_null));
		MemoryContext spi_context = MemoryContextSwitchTo(caller_context);

		alteration->tables = lappend_oid(alteration->tables, table);
		MemoryContextSwitchTo(spi_context);
	}
	spm_spi_end();
	if (alteration->creates || alteration->moves)
		alteration->sources = spm_source_names();
	else
		alteration->sources = spm_sources_of_triggers(alteration->tables);
}

/*
 * What became of a source?  Install what its new partitions lack.  While its
 * triggers were disabled lines may have come, or headers gone, unseen.
 */
static void
follow_source(void *argument)
{
	Alteration *alteration = argument;
	SpmSource *source = spm_source_get(alteration->source);

	if (has_any(source, alteration->tables))
	{
		if (alteration->creates || alteration->moves)
			alteration->foreign = spm_partition_foreign(source);
		if (OidIsValid(alteration->foreign))
			return;
		if (alteration->creates)
			spm_partition_adopt(source, alteration->tables);
		if (alteration->moves)
		{
			spm_partition_take_over(source);
			alteration->reason = MOVED_REASON;
		}
	}
	else if (alteration->creates)
		return;
	spm_org_note_strays(spm_source_view(source->name));
	if (alteration->reason == NULL && !spm_source_is_followed(source->name))
		alteration->reason = LOST_REASON;
}

/* Is any of them a table of the source, or a partition of one? */
static bool
has_any(const SpmSource *source, List *tables)
{
	ListCell *cell;

	foreach (cell, tables)
		if (list_member_oid(spm_source_tables(source), lfirst_oid(cell)))
			return true;
	return false;
}

/* A foreign partition would make statements on its parents fail. */
static void
refuse_foreign(const Alteration *alteration)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("foreign table \"%s\" cannot be a partition of a table of "
					"source \"%s\"",
					get_rel_name(alteration->foreign),
					alteration->source),
			 errdetail("Writes to its parents could not be followed."),
			 errhint("Run \"SELECT salesperf.detach_source('%s')\" first.",
					 alteration->source)));
}

/* Give up the sources that triggers were dropped of, with or without a table. */
static void
give_up_dropped(void *argument)
{
	Alteration *alteration = argument;
	SpmCaller caller;
	List *names;
	ListCell *cell;

	spm_become(spm_relation_owner(spm_relation_oid("source", false)), &caller);
	spm_spi_begin();
	names = spm_install_dropped();
	spm_return_to(&caller);
	foreach (cell, names)
	{
		alteration->source = lfirst(cell);
		alteration->reason = DROPPED_REASON;
		give_up(alteration);
	}
	spm_spi_end();
}

/* Turn the measures of a source live. */
static void
give_up(void *argument)
{
	Alteration *alteration = argument;
	SpmBuildSet *set;

	PushActiveSnapshot(GetLatestSnapshot());
	set = spm_builds_load(SPM_BUILDS_KNOWN, CurrentMemoryContext);
	PopActiveSnapshot();
	spm_invalidate_later(set, alteration->reason);
	spm_invalidate_source(set,
						  alteration->source,
						  spm_source_root(alteration->source),
						  alteration->reason);
}
