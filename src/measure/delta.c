/*-------------------------------------------------------------------------
 *
 * delta.c
 *	  What sales add to each of many measures, month by month.
 *
 * Of a document that is split, what its sales add to a measure is first added
 * up in parts of the whole, and divided once: fixed amounts and equal shares
 * come out exactly.
 *
 * A document counts once for a measure that counts documents, in the month of
 * its first sale there.  Lines that are part of another source's documents are
 * no documents of their own: refunds do not count orders again.
 *
 * src/measure/delta.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/datetime.h"
#include "utils/memutils.h"

#include "core/decimal.h"
#include "core/exact.h"
#include "measure/delta.h"
#include "measure/delta_sums.h"
#include "measure/progress.h"
#include "sale/line_change.h"

struct SpmDeltas
{
	MemoryContext context;
	DeltaSums sums;
	DeltaEntry **sorted; /* by number and month; NULL: not up to date */
};

/* A measure that counts the document whose sales are being read. */
typedef struct CountedDocument
{
	int number;
	DateADT month;
} CountedDocument;

/* What a read of sales adds to. */
typedef struct Addition
{
	SpmDeltas *deltas;
	const SpmMatcher *matcher;
	bool negate;
	bool is_part; /* of another source's documents */
	const SpmSale *sale;
	DateADT month;	 /* of the sale */
	uint64 document; /* the one whose sales come, 0: none yet */
	uint64 splits;	 /* those that its sales are shared by, 0: none */
	Numeric whole;
	DeltaSums parts; /* of amount * part, over whole */
	int counted_count;
	int counted_room;
	CountedDocument *counted;
	bool by_net; /* some shares depend on their document's net */
} Addition;

static void begin(Addition *addition, SpmDeltas *deltas,
				  const SpmMatcher *matcher, const SpmSource *source,
				  bool negate);
static void begin_splits(Addition *addition);
static void end_document(Addition *addition);
static void end_parts(Addition *addition);
static void add_sale(const SpmSale *sale, TupleTableSlot *row, void *state);
static void add_match(int number, const SpmAmount *amount, void *state);
static void add_credit(int number, const SpmAmount *amount,
					   const SpmShare *share, void *state);
static void count_document(Addition *addition, int number, DateADT month);
static void add_to(DeltaSums *sums, int number, DateADT month, Numeric amount,
				   bool negate);
static DateADT month_of(DateADT day);
static void forget_order(SpmDeltas *deltas);
static void sort(SpmDeltas *deltas);
static int compare_entries(const void *a, const void *b);
static int first_of(SpmDeltas *deltas, int number);

/* No deltas yet, in a memory context of their own. */
SpmDeltas *
spm_deltas_create(MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent,
												  "salesperf deltas",
												  ALLOCSET_DEFAULT_SIZES);

	return spm_deltas_create_in(context);
}

/* The same in a memory context that is there. */
SpmDeltas *
spm_deltas_create_in(MemoryContext context)
{
	SpmDeltas *deltas = MemoryContextAllocZero(context, sizeof(SpmDeltas));

	deltas->context = context;
	spm_delta_sums_begin(&deltas->sums, context);
	return deltas;
}

/* Give the memory back of deltas that have a context of their own. */
void
spm_deltas_free(SpmDeltas *deltas)
{
	MemoryContextDelete(deltas->context);
}

/* Add an amount to one measure, or take it off. */
void
spm_deltas_add(SpmDeltas *deltas, int number, DateADT month, Numeric amount,
			   bool negate)
{
	forget_order(deltas);
	add_to(&deltas->sums, number, month, amount, negate);
}

/* Add scaled / 10000^groups to one measure. */
void
spm_deltas_add_scaled(SpmDeltas *deltas, int number, DateADT month,
					  int128 scaled, int groups)
{
	MemoryContext caller_context = MemoryContextSwitchTo(deltas->context);

	forget_order(deltas);
	spm_sum_add_scaled(spm_delta_sum(&deltas->sums, number, month),
					   scaled,
					   groups);
	MemoryContextSwitchTo(caller_context);
}

/* Add another sum to one measure. */
void
spm_deltas_add_sum(SpmDeltas *deltas, int number, DateADT month,
				   const SpmSum *sum)
{
	MemoryContext caller_context = MemoryContextSwitchTo(deltas->context);

	forget_order(deltas);
	spm_sum_merge(spm_delta_sum(&deltas->sums, number, month), sum);
	MemoryContextSwitchTo(caller_context);
}

/* Add all sales of a source, under the active snapshot. */
void
spm_deltas_add_sales(SpmDeltas *deltas, const SpmMatcher *matcher,
					 SpmSource *source)
{
	Addition addition;

	begin(&addition, deltas, matcher, source, false);
	spm_source_read_all(source,
						spm_matcher_needs(matcher),
						add_sale,
						&addition);
	end_document(&addition);
}

