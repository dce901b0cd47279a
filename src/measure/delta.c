/*-------------------------------------------------------------------------
 *
 * delta.c
 *	  What sales add to each of many measures.
 *
 * Of a document that is split, what its sales add to a measure is first added
 * up in parts of the whole, and divided once: fixed amounts and equal shares
 * come out exactly.
 *
 * src/measure/delta.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "core/decimal.h"
#include "core/exact.h"
#include "measure/delta.h"

typedef struct DeltaEntry
{
	int number;
	SpmSum sum;
	char status;
} DeltaEntry;

#define SH_PREFIX delta_sums
#define SH_ELEMENT_TYPE DeltaEntry
#define SH_KEY_TYPE int
#define SH_KEY number
#define SH_HASH_KEY(table, key) murmurhash32(key)
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct SpmDeltas
{
	MemoryContext context;
	delta_sums_hash *sums;
};

/* What a read of sales adds to. */
typedef struct Addition
{
	SpmDeltas *deltas;
	const SpmMatcher *matcher;
	bool negate;
	uint64 document; /* the split one whose sales come, 0: none yet */
	Numeric whole;
	delta_sums_hash *parts; /* sums of amount * part, over whole */
	bool by_net;			/* some shares depend on their document's net */
} Addition;

static void begin(Addition *addition, SpmDeltas *deltas,
				  const SpmMatcher *matcher, bool negate);
static void end_document(Addition *addition);
static void add_sale(const SpmSale *sale, TupleTableSlot *row, void *state);
static void begin_document(Addition *addition, const SpmSale *sale);
static void add_credit(int number, Numeric amount, const SpmShare *share,
					   void *state);
static void add_match(int number, Numeric amount, void *state);
static void add(SpmDeltas *deltas, int number, Numeric amount, bool negate);
static void add_to(delta_sums_hash *sums, MemoryContext context, int number,
				   Numeric amount, bool negate);

/* No deltas yet, in a memory context of their own. */
SpmDeltas *
spm_deltas_create(MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent,
												  "salesperf deltas",
												  ALLOCSET_DEFAULT_SIZES);
	SpmDeltas *deltas = MemoryContextAlloc(context, sizeof(SpmDeltas));

	deltas->context = context;
	deltas->sums = delta_sums_create(context, 16, NULL);
	return deltas;
}

void
spm_deltas_free(SpmDeltas *deltas)
{
	MemoryContextDelete(deltas->context);
}

/* Add an amount to one measure. */
void
spm_deltas_add(SpmDeltas *deltas, int number, Numeric amount)
{
	add(deltas, number, amount, false);
}

/* Add all sales of a source, under the active snapshot. */
void
spm_deltas_add_sales(SpmDeltas *deltas, const SpmMatcher *matcher,
					 SpmSource *source)
{
	Addition addition;

	begin(&addition, deltas, matcher, false);
	spm_source_read_all(source, add_sale, &addition);
	end_document(&addition);
}

/*
 * Add, or take off, the sales of some documents.  Returns whether some shares
 * depend on their document's net.
 */
bool
spm_deltas_add_documents(SpmDeltas *deltas, const SpmMatcher *matcher,
						 SpmSource *source, const Datum *keys, bool negate)
{
	Addition addition;

	begin(&addition, deltas, matcher, negate);
	spm_source_read_documents(source, keys, add_sale, &addition);
	end_document(&addition);
	return addition.by_net;
}

static void
begin(Addition *addition, SpmDeltas *deltas, const SpmMatcher *matcher,
	  bool negate)
{
	memset(addition, 0, sizeof(Addition));
	addition->deltas = deltas;
	addition->matcher = matcher;
	addition->negate = negate;
}

/* The sum of a measure in the current memory context; NULL: no sale. */
Numeric
spm_deltas_get(const SpmDeltas *deltas, int number)
{
	DeltaEntry *entry = delta_sums_lookup(deltas->sums, number);

	return entry ? spm_sum_result(&entry->sum) : NULL;
}

/* At most as many measures have a delta other than 0. */
int
spm_deltas_count(const SpmDeltas *deltas)
{
	return deltas->sums->members;
}

/* Fill in the numbers of the measures that have; returns how many. */
int
spm_deltas_nonzero(const SpmDeltas *deltas, int *numbers)
{
	delta_sums_iterator iterator;
	DeltaEntry *entry;
	int count = 0;

	delta_sums_start_iterate(deltas->sums, &iterator);
	while ((entry = delta_sums_iterate(deltas->sums, &iterator)) != NULL)
		if (!spm_sum_is_zero(&entry->sum))
			numbers[count++] = entry->number;
	return count;
}

static void
add_sale(const SpmSale *sale, TupleTableSlot *row, void *state)
{
	Addition *addition = state;

	CHECK_FOR_INTERRUPTS();
	if (sale->share_count > 0 && sale->document != addition->document)
		begin_document(addition, sale);
	spm_matcher_match(addition->matcher, sale, add_match, add_credit, addition);
}

/* The sales of the next document that is split begin. */
static void
begin_document(Addition *addition, const SpmSale *sale)
{
	MemoryContext caller_context;

	end_document(addition);
	caller_context = MemoryContextSwitchTo(addition->deltas->context);
	addition->document = sale->document;
	addition->whole = DatumGetNumericCopy(NumericGetDatum(sale->whole));
	addition->by_net |= sale->by_net;
	addition->parts = delta_sums_create(CurrentMemoryContext, 16, NULL);
	MemoryContextSwitchTo(caller_context);
}

/* All sales of a document that is split have come. */
static void
end_document(Addition *addition)
{
	delta_sums_iterator iterator;
	DeltaEntry *entry;

	if (addition->parts == NULL)
		return;
	delta_sums_start_iterate(addition->parts, &iterator);
	while ((entry = delta_sums_iterate(addition->parts, &iterator)) != NULL)
		add(addition->deltas,
			entry->number,
			spm_exact_quotient(spm_sum_result(&entry->sum), addition->whole),
			addition->negate);
	delta_sums_destroy(addition->parts);
	pfree(addition->whole);
	addition->parts = NULL;
}

static void
add_match(int number, Numeric amount, void *state)
{
	Addition *addition = state;

	add(addition->deltas, number, amount, addition->negate);
}

static void
add_credit(int number, Numeric amount, const SpmShare *share, void *state)
{
	Addition *addition = state;
	MemoryContext context = addition->deltas->context;

	add_to(addition->parts,
		   context,
		   number,
		   spm_exact_mul(amount, share->part),
		   false);
}

static void
add(SpmDeltas *deltas, int number, Numeric amount, bool negate)
{
	add_to(deltas->sums, deltas->context, number, amount, negate);
}

/* Add an amount to the sum with that number, whose memory is in context. */
static void
add_to(delta_sums_hash *sums, MemoryContext context, int number, Numeric amount,
	   bool negate)
{
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	bool found;
	DeltaEntry *entry = delta_sums_insert(sums, number, &found);

	if (!found)
		spm_sum_init(&entry->sum);
	if (negate)
		spm_sum_subtract(&entry->sum, amount);
	else
		spm_sum_add(&entry->sum, amount);
	MemoryContextSwitchTo(caller_context);
}
