/*-------------------------------------------------------------------------
 *
 * project_period.c
 *	  project_period(): where a running period will end, and how surely.
 *
 * src/forecast/project_period.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "core/export.h"
#include "core/shown.h"
#include "forecast/arguments_int.h"
#include "forecast/forecast_int.h"
#include "forecast/projection.h"

/* Columns: projected, lower, upper, probability, elapsed, prior, reliable. */
#define COLUMNS 7

/* A run rate of less of the period is marked. */
#define RELIABLE_SHARE 0.1

/* Days of a period, or of a history, at most. */
#define MOST_DAYS 100000

/* Arguments, in order. */
enum
{
	ACTUAL,
	STARTS_ON,
	ENDS_ON,
	AS_OF,
	PRIOR,
	TARGET,
	HISTORY,
	HISTORY_STARTS_ON,
	CLOSED_DAYS,
	PROFILE,
	PAST_PRIORS,
	PRIOR_IS_TARGET,
	LEVEL
};

SPM_FUNCTION_INFO_V1(spm_project_period);
SPM_FUNCTION_INFO_V1(spm_project_share);

static bool lacks_argument(FunctionCallInfo fcinfo);
static SpmPeriod period_argument(FunctionCallInfo fcinfo);
static SpmProfile profile_argument(text *profile);
static void history_arguments(FunctionCallInfo fcinfo, SpmHistory *history);
static void closed_argument(ArrayType *array, SpmHistory *history);
static int compare_days(const void *a, const void *b);
static void past_priors_argument(FunctionCallInfo fcinfo, double **values,
								 int *count);
static void put_projection(const SpmProjection *projection, double quantile,
						   bool has_target, double target, Datum *values,
						   bool *nulls);
static Datum row_of(FunctionCallInfo fcinfo, Datum *values, bool *nulls);

/*
 * project_period(actual, starts_on, ends_on, as_of, prior, target, history,
 * history_starts_on, closed_days, profile, past_priors, prior_is_target,
 * level) returns (projected, lower, upper, probability, elapsed, prior_used,
 * reliable)
 */
Datum
spm_project_period(PG_FUNCTION_ARGS)
{
	SpmPeriod period;
	DateADT as_of;
	SpmProfile profile;
	SpmHistory history = {0};
	SpmBelief belief = {0};
	SpmProjection projection;
	double *past_priors = NULL;
	int past_count = 0;
	double elapsed = 0;
	double quantile;
	Datum values[COLUMNS];
	bool nulls[COLUMNS] = {false};

	if (lacks_argument(fcinfo))
		PG_RETURN_NULL();
	period = period_argument(fcinfo);
	as_of = PG_GETARG_DATEADT(AS_OF);
	profile = profile_argument(PG_GETARG_TEXT_PP(PROFILE));
	quantile = spm_normal_quantile(
		(1 + spm_level_argument(PG_GETARG_FLOAT8(LEVEL))) / 2);
	history_arguments(fcinfo, &history);
	past_priors_argument(fcinfo, &past_priors, &past_count);
	belief.has_prior = !PG_ARGISNULL(PRIOR);
	if (belief.has_prior)
		belief.prior = spm_number_argument(PG_GETARG_NUMERIC(PRIOR), "prior");
	spm_learn_belief(&history,
					 period,
					 as_of,
					 profile,
					 PG_GETARG_BOOL(PRIOR_IS_TARGET),
					 past_priors,
					 past_count,
					 &belief);
	if (as_of >= period.first)
		elapsed = spm_elapsed_weight(spm_day_weights(&history,
													 period,
													 as_of,
													 profile),
									 period,
									 as_of);
	projection =
		spm_project_total(spm_number_argument(PG_GETARG_NUMERIC(ACTUAL),
											  "actual"),
						  elapsed,
						  &belief);
	put_projection(&projection,
				   quantile,
				   !PG_ARGISNULL(TARGET),
				   PG_ARGISNULL(TARGET)
					   ? 0
					   : spm_number_argument(PG_GETARG_NUMERIC(TARGET),
											 "target"),
				   values,
				   nulls);
	values[4] = Float8GetDatum(elapsed);
	values[5] = Float8GetDatum(belief.prior);
	nulls[5] = !belief.has_prior;
	values[6] = BoolGetDatum(projection.known &&
							 (belief.has_prior || elapsed >= RELIABLE_SHARE));
	return row_of(fcinfo, values, nulls);
}

/* Is an argument NULL without which nothing can be told? */
static bool
lacks_argument(FunctionCallInfo fcinfo)
{
	for (int i = ACTUAL; i <= AS_OF; i++)
		if (PG_ARGISNULL(i))
			return true;
	return PG_ARGISNULL(PROFILE) || PG_ARGISNULL(PRIOR_IS_TARGET) ||
		   PG_ARGISNULL(LEVEL);
}

/*
 * project_share(actual, elapsed, prior, target, flow_variance, level) returns
 * (projected, lower, upper, probability): without a history, by the elapsed
 * share of the period.  NULLs for a figure that is too large, so that no view
 * fails.
 */