/* Add, or take off, the sales of some documents. */
SpmMet
spm_deltas_add_documents(SpmDeltas *deltas, const SpmMatcher *matcher,
						 SpmSource *source, const Datum *keys, bool negate)
{
	Addition addition;
	SpmMet met;

	begin(&addition, deltas, matcher, source, negate);
	met.strays = spm_source_read_documents(source,
										   keys,
										   spm_matcher_needs(matcher),
										   add_sale,
										   &addition);
	end_document(&addition);
	met.by_net = addition.by_net;
	return met;
}

/*
 * Add what lines added to documents of which a transaction touched nothing
 * else, and take off what those did that it took off.  False: by reading the
 * documents alone can that be told.
 */
bool
spm_deltas_add_changes(SpmDeltas *deltas, const SpmMatcher *matcher,
					   SpmSource *source, SpmTouched *touched)
{
	Addition addition;

	begin(&addition, deltas, matcher, source, false);
	return spm_source_read_changes(source,
								   touched,
								   spm_matcher_needs(matcher),
								   add_sale,
								   &addition);
}

/* The sum of a measure, 0 without sales, in the current memory context. */
Numeric
spm_deltas_get(SpmDeltas *deltas, int number)
{
	SpmSum sum;

	spm_sum_init(&sum);
	spm_deltas_add_to(deltas, number, &sum);
	return spm_sum_result(&sum);
}

/* Add the sum of a measure to one of the current memory context. */
void
spm_deltas_add_to(SpmDeltas *deltas, int number, SpmSum *sum)
{
	for (int i = first_of(deltas, number);
		 i < deltas->sums.count && deltas->sorted[i]->key.number == number;
		 i++)
		spm_sum_merge(sum, &deltas->sorted[i]->sum);
}

/*
 * The sums of a measure by month, in order, until the deltas change; returns
 * how many.
 */
int
spm_deltas_months(SpmDeltas *deltas, int number, SpmMonthSum **months)
{
	int first = first_of(deltas, number);
	int count = 0;

	while (first + count < deltas->sums.count &&
		   deltas->sorted[first + count]->key.number == number)
		count++;
	*months = palloc(Max(count, 1) * sizeof(SpmMonthSum));
	for (int i = 0; i < count; i++)
	{
		(*months)[i].month = deltas->sorted[first + i]->key.month;
		(*months)[i].sum = deltas->sorted[first + i]->sum;
	}
	return count;
}

/* All sums other than 0, by measure and month; returns how many. */
int
spm_deltas_list(SpmDeltas *deltas, SpmDelta **list)
{
	int count = 0;

	sort(deltas);
	*list = MemoryContextAllocHuge(CurrentMemoryContext,
								   mul_size(deltas->sums.count + 1,
											sizeof(SpmDelta)));
	for (int i = 0; i < deltas->sums.count; i++)
	{
		const DeltaEntry *entry = deltas->sorted[i];

		if (spm_sum_is_zero(&entry->sum))
			continue;
		(*list)[count].number = entry->key.number;
		(*list)[count].month = entry->key.month;
		(*list)[count++].amount = spm_sum_result(&entry->sum);
	}
	return count;
}

/* The same as they are kept, until the deltas change, in any order. */
int
spm_deltas_sums(SpmDeltas *deltas, SpmDeltaSum **list)
{
	int count = 0;

	*list = MemoryContextAllocHuge(CurrentMemoryContext,
								   mul_size(deltas->sums.count + 1,
											sizeof(SpmDeltaSum)));
	for (int i = 0; i < deltas->sums.count; i++)
	{
		const DeltaEntry *entry = &deltas->sums.entries[i];

		if (spm_sum_is_zero(&entry->sum))
			continue;
		(*list)[count].number = entry->key.number;
		(*list)[count].month = entry->key.month;
		(*list)[count++].sum = &entry->sum;
	}
	return count;
}

static void
begin(Addition *addition, SpmDeltas *deltas, const SpmMatcher *matcher,
	  const SpmSource *source, bool negate)
{
	spm_matcher_begin();
	memset(addition, 0, sizeof(Addition));
	addition->deltas = deltas;
	addition->matcher = matcher;
	addition->negate = negate;
	addition->is_part = spm_source_is_part(source);
}

static void
add_sale(const SpmSale *sale, TupleTableSlot *row, void *state)
{
	Addition *addition = state;

	CHECK_FOR_INTERRUPTS();
	spm_progress_sale();
	addition->sale = sale;
	addition->month = month_of(sale->sold_on);
	if (sale->document != addition->document)
		end_document(addition);
	else if (sale->splits != addition->splits)
		end_parts(addition);
	addition->document = sale->document;
	if (sale->splits != addition->splits)
		begin_splits(addition);
	spm_matcher_match(addition->matcher, sale, add_match, add_credit, addition);
}

/* Sales of a document begin that are shared by other splits, or by none. */
static void
begin_splits(Addition *addition)
{
	const SpmSale *sale = addition->sale;
	MemoryContext caller_context;

	addition->splits = sale->splits;
	if (sale->splits == 0)
		return;
	caller_context = MemoryContextSwitchTo(addition->deltas->context);
	addition->whole = DatumGetNumericCopy(NumericGetDatum(sale->whole));
	addition->by_net |= sale->by_net;
	spm_delta_sums_begin(&addition->parts, CurrentMemoryContext);
	MemoryContextSwitchTo(caller_context);
}

