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

#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/expandedrecord.h"

#include "core/decimal.h"
#include "core/exact.h"
#include "core/export.h"
#include "core/shown.h"
#include "forecast/forecast.h"
#include "forecast/projection.h"
#include "target/row_int.h"

SPM_FUNCTION_INFO_V1(spm_target_row);

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

/* What the targets of a query share. */
typedef struct Common
{
	LookUps look_ups;
	ExpandedRecordHeader *row; /* its columns are those of the last target */
	double quantile;		   /* of LEVEL */
	Numeric zero;
	text *statuses[STATUS_COUNT];
	text *indicators[INDICATOR_COUNT];
	text *bars[SPM_BAR_CELLS + 1];
} Common;

static Common *common_of(FunctionCallInfo fcinfo);
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
	spm_target_read(fcinfo, &common->look_ups, &target);
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
	common->look_ups.context = CurrentMemoryContext;
	common->row =
		make_expanded_record_from_tupdesc(columns, CurrentMemoryContext);
	deconstruct_expanded_record(common->row);
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
