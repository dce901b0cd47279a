/*-------------------------------------------------------------------------
 *
 * result.c
 *	  What a target has come to on a day.
 *
 * All that a report computes of a target is computed in one call, since a
 * report of thousands of targets would spend its time between calls.  What
 * many targets share is looked up once for a query.
 *
 * src/target/result.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "core/exact.h"
#include "core/export.h"
#include "core/shown.h"
#include "core/spi.h"
#include "forecast/elapsed.h"
#include "forecast/forecast.h"
#include "forecast/projection.h"
#include "measure/flow.h"
#include "measure/report.h"
#include "measure/scope.h"

SPM_FUNCTION_INFO_V1(spm_target_result);

/* Arguments, in order. */
enum
{
	METRIC,
	STARTS_ON,
	ENDS_ON,
	AMOUNT,
	FILTERS,
	MONTHS = FILTERS + SPM_FILTER_COUNT,
	SHARES,
	AS_OF,
	COUNTED_TO
};

/* Filter "regions" of measure_scope(). */
#define REGIONS (FILTERS + 4)

/* Columns, in order. */
enum
{
	STATUS,
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

static const SpmColumn figure_column = {.digits = 20, .decimals = 4};
static const SpmColumn ratio_column = {.digits = 6, .decimals = 6};

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
	TupleDesc columns;
	double quantile; /* of LEVEL */
	Numeric zero;
	text *statuses[STATUS_COUNT];
	text *indicators[INDICATOR_COUNT];
	text *bars[SPM_BAR_CELLS + 1];
	List *open_shares;
} Common;

/* A target on a day. */
typedef struct Target
{
	DateADT starts_on;
	DateADT ends_on;
	DateADT as_of;
	Status status;
	Numeric amount;
	Numeric expected; /* to date */
	double elapsed;	  /* share of the period that has passed */
	Numeric actual;	  /* NULL: a source can't be read */
	double flow;	  /* relative variance, 0: not known */
} Target;

/* Columns of the result. */
typedef struct Row
{
	Datum values[COLUMNS];
	bool nulls[COLUMNS];
} Row;

static SPIPlanPtr open_share_plan = NULL;

static Common *common_of(FunctionCallInfo fcinfo);
static void open_target(FunctionCallInfo fcinfo, Common *common,
						Target *target);
static Status status_on(const Target *target);
static bool read_months(FunctionCallInfo fcinfo, Target *target);
static int read_array(Datum array, Oid type, Datum **elements);
static DateADT last_of_month(DateADT month);
static double open_share(Common *common, const Target *target, text *region);
static text *only_region(FunctionCallInfo fcinfo);
static double look_up_open_share(const OpenShare *wanted);
static void put_expected(const Common *common, const Target *target,
						 Row *result);
static void put_actual(const Common *common, const Target *target,
					   Row *result);
static void put_projection(const Common *common, const Target *target,
						   Row *result);
static void put_numeric(Row *result, int column, Numeric figure);
static void put(Row *result, int column, Datum value);

/*
 * target_result(metric, starts_on, ends_on, amount, filters …, months, shares,
 * as_of, counted_to)
 */
Datum
spm_target_result(PG_FUNCTION_ARGS)
{
	Common *common;
	Target target;
	Row result;

	if (PG_ARGISNULL(METRIC) || PG_ARGISNULL(STARTS_ON) ||
		PG_ARGISNULL(ENDS_ON) || PG_ARGISNULL(AMOUNT) || PG_ARGISNULL(AS_OF))
		PG_RETURN_NULL();
	common = common_of(fcinfo);
	open_target(fcinfo, common, &target);
	memset(result.nulls, true, sizeof(result.nulls));
	put(&result, STATUS, PointerGetDatum(common->statuses[target.status]));
	put_expected(common, &target, &result);
	if (target.actual != NULL)
	{
		put_actual(common, &target, &result);
		if (target.status != UPCOMING)
			put_projection(common, &target, &result);
	}
	return HeapTupleGetDatum(
		heap_form_tuple(common->columns, result.values, result.nulls));
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
		elog(ERROR, "return type must be target_result");
	common = palloc0(sizeof(Common));
	common->context = CurrentMemoryContext;
	common->columns = BlessTupleDesc(columns);
	common->quantile = spm_normal_quantile((1 + LEVEL) / 2);
	common->zero = spm_exact_zero();
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
	Datum scope;

	target->starts_on = PG_GETARG_DATEADT(STARTS_ON);
	target->ends_on = PG_GETARG_DATEADT(ENDS_ON);
	target->as_of = PG_GETARG_DATEADT(AS_OF);
	target->status = status_on(target);
	target->amount = PG_GETARG_NUMERIC(AMOUNT);
	target->elapsed = 1;
	target->flow = 0;
	if (!read_months(fcinfo, target))
	{
		target->expected = spm_expected(target->amount,
										target->starts_on,
										target->ends_on,
										target->as_of);
		if (target->status == ACTIVE)
			target->elapsed = open_share(common, target, only_region(fcinfo));
	}
	target->actual = common->zero;
	if (PG_ARGISNULL(COUNTED_TO))
		return;
	scope = JsonbPGetDatum(spm_scope_write(PG_GETARG_TEXT_PP(METRIC),
										   target->starts_on,
										   PG_GETARG_DATEADT(COUNTED_TO),
										   &fcinfo->args[FILTERS]));
	target->actual = spm_report_actual(scope);
	if (target->status != ACTIVE || target->actual == NULL ||
		!spm_flow_of(scope,
					 target->starts_on,
					 target->ends_on,
					 target->as_of,
					 &target->flow))
		target->flow = 0;
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

	if (PG_ARGISNULL(MONTHS) || PG_ARGISNULL(SHARES))
		return false;
	count = Min(read_array(PG_GETARG_DATUM(MONTHS), DATEOID, &months),
				read_array(PG_GETARG_DATUM(SHARES), NUMERICOID, &shares));
	target->expected = share;
	for (int i = 0; i < count; i++)
	{
		DateADT month = DatumGetDateADT(months[i]);
		DateADT first = Max(month, target->starts_on);
		DateADT last = Min(last_of_month(month), target->ends_on);
		Numeric part = DatumGetNumeric(shares[i]);

		target->expected =
			spm_exact_add(target->expected,
						  spm_expected(spm_exact_mul(target->amount, part),
									   first,
									   last,
									   target->as_of));
		share = spm_exact_add(share,
							  spm_expected(part, first, last, target->as_of));
	}
	if (target->status == ACTIVE)
		target->elapsed = spm_numeric_to_float8(share);
	return count > 0;
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

	j2date(month + POSTGRES_EPOCH_JDATE, &year, &number, &day);
	return date2j(year + number / 12, number % 12 + 1, 1) - 1 -
		   POSTGRES_EPOCH_JDATE;
}

