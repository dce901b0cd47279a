/*-------------------------------------------------------------------------
 *
 * source.c
 *	  Attached sources: their document keys, and reading their sales.
 *
 * All that is known of a source is taken from its view source_<name>: its
 * first columns are the document's key as each attached table has it, so that
 * it follows a renamed column.
 *
 * Figures are read as the owner of the table with the lines, whoever writes or
 * asks, as PostgreSQL does with the expressions of an index: a function in a
 * mapping gains nobody more than that owner's rights.  Lists are read with
 * the caller's own rights.
 *
 * src/sale/source.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_operator.h"
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
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "core/catalog.h"
#include "core/export.h"
#include "core/owner.h"
#include "core/spi.h"
#include "sale/source.h"

SPM_FUNCTION_INFO_V1(spm_source_followed);

/* The ways in which sales of a source are read. */
typedef enum ReadKind
{
	READ_DOCUMENTS,
	READ_ALL,
	READ_LIST,
	READ_KIND_COUNT
} ReadKind;

/* A document's key as an expression over a row of one attached table. */
typedef struct KeyExpressions
{
	bool plain; /* columns, which can't run anybody's code */
	ExprState *states[SPM_MAX_KEYS];
} KeyExpressions;

/* What a session keeps of a source; one context, dropped whole. */
typedef struct SpmSourceCache
{
	MemoryContext context;
	bool valid;
	Oid view;
	Oid owner; /* of the lines, whom the expressions run as */
	KeyExpressions keys[SPM_ROLE_COUNT];
	ExprContext *key_context;
	SPIPlanPtr plans[READ_KIND_COUNT];
} SpmSourceCache;

/* Receives the rows of a query and hands them on as sales. */
typedef struct SaleReceiver
{
	DestReceiver destination;
	SpmSaleConsumer consume;
	void *state;
	MemoryContext row_context;
} SaleReceiver;

/* Columns before those that only a list needs. */
#define SALE_COLUMNS                                                           \
	"s.sold_on, s.seller, s.customer, s.product, s.branch, s.sale_type, "      \
	"s.source, s.quantity, s.gross, s.net, s.margin"

static const char *const read_queries[READ_KIND_COUNT] = {
	[READ_DOCUMENTS] = "SELECT " SALE_COLUMNS " FROM salesperf.%s AS s%s"
					   " WHERE s.counts%s",
	[READ_ALL] = "SELECT " SALE_COLUMNS " FROM salesperf.%s AS s%s"
				 " WHERE s.counts%s",
	[READ_LIST] = "SELECT " SALE_COLUMNS ", s.document, s.line"
				  " FROM salesperf.%s AS s%s WHERE s.counts%s",
};

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
static int reading = 0;

/* How often something was invalidated: a load compares before and after. */
static uint64 invalidations = 0;

static void create_source_table(void);
static void forget_sources(Datum argument, Oid relation);
static void load(SpmSource *source);
static bool has_its_triggers(const SpmSource *source, Oid table_oid);
static bool evaluate_key(SpmSource *source, SpmRole role, Datum *key);
static void load_keys(SpmSource *source, SpmSourceCache *cache);
static void load_key(SpmSource *source, SpmSourceCache *cache, SpmRole role,
					 int number, Query *query, TargetEntry *column);
static void refuse_view(Oid view);
static void release(SpmSourceCache *cache);
static void read_sales(SpmSource *source, ReadKind kind, const SpmArgs *args,
					   SpmSaleConsumer consume, void *state);
static SPIPlanPtr plan_read(SpmSource *source, ReadKind kind,
							const SpmArgs *args);