Datum
spm_project_share(PG_FUNCTION_ARGS)
{
	double figures[4] = {0}; /* actual, elapsed, prior, target */
	SpmProjection projection;
	Datum values[COLUMNS];
	bool nulls[COLUMNS] = {false};

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(5))
		PG_RETURN_NULL();
	for (int i = 0; i < lengthof(figures); i++)
		if (!PG_ARGISNULL(i))
			figures[i] = spm_numeric_to_float8(PG_GETARG_NUMERIC(i));
	projection =
		spm_project_share_of(figures[0],
							 figures[1],
							 PG_ARGISNULL(2) ? NULL : &figures[2],
							 PG_ARGISNULL(4) ? 0 : PG_GETARG_FLOAT8(4));
	projection.known = projection.known && spm_can_project(figures[3]);
	put_projection(&projection,
				   spm_normal_quantile(
					   (1 + spm_level_argument(PG_GETARG_FLOAT8(5))) / 2),
				   !PG_ARGISNULL(3),
				   figures[3],
				   values,
				   nulls);
	return row_of(fcinfo, values, nulls);
}

static SpmPeriod
period_argument(FunctionCallInfo fcinfo)
{
	SpmPeriod period = {.first = PG_GETARG_DATEADT(STARTS_ON),
						.last = PG_GETARG_DATEADT(ENDS_ON)};

	if (DATE_NOT_FINITE(period.first) || DATE_NOT_FINITE(period.last) ||
		period.last < period.first)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid period"),
				 errdetail("Both days must be finite and \"ends_on\" cannot "
						   "be before \"starts_on\".")));
	if ((int64) period.last - period.first >= MOST_DAYS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("period of %lld days is too long",
						(long long) period.last - period.first + 1),
				 errdetail("At most %d days can be projected.", MOST_DAYS)));
	return period;
}

static SpmProfile
profile_argument(text *profile)
{
	static const char *const names[] = {"linear", "business", "profile"};
	char *name = text_to_cstring(profile);

	for (int i = 0; i < lengthof(names); i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unrecognized day profile: \"%s\"", name),
			 errhint("Profiles are linear, business and profile.")));
}

/* Daily sales and closed days; a day without a figure counts as closed. */
static void
history_arguments(FunctionCallInfo fcinfo, SpmHistory *history)
{
	SpmSeries series;

	if (!PG_ARGISNULL(CLOSED_DAYS))
		closed_argument(PG_GETARG_ARRAYTYPE_P(CLOSED_DAYS), history);
	if (PG_ARGISNULL(HISTORY))
		return;
	if (PG_ARGISNULL(HISTORY_STARTS_ON) ||
		DATE_NOT_FINITE(PG_GETARG_DATEADT(HISTORY_STARTS_ON)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("history needs the day that it starts on"),
				 errhint("Give \"history_starts_on\", the day of its first "
						 "value.")));
	series = spm_series_argument(PG_GETARG_ARRAYTYPE_P(HISTORY));
	if (series.count > MOST_DAYS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("history of %d days is too long", series.count),
				 errdetail("At most %d days are looked at.", MOST_DAYS)));
	history->first = PG_GETARG_DATEADT(HISTORY_STARTS_ON);
	history->count = series.count;
	history->sales = series.values;
	history->open = palloc(sizeof(bool) * (series.count + 1));
	for (int i = 0; i < series.count; i++)
		history->open[i] = !series.missing[i] &&
						   !spm_is_closed(history, history->first + i);
}

static void
closed_argument(ArrayType *array, SpmHistory *history)
{
	Datum *days;
	bool *nulls;
	DateADT *closed;
	int count;

	deconstruct_array(array,
					  DATEOID,
					  sizeof(DateADT),
					  true,
					  TYPALIGN_INT,
					  &days,
					  &nulls,
					  &count);
	closed = palloc(sizeof(DateADT) * (count + 1));
	for (int i = 0; i < count; i++)
		if (!nulls[i])
			closed[history->closed_count++] = DatumGetDateADT(days[i]);
	qsort(closed, history->closed_count, sizeof(DateADT), compare_days);
	history->closed = closed;
}

static int
compare_days(const void *a, const void *b)
{
	DateADT first = *(const DateADT *) a;
	DateADT second = *(const DateADT *) b;

	return (first > second) - (first < second);
}

/* Priors of past periods; one that is not known is not a number. */
static void
past_priors_argument(FunctionCallInfo fcinfo, double **values, int *count)
{
	SpmSeries series;

	if (PG_ARGISNULL(PAST_PRIORS))
		return;
	series = spm_series_argument(PG_GETARG_ARRAYTYPE_P(PAST_PRIORS));
	for (int i = 0; i < series.count; i++)
		if (series.missing[i])
			series.values[i] = NAN;
	*values = series.values;
	*count = series.count;
}

/* Projected, lower, upper and the probability of reaching the target. */
static void
put_projection(const SpmProjection *projection, double quantile,
			   bool has_target, double target, Datum *values, bool *nulls)
{
	double total = projection->total;
	double deviation = projection->deviation;

	values[0] = Float8GetDatum(total);
	values[1] = Float8GetDatum(total - quantile * deviation);
	values[2] = Float8GetDatum(total + quantile * deviation);
	values[3] = Float8GetDatum(spm_reach_probability(projection, target));
	nulls[0] = nulls[1] = nulls[2] = !projection->known;
	nulls[3] = !projection->known || !has_target;
}

static Datum
row_of(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc columns;

	if (get_call_result_type(fcinfo, NULL, &columns) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return HeapTupleGetDatum(
		heap_form_tuple(BlessTupleDesc(columns), values, nulls));
}
