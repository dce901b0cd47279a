/*-------------------------------------------------------------------------
 *
 * sale_receiver.c
 *	  The rows of a query, handed on as sales.
 *
 * src/sale/sale_receiver.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

#include "sale/sale_receiver.h"
#include "sale/split_query.h"

/* Columns that sales of split documents have after these. */
enum
{
	SPLIT_SELLERS,
	SPLIT_PERCENTS,
	SPLIT_AMOUNTS,
	SPLIT_OVERLAYS,
	SPLIT_NET,
	SPLIT_COLUMN_COUNT
};

static bool receive(TupleTableSlot *slot, DestReceiver *self);
static void startup(DestReceiver *self, int operation, TupleDesc row);
static void do_nothing(DestReceiver *self);
static void follow_document(TupleTableSlot *slot, SpmSaleReceiver *receiver);
static void take_splits(TupleTableSlot *slot, SpmSaleReceiver *receiver);
static void fill_shares(SpmSale *sale, const SpmSaleReceiver *receiver);

/*
 * Prepare for rows that have so many columns before those of their splits, which
 * those of some parts have.  Who consumes sales, whether they come by document,
 * and how many were read before is filled in.
 */
void
spm_sale_receiver_init(SpmSaleReceiver *receiver, SpmSource *source,
					   ReadPart part, int columns)
{
	const SpmKeyTypes *key = &source->keys[SPM_ROLE_LINES];
	bool is_split = part >= READ_ORDER_SPLIT;
	SpmKeyTypes splits_key;

	receiver->destination =
		(DestReceiver){receive, startup, do_nothing, do_nothing, DestNone};
	receiver->row_context = AllocSetContextCreate(CurrentMemoryContext,
												  "salesperf row",
												  ALLOCSET_SMALL_SIZES);
	receiver->splits_context = AllocSetContextCreate(CurrentMemoryContext,
													 "salesperf splits",
													 ALLOCSET_SMALL_SIZES);
	if (is_split)
	{
		receiver->split_columns = columns;
		columns += SPLIT_COLUMN_COUNT;
	}
	if (receiver->by_document)
		spm_key_run_init(&receiver->documents, key, columns);
	if (!is_split)
		return;
	spm_split_query_key(source, part, &splits_key);
	spm_key_run_init(&receiver->splits_keys, &splits_key, columns + key->count);
}

/* Hand one row on as a sale. */
static bool
receive(TupleTableSlot *slot, DestReceiver *self)
{
	SpmSaleReceiver *receiver = (SpmSaleReceiver *) self;
	MemoryContext caller_context = MemoryContextSwitchTo(receiver->row_context);
	SpmSale sale = {0};

	spm_sale_fill(&sale, slot);
	if (receiver->by_document)
	{
		follow_document(slot, receiver);
		sale.document = receiver->number;
	}
	if (receiver->split_columns > 0)
		fill_shares(&sale, receiver);
	MemoryContextSwitchTo(caller_context);
	receiver->consume(&sale, slot, receiver->state);
	MemoryContextReset(receiver->row_context);
	return true;
}

static void
startup(DestReceiver *self, int operation, TupleDesc row)
{
}

static void
do_nothing(DestReceiver *self)
{
}

/* Take the columns that every read has out of a row, into an empty sale. */
void
spm_sale_fill(SpmSale *sale, TupleTableSlot *slot)
{
	slot_getallattrs(slot);
	spm_sale_fill_keys(sale, slot);
	for (int i = 0; i < SPM_AMOUNT_COUNT; i++)
	{
		int column = 1 + SPM_KEY_COUNT + i;

		if (!slot->tts_isnull[column])
			sale->amounts[i].value = DatumGetNumeric(slot->tts_values[column]);
	}
}

/* The day and the keys alone. */
void
spm_sale_fill_keys(SpmSale *sale, TupleTableSlot *slot)
{
	sale->sold_on = DatumGetDateADT(slot->tts_values[0]);
	for (int i = 0; i < SPM_KEY_COUNT; i++)
	{
		text *key;

		if (slot->tts_isnull[1 + i])
			continue;
		key = DatumGetTextPP(slot->tts_values[1 + i]);
		sale->keys[i] = VARDATA_ANY(key);
		sale->lengths[i] = VARSIZE_ANY_EXHDR(key);
	}
}

/* Note which document and which splits a sale is of. */
static void
follow_document(TupleTableSlot *slot, SpmSaleReceiver *receiver)
{
	bool begins = spm_key_run_begins(&receiver->documents, slot);

	if (begins)
		receiver->number++;
	if (receiver->split_columns > 0 &&
		(spm_key_run_begins(&receiver->splits_keys, slot) || begins))
		take_splits(slot, receiver);
}

/* Take the splits of the sales that begin. */
static void
take_splits(TupleTableSlot *slot, SpmSaleReceiver *receiver)
{
	Datum *values = slot->tts_values + receiver->split_columns;
	MemoryContext caller_context;

	MemoryContextReset(receiver->splits_context);
	caller_context = MemoryContextSwitchTo(receiver->splits_context);
	receiver->splits_number++;
	receiver->splits =
		spm_splits_parse(PointerGetDatum(
							 PG_DETOAST_DATUM_COPY(values[SPLIT_SELLERS])),
						 PointerGetDatum(
							 PG_DETOAST_DATUM_COPY(values[SPLIT_PERCENTS])),
						 PointerGetDatum(
							 PG_DETOAST_DATUM_COPY(values[SPLIT_AMOUNTS])),
						 PointerGetDatum(
							 PG_DETOAST_DATUM_COPY(values[SPLIT_OVERLAYS])),
						 slot->tts_isnull[receiver->split_columns + SPLIT_NET]
							 ? NULL
							 : DatumGetNumericCopy(values[SPLIT_NET]));
	MemoryContextSwitchTo(caller_context);
}

/* Add who has which share of a sale of a document that is split. */
static void
fill_shares(SpmSale *sale, const SpmSaleReceiver *receiver)
{
	const SpmSplits *splits = receiver->splits;
	SpmShare *shares = palloc((splits->count + 1) * sizeof(SpmShare));

	sale->share_count = spm_splits_shares(splits,
										  sale->keys[SPM_KEY_SELLER],
										  sale->lengths[SPM_KEY_SELLER],
										  shares);
	sale->shares = shares;
	sale->splits = receiver->splits_number;
	sale->whole = splits->whole;
	sale->by_net = splits->by_net;
}
