/*-------------------------------------------------------------------------
 *
 * direct_rate.h
 *	  The factor that turns a sale's amounts into the reporting currency,
 *	  without the executor.
 *
 * src/sale/direct_rate.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_DIRECT_RATE_H
#define SPM_SALE_DIRECT_RATE_H

#include "sale/direct_load.h"
#include "sale/direct_scan.h"

/* What says the factor. */
typedef enum RateOrigin
{
	RATE_OF_SALE,
	RATE_UNUSABLE,
	RATE_OF_NO_CURRENCY,
	RATE_OF_CURRENCY
} RateOrigin;

/* The parts of the expression of the factor.  ExprState NULL: no value. */
typedef struct SpmDirectRate
{
	int place;			 /* of the factor in the whole row */
	ExprState *origin;	 /* a RateOrigin */
	ExprState *of_sale;	 /* the rate that the sale itself has */
	ExprState *one;		 /* of an amount in the reporting currency */
	ExprState *is_own;	 /* is the currency the reporting one? */
	ExprState *currency; /* what the rate is looked up by, and the day */
	ExprState *day;
	Datum setting_name;			   /* of the reporting currency */
	ItemPointerData setting_place; /* where its row was last; or invalid */
	DirectTable setting;
	DirectTable rates; /* by currency and day */
	AttrNumber rate_column;
} SpmDirectRate;

/* While sales are read. */
typedef struct RateScan
{
	SpmDirectRate *rate; /* NULL: not open */
	TableScan setting;
	bool setting_fetched;
	TableScan rates;
	text *currency; /* of the rate that was fetched last; NULL: none was */
	DateADT day;
} RateScan;

extern void spm_direct_rate_load(Loading *loading);
extern void spm_rate_scan_open(RateScan *scan, SpmDirectRate *rate);
extern void spm_rate_scan_close(RateScan *scan);
extern bool spm_rate_scan_may_read(const RateScan *scan, Oid role);
extern void spm_rate_scan_fill(RateScan *scan, ExprContext *econtext,
							   TupleTableSlot *row);

#endif /* SPM_SALE_DIRECT_RATE_H */
