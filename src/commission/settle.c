/*-------------------------------------------------------------------------
 *
 * settle.c
 *	  Paying what was deferred, group after group.
 *
 * By kpi a group is what one rule pays one payee for one document; it is paid
 * like a document, by the tier that the indicator reached.
 *
 * By period a group is what one rule pays one payee in a month, quarter or
 * year.  In a slab schedule the total tells the rate, which all sales are paid
 * at; in the others each sale is paid what the accumulated base pays with it,
 * less what it paid before.
 *
 * A group may be large: its rows go to a tuplestore, which spills.
 *
 * src/commission/settle.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "commission/defer_int.h"
#include "core/decimal.h"
#include "core/exact.h"
#include "split/split.h"

/* The group being collected, and where its rows are worked on. */
typedef struct Group
{
	SpmRun *run;
	MemoryContext context; /* reset after each group */
	MemoryContext row_context;
	Tuplestorestate *rows;
	TupleTableSlot *slot;
	int64 count;
	SpmSum sum;
	const SpmRule *rule;
	int span;
	int day;
	int root;
	int part;
	text *payee;
	text *document;
} Group;

/* Called with each row of a group. */
typedef void (*RowConsumer)(Group *group, int64 number, void *state);

/* What the rows are paid at a rate, added up. */
typedef struct Rounding
{
	Numeric rate;
	SpmSum sum;
} Rounding;

/* Weights and parts of the rows of a group. */
typedef struct Division
{
	Numeric *bases;
	Numeric *parts;
	SpmPayment *payment;
} Division;

/* Paying rows by the accumulated base. */
typedef struct Accumulation
{
	SpmSum sum;
	Numeric before; /* what it paid so far */
} Accumulation;

static bool belongs(const Group *group, TupleTableSlot *row);
static bool same_text(Datum a, const text *b);
static void open_group(Group *group, TupleTableSlot *row);
static void add_row(Group *group, TupleTableSlot *row);
static void close_group(Group *group);
static void each_row(Group *group, RowConsumer consume, void *state);
static void pay_by_kpi(Group *group);
static void find_figure(Group *group, SpmKpiFigure *figure);
static void fail_row(Group *group, int64 number, void *reason);
static void pay_slab(Group *group);
static Numeric at_rate(const Group *group, Numeric base, Numeric rate);
static void sum_rounded(Group *group, int64 number, void *state);
static void pay_rounded(Group *group, int64 number, void *state);
static void pay_divided(Group *group, SpmPayment *payment);
static void take_base(Group *group, int64 number, void *state);
static void put_part(Group *group, int64 number, void *state);
static void pay_accumulated(Group *group, int64 number, void *state);
static void put(Group *group, Numeric base, const SpmPayment *payment);
static Numeric base_of(const Group *group);

/* Pay everything that was deferred. */
void
spm_defer_pay(SpmRun *run)
{
	TupleTableSlot *row = run->deferred_slot;
	Group group = {.run = run};
	int64 done = 0;

	group.context = AllocSetContextCreate(run->context,
										  "salesperf commission group",
										  ALLOCSET_DEFAULT_SIZES);
	group.row_context = AllocSetContextCreate(run->context,
											  "salesperf commission row",
											  ALLOCSET_DEFAULT_SIZES);
	group.slot =
		MakeSingleTupleTableSlot(run->deferred_row, &TTSOpsMinimalTuple);
	group.rows = tuplestore_begin_heap(false, false, work_mem);
	tuplesort_performsort(run->deferred);
	while (tuplesort_gettupleslot(run->deferred, true, false, row, NULL))
	{
		spm_run_tick(run, "paying", ++done);
		slot_getallattrs(row);
		if (group.count > 0 && !belongs(&group, row))
			close_group(&group);
		if (group.count == 0)
			open_group(&group, row);
		add_row(&group, row);
	}
	if (group.count > 0)
		close_group(&group);
	tuplesort_end(run->deferred);
	run->deferred = NULL;
	tuplestore_end(group.rows);
	ExecDropSingleTupleTableSlot(group.slot);
	MemoryContextDelete(group.context);
	MemoryContextDelete(group.row_context);
}

/* Is a row of the group? */
static bool
belongs(const Group *group, TupleTableSlot *row)
{
	const Datum *values = row->tts_values;

	if (DatumGetInt32(values[DEFERRED_RULE]) != group->rule->number ||
		DatumGetInt32(values[DEFERRED_SPAN]) != group->span ||
		!same_text(values[DEFERRED_PAYEE], group->payee))
		return false;
	return group->rule->tier_by == SPM_TIER_BY_PERIOD ||
		   (DatumGetInt32(values[DEFERRED_ROOT]) == group->root &&
			DatumGetInt32(values[DEFERRED_PART]) == group->part &&
			same_text(values[DEFERRED_DOCUMENT], group->document));
}

