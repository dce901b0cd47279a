/*-------------------------------------------------------------------------
 *
 * row.c
 *	  A row of target_performance.
 *
 * All that a report computes of a target is computed in one call, since a
 * report of thousands of targets would spend its time between calls.  What
 * many targets share is looked up once for a query.
 *
 * src/target/row.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/expandedrecord.h"

#include "core/decimal.h"
#include "core/exact.h"
#include "core/export.h"
#include "core/shown.h"
#include "forecast/elapsed.h"
#include "forecast/forecast.h"
#include "forecast/projection.h"
#include "measure/flow.h"
#include "measure/report.h"
#include "measure/scope.h"
#include "org/open_share.h"

SPM_FUNCTION_INFO_V1(spm_target_row);

/* Arguments, in order. */
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

/* Columns, in order: the first arguments, and what is computed. */
enum
{
	STATUS = AMOUNT,
	TARGET,
	ACTUAL,
	ATTAINMENT,
	EXPECTED,
	ON_TRACK,
	INDICATOR,
	PROJECTED,
	GAP,
	PROGRESS,
	PROJECTED_LOW,
	PROJECTED_HIGH,
	PROBABILITY,
	COLUMNS
};

typedef enum Status
{
	UPCOMING,
	ACTIVE,
	EXPIRED,
	STATUS_COUNT
} Status;

static const char *const status_names[STATUS_COUNT] = {
	[UPCOMING] = "upcoming",
	[ACTIVE] = "active",
	[EXPIRED] = "expired",
};

/* Coverage of the limits. */
#define LEVEL 0.95

typedef enum Indicator
{
	NO_INDICATOR,
	ON_LINE,
	BELOW_LINE,
	INDICATOR_COUNT
} Indicator;

static const char *const indicators[INDICATOR_COUNT] = {
	[NO_INDICATOR] = "",
	[ON_LINE] = "▲",
	[BELOW_LINE] = "▼",
};

/* The open share of a period on a day. */
typedef struct OpenShare
{
	DateADT starts_on;
	DateADT ends_on;
	DateADT as_of;
	text *region;
	double share;
} OpenShare;

/* What the targets of a query share. */
typedef struct Common
{
	MemoryContext context;
	ExpandedRecordHeader *row; /* its columns are those of the last target */
	double quantile;		   /* of LEVEL */
	Numeric zero;
	text *nowhere; /* the region '' */
	text *statuses[STATUS_COUNT];
	text *indicators[INDICATOR_COUNT];
	text *bars[SPM_BAR_CELLS + 1];
	List *open_shares;
} Common;

/* A figure, and nearly always a whole number of units. */
typedef struct Figure
{
	Numeric value; /* NULL: not known */
	bool whole;
	int64 units;
} Figure;

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

static Common *common_of(FunctionCallInfo fcinfo);
static void open_target(FunctionCallInfo fcinfo, Common *common,
						Target *target);
static Figure figure_of(Numeric value);
static Status status_on(const Target *target);
static bool read_months(FunctionCallInfo fcinfo, Target *target);
static int read_array(Datum array, Oid type, Datum **elements);
static DateADT last_of_month(DateADT month);
static double open_share(Common *common, const Target *target, text *region);
static text *only_region(FunctionCallInfo fcinfo, const Common *common);
static void put_expected(const Common *common, const Target *target,
						 ExpandedRecordHeader *row);
static void put_actual(const Common *common, const Target *target,
					   ExpandedRecordHeader *row);
static void put_attainment(const Common *common, const Target *target,
						   ExpandedRecordHeader *row);
static bool is_on_track(const Target *target);
static void put_projection(const Common *common, const Target *target,
						   ExpandedRecordHeader *row);
static Numeric shown_part(const Figure *figure, int64 multiplier,
						  int64 divisor);
static void put_numeric(ExpandedRecordHeader *row, int column, Numeric figure);
static void put(ExpandedRecordHeader *row, int column, Datum value);

/*
 * target_row(target_id, name, metric, starts_on, ends_on, amount, filters …,
 * months, shares, as_of, counted_to) → target_row
 */
Datum
spm_target_row(PG_FUNCTION_ARGS)
{
	Common *common = common_of(fcinfo);
	ExpandedRecordHeader *row = common->row;
	Target target;

	for (int i = 0; i <= AMOUNT; i++)
		if (PG_ARGISNULL(i))
			PG_RETURN_NULL();
	if (PG_ARGISNULL(AS_OF))
		PG_RETURN_NULL();
	open_target(fcinfo, common, &target);
	memset(row->dnulls, true, COLUMNS * sizeof(bool));
	for (int i = 0; i < AMOUNT; i++)
		put(row, i, PG_GETARG_DATUM(i));
	/* A row must not point to what is stored elsewhere. */
	put(row, NAME, PointerGetDatum(PG_GETARG_TEXT_PP(NAME)));
	put(row, METRIC, PointerGetDatum(PG_GETARG_TEXT_PP(METRIC)));
	put_expected(common, &target, row);
	if (target.actual.value != NULL)
		put_actual(common, &target, row);
	/* What it has when flattened depends on its columns. */
	row->flat_size = 0;
	PG_RETURN_DATUM(ExpandedRecordGetRODatum(row));
}