static const char *equality_of(Oid type);
static bool receive(TupleTableSlot *slot, DestReceiver *self);
static void receiver_startup(DestReceiver *self, int operation, TupleDesc row);
static void receiver_nothing(DestReceiver *self);
static void fill_sale(SpmSale *sale, TupleTableSlot *slot);

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
	if (reading > 0)
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
	PG_RETURN_BOOL(
		spm_source_is_followed(text_to_cstring(PG_GETARG_TEXT_PP(0))));
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
	reading++;
	PG_TRY();
	{
		is_known = evaluate_key(source, role, key);
	}
	PG_FINALLY();
	{
		reading--;
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

/*
 * Read the sales of some documents; keys has an array for each key column.
 * The plan is kept, and may be made while the tables are small: without
 * sequential scans it uses the indexes that the source must have, however
 * much is looked up.
 */
void
spm_source_read_documents(SpmSource *source, const Datum *keys,
						  SpmSaleConsumer consume, void *state)
{
	SpmArgs args = {.count = source->keys.count};
	SpmCaller caller;

	for (int i = 0; i < args.count; i++)
	{
		args.types[i] = get_array_type(source->keys.types[i]);
		args.values[i] = keys[i];
	}
	spm_become(source->cache->owner, &caller);
	spm_set_locally("enable_seqscan", "off");
	read_sales(source, READ_DOCUMENTS, &args, consume, state);
	spm_return_to(&caller);
}

/* Read all sales of a source. */
void
spm_source_read_all(SpmSource *source, SpmSaleConsumer consume, void *state)
{
	SpmArgs none = {0};
	SpmCaller caller;

	spm_become(source->cache->owner, &caller);
	read_sales(source, READ_ALL, &none, consume, state);
	spm_return_to(&caller);
}

/*
 * Read all sales that the caller may see.  Rows have document and line after
 * the columns that every read has.
 */
void
spm_source_list(SpmSource *source, SpmSaleConsumer consume, void *state)
{
	SpmArgs none = {0};

	read_sales(source, READ_LIST, &none, consume, state);
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
	source->tables[role] = rt_fetch(rtindex, query->rtable)->relid;
	if (role != SPM_ROLE_LINES)
		return;
	source->keys.count = number + 1;
	source->keys.types[number] = exprType((Node *) key);
	source->keys.collations[number] = exprCollation((Node *) key);
}

/* Run one of the source's queries under the active snapshot. */
static void
read_sales(SpmSource *source, ReadKind kind, const SpmArgs *args,
		   SpmSaleConsumer consume, void *state)
{
	SpmSourceCache *cache = source->cache;
	SaleReceiver receiver = {{receive,
							  receiver_startup,
							  receiver_nothing,
							  receiver_nothing,
							  DestNone},
							 consume,
							 state,
							 NULL};

	receiver.row_context = AllocSetContextCreate(CurrentMemoryContext,
												 "salesperf row",
												 ALLOCSET_SMALL_SIZES);
	spm_spi_begin();
	if (cache->plans[kind] == NULL)
		cache->plans[kind] = plan_read(source, kind, args);
	reading++;
	PG_TRY();
	{
		spm_spi_stream(cache->plans[kind], args, &receiver.destination);
	}
	PG_FINALLY();
	{
		reading--;
	}
	PG_END_TRY();
	spm_spi_end();
	MemoryContextDelete(receiver.row_context);
}

/*
 * The plan of a query, kept.  Documents with a key of one column are found by
 * = ANY ($1), with more by
 *		unnest($1, $2) AS k (k1, k2) WHERE document_key_1 = k.k1 AND ...
 */
static SPIPlanPtr
plan_read(SpmSource *source, ReadKind kind, const SpmArgs *args)
{
	StringInfoData arrays;
	StringInfoData names;
	StringInfoData condition;

	initStringInfo(&arrays);
	initStringInfo(&names);
	initStringInfo(&condition);
	if (args->count == 1)
		appendStringInfo(&condition,
						 " AND s.document_key_1 %s ANY ($1)",
						 equality_of(source->keys.types[0]));
	for (int i = 1; args->count > 1 && i <= args->count; i++)
	{
		appendStringInfo(&arrays, i > 1 ? ", $%d" : "$%d", i);
		appendStringInfo(&names, i > 1 ? ", k%d" : "k%d", i);
		appendStringInfo(&condition,
						 " AND s.document_key_%d %s k.k%d",
						 i,
						 equality_of(source->keys.types[i - 1]),
						 i);
	}
	return spm_spi_keep(psprintf(read_queries[kind],
								 spm_source_view_name(source->name),
								 args->count > 1
									 ? psprintf(", unnest(%s) AS k (%s)",
												arrays.data,
												names.data)
									 : "",
								 condition.data),
						args);
}

/*
 * The equality by which documents were told apart when they were collected:
 * "=" could find another one, that of a type from elsewhere is not found.
 */
static const char *
equality_of(Oid type)
{
	Oid equality = lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr;
	HeapTuple tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(equality));
	Form_pg_operator form;
	char *name;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator %u", equality);
	form = (Form_pg_operator) GETSTRUCT(tuple);
	name = psprintf("OPERATOR(%s.%s)",
					quote_identifier(get_namespace_name(form->oprnamespace)),
					NameStr(form->oprname));
	ReleaseSysCache(tuple);
	return name;
}

/* Hand one row on as a sale. */
static bool
receive(TupleTableSlot *slot, DestReceiver *self)
{
	SaleReceiver *receiver = (SaleReceiver *) self;
	MemoryContext caller_context = MemoryContextSwitchTo(receiver->row_context);
	SpmSale sale;

	fill_sale(&sale, slot);
	MemoryContextSwitchTo(caller_context);
	receiver->consume(&sale, slot, receiver->state);
	MemoryContextReset(receiver->row_context);
	return true;
}

static void
receiver_startup(DestReceiver *self, int operation, TupleDesc row)
{
}

static void
receiver_nothing(DestReceiver *self)
{
}

/* Take the columns of SALE_COLUMNS out of a row. */
static void
fill_sale(SpmSale *sale, TupleTableSlot *slot)
{
	slot_getallattrs(slot);
	sale->sold_on = DatumGetDateADT(slot->tts_values[0]);
	for (int i = 0; i < SPM_KEY_COUNT; i++)
	{
		text *key;

		sale->keys[i] = NULL;
		sale->lengths[i] = 0;
		if (slot->tts_isnull[1 + i])
			continue;
		key = DatumGetTextPP(slot->tts_values[1 + i]);
		sale->keys[i] = VARDATA_ANY(key);
		sale->lengths[i] = VARSIZE_ANY_EXHDR(key);
	}
	for (int i = 0; i < SPM_METRIC_COUNT; i++)
	{
		int column = 1 + SPM_KEY_COUNT + i;

		sale->amounts[i] = slot->tts_isnull[column]
							   ? NULL
							   : DatumGetNumeric(slot->tts_values[column]);
	}
}