static bool
same_text(Datum a, const text *b)
{
	const text *left = DatumGetTextPP(a);

	return VARSIZE_ANY_EXHDR(left) == VARSIZE_ANY_EXHDR(b) &&
		   memcmp(VARDATA_ANY(left), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b)) == 0;
}

static void
open_group(Group *group, TupleTableSlot *row)
{
	MemoryContext caller_context = MemoryContextSwitchTo(group->context);
	const Datum *values = row->tts_values;

	group->rule =
		&group->run->rules->rules[DatumGetInt32(values[DEFERRED_RULE])];
	group->span = DatumGetInt32(values[DEFERRED_SPAN]);
	group->root = DatumGetInt32(values[DEFERRED_ROOT]);
	group->part = DatumGetInt32(values[DEFERRED_PART]);
	group->payee = DatumGetTextPCopy(values[DEFERRED_PAYEE]);
	group->document = DatumGetTextPCopy(values[DEFERRED_DOCUMENT]);
	spm_sum_init(&group->sum);
	MemoryContextSwitchTo(caller_context);
}

static void
add_row(Group *group, TupleTableSlot *row)
{
	MemoryContext caller_context = MemoryContextSwitchTo(group->context);

	spm_sum_add(&group->sum, DatumGetNumeric(row->tts_values[DEFERRED_BASE]));
	tuplestore_puttupleslot(group->rows, row);
	group->count++;
	MemoryContextSwitchTo(caller_context);
}

/* Pay the group, and begin with none. */
static void
close_group(Group *group)
{
	MemoryContext caller_context = MemoryContextSwitchTo(group->context);

	if (group->rule->tier_by == SPM_TIER_BY_KPI)
		pay_by_kpi(group);
	else if (group->rule->schedule->mode == SPM_TIER_SLAB)
		pay_slab(group);
	else
	{
		Accumulation state = {.before = spm_exact_zero()};

		spm_sum_init(&state.sum);
		each_row(group, pay_accumulated, &state);
	}
	tuplestore_clear(group->rows);
	group->count = 0;
	MemoryContextSwitchTo(caller_context);
	MemoryContextReset(group->context);
}

/* Go through the rows of the group. */
static void
each_row(Group *group, RowConsumer consume, void *state)
{
	int64 number = 0;

	tuplestore_rescan(group->rows);
	while (tuplestore_gettupleslot(group->rows, true, false, group->slot))
	{
		CHECK_FOR_INTERRUPTS();
		slot_getallattrs(group->slot);
		consume(group, number++, state);
	}
	ExecClearTuple(group->slot);
}

/* By an indicator: one payment for the document, divided over its lines. */
static void
pay_by_kpi(Group *group)
{
	SpmKpiFigure figure;
	SpmPayment payment;

	find_figure(group, &figure);
	if (figure.failure != NULL)
	{
		each_row(group, fail_row, unconstify(char *, figure.failure));
		return;
	}
	spm_pay(group->rule,
			figure.value,
			spm_sum_result(&group->sum),
			group->run->scale,
			&payment);
	pay_divided(group, &payment);
}

/* The indicator of whoever the first row of the group says. */
static void
find_figure(Group *group, SpmKpiFigure *figure)
{
	SpmRun *run = group->run;
	SpmKpiOwner owner;
	text *code;

	tuplestore_rescan(group->rows);
	tuplestore_gettupleslot(group->rows, true, false, group->slot);
	slot_getallattrs(group->slot);
	if (group->slot->tts_isnull[DEFERRED_OWNER])
	{
		figure->failure = "the credit has nobody whose indicator is asked for";
		return;
	}
	owner.seller = DatumGetBool(group->slot->tts_values[DEFERRED_OWNER_SELLER]);
	code = DatumGetTextPP(group->slot->tts_values[DEFERRED_OWNER]);
	if (owner.seller)
		owner.code =
			spm_org_seller(run->org, VARDATA_ANY(code), VARSIZE_ANY_EXHDR(code))
				->code;
	else
		owner.code =
			spm_org_unit(run->org, VARDATA_ANY(code), VARSIZE_ANY_EXHDR(code))
				->code;
	spm_kpis_get(run->kpis, group->rule->kpi, owner, group->span, figure);
}

static void
fail_row(Group *group, int64 number, void *reason)
{
	const SpmRuleGroup *rules = &group->run->rules->groups[group->rule->group];
	SpmItemKey key;

	spm_defer_key(group->run, group->slot, &key);
	spm_exception_put(group->run, &key, rules->component, rules->payee, reason);
}

