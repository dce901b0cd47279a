/*-------------------------------------------------------------------------
 *
 * defer_int.h
 *	  Earnings that wait until all sales were read.
 *
 * src/commission/defer_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_COMMISSION_DEFER_INT_H
#define SPM_COMMISSION_DEFER_INT_H

#include "commission/run_int.h"

/* Rows in the order in which they are sorted. */
enum
{
	DEFERRED_RULE,
	DEFERRED_SPAN, /* by period: month, quarter, year; by kpi: month */
	DEFERRED_PAYEE,
	DEFERRED_DAY,  /* by kpi 0 */
	DEFERRED_ROOT, /* by period the source */
	DEFERRED_DOCUMENT,
	DEFERRED_PART,
	DEFERRED_SOURCE,
	DEFERRED_LINE,
	DEFERRED_SELLER,
	DEFERRED_BASE,
	DEFERRED_SOLD_ON,
	DEFERRED_PAYEE_KIND,
	DEFERRED_OUTLET,
	DEFERRED_OFFICE,
	DEFERRED_COMPANY,
	DEFERRED_OWNER, /* of the indicator */
	DEFERRED_OWNER_SELLER,
	DEFERRED_COLUMNS
};

/* defer.c */
extern Oid spm_less_operator(Oid type);
extern void spm_defer_key(const SpmRun *run, TupleTableSlot *row,
						  SpmItemKey *key);

#endif /* SPM_COMMISSION_DEFER_INT_H */
