/*-------------------------------------------------------------------------
 *
 * span.c
 *	  Calendar months, quarters and years.
 *
 * Months are numbered year * 12 + month - 1, quarters and years accordingly.
 *
 * src/commission/span.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/datetime.h"

#include "commission/run_int.h"

static const int months_of[SPM_EVERY_COUNT] = {
	[SPM_EVERY_MONTH] = 1,
	[SPM_EVERY_QUARTER] = 3,
	[SPM_EVERY_YEAR] = 12,
};

/* The number of a day's month. */
int
spm_month_of(DateADT day)
{
	int year;
	int month;
	int day_of_month;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &day_of_month);
	return year * 12 + month - 1;
}

/* The first day of a month. */
DateADT
spm_month_start(int month)
{
	return date2j(month / 12, month % 12 + 1, 1) - POSTGRES_EPOCH_JDATE;
}

/* The number of the month, quarter or year that a day is in. */
int
spm_span_of(SpmEvery every, DateADT day)
{
	return spm_month_of(day) / months_of[every];
}

/* Its first day. */
DateADT
spm_span_start(SpmEvery every, int span)
{
	return spm_month_start(span * months_of[every]);
}