/*
 * By period, slab: every sale at the rate that the total reached; a plain
 * amount, and what cap or floor make of the whole, divided over the sales.
 */
static void
pay_slab(Group *group)
{
	const SpmRule *rule = group->rule;
	Numeric total = spm_sum_result(&group->sum);
	SpmRule unlimited = *rule;
	SpmPayment payment;
	Numeric sum;
	Numeric limited;

	unlimited.cap = NULL;
	unlimited.floor = NULL;
	spm_pay(&unlimited, total, total, group->run->scale, &payment);
	if (payment.rate == NULL)
	{
		spm_pay(rule, total, total, group->run->scale, &payment);
		pay_divided(group, &payment);
		return;
	}
	if (rule->cap != NULL || rule->floor != NULL)
	{
		Rounding rounding = {.rate = payment.rate};

		spm_sum_init(&rounding.sum);
		each_row(group, sum_rounded, &rounding);
		sum = spm_sum_result(&rounding.sum);
		limited =
			spm_pay_limited(rule,
							sum,
							payment.level > 0 && spm_exact_sign(total) > 0);
		if (spm_exact_compare(sum, limited) != 0)
		{
			payment.amount = limited;
			pay_divided(group, &payment);
			return;
		}
	}
	each_row(group, pay_rounded, &payment);
}

/* What one row is paid at a rate. */
static Numeric
at_rate(const Group *group, Numeric base, Numeric rate)
{
	return spm_pay_rounded(spm_pay_cleaned(spm_exact_mul(base, rate)),
						   group->run->scale);
}

static void
sum_rounded(Group *group, int64 number, void *argument)
{
	Rounding *rounding = argument;
	MemoryContext caller_context = MemoryContextSwitchTo(group->row_context);
	Numeric amount = at_rate(group, base_of(group), rounding->rate);

	MemoryContextSwitchTo(caller_context);
	spm_sum_add(&rounding->sum, amount);
	MemoryContextReset(group->row_context);
}

static void
pay_rounded(Group *group, int64 number, void *argument)
{
	SpmPayment payment = *(SpmPayment *) argument;
	MemoryContext caller_context = MemoryContextSwitchTo(group->row_context);
	Numeric base = base_of(group);

	payment.amount = at_rate(group, base, payment.rate);
	put(group, base, &payment);
	MemoryContextSwitchTo(caller_context);
	MemoryContextReset(group->row_context);
}

static void
take_base(Group *group, int64 number, void *argument)
{
	Division *division = argument;

	division->bases[number] =
		DatumGetNumericCopy(group->slot->tts_values[DEFERRED_BASE]);
}

static void
put_part(Group *group, int64 number, void *argument)
{
	Division *division = argument;
	MemoryContext caller_context = MemoryContextSwitchTo(group->row_context);
	SpmPayment payment = *division->payment;

	payment.amount = division->parts[number];
	put(group, base_of(group), &payment);
	MemoryContextSwitchTo(caller_context);
	MemoryContextReset(group->row_context);
}

/* Divide a payment over the rows in proportion to their bases. */
static void
pay_divided(Group *group, SpmPayment *payment)
{
	Division division = {.payment = payment};
	Size size = mul_size(group->count, sizeof(Numeric));

	division.bases = MemoryContextAllocHuge(group->context, size);
	division.parts = MemoryContextAllocHuge(group->context, size);
	each_row(group, take_base, &division);
	spm_split_by_weight(payment->amount,
						division.bases,
						group->count,
						group->run->scale,
						division.parts);
	each_row(group, put_part, &division);
}

/* By period, not slab: what the accumulated base pays more than before. */
static void
pay_accumulated(Group *group, int64 number, void *argument)
{
	Accumulation *state = argument;
	MemoryContext caller_context = CurrentMemoryContext;
	Numeric base = base_of(group);
	SpmPayment payment;
	Numeric after;
	Numeric total;

	spm_sum_add(&state->sum, base);
	MemoryContextSwitchTo(group->row_context);
	total = spm_sum_result(&state->sum);
	spm_pay(group->rule, total, total, group->run->scale, &payment);
	after = payment.amount;
	payment.amount = spm_exact_sub(after, state->before);
	put(group, base, &payment);
	MemoryContextSwitchTo(caller_context);
	pfree(state->before);
	state->before = DatumGetNumericCopy(NumericGetDatum(after));
	MemoryContextReset(group->row_context);
}

static Numeric
base_of(const Group *group)
{
	return DatumGetNumeric(group->slot->tts_values[DEFERRED_BASE]);
}

/* Enter the item of the current row. */
static void
put(Group *group, Numeric base, const SpmPayment *payment)
{
	SpmItemKey key;

	spm_defer_key(group->run, group->slot, &key);
	spm_item_put(group->run, &key, base, payment);
}
