/*-------------------------------------------------------------------------
 *
 * source.c
 *	  Attached sources, and the keys of their documents.
 *
 * All that is known of a source is taken from its view source_<name>: its
 * first columns are the document's key as each attached table has it, so that
 * it follows a renamed column.
 *
 * src/sale/source.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/typcache.h"

#include "core/catalog.h"
#include "core/export.h"
#include "core/guard.h"
#include "core/owner.h"
#include "core/spi.h"
#include "sale/source.h"
#include "sale/source_int.h"

SPM_FUNCTION_INFO_V1(spm_source_followed);

/* Argument of check_followed(), which runs guarded. */
typedef struct FollowedCheck
{
	const char *name;
	bool is_followed;
} FollowedCheck;

/* Columns of the view that hold a document's key, by table. */
static const char *const key_columns[SPM_ROLE_COUNT] = {
	[SPM_ROLE_LINES] = "document_key",
	[SPM_ROLE_HEADER] = "header_key",
};

const char *const spm_role_names[SPM_ROLE_COUNT] = {
	[SPM_ROLE_LINES] = "lines",
	[SPM_ROLE_HEADER] = "header",
};

/* INSERT, UPDATE, DELETE, TRUNCATE, and the one for replicated rows. */
#define TRIGGERS_OF_A_TABLE 5

static HTAB *sources = NULL;

/* How many reads of sources are under way, one inside the other. */
int spm_source_reading = 0;

/* How often something was invalidated: a load compares before and after. */
static uint64 invalidations = 0;

static void create_source_table(void);
static void forget_sources(Datum argument, Oid relation);
static void load(SpmSource *source);
static void check_followed(void *argument);
static bool has_its_triggers(const SpmSource *source, Oid table_oid);
static bool evaluate_key(SpmSource *source, SpmRole role, Datum *key);
static void load_keys(SpmSource *source, SpmSourceCache *cache);
static void load_key(SpmSource *source, SpmSourceCache *cache, SpmRole role,
					 int number, Query *query, TargetEntry *column);
static bool has_unique_key(const SpmSource *source,
						   const SpmSourceCache *cache);
static bool index_is_over_key(Relation index, const SpmKeyTypes *types,
							  const KeyExpressions *keys);
static void refuse_view(Oid view);
static void release(SpmSourceCache *cache);

/* Name, quoted, of the view with the canonical rows of a source. */
const char *
spm_source_view_name(const char *name)
{
	return quote_identifier(psprintf("source_%s", name));
}

/* Names of all sources, in order, in the current memory context. */
List *
spm_source_names(void)
{
	MemoryContext caller_context = CurrentMemoryContext;
	SpmCaller caller;
	List *names = NIL;
	uint64 count;

	spm_become(spm_relation_owner(spm_relation_oid("source", false)), &caller);
	spm_spi_begin();
	count =
		spm_spi_read("SELECT s.name FROM salesperf.source s ORDER BY 1", NULL);
	for (uint64 i = 0; i < count; i++)
	{
		char *name = spm_spi_text(i, 1);
		MemoryContext spi_context = MemoryContextSwitchTo(caller_context);

		names = lappend(names, pstrdup(name));
		MemoryContextSwitchTo(spi_context);
	}
	spm_spi_end();
	spm_return_to(&caller);
	return names;
}

/*
 * Is a source being read, and this called by a function in its mapping?  What
 * a reader holds must then not be touched.
 */
void
spm_source_refuse_nested(void)
{
	if (spm_source_reading > 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("expressions of a source cannot read figures or write "
						"attached tables")));
}

/*
 * Does the source of that name have its view, over tables whose changes fire
 * its triggers?  Rows of a partition are written through its parent too.
 */
bool
spm_source_is_followed(const char *name)
{
	SpmSource *source;

	if (!OidIsValid(spm_relation_oid(psprintf("source_%s", name), true)))
		return false;
	source = spm_source_get(name);
	for (int role = 0; role < SPM_ROLE_COUNT; role++)
		if (OidIsValid(source->tables[role]) &&
			!has_its_triggers(source, source->tables[role]))
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
 * Does whatever changes a table of a source fire a trigger of it?  The table
 * is not locked: a report over kept totals does not wait for who alters it.
 */
static bool
has_its_triggers(const SpmSource *source, Oid table_oid)
{
	Relation table = RelationIdGetRelation(table_oid);
	TriggerDesc *triggers;
	bool is_partition;
	int count = 0;

	if (!RelationIsValid(table))
		return false;
	triggers = table->trigdesc;
	is_partition = table->rd_rel->relispartition;
	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		Trigger *trigger = &triggers->triggers[i];
		char expected = TRIGGER_FOR_ROW(trigger->tgtype)
							? TRIGGER_FIRES_ON_REPLICA
							: TRIGGER_FIRES_ALWAYS;
		char *function = get_func_name(trigger->tgfoid);

		if (function != NULL && strcmp(function, "collect_changes") == 0 &&
			trigger->tgnargs > 0 &&
			strcmp(trigger->tgargs[0], source->name) == 0 &&
			trigger->tgenabled == expected)
			count++;
	}
	RelationClose(table);
	return !is_partition && count == TRIGGERS_OF_A_TABLE;
}