/* The region whose closed days count, '' where it is not one. */
static text *
only_region(FunctionCallInfo fcinfo)
{
	Datum *regions;
	int count;

	if (PG_ARGISNULL(REGIONS))
		return cstring_to_text("");
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(REGIONS),
					  TEXTOID,
					  -1,
					  false,
					  TYPALIGN_INT,
					  &regions,
					  NULL,
					  &count);
	return count == 1 ? DatumGetTextPP(regions[0]) : cstring_to_text("");
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
	wanted.share = look_up_open_share(&wanted);
	caller_context = MemoryContextSwitchTo(common->context);
	found = palloc(sizeof(OpenShare));
	*found = wanted;
	found->region = (text *) PG_DETOAST_DATUM_COPY(PointerGetDatum(region));
	common->open_shares = lappend(common->open_shares, found);
	MemoryContextSwitchTo(caller_context);
	return found->share;
}

/* By SQL, so that closed days are read with the rights of the reader. */
static double
look_up_open_share(const OpenShare *wanted)
{
	SpmArgs args = {4,
					{DATEOID, DATEOID, DATEOID, TEXTOID},
					{DateADTGetDatum(wanted->starts_on),
					 DateADTGetDatum(wanted->ends_on),
					 DateADTGetDatum(wanted->as_of),
					 PointerGetDatum(wanted->region)}};
	Datum share;
	bool is_null;
	double result;

	spm_spi_begin();
	if (open_share_plan == NULL)
		open_share_plan =
			spm_spi_keep("SELECT salesperf.open_share($1, $2, $3, $4)", &args);
	spm_spi_read_kept(open_share_plan, &args);
	share = spm_spi_datum(0, 1, &is_null);
	result = spm_numeric_to_float8(DatumGetNumeric(share));
	spm_spi_end();
	return result;
}

/* What needs no actual. */
static void
put_expected(const Common *common, const Target *target, Row *result)
{
	put_numeric(result, TARGET, spm_shown(target->amount, figure_column));
	put_numeric(result, EXPECTED, spm_shown(target->expected, figure_column));
	put(result, INDICATOR, PointerGetDatum(common->indicators[NO_INDICATOR]));
}

/* The actual, and how it compares with the target. */
static void
put_actual(const Common *common, const Target *target, Row *result)
{
	Numeric actual = target->actual;

	put_numeric(result, ACTUAL, spm_shown(actual, figure_column));
	put_numeric(result,
				GAP,
				spm_shown(spm_exact_sub(target->amount, actual),
						  figure_column));
	if (spm_exact_compare(target->amount, common->zero) != 0)
	{
		Numeric share = DatumGetNumeric(
			DirectFunctionCall2(numeric_div,
								NumericGetDatum(actual),
								NumericGetDatum(target->amount)));

		put_numeric(result, ATTAINMENT, spm_shown(share, ratio_column));
		put(result,
			PROGRESS,
			PointerGetDatum(common->bars[spm_bar_cells(share)]));
	}
	if (target->status != UPCOMING)
	{
		bool on_track = spm_exact_compare(actual, target->expected) >= 0;

		put(result, ON_TRACK, BoolGetDatum(on_track));
		put(result,
			INDICATOR,
			PointerGetDatum(
				common->indicators[on_track ? ON_LINE : BELOW_LINE]));
	}
}

/* Where the actual leads to by the end of the period. */
static void
put_projection(const Common *common, const Target *target, Row *result)
{
	double amount = spm_numeric_to_float8(target->amount);
	SpmProjection projection =
		spm_project_share_of(spm_numeric_to_float8(target->actual),
							 target->elapsed,
							 &amount,
							 target->flow);
	double margin = common->quantile * projection.deviation;

	put_numeric(result,
				PROJECTED,
				spm_shown(spm_run_rate(target->actual,
									   target->starts_on,
									   target->ends_on,
									   target->as_of),
						  figure_column));
	if (!projection.known)
		return;
	put_numeric(result,
				PROJECTED_LOW,
				spm_shown_float8(projection.total - margin, figure_column));
	put_numeric(result,
				PROJECTED_HIGH,
				spm_shown_float8(projection.total + margin, figure_column));
	put_numeric(result,
				PROBABILITY,
				spm_shown_float8(spm_reach_probability(&projection, amount),
								 ratio_column));
}

/* Put a figure, as far as it fits its column. */
static void
put_numeric(Row *result, int column, Numeric figure)
{
	if (figure != NULL)
		put(result, column, NumericGetDatum(figure));
}

static void
put(Row *result, int column, Datum value)
{
	result->values[column] = value;
	result->nulls[column] = false;
}
