/*-------------------------------------------------------------------------
 *
 * post.c
 *	  Entering what a run computed: the difference to what is there.
 *
 * The items of a run and those in table commission_item are gone through side
 * by side, in the same order.  What is the same stays as it is, so a run that
 * is repeated writes nothing.
 *
 * src/commission/post.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "tcop/dest.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/sortsupport.h"

#include "commission/defer_int.h"
#include "commission/exception_int.h"
#include "commission/post_int.h"
#include "commission/writer_int.h"
#include "core/owner.h"
#include "core/spi.h"

/* So many items are removed at once. */
#define BATCH 10000

/* Columns of commission_item in the order of items, then those all share. */
static const char *const item_columns[] = {
	[ITEM_DOCUMENT] = "document",
	[ITEM_SOURCE] = "source",
	[ITEM_LINE] = "line",
	[ITEM_PERIOD_START] = "period_start",
	[ITEM_COMPONENT] = "component",
	[ITEM_RULE_ID] = "rule_id",
	[ITEM_PAYEE_KIND] = "payee_kind",
	[ITEM_PAYEE] = "payee",
	[ITEM_SELLER] = "seller",
	[ITEM_AMOUNT] = "amount",
	[ITEM_BASE] = "base",
	[ITEM_TIER_VALUE] = "tier_value",
	[ITEM_LEVEL] = "level",
	[ITEM_RATE] = "rate",
	[ITEM_OUTLET] = "outlet",
	[ITEM_OFFICE] = "office",
	[ITEM_COMPANY] = "company",
	[ITEM_PERIOD_END] = "period_end",
	[ITEM_COMPARED] = "kind",
};

static const char *const exception_columns[EXCEPTION_COLUMNS] = {
	[EXCEPTION_PERIOD_START] = "period_start",
	[EXCEPTION_SOURCE] = "source",
	[EXCEPTION_DOCUMENT] = "document",
	[EXCEPTION_LINE] = "line",
	[EXCEPTION_SELLER] = "seller",
	[EXCEPTION_COMPONENT] = "component",
	[EXCEPTION_PAYEE_KIND] = "payee_kind",
	[EXCEPTION_PAYEE] = "payee",
	[EXCEPTION_RULE_ID] = "rule_id",
	[EXCEPTION_REASON] = "reason",
};

/* $1, $2: first and last days of the periods.  Columns as of an item. */
static const char existing_query[] =
	"SELECT i.document, i.source, i.line, i.period_start, i.component,"
	" i.rule_id, i.payee_kind, i.payee, i.seller, i.amount, i.base,"
	" i.tier_value, i.level, i.rate, i.outlet, i.office, i.company,"
	" i.period_end, i.item_id, NULL::date"
	" FROM salesperf.commission_item i"
	" WHERE i.kind = 'earned' AND i.status = 'open'"
	/* No period is longer than a year. */
	" AND i.period_start BETWEEN (SELECT min(s) FROM unnest($1) AS s (s)) - 366"
	" AND (SELECT max(e) FROM unnest($2) AS e (e))"
	" AND EXISTS (SELECT FROM unnest($1, $2) AS p (starts_on, ends_on)"
	" WHERE i.period_start <= p.ends_on AND i.period_end >= p.starts_on)";

/* Receives the items that are there. */
typedef struct ItemReceiver
{
	DestReceiver destination;
	SpmRun *run;
	Tuplesortstate *items;
	int64 count;
} ItemReceiver;

/* Going through both side by side. */
typedef struct Merge
{
	SpmRun *run;
	SortSupportData order[ITEM_COMPARED];
	SpmWriter *writer;
	TupleTableSlot *old;
	TupleTableSlot *new;
	Datum removed[BATCH];
	int removed_count;
	SpmPosted *posted;
} Merge;

static SpmArgs period_arrays(const SpmRun *run);
static Tuplesortstate *load_existing(SpmRun *run);
static bool receive(TupleTableSlot *slot, DestReceiver *self);
static void receiver_startup(DestReceiver *self, int operation, TupleDesc row);
static void receiver_nothing(DestReceiver *self);
static void merge_items(Merge *merge, Tuplesortstate *existing);
static bool next_item(Tuplesortstate *items, TupleTableSlot *slot);
static void prepare_order(Merge *merge);
static int compare_items(Merge *merge);
static void insert_item(Merge *merge);
static void remove_item(Merge *merge);
static void flush_removed(Merge *merge);
static void post_exceptions(SpmRun *run);
static void post_uses(SpmRun *run);

