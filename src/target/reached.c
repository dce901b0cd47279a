/*-------------------------------------------------------------------------
 *
 * reached.c
 *	  What a target has reached on a day, and how much of its period is over.
 *
 * src/target/reached.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datetime.h"

#include "core/exact.h"
#include "core/shown.h"
#include "measure/flow.h"
#include "measure/report.h"
#include "org/open_share.h"
#include "target/row_int.h"

/* The open share of a period on a day. */
typedef struct OpenShare
{
	DateADT starts_on;
	DateADT ends_on;
	DateADT as_of;
	text *region;
	double share;
} OpenShare;

static Status status_on(const Target *target);
static Figure figure_of(Numeric value);
static bool read_months(FunctionCallInfo fcinfo, Target *target);
static int read_array(Datum array, Oid type, Datum **elements);
static DateADT last_of_month(DateADT month);
static void count_sales(FunctionCallInfo fcinfo, Target *target);
static text *only_region(FunctionCallInfo fcinfo);
static double open_share(LookUps *look_ups, const Target *target, text *region);
static bool same_text(const text *a, const text *b);

/*
 * Read a target's arguments, and what follows from them: what has passed of
 * its period, and what counts so far.
 */
void
spm_target_read(FunctionCallInfo fcinfo, LookUps *look_ups, Target *target)
{
	target->starts_on = PG_GETARG_DATEADT(STARTS_ON);
	target->ends_on = PG_GETARG_DATEADT(ENDS_ON);
	target->as_of = PG_GETARG_DATEADT(AS_OF);
	target->status = status_on(target);
	target->elapsed =
		spm_elapsed(target->starts_on, target->ends_on, target->as_of);
	target->amount = figure_of(PG_GETARG_NUMERIC(AMOUNT));
	target->share = 1;
	if (!read_months(fcinfo, target) && target->status == ACTIVE)
		target->share = open_share(look_ups, target, only_region(fcinfo));
	count_sales(fcinfo, target);
}

/* Read what has been sold up to the day, and how evenly it came in. */
static void
count_sales(FunctionCallInfo fcinfo, Target *target)
{
	Jsonb *scope;

	target->actual = figure_of(int64_to_numeric(0));
	target->flow = 0;
	if (PG_ARGISNULL(COUNTED_TO))
		return;
	scope = spm_scope_known(PG_GETARG_TEXT_PP(METRIC),
							target->starts_on,
							PG_GETARG_DATEADT(COUNTED_TO),
							&fcinfo->args[FILTERS]);
	target->actual = figure_of(spm_report_actual(scope));
	if (target->status != ACTIVE || target->actual.value == NULL ||
		!spm_flow_of(scope,
					 target->starts_on,
					 target->ends_on,
					 target->as_of,
					 &target->flow))
		target->flow = 0;
}

static Figure
figure_of(Numeric value)
{
	Figure figure = {.value = value};

	figure.whole = value != NULL && spm_units(value, &figure.units);
	return figure;
}

static Status
status_on(const Target *target)
{
	if (target->as_of < target->starts_on)
		return UPCOMING;
	return target->as_of > target->ends_on ? EXPIRED : ACTIVE;
}

/*
 * Read what is expected to date, and which share has passed, by the target's
 * months; false if it has none.  At most one month is running, so that one
 * quotient is rounded.
 */
static bool
read_months(FunctionCallInfo fcinfo, Target *target)
{
	Datum *months;
	Datum *shares;
	int count;
	Numeric share = int64_to_numeric(0);

	target->expected = NULL;
	if (PG_ARGISNULL(MONTHS) || PG_ARGISNULL(SHARES))
		return false;
	count = Min(read_array(PG_GETARG_DATUM(MONTHS), DATEOID, &months),
				read_array(PG_GETARG_DATUM(SHARES), NUMERICOID, &shares));
	target->expected = share;
	for (int i = 0; i < count; i++)
	{
		DateADT month = DatumGetDateADT(months[i]);
		SpmElapsed elapsed =
			spm_elapsed(Max(month, target->starts_on),
						Min(last_of_month(month), target->ends_on),
						target->as_of);
		Numeric part = DatumGetNumeric(shares[i]);

		share =
			spm_exact_add(share, spm_part(part, elapsed.passed, elapsed.days));
		part = spm_exact_mul(target->amount.value, part);
		target->expected =
			spm_exact_add(target->expected,
						  spm_part(part, elapsed.passed, elapsed.days));
	}
	if (target->status == ACTIVE)
		target->share = spm_numeric_to_float8(share);
	return true;
}

/* The elements of an array of date or numeric, none of which may be NULL. */
static int
read_array(Datum array, Oid type, Datum **elements)
{
	int count;

	deconstruct_array(DatumGetArrayTypeP(array),
					  type,
					  type == DATEOID ? sizeof(DateADT) : -1,
					  type == DATEOID,
					  TYPALIGN_INT,
					  elements,
					  NULL,
					  &count);
	return count;
}

static DateADT
last_of_month(DateADT month)
{
	int year, number, day;

	if (DATE_NOT_FINITE(month))
		return month;
	j2date(month + POSTGRES_EPOCH_JDATE, &year, &number, &day);
	return date2j(year + number / 12, number % 12 + 1, 1) - 1 -
		   POSTGRES_EPOCH_JDATE;
}

/* The region whose closed days count too, NULL where it is not one. */
static text *
only_region(FunctionCallInfo fcinfo)
{
	Datum *regions;
	int count;

	if (PG_ARGISNULL(REGIONS))
		return NULL;
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(REGIONS),
					  TEXTOID,
					  -1,
					  false,
					  TYPALIGN_INT,
					  &regions,
					  NULL,
					  &count);
	return count == 1 ? DatumGetTextPP(regions[0]) : NULL;
}

/*
 * Share of the target's period that has passed of its open days, looked up
 * once for all targets alike.
 */
static double
open_share(LookUps *look_ups, const Target *target, text *region)
{
	MemoryContext caller_context;
	ListCell *cell;
	OpenShare *found;

	foreach (cell, look_ups->open_shares)
	{
		found = lfirst(cell);
		if (found->starts_on == target->starts_on &&
			found->ends_on == target->ends_on &&
			found->as_of == target->as_of && same_text(found->region, region))
			return found->share;
	}
	caller_context = MemoryContextSwitchTo(look_ups->context);
	found = palloc(sizeof(OpenShare));
	found->starts_on = target->starts_on;
	found->ends_on = target->ends_on;
	found->as_of = target->as_of;
	found->region =
		region ? (text *) PG_DETOAST_DATUM_COPY(PointerGetDatum(region)) : NULL;
	found->share = spm_numeric_to_float8(
		spm_open_share_of(found->starts_on,
						  found->ends_on,
						  found->as_of,
						  region ? region : cstring_to_text("")));
	look_ups->open_shares = lappend(look_ups->open_shares, found);
	MemoryContextSwitchTo(caller_context);
	return found->share;
}

static bool
same_text(const text *a, const text *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		   memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}