/* What the targets of the query share, made at the first one. */
static Common *
common_of(FunctionCallInfo fcinfo)
{
	Common *common = fcinfo->flinfo->fn_extra;
	MemoryContext caller_context;
	TupleDesc columns;

	if (common != NULL)
		return common;
	caller_context = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	if (get_call_result_type(fcinfo, NULL, &columns) != TYPEFUNC_COMPOSITE ||
		columns->natts != COLUMNS)
		elog(ERROR, "return type must be target_row");
	common = palloc0(sizeof(Common));
	common->context = CurrentMemoryContext;
	common->row =
		make_expanded_record_from_tupdesc(columns, CurrentMemoryContext);
	deconstruct_expanded_record(common->row);
	common->quantile = spm_normal_quantile((1 + LEVEL) / 2);
	common->zero = spm_exact_zero();
	common->nowhere = cstring_to_text("");
	for (int i = 0; i < STATUS_COUNT; i++)
		common->statuses[i] = cstring_to_text(status_names[i]);
	for (int i = 0; i < INDICATOR_COUNT; i++)
		common->indicators[i] = cstring_to_text(
			pg_any_to_server(indicators[i], strlen(indicators[i]), PG_UTF8));
	for (int i = 0; i <= SPM_BAR_CELLS; i++)
		common->bars[i] = spm_bar(i);
	fcinfo->flinfo->fn_extra = common;
	MemoryContextSwitchTo(caller_context);
	return common;
}

/* The actual is read last: nothing that runs SQL may come after it. */
static void
open_target(FunctionCallInfo fcinfo, Common *common, Target *target)
{
	Jsonb *scope;

	target->starts_on = PG_GETARG_DATEADT(STARTS_ON);
	target->ends_on = PG_GETARG_DATEADT(ENDS_ON);
	target->as_of = PG_GETARG_DATEADT(AS_OF);
	target->status = status_on(target);
	target->elapsed =
		spm_elapsed(target->starts_on, target->ends_on, target->as_of);
	target->amount = figure_of(PG_GETARG_NUMERIC(AMOUNT));
	target->share = 1;
	if (!read_months(fcinfo, target) && target->status == ACTIVE)
		target->share = open_share(common, target, only_region(fcinfo, common));
	target->actual = figure_of(common->zero);
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

/* The region whose closed days count, '' where it is not one. */
static text *
only_region(FunctionCallInfo fcinfo, const Common *common)
{
	Datum *regions;
	int count;

	if (PG_ARGISNULL(REGIONS))
		return common->nowhere;
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(REGIONS),
					  TEXTOID,
					  -1,
					  false,
					  TYPALIGN_INT,
					  &regions,
					  NULL,
					  &count);
	return count == 1 ? DatumGetTextPP(regions[0]) : common->nowhere;
}

/* Share of the target's period that has passed of its open days. */
static double
open_share(Common *common, const Target *target, text *region)
{
	OpenShare wanted = {.starts_on = target->starts_on,
						.ends_on = target->ends_on,
						.as_of = target->as_of,
						.region = region};
	MemoryContext caller_context;
	ListCell *cell;
	OpenShare *found;

	foreach (cell, common->open_shares)
	{
		found = lfirst(cell);
		if (found->starts_on == wanted.starts_on &&
			found->ends_on == wanted.ends_on && found->as_of == wanted.as_of &&
			VARSIZE_ANY_EXHDR(found->region) == VARSIZE_ANY_EXHDR(region) &&
			memcmp(VARDATA_ANY(found->region),
				   VARDATA_ANY(region),
				   VARSIZE_ANY_EXHDR(region)) == 0)
			return found->share;
	}
	wanted.share = spm_numeric_to_float8(spm_open_share_of(wanted.starts_on,
														   wanted.ends_on,
														   wanted.as_of,
														   region));
	caller_context = MemoryContextSwitchTo(common->context);
	found = palloc(sizeof(OpenShare));
	*found = wanted;
	found->region = (text *) PG_DETOAST_DATUM_COPY(PointerGetDatum(region));
	common->open_shares = lappend(common->open_shares, found);
	MemoryContextSwitchTo(caller_context);
	return found->share;
}

