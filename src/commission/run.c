/*-------------------------------------------------------------------------
 *
 * run.c
 *	  One run: from sales to commission items.
 *
 *	  read and match (stage.c) -> sort into documents -> credits, rules, what
 *	  is paid by sale and document (document.c) -> sort by rule and payee, what
 *	  is paid by period and kpi (settle.c) -> items in order (item.c)
 *
 * Everything is read under one snapshot, and sorted by keys that do not depend
 * on where rows lie, so the items are the same however they are computed.
 *
 * src/commission/run.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "commission/document_int.h"
#include "core/spi.h"
#include "split/split.h"

/* Interrupts and progress are looked after once in so many rows. */
#define TICK 1024

/* $1, $2: days.  The calendar's years contain all spans of rules. */
static const char periods_query[] =
	"SELECT p.starts_on, p.ends_on, p.state = 'open',"
	" p.calculated_at IS NOT NULL"
	" FROM salesperf.commission_periods($1, $2) p ORDER BY p.starts_on";

static void load_sources(SpmRun *run);
static void load_scale(SpmRun *run);
static void load_periods(SpmRun *run, DateADT from, DateADT to);
static void want(SpmRun *run, DateADT from, DateADT to, bool closed_too);
static void find_days(SpmRun *run);
static void widen(SpmRun *run, DateADT from, DateADT to);
static bool same_document(const SpmLine *line, TupleTableSlot *row);
static SpmLine *line_of(SpmRun *run, TupleTableSlot *row);
static int compare_names(const ListCell *a, const ListCell *b);

/*
 * A run for all open periods, or closed ones too, that have a day from one to
 * another, under the active snapshot.
 */
SpmRun *
spm_run_create(MemoryContext context, DateADT from, DateADT to, bool closed_too)
{
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	SpmRun *run = palloc0(sizeof(SpmRun));
	DateADT first =
		spm_span_start(SPM_EVERY_YEAR, spm_span_of(SPM_EVERY_YEAR, from) - 1);
	DateADT last =
		spm_span_start(SPM_EVERY_YEAR, spm_span_of(SPM_EVERY_YEAR, to) + 2) - 1;

	run->context = context;
	run->document_context =
		AllocSetContextCreate(context,
							  "salesperf commission document",
							  ALLOCSET_DEFAULT_SIZES);
	run->one = int64_to_numeric(1);
	run->earned = CStringGetTextDatum("earned");
	load_sources(run);
	load_scale(run);
	run->org = spm_org_load(context);
	run->rules = spm_rules_load(context, run->org, first, last);
	run->bits = palloc0(Max(run->rules->words, 1) * sizeof(SpmBitWord));
	run->sale_bits = palloc0(Max(run->rules->words, 1) * sizeof(SpmBitWord));
	load_periods(run, from, to);
	want(run, from, to, closed_too);
	find_days(run);
	load_periods(run, run->read_from, run->read_to);
	want(run, from, to, closed_too);
	MemoryContextSwitchTo(caller_context);
	return run;
}

static void
load_sources(SpmRun *run)
{
	List *names = spm_source_names();
	ListCell *cell;
	int i = 0;

	list_sort(names, compare_names);
	run->source_count = list_length(names);
	run->sources = palloc(Max(run->source_count, 1) * sizeof(char *));
	run->source_names = palloc(Max(run->source_count, 1) * sizeof(Datum));
	run->roots = palloc(Max(run->source_count, 1) * sizeof(int));
	foreach (cell, names)
	{
		run->sources[i] = pstrdup(lfirst(cell));
		run->source_names[i] = CStringGetTextDatum(run->sources[i]);
		i++;
	}
	for (i = 0; i < run->source_count; i++)
	{
		SpmSource *source = spm_source_get(run->sources[i]);

		run->roots[i] = i;
		for (int k = 0; k < run->source_count; k++)
			if (strcmp(run->sources[k], source->root) == 0)
				run->roots[i] = k;
	}
}

static int
compare_names(const ListCell *a, const ListCell *b)
{
	return strcmp(lfirst(a), lfirst(b));
}

