/*-------------------------------------------------------------------------
 *
 * chart.c
 *	  forecast_svg(): history, forecast and band as a picture.
 *
 * The picture is well-formed XML that names no other file, font or script, so
 * that any browser, report or e-mail shows it.
 *
 * src/forecast/chart.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "core/export.h"
#include "forecast/arguments_int.h"

/* Pixels. */
#define WIDTH 760
#define HEIGHT 400
#define LEFT 70
#define RIGHT 20
#define TOP 50
#define BOTTOM 40

/* Older values are not drawn. */
#define MOST_VALUES 2000

#define MOST_TICKS 6
#define MOST_LABELS 8

typedef struct Chart
{
	StringInfo out;
	const double *values; /* those drawn */
	const bool *missing;
	int count;
	const SpmForecastStep *steps;
	int step_count;
	int season;
	bool has_days;
	DateADT first_day; /* of the first value drawn */
	double low;		   /* of the axis */
	double high;
} Chart;

SPM_FUNCTION_INFO_V1(spm_forecast_svg);

static void choose_range(Chart *chart);
static void draw_frame(Chart *chart, text *title, double level);
static void draw_ticks(Chart *chart);
static void draw_labels(Chart *chart);
static void draw_band(Chart *chart);
static void draw_history(Chart *chart);
static void draw_forecast(Chart *chart);
static void escape(StringInfo out, const char *words);
static DateADT day_after(DateADT first, int number, int season);
static void append_day(Chart *chart, int number);
static double x_of(const Chart *chart, int number);
static double y_of(const Chart *chart, double value);

/*
 * forecast_svg(series, horizon, season, method, level, missing, title,
 * starts_on) returns text; title and starts_on may be NULL
 */
Datum
spm_forecast_svg(PG_FUNCTION_ARGS)
{
	SpmForecastRequest request;
	SpmMissing missing;
	SpmSeries series;
	SpmForecastStep *steps = NULL;
	StringInfoData out;
	Chart chart = {.out = &out};
	int skipped;

	for (int i = 0; i < 6; i++)
		if (PG_ARGISNULL(i))
			PG_RETURN_NULL();
	request = spm_request_arguments(PG_GETARG_INT32(1),
									PG_GETARG_INT32(2),
									PG_GETARG_TEXT_PP(3),
									PG_GETARG_FLOAT8(4));
	missing = spm_missing_argument(PG_GETARG_TEXT_PP(5));
	series = spm_series_argument(PG_GETARG_ARRAYTYPE_P(0));
	chart.step_count = spm_forecast_series(&series, &request, missing, &steps);
	if (chart.step_count == 0)
		PG_RETURN_NULL();
	skipped = Max(series.count - MOST_VALUES, 0);
	chart.values = series.values + skipped;
	chart.missing = series.missing + skipped;
	chart.count = series.count - skipped;
	chart.steps = steps;
	chart.season = request.season;
	chart.has_days = !PG_ARGISNULL(7) && !DATE_NOT_FINITE(PG_GETARG_DATEADT(7));
	if (chart.has_days)
		chart.first_day =
			day_after(PG_GETARG_DATEADT(7), skipped, chart.season);
	choose_range(&chart);
	initStringInfo(&out);
	draw_frame(&chart,
			   PG_ARGISNULL(6) ? NULL : PG_GETARG_TEXT_PP(6),
			   request.level);
	draw_ticks(&chart);
	draw_labels(&chart);
	draw_band(&chart);
	draw_history(&chart);
	draw_forecast(&chart);
	appendStringInfoString(&out, "</svg>\n");
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}

/* From 0, or from the lowest value if that is below, to the highest. */
static void
choose_range(Chart *chart)
{
	for (int t = 0; t < chart->count; t++)
		if (!chart->missing[t])
		{
			chart->low = fmin(chart->low, chart->values[t]);
			chart->high = fmax(chart->high, chart->values[t]);
		}
	for (int i = 0; i < chart->step_count; i++)
	{
		chart->low = fmin(chart->low, chart->steps[i].lower);
		chart->high = fmax(chart->high, chart->steps[i].upper);
	}
	if (!(chart->high > chart->low))
		chart->high = chart->low + 1;
}

