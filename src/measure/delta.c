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

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/datetime.h"
#include "utils/memutils.h"

#include "core/decimal.h"
#include "core/exact.h"
#include "measure/delta.h"
#include "measure/progress.h"
#include "sale/line_change.h"

/* How many places of sums are remembered. */
#define GUESSES 1024

typedef struct DeltaKey
{
	int number;
	DateADT month;
} DeltaKey;

typedef struct DeltaEntry
{
	DeltaKey key;
	SpmSum sum;
	char status;
} DeltaEntry;

#define SH_PREFIX delta_sums
#define SH_ELEMENT_TYPE DeltaEntry
#define SH_KEY_TYPE DeltaKey
#define SH_KEY key
#define SH_HASH_KEY(table, key)                                                \
	hash_combine(murmurhash32((key).number), murmurhash32((key).month))
#define SH_EQUAL(table, a, b)                                                  \
	((a).number == (b).number && (a).month == (b).month)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct SpmDeltas
{
	MemoryContext context;
	delta_sums_hash *sums;
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
	uint64 document; /* the one whose sales come, 0: none yet */
	uint64 splits;	 /* those that its sales are shared by, 0: none */
	Numeric whole;
	delta_sums_hash *parts; /* sums of amount * part, over whole */
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
static void add_to(delta_sums_hash *sums, MemoryContext context, int number,
				   DateADT month, Numeric amount, bool negate);
static SpmSum *sum_of(delta_sums_hash *sums, int number, DateADT month);
static SpmSum *recent_sum(SpmDeltas *deltas, int number, DateADT month);
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
	SpmDeltas *deltas = MemoryContextAllocZero(context, sizeof(SpmDeltas));

	deltas->context = context;
	deltas->sums = delta_sums_create(context, 8, NULL);
	return deltas;
}

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
	add_to(deltas->sums, deltas->context, number, month, amount, negate);
}

/* Add scaled / 10000^groups to one measure. */
void
spm_deltas_add_scaled(SpmDeltas *deltas, int number, DateADT month,
					  int128 scaled, int groups)
{
	MemoryContext caller_context = MemoryContextSwitchTo(deltas->context);

	forget_order(deltas);
	spm_sum_add_scaled(sum_of(deltas->sums, number, month), scaled, groups);
	MemoryContextSwitchTo(caller_context);
}

/* Add another sum to one measure. */
void
spm_deltas_add_sum(SpmDeltas *deltas, int number, DateADT month,
				   const SpmSum *sum)
{
	MemoryContext caller_context = MemoryContextSwitchTo(deltas->context);

	forget_order(deltas);
	spm_sum_merge(sum_of(deltas->sums, number, month), sum);
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
		 i < deltas->sums->members && deltas->sorted[i]->key.number == number;
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

	while (first + count < deltas->sums->members &&
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
								   mul_size(deltas->sums->members + 1,
											sizeof(SpmDelta)));
	for (int i = 0; i < deltas->sums->members; i++)
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
	delta_sums_iterator iterator;
	DeltaEntry *entry;
	int count = 0;

	*list = MemoryContextAllocHuge(CurrentMemoryContext,
								   mul_size(deltas->sums->members + 1,
											sizeof(SpmDeltaSum)));
	delta_sums_start_iterate(deltas->sums, &iterator);
	while ((entry = delta_sums_iterate(deltas->sums, &iterator)) != NULL)
	{
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
	addition->parts = delta_sums_create(CurrentMemoryContext, 16, NULL);
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
	delta_sums_iterator iterator;
	DeltaEntry *entry;

	if (addition->parts == NULL)
		return;
	delta_sums_start_iterate(addition->parts, &iterator);
	while ((entry = delta_sums_iterate(addition->parts, &iterator)) != NULL)
		spm_deltas_add(addition->deltas,
					   entry->key.number,
					   entry->key.month,
					   spm_exact_quotient(spm_sum_result(&entry->sum),
										  addition->whole),
					   addition->negate);
	delta_sums_destroy(addition->parts);
	pfree(addition->whole);
	addition->parts = NULL;
	addition->splits = 0;
}

static void
add_match(int number, const SpmAmount *amount, void *state)
{
	Addition *addition = state;
	SpmDeltas *deltas = addition->deltas;
	DateADT month = month_of(addition->sale->sold_on);
	MemoryContext caller_context;

	if (spm_matcher_metric(addition->matcher, number) == SPM_METRIC_DOCUMENTS)
	{
		count_document(addition, number, month);
		return;
	}
	caller_context = MemoryContextSwitchTo(deltas->context);
	forget_order(deltas);
	spm_sum_add_amount(recent_sum(deltas, number, month),
					   amount,
					   addition->negate != addition->sale->taken_off);
	MemoryContextSwitchTo(caller_context);
}

static void
add_credit(int number, const SpmAmount *amount, const SpmShare *share,
		   void *state)
{
	Addition *addition = state;
	DateADT month = month_of(addition->sale->sold_on);

	if (spm_matcher_metric(addition->matcher, number) == SPM_METRIC_DOCUMENTS)
		count_document(addition, number, month);
	else
		add_to(addition->parts,
			   addition->deltas->context,
			   number,
			   month,
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

/* Add an amount to a sum whose memory is in context. */
static void
add_to(delta_sums_hash *sums, MemoryContext context, int number, DateADT month,
	   Numeric amount, bool negate)
{
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	SpmSum *sum = sum_of(sums, number, month);

	if (negate)
		spm_sum_subtract(sum, amount);
	else
		spm_sum_add(sum, amount);
	MemoryContextSwitchTo(caller_context);
}

/* The sum of a measure in a month, 0 to begin with. */
static SpmSum *
sum_of(delta_sums_hash *sums, int number, DateADT month)
{
	DeltaKey key = {number, month};
	bool found;
	DeltaEntry *entry = delta_sums_insert(sums, key, &found);

	if (!found)
		spm_sum_init(&entry->sum);
	return &entry->sum;
}

/*
 * The same.  Where the sum of a measure was last is a guess at where it is, of
 * whatever deltas.
 */
static SpmSum *
recent_sum(SpmDeltas *deltas, int number, DateADT month)
{
	delta_sums_hash *sums = deltas->sums;
	static uint32 guesses[GUESSES];
	uint32 *guess = &guesses[number % GUESSES];
	DeltaKey key = {number, month};
	DeltaEntry *entry;
	bool found;

	entry = &sums->data[Min(*guess, sums->size - 1)];
	if (entry->status == delta_sums_SH_IN_USE && entry->key.number == number &&
		entry->key.month == month)
		return &entry->sum;
	entry = delta_sums_insert(sums, key, &found);
	if (!found)
		spm_sum_init(&entry->sum);
	*guess = entry - sums->data;
	return &entry->sum;
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
	delta_sums_iterator iterator;
	DeltaEntry *entry;
	int count = 0;

	if (deltas->sorted != NULL)
		return;
	deltas->sorted = MemoryContextAllocHuge(deltas->context,
											mul_size(deltas->sums->members + 1,
													 sizeof(DeltaEntry *)));
	delta_sums_start_iterate(deltas->sums, &iterator);
	while ((entry = delta_sums_iterate(deltas->sums, &iterator)) != NULL)
		deltas->sorted[count++] = entry;
	qsort(deltas->sorted, count, sizeof(DeltaEntry *), compare_entries);
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
	int high = deltas->sums->members;

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