/* Enter what was computed; as the owner of the items, and of the extension. */
void
spm_post(SpmRun *run, SpmPosted *posted)
{
	SpmArgs args = period_arrays(run);
	Merge *merge = palloc0(sizeof(Merge));
	Tuplesortstate *existing = load_existing(run);
	SpmCaller caller;

	memset(posted, 0, sizeof(SpmPosted));
	merge->run = run;
	merge->posted = posted;
	prepare_order(merge);
	merge->old = MakeSingleTupleTableSlot(run->item_row, &TTSOpsMinimalTuple);
	merge->new = run->item_slot;
	merge->writer = spm_writer_open("commission_item",
									item_columns,
									lengthof(item_columns));
	merge_items(merge, existing);
	spm_writer_close(merge->writer);
	flush_removed(merge);
	ExecDropSingleTupleTableSlot(merge->old);
	if (existing != NULL)
		tuplesort_end(existing);
	spm_spi_begin();
	spm_spi_run("UPDATE salesperf.commission_period"
				" SET calculated_at = pg_catalog.now()"
				" WHERE starts_on = ANY ($1)",
				&args);
	spm_spi_end();
	spm_become_extension_owner(&caller);
	post_exceptions(run);
	post_uses(run);
	spm_return_to(&caller);
}

/* First and last days of the periods that are wanted. */
static SpmArgs
period_arrays(const SpmRun *run)
{
	SpmArgs args = {.count = 2, .types = {DATEARRAYOID, DATEARRAYOID}};
	Datum *starts = palloc(run->period_count * sizeof(Datum));
	Datum *ends = palloc(run->period_count * sizeof(Datum));
	int count = 0;

	for (int i = 0; i < run->period_count; i++)
		if (run->periods[i].wanted)
		{
			starts[count] = DateADTGetDatum(run->periods[i].starts_on);
			ends[count++] = DateADTGetDatum(run->periods[i].ends_on);
		}
	args.values[0] = PointerGetDatum(
		construct_array(starts, count, DATEOID, sizeof(DateADT), true, 'i'));
	args.values[1] = PointerGetDatum(
		construct_array(ends, count, DATEOID, sizeof(DateADT), true, 'i'));
	return args;
}

/* The open items of the periods, sorted; NULL if there are none. */
static Tuplesortstate *
load_existing(SpmRun *run)
{
	SpmArgs args = period_arrays(run);
	ItemReceiver receiver = {.destination = {receive,
											 receiver_startup,
											 receiver_nothing,
											 receiver_nothing,
											 DestNone},
							 .run = run};

	receiver.items = spm_items_sort(run->item_row);
	spm_spi_begin();
	spm_spi_stream(spm_spi_prepare(existing_query, &args),
				   &args,
				   &receiver.destination);
	spm_spi_end();
	if (receiver.count == 0)
	{
		tuplesort_end(receiver.items);
		return NULL;
	}
	tuplesort_performsort(receiver.items);
	return receiver.items;
}

