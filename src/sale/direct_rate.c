/*-------------------------------------------------------------------------
 *
 * direct_rate.c
 *	  The factor that turns a sale's amounts into the reporting currency,
 *	  without the executor.
 *
 * The expressions of the view's CASE are run in its order, none before it is
 * needed, and its subqueries are index scans.
 *
 * src/sale/direct_rate.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "executor/executor.h"
#include "utils/fmgroids.h"

#include "sale/direct_rate.h"

static Datum by_currency(RateScan *scan, ExprContext *econtext,
						 TupleTableSlot *row, bool *is_null);
static Datum evaluate(ExprState *state, ExprContext *econtext, bool *is_null);
static bool is_own_currency(RateScan *scan, ExprContext *econtext,
							TupleTableSlot *row);
static void fetch_latest(RateScan *scan, text *currency, DateADT day);
static bool was_fetched(const RateScan *scan, const text *currency,
						DateADT day);

/* Open the tables; rate NULL: amounts are not converted. */
void
spm_rate_scan_open(RateScan *scan, SpmDirectRate *rate)
{
	scan->rate = rate;
	if (rate == NULL)
		return;
	spm_scan_open(&scan->setting, &rate->setting);
	spm_scan_open(&scan->rates, &rate->rates);
}

/* Close them, if they were opened. */
void
spm_rate_scan_close(RateScan *scan)
{
	spm_scan_close(&scan->setting);
	spm_scan_close(&scan->rates);
}

/* May a role read them? */
bool
spm_rate_scan_may_read(const RateScan *scan, Oid role)
{
	return spm_scan_may_read(&scan->setting, role) &&
		   spm_scan_may_read(&scan->rates, role);
}

/* Put the factor into the whole row, which is the context's too. */
void
spm_rate_scan_fill(RateScan *scan, ExprContext *econtext, TupleTableSlot *row)
{
	const SpmDirectRate *rate = scan->rate;
	bool is_null = true;
	Datum factor = (Datum) 0;

	switch (
		(RateOrigin) DatumGetInt32(evaluate(rate->origin, econtext, &is_null)))
	{
		case RATE_OF_SALE:
			factor = evaluate(rate->of_sale, econtext, &is_null);
			break;
		case RATE_UNUSABLE:
			is_null = true;
			break;
		case RATE_OF_NO_CURRENCY:
			factor = evaluate(rate->one, econtext, &is_null);
			break;
		case RATE_OF_CURRENCY:
			factor = by_currency(scan, econtext, row, &is_null);
			break;
	}
	row->tts_values[rate->place] = factor;
	row->tts_isnull[rate->place] = is_null;
}

/* The factor of an amount in a currency that the sale names. */
static Datum
by_currency(RateScan *scan, ExprContext *econtext, TupleTableSlot *row,
			bool *is_null)
{
	const SpmDirectRate *rate = scan->rate;
	Datum currency;
	Datum day;

	if (is_own_currency(scan, econtext, row))
		return evaluate(rate->one, econtext, is_null);
	currency = evaluate(rate->currency, econtext, is_null);
	if (*is_null)
		return (Datum) 0;
	day = evaluate(rate->day, econtext, is_null);
	if (*is_null)
		return (Datum) 0;
	fetch_latest(scan, DatumGetTextPP(currency), DatumGetDateADT(day));
	if (!TTS_EMPTY(scan->rates.slot))
		return slot_getattr(scan->rates.slot, rate->rate_column, is_null);
	*is_null = true;
	return (Datum) 0;
}

static Datum
evaluate(ExprState *state, ExprContext *econtext, bool *is_null)
{
	*is_null = true;
	return state ? ExecEvalExpr(state, econtext, is_null) : (Datum) 0;
}

/* Is it the reporting currency?  Where there is none, no. */
static bool
is_own_currency(RateScan *scan, ExprContext *econtext, TupleTableSlot *row)
{
	bool is_null;

	if (!scan->setting_fetched)
		spm_scan_find_by_code(&scan->setting,
							  scan->rate->setting_name,
							  &scan->rate->setting_place);
	scan->setting_fetched = true;
	if (TTS_EMPTY(scan->setting.slot))
		spm_scan_clear(&scan->setting, row);
	else
		spm_scan_fill(&scan->setting, row);
	return DatumGetBool(evaluate(scan->rate->is_own, econtext, &is_null)) &&
		   !is_null;
}

/*
 * Fetch the latest rate of a currency that a day knows; none: the slot is
 * empty.  Lines of one document ask for the same one after the other.
 */
static void
fetch_latest(RateScan *scan, text *currency, DateADT day)
{
	TableScan *rates = &scan->rates;
	ScanKeyData keys[2];

	if (was_fetched(scan, currency, day))
		return;
	if (rates->scan == NULL)
		spm_scan_begin(rates);
	if (scan->currency != NULL)
		pfree(scan->currency);
	scan->currency = MemoryContextAlloc(rates->context, VARSIZE_ANY(currency));
	memcpy(scan->currency, currency, VARSIZE_ANY(currency));
	scan->day = day;
	ScanKeyEntryInitialize(&keys[0],
						   0,
						   1,
						   BTEqualStrategyNumber,
						   InvalidOid,
						   rates->table->collations[0],
						   F_TEXTEQ,
						   PointerGetDatum(scan->currency));
	ScanKeyEntryInitialize(&keys[1],
						   0,
						   2,
						   BTLessEqualStrategyNumber,
						   InvalidOid,
						   InvalidOid,
						   F_DATE_LE,
						   DateADTGetDatum(day));
	index_rescan(rates->scan, keys, lengthof(keys), NULL, 0);
	if (!spm_scan_fetch(rates, BackwardScanDirection))
		ExecClearTuple(rates->slot);
}

/* Is it what the slot has? */
static bool
was_fetched(const RateScan *scan, const text *currency, DateADT day)
{
	return scan->currency != NULL && scan->day == day &&
		   VARSIZE_ANY_EXHDR(currency) == VARSIZE_ANY_EXHDR(scan->currency) &&
		   memcmp(VARDATA_ANY(currency),
				  VARDATA_ANY(scan->currency),
				  VARSIZE_ANY_EXHDR(currency)) == 0;
}