static void
draw_frame(Chart *chart, text *title, double level)
{
	StringInfo out = chart->out;

	appendStringInfo(out,
					 "<svg xmlns=\"http://www.w3.org/2000/svg\" "
					 "viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
					 "role=\"img\" font-family=\"sans-serif\" "
					 "font-size=\"12\">\n",
					 WIDTH,
					 HEIGHT,
					 WIDTH,
					 HEIGHT);
	if (title != NULL)
	{
		appendStringInfoString(out, "<title>");
		escape(out, text_to_cstring(title));
		appendStringInfoString(out, "</title>\n");
	}
	appendStringInfo(out,
					 "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n",
					 WIDTH,
					 HEIGHT);
	if (title != NULL)
	{
		appendStringInfo(out,
						 "<text x=\"%d\" y=\"20\" font-size=\"15\" "
						 "font-weight=\"bold\">",
						 LEFT);
		escape(out, text_to_cstring(title));
		appendStringInfoString(out, "</text>\n");
	}
	appendStringInfo(out,
					 "<text x=\"%d\" y=\"38\" fill=\"#555555\">%d values, "
					 "forecast of %d, band of %g %%</text>\n",
					 LEFT,
					 chart->count,
					 chart->step_count,
					 100 * level);
}

/* Lines across at round values, with these. */
static void
draw_ticks(Chart *chart)
{
	double rough = chart->high / MOST_TICKS - chart->low / MOST_TICKS;
	double power = pow(10, floor(log10(rough)));
	double step = power * (rough <= power * 1	? 1
						   : rough <= power * 2 ? 2
						   : rough <= power * 5 ? 5
												: 10);
	double first = ceil(chart->low / step);
	double last = floor(chart->high / step);

	if (!isfinite(step) || !isfinite(first) || !(step > 0) ||
		last - first > 2 * MOST_TICKS)
		return;
	for (int i = 0; i <= last - first; i++)
	{
		double value = (first + i) * step;
		double y = y_of(chart, value);
		bool plain = step >= 1e-6 && fabs(value) < 1e15;

		appendStringInfo(chart->out,
						 "<line x1=\"%d\" y1=\"%.2f\" x2=\"%d\" y2=\"%.2f\" "
						 "stroke=\"#dddddd\"/>\n"
						 "<text x=\"%d\" y=\"%.2f\" text-anchor=\"end\">",
						 LEFT,
						 y,
						 WIDTH - RIGHT,
						 y,
						 LEFT - 6,
						 y + 4);
		if (plain)
			appendStringInfo(chart->out,
							 "%.*f",
							 (int) fmax(0, -floor(log10(step) + 1e-9)),
							 value);
		else
			appendStringInfo(chart->out, "%g", value);
		appendStringInfoString(chart->out, "</text>\n");
	}
}

/* Days, or numbers, below: whole seasons apart. */
static void
draw_labels(Chart *chart)
{
	int total = chart->count + chart->step_count;
	int apart = chart->season;

	while (total / apart > MOST_LABELS)
		apart += chart->season;
	for (int t = 0; t < total; t += apart)
	{
		appendStringInfo(chart->out,
						 "<text x=\"%.2f\" y=\"%d\" text-anchor=\"middle\">",
						 x_of(chart, t),
						 HEIGHT - BOTTOM + 20);
		if (chart->has_days)
			append_day(chart, t);
		else
			appendStringInfo(chart->out, "%d", t + 1);
		appendStringInfoString(chart->out, "</text>\n");
	}
}

