/*-------------------------------------------------------------------------
 *
 * row_int.h
 *	  What a row of target_performance is made of.
 *
 * src/target/row_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_TARGET_ROW_INT_H
#define SPM_TARGET_ROW_INT_H

#include "fmgr.h"
#include "nodes/pg_list.h"
#include "utils/date.h"
#include "utils/numeric.h"

#include "forecast/elapsed.h"
#include "measure/scope.h"

/* Arguments of target_row(), in order. */
enum
{
	TARGET_ID,
	NAME,
	METRIC,
	STARTS_ON,
	ENDS_ON,
	AMOUNT, /* the first that is not a column of the row */
	FILTERS,
	MONTHS = FILTERS + SPM_FILTER_COUNT,
	SHARES,
	AS_OF,
	COUNTED_TO
};

/* Filter "regions" of measure_scope(). */
#define REGIONS (FILTERS + 4)

typedef enum Status
{
	UPCOMING,
	ACTIVE,
	EXPIRED,
	STATUS_COUNT
} Status;

/* A figure, and nearly always a whole number of units. */
typedef struct Figure
{
	Numeric value; /* NULL: not known */
	bool whole;
	int64 units;
} Figure;

/* What was looked up for the targets of a query. */
typedef struct LookUps
{
	MemoryContext context;
	List *open_shares;
} LookUps;

/* A target on a day. */
typedef struct Target
{
	DateADT starts_on;
	DateADT ends_on;
	DateADT as_of;
	Status status;
	SpmElapsed elapsed;
	Figure amount;
	Numeric expected; /* to date by its months, NULL: it has none */
	double share;	  /* of the period that has passed */
	Figure actual;
	double flow; /* relative variance, 0: not known */
} Target;

extern void spm_target_read(FunctionCallInfo fcinfo, LookUps *look_ups,
							Target *target);

#endif /* SPM_TARGET_ROW_INT_H */
