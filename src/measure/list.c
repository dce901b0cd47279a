/*-------------------------------------------------------------------------
 *
 * list.c
 *	  What stands behind a figure: its sales, and its recomputation.
 *
 * src/measure/list.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "core/export.h"
#include "measure/builds.h"
#include "measure/kept.h"
#include "measure/report.h"

SPM_FUNCTION_INFO_V1(spm_measure_sales);
SPM_FUNCTION_INFO_V1(spm_verify_totals);

/* Where listed sales go. */
typedef struct Listing
{
	ReturnSetInfo *result;
	const SpmMatcher *matcher;
	const SpmSale *sale;
	TupleTableSlot *row;
	bool is_part;	/* of another source's documents */
	uint64 counted; /* the document that was counted last */
} Listing;

/*
 * Columns of measure_sales() before the amount, as positions in the row that
 * spm_source_list() reads.
 */
static const int listed_columns[] = {
	12, /* source */
	17, /* document */
	18, /* line */
	0,	/* sold_on */
	3,	/* customer */
	1,	/* seller */
	7,	/* product */
	10, /* branch */
	11, /* sale_type */
	13, /* quantity */
	14, /* gross */
	15, /* net */
	16, /* margin */
};

/* Where among them the seller is. */
#define LISTED_SELLER 5

static void list_sale(const SpmSale *sale, TupleTableSlot *row, void *state);
static void list_match(int number, const SpmAmount *amount, void *state);
static void list_credit(int number, const SpmAmount *amount,
						const SpmShare *share, void *state);
static Numeric once(Listing *listing, Numeric amount);
static void list(Listing *listing, Numeric amount, const SpmShare *share);
static bool months_differ(const SpmKept *kept, int number,
						  SpmDeltas *recomputed, int i);
static void add_month(SpmDeltas *deltas, const SpmMonthSum *month, bool negate);

/* measure_sales(scope) → the sales it counts that the caller may see */
Datum
spm_measure_sales(PG_FUNCTION_ARGS)
{
	SpmMatcher *matcher = spm_matcher_create(CurrentMemoryContext);
	Listing listing = {.result = (ReturnSetInfo *) fcinfo->resultinfo,
					   .matcher = matcher};
	ListCell *cell;

	InitMaterializedSRF(fcinfo, 0);
	spm_matcher_add(matcher, spm_scope_parse(PG_GETARG_JSONB_P(0)));
	foreach (cell, spm_source_names())
	{
		SpmSource *source = spm_source_get(lfirst(cell));

		listing.counted = 0;
		listing.is_part = spm_source_is_part(source);
		spm_matcher_begin();
		spm_source_list(source,
						spm_matcher_needs(matcher),
						list_sale,
						&listing);
	}
	return (Datum) 0;
}

/* verify_totals() → (measure_id, kept, recomputed) of those that differ */
Datum
spm_verify_totals(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SpmBuildSet *set = spm_builds_load(SPM_BUILDS_BUILT, CurrentMemoryContext);
	SpmTotals *totals = spm_totals_load(CurrentMemoryContext);
	SpmKept *kept = spm_kept_load(totals, CurrentMemoryContext);
	SpmDeltas *sums = spm_deltas_create(CurrentMemoryContext);
	bool *unknown = palloc0(set->count + 1);

	InitMaterializedSRF(fcinfo, 0);
	(void) spm_sum_sources(set->matcher, sums, unknown, false);
	for (int i = 0; i < set->count; i++)
	{
		int number = spm_totals_find(totals, set->builds[i].build_id);
		Datum values[3];
		bool nulls[3] = {false, false, unknown[i]};

		if (!spm_kept_is_usable(kept, number) ||
			(!unknown[i] && !months_differ(kept, number, sums, i)))
			continue;
		values[0] = Int64GetDatum(set->builds[i].measure_id);
		values[1] = NumericGetDatum(spm_kept_actual(kept, number));
		values[2] = NumericGetDatum(spm_deltas_get(sums, i));
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* List a sale if it counts. */
static void
list_sale(const SpmSale *sale, TupleTableSlot *row, void *state)
{
	Listing *listing = state;

	listing->sale = sale;
	listing->row = row;
	spm_matcher_match(listing->matcher, sale, list_match, list_credit, listing);
}

static void
list_match(int number, const SpmAmount *amount, void *state)
{
	list(state, once(state, spm_amount_value(amount)), NULL);
}

/* Where documents are counted the first sale of each stands for it. */
static Numeric
once(Listing *listing, Numeric amount)
{
	if (spm_matcher_metric(listing->matcher, 0) != SPM_METRIC_DOCUMENTS)
		return amount;
	if (listing->is_part || listing->counted == listing->sale->document)
		return int64_to_numeric(0);
	listing->counted = listing->sale->document;
	return amount;
}

/* A share is listed with the seller who has it. */
static void
list_credit(int number, const SpmAmount *sold, const SpmShare *share,
			void *state)
{
	Listing *listing = state;
	Numeric amount = spm_amount_value(sold);

	if (spm_matcher_metric(listing->matcher, 0) == SPM_METRIC_DOCUMENTS)
		amount = once(listing, amount);
	else
		amount = spm_share_amount(amount, share->part, listing->sale->whole);
	list(listing, amount, share);
}

static void
list(Listing *listing, Numeric amount, const SpmShare *share)
{
	Datum values[lengthof(listed_columns) + 1];
	bool nulls[lengthof(listed_columns) + 1];

	for (int i = 0; i < lengthof(listed_columns); i++)
	{
		values[i] = listing->row->tts_values[listed_columns[i]];
		nulls[i] = listing->row->tts_isnull[listed_columns[i]];
	}
	if (share != NULL)
	{
		nulls[LISTED_SELLER] = share->seller == NULL;
		values[LISTED_SELLER] =
			share->seller
				? PointerGetDatum(
					  cstring_to_text_with_len(share->seller, share->length))
				: (Datum) 0;
	}
	values[lengthof(listed_columns)] = NumericGetDatum(amount);
	nulls[lengthof(listed_columns)] = false;
	tuplestore_putvalues(listing->result->setResult,
						 listing->result->setDesc,
						 values,
						 nulls);
}

/* Do sums of months differ between what is kept and what was recomputed? */
static bool
months_differ(const SpmKept *kept, int number, SpmDeltas *recomputed, int i)
{
	SpmDeltas *difference = spm_deltas_create(CurrentMemoryContext);
	SpmMonthSum *months;
	SpmDelta *left;
	int count = spm_kept_months(kept, number, &months);

	for (int month = 0; month < count; month++)
		add_month(difference, &months[month], false);
	count = spm_deltas_months(recomputed, i, &months);
	for (int month = 0; month < count; month++)
		add_month(difference, &months[month], true);
	count = spm_deltas_list(difference, &left);
	spm_deltas_free(difference);
	return count > 0;
}

static void
add_month(SpmDeltas *deltas, const SpmMonthSum *month, bool negate)
{
	spm_deltas_add(deltas,
				   0,
				   month->month,
				   spm_sum_result(&month->sum),
				   negate);
}
