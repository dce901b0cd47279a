/*-------------------------------------------------------------------------
 *
 * source.c
 *	  Attached sources: their document keys, and reading their sales.
 *
 * All that is known of a source is taken from its view source_<name>: the
 * first column is the document's key, an expression over the attached table,
 * so that it follows a renamed column.
 *
 * Figures are read as the owner of the attached table, whoever writes or
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
#include "catalog/pg_type.h"
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
#include "core/owner.h"
#include "core/spi.h"
#include "sale/source.h"

/* The ways in which sales of a source are read. */
typedef enum ReadKind
{
	READ_DOCUMENTS,
	READ_ALL,
	READ_LIST,
	READ_KIND_COUNT
} ReadKind;

/* What a session keeps of a source; one context, dropped whole. */
typedef struct SpmSourceCache
{
	MemoryContext context;
	bool valid;
	Oid view;
	Oid owner;		/* of the table, whom the expressions run as */
	bool plain_key; /* a column, which can't run anybody's code */
	ExprState *key;
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
	[READ_DOCUMENTS] = "SELECT " SALE_COLUMNS " FROM salesperf.%s AS s"
					   " WHERE s.counts AND s.document_key %s ANY ($1)",
	[READ_ALL] = "SELECT " SALE_COLUMNS " FROM salesperf.%s AS s"
				 " WHERE s.counts",
	[READ_LIST] = "SELECT " SALE_COLUMNS ", s.document, s.line"
				  " FROM salesperf.%s AS s WHERE s.counts",
};

static HTAB *sources = NULL;

/* How many reads of sources are under way, one inside the other. */
static int reading = 0;

/* How often something was invalidated: a load compares before and after. */
static uint64 invalidations = 0;

static void create_source_table(void);
static void forget_sources(Datum argument, Oid relation);
static void load(SpmSource *source);
static Node *key_expression(Oid view, Oid *lines);
static void read_sales(SpmSource *source, ReadKind kind, Datum keys,
					   SpmSaleConsumer consume, void *state);
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
 * Does the source of that name have its view, over a table whose changes fire
 * its triggers?  Rows of a partition are written through its parent too.
 */
bool
spm_source_is_followed(const char *name)
{
	Oid view = spm_relation_oid(psprintf("source_%s", name), true);

	return OidIsValid(view) &&
		   !get_rel_relispartition(spm_source_get(name)->lines);
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

/* Key of the document that a row of the attached table belongs to. */
Datum
spm_source_key(SpmSource *source, TupleTableSlot *row, bool *is_null)
{
	SpmSourceCache *cache = source->cache;
	SpmCaller caller;
	volatile Datum key = (Datum) 0;

	ResetExprContext(cache->key_context);
	cache->key_context->ecxt_scantuple = row;
	if (cache->plain_key)
		return ExecEvalExprSwitchContext(cache->key,
										 cache->key_context,
										 is_null);
	spm_become(cache->owner, &caller);
	reading++;
	PG_TRY();
	{
		key =
			ExecEvalExprSwitchContext(cache->key, cache->key_context, is_null);
	}
	PG_FINALLY();
	{
		reading--;
	}
	PG_END_TRY();
	spm_return_to(&caller);
	return key;
}

/*
 * Read the sales of some documents; keys is an array of their keys.  The plan
 * is kept, and may be made while the table is small: without sequential scans
 * it uses the index that the source must have, however much is looked up.
 */
void
spm_source_read_documents(SpmSource *source, Datum keys,
						  SpmSaleConsumer consume, void *state)
{
	SpmCaller caller;

	spm_become(source->cache->owner, &caller);
	spm_set_locally("enable_seqscan", "off");
	read_sales(source, READ_DOCUMENTS, keys, consume, state);
	spm_return_to(&caller);
}

/* Read all sales of a source. */
void
spm_source_read_all(SpmSource *source, SpmSaleConsumer consume, void *state)
{
	SpmCaller caller;

	spm_become(source->cache->owner, &caller);
	read_sales(source, READ_ALL, (Datum) 0, consume, state);
	spm_return_to(&caller);
}

/*
 * Read all sales that the caller may see.  Rows have document and line after
 * the columns that every read has.
 */
void
spm_source_list(SpmSource *source, SpmSaleConsumer consume, void *state)
{
	read_sales(source, READ_LIST, (Datum) 0, consume, state);
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
			 relation == source->lines))
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
	Expr *key;

	cache->context = context;
	cache->view = spm_relation_oid(psprintf("source_%s", source->name), false);
	key = expression_planner(
		(Expr *) key_expression(cache->view, &source->lines));
	cache->owner = spm_relation_owner(source->lines);
	cache->plain_key = IsA(key, Var);
	cache->key = ExecInitExpr(key, NULL);
	source->key_type = exprType((Node *) key);
	source->key_collation = exprCollation((Node *) key);
	MemoryContextSwitchTo(caller_context);
	MemoryContextSetParent(context, CacheMemoryContext);
	MemoryContextSwitchTo(context);
	cache->key_context = CreateStandaloneExprContext();
	MemoryContextSwitchTo(caller_context);

	if (source->cache != NULL)
	{
		for (int i = 0; i < READ_KIND_COUNT; i++)
			if (source->cache->plans[i] != NULL)
				SPI_freeplan(source->cache->plans[i]);
		FreeExprContext(source->cache->key_context, false);
		MemoryContextDelete(source->cache->context);
	}
	cache->valid = invalidations == invalidations_before;
	source->cache = cache;
}

/* The key's expression over a row of the attached table, whose OID is set. */
static Node *
key_expression(Oid view_oid, Oid *lines)
{
	Relation view = table_open(view_oid, AccessShareLock);
	Query *query = get_view_query(view);
	List *from = query->jointree->fromlist;
	Node *key;
	int rtindex;

	if (list_length(from) != 1 || !IsA(linitial(from), RangeTblRef))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("view \"%s\" was not made by attach_source",
						RelationGetRelationName(view)),
				 errhint("Attach the source again.")));
	rtindex = linitial_node(RangeTblRef, from)->rtindex;
	*lines = rt_fetch(rtindex, query->rtable)->relid;
	key = copyObject(
		(Node *) linitial_node(TargetEntry, query->targetList)->expr);
	ChangeVarNodes(key, rtindex, 1, 0);
	table_close(view, AccessShareLock);
	return key;
}

/* Run one of the source's queries under the active snapshot. */
static void
read_sales(SpmSource *source, ReadKind kind, Datum keys,
		   SpmSaleConsumer consume, void *state)
{
	SpmSourceCache *cache = source->cache;
	Oid argument_type =
		kind == READ_DOCUMENTS ? get_array_type(source->key_type) : InvalidOid;
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
		cache->plans[kind] =
			spm_spi_keep(psprintf(read_queries[kind],
								  spm_source_view_name(source->name),
								  equality_of(source->key_type)),
						 OidIsValid(argument_type) ? 1 : 0,
						 &argument_type);
	reading++;
	PG_TRY();
	{
		spm_spi_stream(cache->plans[kind],
					   argument_type,
					   keys,
					   &receiver.destination);
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