/* What needs no actual. */
static void
put_expected(const Common *common, const Target *target,
			 ExpandedRecordHeader *row)
{
	put(row, STATUS, PointerGetDatum(common->statuses[target->status]));
	put(row, INDICATOR, PointerGetDatum(common->indicators[NO_INDICATOR]));
	put_numeric(row,
				TARGET,
				spm_shown(target->amount.value, spm_figure_column));
	put_numeric(row,
				EXPECTED,
				target->expected
					? spm_shown(target->expected, spm_figure_column)
					: shown_part(&target->amount,
								 target->elapsed.passed,
								 target->elapsed.days));
}

/* The actual, and how it compares with the target. */
static void
put_actual(const Common *common, const Target *target,
		   ExpandedRecordHeader *row)
{
	const Figure *actual = &target->actual;
	const Figure *amount = &target->amount;
	Numeric gap;

	put_numeric(row, ACTUAL, spm_shown(actual->value, spm_figure_column));
	if (actual->whole && amount->whole)
		gap = spm_decimal_encode_units(amount->units - actual->units,
									   spm_figure_column.decimals);
	else
		gap = spm_shown(spm_exact_sub(amount->value, actual->value),
						spm_figure_column);
	put_numeric(row, GAP, gap);
	put_attainment(common, target, row);
	if (target->status != UPCOMING)
	{
		bool on_track = is_on_track(target);

		put(row, ON_TRACK, BoolGetDatum(on_track));
		put(row,
			INDICATOR,
			PointerGetDatum(
				common->indicators[on_track ? ON_LINE : BELOW_LINE]));
		put_projection(common, target, row);
	}
}

static void
put_attainment(const Common *common, const Target *target,
			   ExpandedRecordHeader *row)
{
	const Figure *actual = &target->actual;
	const Figure *amount = &target->amount;
	int64 millionths;
	int cells;
	Numeric attainment;

	if (actual->whole && amount->whole &&
		spm_units_ratio(actual->units, amount->units, &millionths, &cells))
		attainment =
			spm_decimal_encode_units(millionths, spm_ratio_column.decimals);
	else if (spm_exact_compare(amount->value, common->zero) == 0)
		return;
	else
	{
		attainment = DatumGetNumeric(
			DirectFunctionCall2(numeric_div,
								NumericGetDatum(actual->value),
								NumericGetDatum(amount->value)));
		cells = spm_bar_cells(attainment);
		attainment = spm_shown(attainment, spm_ratio_column);
	}
	put_numeric(row, ATTAINMENT, attainment);
	put(row, PROGRESS, PointerGetDatum(common->bars[cells]));
}

/* Is the actual what is expected to date, or more? */
static bool
is_on_track(const Target *target)
{
	const Figure *actual = &target->actual;
	const Figure *amount = &target->amount;
	SpmElapsed elapsed = target->elapsed;
	Numeric expected = target->expected;

	if (expected == NULL && actual->whole && amount->whole)
		return (int128) actual->units * elapsed.days >=
			   (int128) amount->units * elapsed.passed;
	if (expected == NULL)
		expected = spm_part(amount->value, elapsed.passed, elapsed.days);
	return spm_exact_compare(actual->value, expected) >= 0;
}

/* Where the actual leads to by the end of the period. */
static void
put_projection(const Common *common, const Target *target,
			   ExpandedRecordHeader *row)
{
	double amount = spm_numeric_to_float8(target->amount.value);
	SpmProjection projection =
		spm_project_share_of(spm_numeric_to_float8(target->actual.value),
							 target->share,
							 &amount,
							 target->flow);
	double margin = common->quantile * projection.deviation;

	put_numeric(row,
				PROJECTED,
				shown_part(&target->actual,
						   target->elapsed.days,
						   target->elapsed.passed));
	if (!projection.known)
		return;
	put_numeric(row,
				PROJECTED_LOW,
				spm_shown_float8(projection.total - margin, spm_figure_column));
	put_numeric(row,
				PROJECTED_HIGH,
				spm_shown_float8(projection.total + margin, spm_figure_column));
	put_numeric(row,
				PROBABILITY,
				spm_shown_float8(spm_reach_probability(&projection, amount),
								 spm_ratio_column));
}

/* A figure times multiplier / divisor. */
static Numeric
shown_part(const Figure *figure, int64 multiplier, int64 divisor)
{
	int64 part;

	if (figure->whole &&
		spm_units_part(figure->units, multiplier, divisor, &part))
		return spm_decimal_encode_units(part, spm_figure_column.decimals);
	return spm_shown(spm_part(figure->value, multiplier, divisor),
					 spm_figure_column);
}

/* Put a figure, as far as it fits its column. */
static void
put_numeric(ExpandedRecordHeader *row, int column, Numeric figure)
{
	if (figure != NULL)
		put(row, column, NumericGetDatum(figure));
}

static void
put(ExpandedRecordHeader *row, int column, Datum value)
{
	row->dvalues[column] = value;
	row->dnulls[column] = false;
}
