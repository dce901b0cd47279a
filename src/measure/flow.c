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

#include "utils/date.h"
#include "utils/datetime.h"

#include "core/export.h"
#include "core/shown.h"
#include "forecast/projection.h"
#include "measure/flow.h"
#include "measure/report.h"

/* Fewer whole months say nothing; older ones than so many are not looked at. */
#define LEAST_MONTHS 3
#define MOST_MONTHS 60

#define DAYS_OF_MONTH 30.4375

SPM_FUNCTION_INFO_V1(spm_measure_flow);

static int month_number(DateADT day);

/* measure_flow(scope, starts_on, ends_on, as_of) → float8 */
Datum
spm_measure_flow(PG_FUNCTION_ARGS)
{
	double variance;

	if (!spm_flow_of(PG_GETARG_JSONB_P(0),
					 PG_GETARG_DATEADT(1),
					 PG_GETARG_DATEADT(2),
					 PG_GETARG_DATEADT(3),
					 &variance))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(variance);
}

/*
 * Relative variance of what a period brings in; false if fewer than three
 * whole months of it have passed or a source can't be read.
 */
bool
spm_flow_of(Jsonb *scope, DateADT starts_on, DateADT ends_on, DateADT as_of,
			double *variance)
{
	DateADT last_day = Min(as_of, ends_on);
	int first;
	int last;
	SpmDelta *months;
	int count;
	double totals[MOST_MONTHS] = {0};

	if (DATE_NOT_FINITE(starts_on) || DATE_NOT_FINITE(last_day))
		return false;
	first = month_number(starts_on - 1) + 1;
	last = month_number(last_day + 1) - 1;
	first = Max(first, last - MOST_MONTHS + 1);
	if (last - first + 1 < LEAST_MONTHS)
		return false;
	count = spm_report_months(JsonbPGetDatum(scope), &months);
	if (count < 0)
		return false;
	for (int i = 0; i < count; i++)
	{
		int month = month_number(months[i].month);

		if (month >= first && month <= last)
			totals[month - first] = spm_numeric_to_float8(months[i].amount);
	}
	*variance =
		spm_flow_variance(totals,
						  last - first + 1,
						  ((double) ends_on - starts_on + 1) / DAYS_OF_MONTH);
	return true;
}

/* Calendar months since the year 0. */
static int
month_number(DateADT day)
{
	int year, month, day_of_month;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &day_of_month);
	return 12 * year + month - 1;
}