static void
load_scale(SpmRun *run)
{
	bool is_null;

	spm_spi_begin();
	spm_spi_read("SELECT salesperf.bonus_scale()", NULL);
	run->scale = DatumGetInt32(spm_spi_datum(0, 1, &is_null));
	if (is_null)
		run->scale = 2;
	spm_spi_end();
}

/* Load the periods of some days: as entered, else calendar months. */
static void
load_periods(SpmRun *run, DateADT from, DateADT to)
{
	SpmArgs args = {2,
					{DATEOID, DATEOID},
					{DateADTGetDatum(from), DateADTGetDatum(to)}};

	spm_spi_begin();
	run->period_count = spm_spi_read(periods_query, &args);
	run->periods =
		MemoryContextAllocZero(run->context,
							   run->period_count * sizeof(SpmPeriod));
	for (int i = 0; i < run->period_count; i++)
	{
		SpmPeriod *period = &run->periods[i];
		bool is_null;

		period->starts_on = DatumGetDateADT(spm_spi_datum(i, 1, &is_null));
		period->ends_on = DatumGetDateADT(spm_spi_datum(i, 2, &is_null));
		period->open = DatumGetBool(spm_spi_datum(i, 3, &is_null));
		period->calculated = DatumGetBool(spm_spi_datum(i, 4, &is_null));
	}
	spm_spi_end();
}

/* Items of periods that have one of the days are wanted. */
static void
want(SpmRun *run, DateADT from, DateADT to, bool closed_too)
{
	for (int i = 0; i < run->period_count; i++)
	{
		SpmPeriod *period = &run->periods[i];

		period->wanted |= (period->open || closed_too) &&
						  period->starts_on <= to && period->ends_on >= from;
	}
}

/*
 * Where a rule accumulates over more than a period, the rates of sales of
 * others change with it: those that were calculated before are wanted too.
 */
void
spm_run_want_spans(SpmRun *run)
{
	MemoryContext caller_context = MemoryContextSwitchTo(run->context);
	bool more = true;

	while (more)
	{
		DateADT from = run->from;
		DateADT to = run->to;

		more = false;
		for (int i = 0; i < run->rules->rule_count; i++)
		{
			const SpmRule *rule = &run->rules->rules[i];
			int first = spm_span_of(rule->every, run->from);
			int last = spm_span_of(rule->every, run->to);

			if (rule->tier_by != SPM_TIER_BY_PERIOD ||
				rule->valid_from > run->to || rule->valid_to < run->from)
				continue;
			from = Min(from, spm_span_start(rule->every, first));
			to = Max(to, spm_span_start(rule->every, last + 1) - 1);
		}
		for (int i = 0; i < run->period_count; i++)
		{
			SpmPeriod *period = &run->periods[i];

			if (period->calculated && period->open && !period->wanted &&
				period->starts_on <= to && period->ends_on >= from)
				period->wanted = more = true;
		}
		if (more)
		{
			SpmPeriod *before = run->periods;
			int count = run->period_count;

			find_days(run);
			load_periods(run, run->read_from, run->read_to);
			for (int i = 0; i < count; i++)
				if (before[i].wanted)
					want(run, before[i].starts_on, before[i].ends_on, false);
		}
	}
	MemoryContextSwitchTo(caller_context);
}

/* Days that items are wanted of, and those that these depend on. */
static void
find_days(SpmRun *run)
{
	run->from = DATEVAL_NOEND;
	run->to = DATEVAL_NOBEGIN;
	for (int i = 0; i < run->period_count; i++)
		if (run->periods[i].wanted)
		{
			run->from = Min(run->from, run->periods[i].starts_on);
			run->to = Max(run->to, run->periods[i].ends_on);
		}
	if (run->from > run->to)
	{
		/* All are closed: nothing is wanted, nothing read. */
		run->from = run->periods[0].starts_on;
		run->to = run->from;
		run->read_from = run->from;
		run->read_to = run->from;
		return;
	}
	run->read_from = run->from;
	run->read_to = run->to;
	for (int i = 0; i < run->rules->rule_count; i++)
	{
		const SpmRule *rule = &run->rules->rules[i];

		if (rule->valid_from > run->to || rule->valid_to < run->from)
			continue;
		if (rule->tier_by == SPM_TIER_BY_PERIOD)
			widen(run,
				  spm_span_start(rule->every,
								 spm_span_of(rule->every, run->from)),
				  spm_span_start(rule->every,
								 spm_span_of(rule->every, run->to) + 1) -
					  1);
		else if (rule->tier_by == SPM_TIER_BY_KPI)
			widen(run,
				  spm_month_start(spm_month_of(run->from) -
								  run->rules->kpis[rule->kpi].months + 1),
				  spm_month_start(spm_month_of(run->to) + 1) - 1);
	}
}

