/*-------------------------------------------------------------------------
 *
 * flow.c
 *	  How evenly the sales of a measure come in, by the months it is kept by.
 *
 * src/measure/flow.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "core/export.h"
#include "forecast/projection.h"
#include "measure/report.h"

/* Fewer whole months say nothing; older ones than so many are not looked at. */
#define LEAST_MONTHS 3
#define MOST_MONTHS 60

#define DAYS_OF_MONTH 30.4375

SPM_FUNCTION_INFO_V1(spm_measure_flow);

static int month_number(DateADT day);

/*
 * measure_flow(scope, starts_on, ends_on, as_of) → float8, NULL if fewer than
 * three whole months of the period have passed or a source can't be read
 */
Datum
spm_measure_flow(PG_FUNCTION_ARGS)
{
	DateADT starts_on = PG_GETARG_DATEADT(1);
	DateADT ends_on = PG_GETARG_DATEADT(2);
	DateADT as_of = Min(PG_GETARG_DATEADT(3), ends_on);
	int first;
	int last;
	SpmDelta *months;
	int count;
	double totals[MOST_MONTHS] = {0};

	if (DATE_NOT_FINITE(starts_on) || DATE_NOT_FINITE(as_of))
		PG_RETURN_NULL();
	first = month_number(starts_on - 1) + 1;
	last = month_number(as_of + 1) - 1;
	first = Max(first, last - MOST_MONTHS + 1);
	if (last - first + 1 < LEAST_MONTHS)
		PG_RETURN_NULL();
	count = spm_report_months(PG_GETARG_DATUM(0), &months);
	if (count < 0)
		PG_RETURN_NULL();
	for (int i = 0; i < count; i++)
	{
		int month = month_number(months[i].month);

		if (month >= first && month <= last)
			totals[month - first] = DatumGetFloat8(
				DirectFunctionCall1(numeric_float8_no_overflow,
									NumericGetDatum(months[i].amount)));
	}
	PG_RETURN_FLOAT8(
		spm_flow_variance(totals,
						  last - first + 1,
						  ((double) ends_on - starts_on + 1) / DAYS_OF_MONTH));
}

/* Calendar months since the year 0. */
static int
month_number(DateADT day)
{
	int year, month, day_of_month;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &day_of_month);
	return 12 * year + month - 1;
}
