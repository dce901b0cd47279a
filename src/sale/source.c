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

#include "access/parallel.h"

#include "access/genam.h"
#include "access/stratnum.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "core/catalog.h"
#include "core/compat.h"
#include "core/equality.h"
#include "core/owner.h"
#include "core/spi.h"
#include "sale/direct.h"
#include "sale/source.h"
#include "sale/source_int.h"

const char *const spm_role_names[SPM_TRACE_NAMES] = {
	[SPM_ROLE_LINES] = "lines",
	[SPM_ROLE_HEADER] = "header",
	[SPM_ROLE_SPLITS] = "splits",
	[SPM_ROLE_LOOKUP] = "lookup_1",
	[SPM_ROLE_LOOKUP + 1] = "lookup_2",
	[SPM_ROLE_LOOKUP + 2] = "lookup_3",
	[SPM_ROLE_LOOKUP + 3] = "lookup_4",
	[SPM_ROLE_LOOKUP + 4] = "lookup_5",
	[SPM_ROLE_LOOKUP + 5] = "lookup_6",
	[SPM_ROLE_LOOKUP + 6] = "lookup_7",
	[SPM_ROLE_LOOKUP + 7] = "lookup_8",
	[SPM_TRACE_ORDER_SPLIT] = "order_split",
	[SPM_TRACE_RATE] = "rate",
	[SPM_TRACE_CUSTOMER] = "customer",
	[SPM_TRACE_PRODUCT] = "product",
	[SPM_TRACE_SELLER] = "seller",
	[SPM_TRACE_UNITS] = "units",
	[SPM_TRACE_FAMILIES] = "families",
};

static HTAB *sources = NULL;

/* How many reads of sources are under way, one inside the other. */
int spm_source_reading = 0;

/* How often something was invalidated: a load compares before and after. */
static uint64 invalidations = 0;

static List *read_names(const char *query, const char *argument);
static void create_source_table(void);
static SpmSource *find_source(const char *name, HASHACTION action);
static void forget_sources(Datum argument, Oid relation);
static void load(SpmSource *source);
static bool is_relation_of(const SpmSource *source, Oid relation);
static bool evaluate_key(SpmSource *source, SpmRole role, Datum *key);
static bool has_unique_key(const SpmSource *source,
						   const SpmSourceCache *cache);
static bool index_is_over_key(Relation index, const SpmKeyTypes *types,
							  const KeyExpressions *keys);
static void release(SpmSourceCache *cache);

/* Name, quoted, of the view with the canonical rows of a source. */
const char *
spm_source_view_name(const char *name)
{
	return quote_identifier(psprintf("source_%s", name));
}

/* The same of the view with the rows by which its documents are split. */
const char *
spm_source_splits_view_name(const char *name)
{
	return quote_identifier(psprintf("split_%s", name));
}

/* Names of all sources, in order, in the current memory context. */
List *
spm_source_names(void)
{
	return read_names("SELECT s.name FROM salesperf.source s ORDER BY 1", NULL);
}

/*
 * The source whose documents are those of a source: itself, or the one that
 * it is part of.
 */
const char *
spm_source_root(const char *name)
{
	List *names = read_names("SELECT s.part_of FROM salesperf.source s"
							 " WHERE s.name = $1 AND s.part_of IS NOT NULL",
							 name);

	return names == NIL ? name : linitial(names);
}

/* Names of the sources with documents of root, in order. */
List *
spm_source_family(const char *root)
{
	return read_names("SELECT s.name FROM salesperf.source s"
					  " WHERE $1 IN (s.name, s.part_of) ORDER BY 1",
					  root);
}

/* Names that a query finds, in the current memory context. */
static List *
read_names(const char *query, const char *argument)
{
	SpmArgs args = {.count = argument ? 1 : 0, .types = {TEXTOID}};
	MemoryContext caller_context = CurrentMemoryContext;
	SpmCaller caller;
	List *names = NIL;
	uint64 count;

	if (argument != NULL)
		args.values[0] = CStringGetTextDatum(argument);
	spm_become(spm_relation_owner(spm_relation_oid("source", false)), &caller);
	spm_spi_begin();
	count = spm_spi_read(query, &args);
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
	if (spm_source_reading > 0 || IsParallelWorker())
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("expressions of a source cannot read figures or write "
						"attached tables")));
}

/* Is it the source's table of that role, or a partition of it? */
bool
spm_source_has_table(const SpmSource *source, SpmRole role, Oid table)
{
	return spm_tree_has(&source->cache->trees[role], table);
}

/* All tables of a source with their partitions, in the current context. */
List *
spm_source_tables(const SpmSource *source)
{
	List *tables = NIL;

	for (int role = 0; role < SPM_ROLE_COUNT; role++)
	{
		const SpmTree *tree = &source->cache->trees[role];

		for (int i = 0; i < tree->count; i++)
			tables = lappend_oid(tables, tree->tables[i]);
	}
	return tables;
}

/* Has the source a partitioned table? */
bool
spm_source_is_partitioned(const SpmSource *source)
{
	return source->cache->partitioned;
}

/* What there is of that name; most look for one again and again. */
static SpmSource *
find_source(const char *name, HASHACTION action)
{
	static SpmSource *last = NULL;
	bool found;

	if (last != NULL && strcmp(last->name, name) == 0)
		return last;
	if (sources == NULL)
		create_source_table();
	last = hash_search(sources, name, action, &found);
	if (last != NULL && !found)
		last->cache = NULL;
	return last;
}