static void
draw_band(Chart *chart)
{
	appendStringInfoString(chart->out,
						   "<polygon fill=\"#1f77b4\" fill-opacity=\"0.2\" "
						   "points=\"");
	for (int i = 0; i < chart->step_count; i++)
		appendStringInfo(chart->out,
						 "%.2f,%.2f ",
						 x_of(chart, chart->count + i),
						 y_of(chart, chart->steps[i].upper));
	for (int i = chart->step_count - 1; i >= 0; i--)
		appendStringInfo(chart->out,
						 "%.2f,%.2f ",
						 x_of(chart, chart->count + i),
						 y_of(chart, chart->steps[i].lower));
	appendStringInfoString(chart->out, "\"/>\n");
}

/* A line, broken where values are missing. */
static void
draw_history(Chart *chart)
{
	bool open = false;

	for (int t = 0; t <= chart->count; t++)
	{
		bool known = t < chart->count && !chart->missing[t];

		if (known && !open)
			appendStringInfoString(chart->out,
								   "<polyline fill=\"none\" "
								   "stroke=\"#333333\" stroke-width=\"1.5\" "
								   "stroke-linecap=\"round\" points=\"");
		if (known)
			appendStringInfo(chart->out,
							 "%.2f,%.2f ",
							 x_of(chart, t),
							 y_of(chart, chart->values[t]));
		if (!known && open)
			appendStringInfoString(chart->out, "\"/>\n");
		open = known;
	}
}

/* A line from the last value on. */
static void
draw_forecast(Chart *chart)
{
	int last = chart->count - 1;

	appendStringInfoString(chart->out,
						   "<polyline fill=\"none\" stroke=\"#1f77b4\" "
						   "stroke-width=\"2\" stroke-linecap=\"round\" "
						   "points=\"");
	if (!chart->missing[last])
		appendStringInfo(chart->out,
						 "%.2f,%.2f ",
						 x_of(chart, last),
						 y_of(chart, chart->values[last]));
	for (int i = 0; i < chart->step_count; i++)
		appendStringInfo(chart->out,
						 "%.2f,%.2f ",
						 x_of(chart, chart->count + i),
						 y_of(chart, chart->steps[i].mean));
	appendStringInfoString(chart->out, "\"/>\n");
}

/* Text as XML has it; a character that XML has no place for is a blank. */
static void
escape(StringInfo out, const char *words)
{
	for (; *words != '\0'; words++)
	{
		unsigned char c = *words;

		if (c == '&')
			appendStringInfoString(out, "&amp;");
		else if (c == '<')
			appendStringInfoString(out, "&lt;");
		else if (c == '>')
			appendStringInfoString(out, "&gt;");
		else
			appendStringInfoChar(out, c < ' ' ? ' ' : c);
	}
}

/* The day of a value: months, quarters, weeks, years or days apart. */
static DateADT
day_after(DateADT first, int number, int season)
{
	int months = season == 12 ? 1 : season == 4 ? 3 : season == 1 ? 12 : 0;
	int year, month, day;
	int64 month_number;

	if (months == 0)
		return first + number * (season == 52 ? 7 : 1);
	j2date(first + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	month_number = (int64) 12 * year + month - 1 + (int64) months * number;
	return date2j(month_number / 12, month_number % 12 + 1, 1) -
		   POSTGRES_EPOCH_JDATE;
}

static void
append_day(Chart *chart, int number)
{
	DateADT shown = day_after(chart->first_day, number, chart->season);
	int year, month, day;

	j2date(shown + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	if (chart->season == 1)
		appendStringInfo(chart->out, "%d", year);
	else if (chart->season == 12 || chart->season == 4)
		appendStringInfo(chart->out, "%d-%02d", year, month);
	else
		appendStringInfo(chart->out, "%d-%02d-%02d", year, month, day);
}

static double
x_of(const Chart *chart, int number)
{
	int last = Max(chart->count + chart->step_count - 1, 1);

	return LEFT + (double) number / last * (WIDTH - LEFT - RIGHT);
}

/* Halves, as the difference of two large numbers may be no number. */
static double
y_of(const Chart *chart, double value)
{
	double share = (value / 2 - chart->low / 2) /
				   (chart->high / 2 - chart->low / 2);

	return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
}
