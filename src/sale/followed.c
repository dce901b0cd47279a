/*-------------------------------------------------------------------------
 *
 * followed.c
 *	  Is a source followed: do all changes of its tables fire its triggers?
 *
 * Readers ask before they use what is kept of it.
 *
 * src/sale/followed.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "nodes/value.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"

#include "core/catalog.h"
#include "core/export.h"
#include "core/guard.h"
#include "sale/source_int.h"

SPM_FUNCTION_INFO_V1(spm_source_followed);

/* Argument of check_followed(), which runs guarded. */
typedef struct FollowedCheck
{
	const char *name;
	bool is_followed;
} FollowedCheck;

/* Tables that all sources share, and what their triggers note. */
static const struct
{
	const char *name;
	SpmTrace trace;
} shared_tables[] = {
	{"order_split", SPM_TRACE_ORDER_SPLIT},
	{"exchange_rate", SPM_TRACE_RATE},
	{"customer", SPM_TRACE_CUSTOMER},
	{"product", SPM_TRACE_PRODUCT},
	{"seller_unit", SPM_TRACE_SELLER},
	{"unit_parent", SPM_TRACE_UNITS},
	{"product_family", SPM_TRACE_FAMILIES},
};

static void check_followed(void *argument);
static bool tree_is_followed(const SpmSource *source, SpmRole role);
static bool has_triggers(Oid table_oid, const char *source, const char *role);
static char *noting_source(const Trigger *trigger);

/*
 * Does the source of that name have its view, over tables whose changes fire
 * its triggers, whichever of their partitions a statement names?
 */
bool
spm_source_is_followed(const char *name)
{
	SpmSource *source;

	if (!OidIsValid(spm_relation_oid(psprintf("source_%s", name), true)))
		return false;
	source = spm_source_get(name);
	for (int role = 0; role < SPM_ROLE_COUNT; role++)
		if (!tree_is_followed(source, role))
			return false;
	for (int i = 0; i < lengthof(shared_tables); i++)
		if (!has_triggers(spm_relation_oid(shared_tables[i].name, false),
						  "",
						  spm_role_names[shared_tables[i].trace]))
			return false;
	return true;
}

/* source_is_followed(name) */
Datum
spm_source_followed(PG_FUNCTION_ARGS)
{
	FollowedCheck check = {text_to_cstring(PG_GETARG_TEXT_PP(0)), false};

	(void) spm_guard(check_followed, &check);
	PG_RETURN_BOOL(check.is_followed);
}

/* The part of it that fails for a view which is not ours. */
static void
check_followed(void *argument)
{
	FollowedCheck *check = argument;

	check->is_followed = spm_source_is_followed(check->name);
}

/*
 * The same for one of its tables.  Rows of a table that is itself a partition,
 * or inherits, are written through its parent too.  Rows that row security
 * hides from the owner of the lines appear and vanish without a write.
 */
static bool
tree_is_followed(const SpmSource *source, SpmRole role)
{
	const SpmTree *tree = &source->cache->trees[role];

	for (int i = 0; i < tree->count; i++)
		if (!has_triggers(tree->tables[i],
						  source->name,
						  spm_role_names[role]) ||
			check_enable_rls(tree->tables[i], source->cache->owner, true) ==
				RLS_ENABLED)
			return false;
	return !spm_tree_inherits(tree) && !tree->detaching;
}

/*
 * Does a statement that changes a table by its name fire a trigger that notes
 * it for a source, or for all of them?  Rows of an unlogged table can vanish
 * without a statement.  The table is not locked: a report over kept totals does
 * not wait for who alters it.
 */
static bool
has_triggers(Oid table_oid, const char *source, const char *role)
{
	Relation table = RelationIdGetRelation(table_oid);
	TriggerDesc *triggers;
	bool is_permanent;
	int expected;
	int count = 0;

	if (!RelationIsValid(table))
		return false;
	triggers = table->trigdesc;
	expected = spm_trigger_count(table->rd_rel->relkind);
	is_permanent = table->rd_rel->relpersistence == RELPERSISTENCE_PERMANENT;
	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		Trigger *trigger = &triggers->triggers[i];
		char enabled = TRIGGER_FOR_ROW(trigger->tgtype)
						   ? TRIGGER_FIRES_ON_REPLICA
						   : TRIGGER_FIRES_ALWAYS;
		char *noting = noting_source(trigger);

		if (noting != NULL && strcmp(noting, source) == 0 &&
			strcmp(spm_role_names[spm_trigger_role(trigger)], role) == 0 &&
			trigger->tgenabled == enabled)
			count++;
	}
	RelationClose(table);
	return is_permanent && count == expected;
}

/* Names of the sources that note changes of tables, which the caller locked. */
List *
spm_sources_of_triggers(List *tables)
{
	List *names = NIL;
	ListCell *cell;

	foreach (cell, tables)
	{
		Relation table = RelationIdGetRelation(lfirst_oid(cell));
		TriggerDesc *triggers;

		if (!RelationIsValid(table))
			continue;
		triggers = table->trigdesc;
		for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
		{
			char *name = noting_source(&triggers->triggers[i]);

			if (name != NULL && name[0] == '\0')
			{
				RelationClose(table);
				return spm_source_names();
			}
			if (name != NULL && !list_member(names, makeString(name)))
				names = lappend(names, makeString(name));
		}
		RelationClose(table);
	}
	foreach (cell, names)
		lfirst(cell) = strVal(lfirst(cell));
	return names;
}

/*
 * Name of the source that a trigger notes changes for, "" for all of them,
 * NULL for a trigger of another kind.
 */
static char *
noting_source(const Trigger *trigger)
{
	char *function = get_func_name(trigger->tgfoid);

	if (function == NULL || strcmp(function, "collect_changes") != 0 ||
		spm_trigger_role(trigger) < 0)
		return NULL;
	return pstrdup(spm_trigger_source(trigger));
}