/* The source of that name; an error if its view is gone. */
SpmSource *
spm_source_get(const char *name)
{
	SpmSource *source;
	bool found;

	spm_source_refuse_nested();
	if (sources == NULL)
		create_source_table();
	source = hash_search(sources, name, HASH_ENTER, &found);
	if (!found)
		source->cache = NULL;
	if (source->cache == NULL || !source->cache->valid)
		load(source);
	return source;
}

/*
 * Key of the document that a row of one of the tables belongs to; false if a
 * column of it is null.
 */
bool
spm_source_key(SpmSource *source, SpmRole role, TupleTableSlot *row, Datum *key)
{
	SpmSourceCache *cache = source->cache;
	KeyExpressions *keys = &cache->keys[role];
	SpmCaller caller;
	volatile bool is_known = false;

	ResetExprContext(cache->key_context);
	cache->key_context->ecxt_scantuple = row;
	if (keys->plain)
		return evaluate_key(source, role, key);
	spm_become(cache->owner, &caller);
	spm_source_reading++;
	PG_TRY();
	{
		is_known = evaluate_key(source, role, key);
	}
	PG_FINALLY();
	{
		spm_source_reading--;
	}
	PG_END_TRY();
	spm_return_to(&caller);
	return is_known;
}

/* The same for a row that is in the expressions' context already. */
static bool
evaluate_key(SpmSource *source, SpmRole role, Datum *key)
{
	SpmSourceCache *cache = source->cache;
	bool is_null = false;

	for (int i = 0; i < source->keys.count && !is_null; i++)
		key[i] = ExecEvalExprSwitchContext(cache->keys[role].states[i],
										   cache->key_context,
										   &is_null);
	return !is_null;
}

static void
create_source_table(void)
{
	HASHCTL control = {.keysize = NAMEDATALEN, .entrysize = sizeof(SpmSource)};

	sources = hash_create("salesperf sources",
						  16,
						  &control,
						  HASH_ELEM | HASH_STRINGS);
	CacheRegisterRelcacheCallback(forget_sources, (Datum) 0);
}

/* A view or table changed: whoever needs its source next loads it again. */
static void
forget_sources(Datum argument, Oid relation)
{
	HASH_SEQ_STATUS scan;
	SpmSource *source;

	invalidations++;
	hash_seq_init(&scan, sources);
	while ((source = hash_seq_search(&scan)) != NULL)
		if (source->cache != NULL &&
			(!OidIsValid(relation) || relation == source->cache->view ||
			 relation == source->tables[SPM_ROLE_LINES] ||
			 relation == source->tables[SPM_ROLE_HEADER]))
			source->cache->valid = false;
}

/* Load a source from its view; publish it when nothing can fail any more. */
static void
load(SpmSource *source)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "salesperf source",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	SpmSourceCache *cache = palloc0(sizeof(SpmSourceCache));
	uint64 invalidations_before = invalidations;
	SpmSource loaded = *source;

	cache->context = context;
	cache->view = spm_relation_oid(psprintf("source_%s", source->name), false);
	load_keys(&loaded, cache);
	cache->owner = spm_relation_owner(loaded.tables[SPM_ROLE_LINES]);
	MemoryContextSwitchTo(caller_context);
	MemoryContextSetParent(context, CacheMemoryContext);
	MemoryContextSwitchTo(context);
	cache->key_context = CreateStandaloneExprContext();
	MemoryContextSwitchTo(caller_context);

	if (source->cache != NULL)
		release(source->cache);
	cache->valid = invalidations == invalidations_before;
	*source = loaded;
	source->cache = cache;
}

static void
release(SpmSourceCache *cache)
{
	for (int i = 0; i < READ_KIND_COUNT; i++)
		if (cache->plans[i] != NULL)
			SPI_freeplan(cache->plans[i]);
	FreeExprContext(cache->key_context, false);
	MemoryContextDelete(cache->context);
}