static void
widen(SpmRun *run, DateADT from, DateADT to)
{
	run->read_from = Min(run->read_from, from);
	run->read_to = Max(run->read_to, to);
}

/* The wanted period that a day is in, else NULL. */
const SpmPeriod *
spm_run_period(const SpmRun *run, DateADT day)
{
	int part = spm_run_part(run, day);

	return part >= 0 && run->periods[part].wanted ? &run->periods[part] : NULL;
}

/* The number of a day's period, -1 if it is not known. */
int
spm_run_part(const SpmRun *run, DateADT day)
{
	int low = 0;
	int high = run->period_count;

	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (run->periods[middle].starts_on <= day)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && run->periods[low - 1].ends_on >= day ? low - 1 : -1;
}

/* Are items of a document of a source wanted? */
bool
spm_run_wants(const SpmRun *run, int source, Datum document)
{
	const text *name;

	if (run->document == NULL)
		return true;
	name = DatumGetTextPP(document);
	return strcmp(run->sources[run->roots[source]], run->source) == 0 &&
		   VARSIZE_ANY_EXHDR(name) == strlen(run->document) &&
		   memcmp(VARDATA_ANY(name), run->document, strlen(run->document)) == 0;
}

/* Another row is done: let the run be interrupted, and watched. */
void
spm_run_tick(SpmRun *run, const char *phase, int64 done)
{
	if (done % TICK != 0)
		return;
	CHECK_FOR_INTERRUPTS();
	if (run->progress != NULL)
		run->progress(run->run_id, phase, done);
}

