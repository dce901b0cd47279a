/*-------------------------------------------------------------------------
 *
 * delta.c
 *	  What sales add to each of many measures.
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
} Addition;

static void add_sale(const SpmSale *sale, TupleTableSlot *row, void *state);
static void add_match(int number, Numeric amount, void *state);
static void add(SpmDeltas *deltas, int number, Numeric amount, bool negate);

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
	Addition addition = {deltas, matcher, false};

	spm_source_read_all(source, add_sale, &addition);
}

/* Add, or take off, the sales of some documents. */
void
spm_deltas_add_documents(SpmDeltas *deltas, const SpmMatcher *matcher,
						 SpmSource *source, Datum keys, bool negate)
{
	Addition addition = {deltas, matcher, negate};

	spm_source_read_documents(source, keys, add_sale, &addition);
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
	spm_matcher_match(addition->matcher, sale, add_match, addition);
}

static void
add_match(int number, Numeric amount, void *state)
{
	Addition *addition = state;

	add(addition->deltas, number, amount, addition->negate);
}

static void
add(SpmDeltas *deltas, int number, Numeric amount, bool negate)
{
	MemoryContext caller_context = MemoryContextSwitchTo(deltas->context);
	bool found;
	DeltaEntry *entry = delta_sums_insert(deltas->sums, number, &found);

	if (!found)
		spm_sum_init(&entry->sum);
	if (negate)
		spm_sum_subtract(&entry->sum, amount);
	else
		spm_sum_add(&entry->sum, amount);
	MemoryContextSwitchTo(caller_context);
}