static bool
receive(TupleTableSlot *slot, DestReceiver *self)
{
	ItemReceiver *receiver = (ItemReceiver *) self;

	spm_run_tick(receiver->run, "posting", ++receiver->count);
	tuplesort_puttupleslot(receiver->items, slot);
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

static void
merge_items(Merge *merge, Tuplesortstate *existing)
{
	bool has_new = next_item(merge->run->items, merge->new);
	bool has_old = next_item(existing, merge->old);
	int64 done = 0;

	while (has_new || has_old)
	{
		int order = !has_old ? -1 : !has_new ? 1 : compare_items(merge);

		spm_run_tick(merge->run, "posting", ++done);
		if (order < 0)
			insert_item(merge);
		else if (order > 0)
			remove_item(merge);
		else
			merge->posted->kept++;
		if (order <= 0)
			has_new = next_item(merge->run->items, merge->new);
		if (order >= 0)
			has_old = next_item(existing, merge->old);
	}
}

static bool
next_item(Tuplesortstate *items, TupleTableSlot *slot)
{
	if (items == NULL ||
		!tuplesort_gettupleslot(items, true, false, slot, NULL))
		return false;
	slot_getallattrs(slot);
	return true;
}

/* The order in which both are sorted. */
static void
prepare_order(Merge *merge)
{
	for (int i = 0; i < ITEM_COMPARED; i++)
	{
		Oid type = TupleDescAttr(merge->run->item_row, i)->atttypid;
		SortSupport order = &merge->order[i];

		order->ssup_cxt = CurrentMemoryContext;
		order->ssup_collation = type == TEXTOID ? C_COLLATION_OID : InvalidOid;
		order->ssup_nulls_first = false;
		order->ssup_attno = i + 1;
		PrepareSortSupportFromOrderingOp(spm_less_operator(type), order);
	}
}

static int
compare_items(Merge *merge)
{
	for (int i = 0; i < ITEM_COMPARED; i++)
	{
		int order = ApplySortComparator(merge->new->tts_values[i],
										merge->new->tts_isnull[i],
										merge->old->tts_values[i],
										merge->old->tts_isnull[i],
										&merge->order[i]);

		if (order != 0)
			return order;
	}
	return 0;
}

static void
insert_item(Merge *merge)
{
	Datum values[ITEM_COMPARED + 1];
	bool nulls[ITEM_COMPARED + 1];

	memcpy(values, merge->new->tts_values, ITEM_COMPARED * sizeof(Datum));
	memcpy(nulls, merge->new->tts_isnull, ITEM_COMPARED * sizeof(bool));
	values[ITEM_COMPARED] = merge->run->earned;
	nulls[ITEM_COMPARED] = false;
	spm_writer_put(merge->writer, values, nulls);
	merge->posted->written++;
}

static void
remove_item(Merge *merge)
{
	merge->removed[merge->removed_count++] = merge->old->tts_values[ITEM_ID];
	merge->posted->removed++;
	if (merge->removed_count == BATCH)
		flush_removed(merge);
}

/* Delete the items that were noted. */
static void
flush_removed(Merge *merge)
{
	SpmArgs args = {.count = 1, .types = {INT8ARRAYOID}};
	ArrayType *ids;

	if (merge->removed_count == 0)
		return;
	ids = construct_array(merge->removed,
						  merge->removed_count,
						  INT8OID,
						  sizeof(int64),
						  FLOAT8PASSBYVAL,
						  TYPALIGN_DOUBLE);
	args.values[0] = PointerGetDatum(ids);
	spm_spi_begin();
	spm_spi_run("DELETE FROM salesperf.commission_item"
				" WHERE item_id = ANY ($1)",
				&args);
	spm_spi_end();
	pfree(ids);
	merge->removed_count = 0;
}

/* Replace the exceptions of the periods. */
static void
post_exceptions(SpmRun *run)
{
	SpmArgs args = period_arrays(run);
	TupleTableSlot *slot =
		MakeSingleTupleTableSlot(run->exception_row, &TTSOpsMinimalTuple);
	SpmWriter *writer;

	spm_spi_begin();
	spm_spi_run("DELETE FROM salesperf.commission_exception x"
				" USING unnest($1, $2) AS p (starts_on, ends_on)"
				" WHERE x.period_start BETWEEN p.starts_on AND p.ends_on",
				&args);
	spm_spi_end();
	writer = spm_writer_open("commission_exception",
							 exception_columns,
							 EXCEPTION_COLUMNS);
	while (tuplestore_gettupleslot(run->exceptions, true, false, slot))
	{
		slot_getallattrs(slot);
		spm_writer_put(writer, slot->tts_values, slot->tts_isnull);
	}
	spm_writer_close(writer);
	ExecDropSingleTupleTableSlot(slot);
}

/* Replace how often rules paid in the periods. */
static void
post_uses(SpmRun *run)
{
	static const char *const columns[] = {"rule_id", "period_start", "sales"};
	SpmArgs args = period_arrays(run);
	SpmWriter *writer;

	spm_spi_begin();
	spm_spi_run("DELETE FROM salesperf.commission_rule_use u"
				" USING unnest($1, $2) AS p (starts_on, ends_on)"
				" WHERE u.period_start BETWEEN p.starts_on AND p.ends_on",
				&args);
	spm_spi_end();
	writer = spm_writer_open("commission_rule_use", columns, lengthof(columns));
	for (int i = 0; i < run->rules->rule_count; i++)
		for (int part = 0; part < run->period_count; part++)
		{
			const SpmRule *rule = &run->rules->rules[i];
			const SpmPeriod *period = &run->periods[part];
			Datum values[lengthof(columns)];
			bool nulls[lengthof(columns)] = {false};

			if (!period->wanted || rule->valid_from > period->ends_on ||
				rule->valid_to < period->starts_on)
				continue;
			values[0] = Int64GetDatum(rule->rule_id);
			values[1] = DateADTGetDatum(period->starts_on);
			values[2] =
				Int64GetDatum(run->paid[(int64) i * run->period_count + part]);
			spm_writer_put(writer, values, nulls);
		}
	spm_writer_close(writer);
}