/* Make room for what is kept by day, and by period. */
void
spm_run_prepare_days(SpmRun *run)
{
	MemoryContext caller_context = MemoryContextSwitchTo(run->context);

	run->day_bits =
		MemoryContextAllocExtended(run->context,
								   mul_size(run->read_to - run->read_from + 1,
											sizeof(SpmBitWord *)),
								   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	run->paid = palloc0(mul_size(Max(run->rules->rule_count, 1),
								 run->period_count * sizeof(int64)));
	MemoryContextSwitchTo(caller_context);
}

/* Read and match the sales. */
void
spm_run_read(SpmRun *run)
{
	MemoryContext caller_context = MemoryContextSwitchTo(run->context);

	spm_run_prepare_days(run);
	run->kpis = spm_kpis_create(run->context,
								run->rules,
								run->org,
								spm_month_of(run->from),
								spm_month_of(run->to));
	spm_stage_begin(run);
	spm_items_begin(run);
	spm_defer_begin(run);
	spm_exceptions_begin(run);
	spm_stage_read(run);
	MemoryContextSwitchTo(caller_context);
}

/* Compute the items of what was read, and sort them. */
void
spm_run_compute(SpmRun *run)
{
	MemoryContext caller_context = MemoryContextSwitchTo(run->context);
	int room = 64;
	SpmLine **lines = palloc(room * sizeof(SpmLine *));
	int count = 0;
	int64 done = 0;

	tuplesort_performsort(run->staged);
	while (tuplesort_gettupleslot(run->staged,
								  true,
								  false,
								  run->staged_slot,
								  NULL))
	{
		spm_run_tick(run, "matching", ++done);
		slot_getallattrs(run->staged_slot);
		MemoryContextSwitchTo(run->document_context);
		if (count > 0 && !same_document(lines[0], run->staged_slot))
		{
			spm_document_pay(run, lines, count);
			MemoryContextReset(run->document_context);
			count = 0;
		}
		if (count == room)
		{
			room *= 2;
			lines = repalloc_huge(lines, mul_size(room, sizeof(SpmLine *)));
		}
		lines[count++] = line_of(run, run->staged_slot);
	}
	if (count > 0)
		spm_document_pay(run, lines, count);
	MemoryContextReset(run->document_context);
	tuplesort_end(run->staged);
	run->staged = NULL;
	MemoryContextSwitchTo(run->document_context);
	spm_defer_pay(run);
	tuplesort_performsort(run->items);
	MemoryContextSwitchTo(caller_context);
}

/* Free what memory contexts do not. */
void
spm_run_end(SpmRun *run)
{
	if (run->staged != NULL)
		tuplesort_end(run->staged);
	if (run->deferred != NULL)
		tuplesort_end(run->deferred);
	tuplesort_end(run->items);
	tuplestore_end(run->exceptions);
	ExecDropSingleTupleTableSlot(run->staged_slot);
	ExecDropSingleTupleTableSlot(run->deferred_slot);
	ExecDropSingleTupleTableSlot(run->item_slot);
}

/* Is a row of the document of a line? */
static bool
same_document(const SpmLine *line, TupleTableSlot *row)
{
	text *left = DatumGetTextPP(line->document);
	text *right = DatumGetTextPP(row->tts_values[STAGED_DOCUMENT]);

	return line->root == DatumGetInt32(row->tts_values[STAGED_ROOT]) &&
		   VARSIZE_ANY_EXHDR(left) == VARSIZE_ANY_EXHDR(right) &&
		   memcmp(VARDATA_ANY(left),
				  VARDATA_ANY(right),
				  VARSIZE_ANY_EXHDR(left)) == 0;
}

/* A staged row as a line, in the current memory context. */
static SpmLine *
line_of(SpmRun *run, TupleTableSlot *row)
{
	SpmLine *line = palloc0(sizeof(SpmLine));
	SpmBitWord *bits = palloc(Max(run->rules->words, 1) * sizeof(SpmBitWord));
	Datum *values = row->tts_values;
	bool *nulls = row->tts_isnull;

	line->document =
		PointerGetDatum(DatumGetTextPCopy(values[STAGED_DOCUMENT]));
	line->root = DatumGetInt32(values[STAGED_ROOT]);
	line->source = DatumGetInt32(values[STAGED_SOURCE]);
	if (!nulls[STAGED_LINE])
		line->line = PointerGetDatum(DatumGetTextPCopy(values[STAGED_LINE]));
	line->sold_on = DatumGetDateADT(values[STAGED_SOLD_ON]);
	if (!nulls[STAGED_SELLER])
	{
		line->seller = TextDatumGetCString(values[STAGED_SELLER]);
		line->seller_length = strlen(line->seller);
	}
	if (!nulls[STAGED_UNIT])
	{
		line->unit = TextDatumGetCString(values[STAGED_UNIT]);
		line->unit_length = strlen(line->unit);
	}
	for (int i = 0; i < SPM_BASE_AMOUNTS; i++)
		if (!nulls[STAGED_QUANTITY + i])
			line->amounts[i] = DatumGetNumericCopy(values[STAGED_QUANTITY + i]);
	memcpy(bits,
		   VARDATA_ANY(DatumGetByteaPP(values[STAGED_BITS])),
		   run->rules->words * sizeof(SpmBitWord));
	line->bits = bits;
	if (!nulls[STAGED_SALE])
		line->sale = DatumGetJsonbPCopy(values[STAGED_SALE]);
	if (!nulls[STAGED_SPLIT_SELLERS])
		line->splits = spm_splits_parse(PointerGetDatum(PG_DETOAST_DATUM_COPY(
											values[STAGED_SPLIT_SELLERS])),
										PointerGetDatum(PG_DETOAST_DATUM_COPY(
											values[STAGED_SPLIT_PERCENTS])),
										PointerGetDatum(PG_DETOAST_DATUM_COPY(
											values[STAGED_SPLIT_AMOUNTS])),
										PointerGetDatum(PG_DETOAST_DATUM_COPY(
											values[STAGED_SPLIT_OVERLAYS])),
										nulls[STAGED_SPLIT_NET]
											? NULL
											: DatumGetNumericCopy(
												  values[STAGED_SPLIT_NET]));
	return line;
}