/* All sales of a document have come. */
static void
end_document(Addition *addition)
{
	for (int i = 0; i < addition->counted_count; i++)
		spm_deltas_add(addition->deltas,
					   addition->counted[i].number,
					   addition->counted[i].month,
					   spm_matcher_one(addition->matcher),
					   addition->negate);
	addition->counted_count = 0;
	end_parts(addition);
}

/* Divide what sales add that are shared by the same splits. */
static void
end_parts(Addition *addition)
{
	if (addition->splits == 0)
		return;
	for (int i = 0; i < addition->parts.count; i++)
	{
		const DeltaEntry *entry = &addition->parts.entries[i];

		spm_deltas_add(addition->deltas,
					   entry->key.number,
					   entry->key.month,
					   spm_exact_quotient(spm_sum_result(&entry->sum),
										  addition->whole),
					   addition->negate);
	}
	spm_delta_sums_end(&addition->parts);
	pfree(addition->whole);
	addition->splits = 0;
}

static void
add_match(int number, const SpmAmount *amount, void *state)
{
	Addition *addition = state;
	SpmDeltas *deltas = addition->deltas;
	MemoryContext caller_context;

	if (spm_matcher_metric(addition->matcher, number) == SPM_METRIC_DOCUMENTS)
	{
		count_document(addition, number, addition->month);
		return;
	}
	caller_context = MemoryContextSwitchTo(deltas->context);
	forget_order(deltas);
	spm_sum_add_amount(spm_delta_sum(&deltas->sums, number, addition->month),
					   amount,
					   addition->negate != addition->sale->taken_off);
	MemoryContextSwitchTo(caller_context);
}

static void
add_credit(int number, const SpmAmount *amount, const SpmShare *share,
		   void *state)
{
	Addition *addition = state;

	if (spm_matcher_metric(addition->matcher, number) == SPM_METRIC_DOCUMENTS)
		count_document(addition, number, addition->month);
	else
		add_to(&addition->parts,
			   number,
			   addition->month,
			   spm_exact_mul(spm_amount_value(amount), share->part),
			   false);
}

/* Note that a measure counts the document, from a month on. */
static void
count_document(Addition *addition, int number, DateADT month)
{
	if (addition->is_part)
		return;
	for (int i = 0; i < addition->counted_count; i++)
		if (addition->counted[i].number == number)
		{
			addition->counted[i].month = Min(addition->counted[i].month, month);
			return;
		}
	if (addition->counted_count == addition->counted_room)
	{
		Size size = mul_size(addition->counted_room =
								 Max(16, addition->counted_room * 2),
							 sizeof(CountedDocument));

		addition->counted =
			addition->counted
				? repalloc(addition->counted, size)
				: MemoryContextAlloc(addition->deltas->context, size);
	}
	addition->counted[addition->counted_count].number = number;
	addition->counted[addition->counted_count++].month = month;
}

/* Add an amount to one of the sums, or take it off. */
static void
add_to(DeltaSums *sums, int number, DateADT month, Numeric amount, bool negate)
{
	MemoryContext caller_context = MemoryContextSwitchTo(sums->context);
	SpmSum *sum = spm_delta_sum(sums, number, month);

	if (negate)
		spm_sum_subtract(sum, amount);
	else
		spm_sum_add(sum, amount);
	MemoryContextSwitchTo(caller_context);
}

/* The first day of the month of a day. */
static DateADT
month_of(DateADT day)
{
	static DateADT last_day = 0;
	static DateADT last_month = 0; /* 2000-01-01 */

	if (day != last_day)
	{
		int year;
		int month;
		int number;

		j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &number);
		last_day = day;
		last_month = day - number + 1;
	}
	return last_month;
}

static void
forget_order(SpmDeltas *deltas)
{
	if (deltas->sorted != NULL)
		pfree(deltas->sorted);
	deltas->sorted = NULL;
}

/* Bring the sorted entries up to date. */
static void
sort(SpmDeltas *deltas)
{
	if (deltas->sorted != NULL)
		return;
	deltas->sorted = MemoryContextAllocHuge(deltas->context,
											mul_size(deltas->sums.count + 1,
													 sizeof(DeltaEntry *)));
	for (int i = 0; i < deltas->sums.count; i++)
		deltas->sorted[i] = &deltas->sums.entries[i];
	qsort(deltas->sorted,
		  deltas->sums.count,
		  sizeof(DeltaEntry *),
		  compare_entries);
}

static int
compare_entries(const void *a, const void *b)
{
	const DeltaKey *left = &(*(DeltaEntry *const *) a)->key;
	const DeltaKey *right = &(*(DeltaEntry *const *) b)->key;

	if (left->number != right->number)
		return left->number < right->number ? -1 : 1;
	return (left->month > right->month) - (left->month < right->month);
}

/* Where in the sorted entries those of a measure begin. */
static int
first_of(SpmDeltas *deltas, int number)
{
	int low = 0;
	int high = deltas->sums.count;

	sort(deltas);
	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (deltas->sorted[middle]->key.number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