/* The source of that name; an error if its view is gone. */
SpmSource *
spm_source_get(const char *name)
{
	SpmSource *source;

	spm_source_refuse_nested();
	source = find_source(name, HASH_ENTER);
	if (source->cache == NULL || !source->cache->valid)
		load(source);
	return source;
}

/* The same if nothing has to be read for it, else NULL. */
SpmSource *
spm_source_cached(const char *name)
{
	SpmSource *source = find_source(name, HASH_FIND);

	return spm_source_reading == 0 && source != NULL && source->cache != NULL &&
				   source->cache->valid
			   ? source
			   : NULL;
}

/* The view with the rows of a source; InvalidOid: it is gone. */
Oid
spm_source_view(const char *name)
{
	SpmSource *source = spm_source_cached(name);

	return source ? source->cache->view
				  : spm_relation_oid(psprintf("source_%s", name), true);
}

/* The owner of a source's lines, as whom its sales are read. */
Oid
spm_source_owner(const char *name)
{
	return spm_source_get(name)->cache->owner;
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

	cache->key_context->ecxt_scantuple = row;
	if (keys->plain)
		return evaluate_key(source, role, key);
	ResetExprContext(cache->key_context);
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

	for (int i = 0; i < source->keys[role].count && !is_null; i++)
	{
		AttrNumber column = cache->keys[role].columns[i];

		key[i] = column > 0
					 ? slot_getattr(cache->key_context->ecxt_scantuple,
									column,
									&is_null)
					 : ExecEvalExprSwitchContext(cache->keys[role].states[i],
												 cache->key_context,
												 &is_null);
	}
	return !is_null;
}

/*
 * Do two versions of a row that is looked up differ in what the source uses
 * of it?
 */
bool
spm_source_uses(const SpmSource *source, SpmRole role, TupleTableSlot *before,
				TupleTableSlot *after)
{
	const Bitmapset *used = source->cache->used[role];
	TupleDesc row = before->tts_tupleDescriptor;
	int member = -1;

	slot_getallattrs(before);
	slot_getallattrs(after);
	while ((member = bms_next_member(used, member)) >= 0)
	{
		AttrNumber column = member + FirstLowInvalidHeapAttributeNumber;
		Form_pg_attribute attribute;
		int i = column - 1;

		if (column <= 0)
			return true;
		attribute = TupleDescAttr(row, i);
		if (SPM_IS_VIRTUAL(attribute))
			return true;
		if (before->tts_isnull[i] != after->tts_isnull[i] ||
			(!before->tts_isnull[i] && !datum_image_eq(before->tts_values[i],
													   after->tts_values[i],
													   attribute->attbyval,
													   attribute->attlen)))
			return true;
	}
	return false;
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
			(!OidIsValid(relation) || is_relation_of(source, relation)))
			source->cache->valid = false;
}

/* Is it a table of the source, a partition of one, a view, or table source? */
static bool
is_relation_of(const SpmSource *source, Oid relation)
{
	bool found = relation == source->cache->view ||
				 relation == source->cache->splits_view ||
				 relation == source->cache->all_sources ||
				 relation == source->cache->customers ||
				 relation == source->cache->products ||
				 relation == source->cache->settings ||
				 relation == source->cache->rates ||
				 relation == source->cache->order_splits;

	for (int role = 0; role < SPM_ROLE_COUNT; role++)
		found |= relation == source->tables[role] ||
				 spm_tree_has(&source->cache->trees[role], relation);
	return found;
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
	cache->all_sources = spm_relation_oid("source", true);
	cache->customers = spm_relation_oid("customer", true);
	cache->products = spm_relation_oid("product", true);
	cache->settings = spm_relation_oid("setting", true);
	cache->rates = spm_relation_oid("exchange_rate", true);
	cache->order_splits = spm_relation_oid("order_split", true);
	spm_source_load(&loaded, cache);
	cache->owner = spm_relation_owner(loaded.tables[SPM_ROLE_LINES]);
	for (int role = 0; role < SPM_ROLE_COUNT; role++)
		if (OidIsValid(loaded.tables[role]))
		{
			spm_tree_load(&cache->trees[role], loaded.tables[role]);
			cache->partitioned |= get_rel_relkind(loaded.tables[role]) ==
								  RELKIND_PARTITIONED_TABLE;
		}
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
	SPIPlanPtr *plans = &cache->plans[0][0][0][0];

	for (int i = 0; i < sizeof(cache->plans) / sizeof(SPIPlanPtr); i++)
		if (plans[i] != NULL)
			SPI_freeplan(plans[i]);
	FreeExprContext(cache->key_context, false);
	MemoryContextDelete(cache->context);
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

/* How its documents are read without the executor, NULL: they can't be. */
SpmDirect *
spm_source_direct(SpmSource *source)
{
	SpmSourceCache *cache = source->cache;
	MemoryContext caller_context;

	if (!cache->direct_known)
	{
		caller_context = MemoryContextSwitchTo(cache->context);
		cache->direct = spm_direct_load(source);
		cache->direct_known = true;
		MemoryContextSwitchTo(caller_context);
	}
	return cache->direct;
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

		found = index->rd_index->indisunique && index->rd_index->indimmediate &&
				index->rd_index->indisvalid &&
				RelationGetIndexPredicate(index) == NIL &&
				index_is_over_key(index,
								  &source->keys[SPM_ROLE_LINES],
								  &cache->keys[role]);
		index_close(index, AccessShareLock);
		if (found)
			break;
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
						 spm_equality_operator(types->types[k]);
		if (!found)
			return false;
	}
	return true;
}