/* Take the keys out of the view's columns document_key_n and header_key_n. */
static void
load_keys(SpmSource *source, SpmSourceCache *cache)
{
	Relation view = table_open(cache->view, AccessShareLock);
	Query *query = get_view_query(view);
	ListCell *cell;

	memset(&source->keys, 0, sizeof(SpmKeyTypes));
	memset(source->tables, 0, sizeof(source->tables));
	foreach (cell, query->targetList)
	{
		TargetEntry *column = lfirst_node(TargetEntry, cell);

		for (int role = 0; role < SPM_ROLE_COUNT; role++)
			for (int i = 0; i < SPM_MAX_KEYS; i++)
				if (strcmp(column->resname,
						   psprintf("%s_%d", key_columns[role], i + 1)) == 0)
					load_key(source, cache, role, i, query, column);
	}
	table_close(view, AccessShareLock);
	if (source->keys.count == 0)
		refuse_view(cache->view);
}

/*
 * Can no two rows of the table with the documents share a key?  For writers,
 * who have it open.
 */
bool
spm_source_has_unique_key(SpmSource *source)
{
	SpmSourceCache *cache = source->cache;

	if (!cache->unique_known)
		cache->unique = has_unique_key(source, cache);
	cache->unique_known = true;
	return cache->unique;
}

/*
 * Is there a unique index over columns of the key, by the key's own equality,
 * on the table with the documents?
 */
static bool
has_unique_key(const SpmSource *source, const SpmSourceCache *cache)
{
	SpmRole role = OidIsValid(source->tables[SPM_ROLE_HEADER]) ? SPM_ROLE_HEADER
															   : SPM_ROLE_LINES;
	Relation table = table_open(source->tables[role], AccessShareLock);
	bool found = false;
	ListCell *cell;

	foreach (cell, RelationGetIndexList(table))
	{
		Relation index = index_open(lfirst_oid(cell), AccessShareLock);

		found |= index->rd_index->indisunique &&
				 index->rd_index->indimmediate && index->rd_index->indisvalid &&
				 RelationGetIndexPredicate(index) == NIL &&
				 index_is_over_key(index, &source->keys, &cache->keys[role]);
		index_close(index, AccessShareLock);
	}
	table_close(table, AccessShareLock);
	return found;
}

/* Are all columns of an index columns of the key, compared as the key is? */
static bool
index_is_over_key(Relation index, const SpmKeyTypes *types,
				  const KeyExpressions *keys)
{
	for (int i = 0; i < index->rd_index->indnkeyatts; i++)
	{
		AttrNumber column = index->rd_index->indkey.values[i];
		bool found = false;

		for (int k = 0; column != 0 && k < types->count; k++)
			found |= keys->columns[k] == column &&
					 index->rd_indcollation[i] == types->collations[k] &&
					 get_opfamily_member(index->rd_opfamily[i],
										 index->rd_opcintype[i],
										 index->rd_opcintype[i],
										 BTEqualStrategyNumber) ==
						 lookup_type_cache(types->types[k], TYPECACHE_EQ_OPR)
							 ->eq_opr;
		if (!found)
			return false;
	}
	return true;
}

/* Refuse a view that somebody has put in the place of ours. */
static void
refuse_view(Oid view)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("view \"%s\" was not made by attach_source",
					get_rel_name(view)),
			 errhint("Attach the source again.")));
}

/* Take one column of a key, and the table it is of, out of the view. */
static void
load_key(SpmSource *source, SpmSourceCache *cache, SpmRole role, int number,
		 Query *query, TargetEntry *column)
{
	KeyExpressions *keys = &cache->keys[role];
	Node *expression = copyObject((Node *) column->expr);
	int rtindex;
	Expr *key;

	/* A constant names no table: then it is a flat source. */
	if (!bms_get_singleton_member(pull_varnos(NULL, expression), &rtindex))
	{
		List *from = query->jointree->fromlist;

		if (list_length(from) != 1 || !IsA(linitial(from), RangeTblRef))
			refuse_view(cache->view);
		rtindex = linitial_node(RangeTblRef, from)->rtindex;
	}
	if (rt_fetch(rtindex, query->rtable)->rtekind != RTE_RELATION)
		refuse_view(cache->view);
	ChangeVarNodes(expression, rtindex, 1, 0);
	key = expression_planner((Expr *) expression);
	keys->plain = IsA(key, Var) && (number == 0 || keys->plain);
	keys->states[number] = ExecInitExpr(key, NULL);
	keys->columns[number] = IsA(key, Var) ? ((Var *) key)->varattno : 0;
	source->tables[role] = rt_fetch(rtindex, query->rtable)->relid;
	if (role != SPM_ROLE_LINES)
		return;
	source->keys.count = number + 1;
	source->keys.types[number] = exprType((Node *) key);
	source->keys.collations[number] = exprCollation((Node *) key);
}
