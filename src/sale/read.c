/*-------------------------------------------------------------------------
 *
 * read.c
 *	  Reading the sales of attached sources.
 *
 * Figures are read as the owner of the table with the lines, whoever writes or
 * asks, as PostgreSQL does with the expressions of an index: a function in a
 * mapping gains nobody more than that owner's rights.  Lists are read with
 * the caller's own rights.
 *
 * src/sale/read.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_operator.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "core/owner.h"
#include "core/spi.h"
#include "sale/source.h"
#include "sale/source_int.h"

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

static void read_sales(SpmSource *source, ReadKind kind, const SpmArgs *args,
					   SpmSaleConsumer consume, void *state);
static SPIPlanPtr plan_read(SpmSource *source, ReadKind kind,
							const SpmArgs *args);
static const char *equality_of(Oid type);
static bool receive(TupleTableSlot *slot, DestReceiver *self);
static void receiver_startup(DestReceiver *self, int operation, TupleDesc row);
static void receiver_nothing(DestReceiver *self);
static void fill_sale(SpmSale *sale, TupleTableSlot *slot);

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
	spm_source_reading++;
	PG_TRY();
	{
		spm_spi_stream(cache->plans[kind], args, &receiver.destination);
	}
	PG_FINALLY();
	{
		spm_source_reading--;
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
