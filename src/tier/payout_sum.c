/*-------------------------------------------------------------------------
 *
 * payout_sum.c
 *	  Aggregate tier_payout_sum: payouts of millions of rows at the cost of a
 *	  sum.
 *
 * Nearly every payout is slope * base + offset + fixed with the coefficients
 * of the tier reached (SpmTier).  So a row adds its base, as a scaled
 * integer, and one to a count; the multiplication is done once per schedule
 * and tier at the end.  Payouts that are quotients are worked out and added
 * row by row, for the sum is that of the payouts, each as tier_payout has it.
 * Both are exact, so neither the order of rows nor parallel workers matter.
 *
 * Compiled schedules are kept once per query, at the call site of each
 * support function, and states point to them: a state holds sums only, which
 * keeps queries with many groups small.
 *
 * src/tier/payout_sum.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/memutils.h"

#include "core/exact.h"
#include "core/export.h"
#include "tier/tiers.h"

/* What has reached one tier. */
typedef struct TierSum
{
	int64 count; /* mirrored rows count -1 */
	SpmSum base;
} TierSum;

/* What one schedule pays. */
typedef struct ScheduleSum
{
	const SpmScheduleEntry *entry;
	SpmSum quotients;
	TierSum tiers[FLEXIBLE_ARRAY_MEMBER];
} ScheduleSum;

typedef struct PayoutSum
{
	MemoryContext context;
	int64 rows;
	uint32 nsums;
	uint32 nslots; /* a power of two, at least nsums */
	ScheduleSum **slots;
} PayoutSum;

SPM_FUNCTION_INFO_V1(spm_tier_payout_sum_add);
SPM_FUNCTION_INFO_V1(spm_tier_payout_sum_remove);
SPM_FUNCTION_INFO_V1(spm_tier_payout_sum_merge);
SPM_FUNCTION_INFO_V1(spm_tier_payout_sum_save);
SPM_FUNCTION_INFO_V1(spm_tier_payout_sum_load);
SPM_FUNCTION_INFO_V1(spm_tier_payout_sum_result);

static Datum step(FunctionCallInfo fcinfo, bool remove);
static PayoutSum *state_create(MemoryContext context);
static ScheduleSum *state_sum(PayoutSum *state, const SpmScheduleEntry *entry);
static void state_grow(PayoutSum *state);
static SpmScheduleCache *cache_of_call(FunctionCallInfo fcinfo);
static void row_count(PayoutSum *state, ScheduleSum *sum, struct varlena *value,
					  struct varlena *base, bool remove);
static void row_quotient(PayoutSum *state, ScheduleSum *sum,
						 struct varlena *value, struct varlena *base,
						 bool remove);
static void send_sum(StringInfo message, const SpmSum *sum);
static void receive_sum(StringInfo message, SpmSum *sum);
static Numeric schedule_total(const ScheduleSum *sum, Numeric total);

/* tier_payout_sum_add(internal, tiers, value [, base]) returns internal */
Datum
spm_tier_payout_sum_add(PG_FUNCTION_ARGS)
{
	return step(fcinfo, false);
}

/* tier_payout_sum_remove: the inverse, for moving window frames */
Datum
spm_tier_payout_sum_remove(PG_FUNCTION_ARGS)
{
	return step(fcinfo, true);
}

/* tier_payout_sum_merge(internal, internal) returns internal */
Datum
spm_tier_payout_sum_merge(PG_FUNCTION_ARGS)
{
	MemoryContext context;
	MemoryContext before;
	PayoutSum *state;
	PayoutSum *other;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate function called in non-aggregate context");
	state = PG_ARGISNULL(0) ? NULL : (PayoutSum *) PG_GETARG_POINTER(0);
	if (PG_ARGISNULL(1))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	other = (PayoutSum *) PG_GETARG_POINTER(1);
	if (state == NULL)
		state = state_create(context);

	before = MemoryContextSwitchTo(state->context);
	state->rows += other->rows;
	for (uint32 i = 0; i < other->nslots; i++)
	{
		const ScheduleSum *from = other->slots[i];
		SpmScheduleEntry *entry;
		ScheduleSum *to;

		if (from == NULL)
			continue;
		entry = spm_schedule_cache_find(cache_of_call(fcinfo),
										PointerGetDatum(from->entry->datum));
		to = state_sum(state, entry);
		spm_sum_merge(&to->quotients, &from->quotients);
		for (int k = 0; k < entry->schedule->ntiers; k++)
		{
			to->tiers[k].count += from->tiers[k].count;
			spm_sum_merge(&to->tiers[k].base, &from->tiers[k].base);
		}
	}
	MemoryContextSwitchTo(before);
	PG_RETURN_POINTER(state);
}

/* tier_payout_sum_save(internal) returns bytea: state for another process */
Datum
spm_tier_payout_sum_save(PG_FUNCTION_ARGS)
{
	const PayoutSum *state = (PayoutSum *) PG_GETARG_POINTER(0);
	StringInfoData message;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "aggregate function called in non-aggregate context");
	pq_begintypsend(&message);
	pq_sendint64(&message, state->rows);
	pq_sendint32(&message, state->nsums);
	for (uint32 i = 0; i < state->nslots; i++)
	{
		const ScheduleSum *sum = state->slots[i];
		const struct varlena *datum;

		if (sum == NULL)
			continue;
		datum = sum->entry->datum;
		pq_sendint32(&message, VARSIZE_ANY_EXHDR(datum));
		pq_sendbytes(&message, VARDATA_ANY(datum), VARSIZE_ANY_EXHDR(datum));
		send_sum(&message, &sum->quotients);
		for (int k = 0; k < sum->entry->schedule->ntiers; k++)
		{
			pq_sendint64(&message, sum->tiers[k].count);
			send_sum(&message, &sum->tiers[k].base);
		}
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/* tier_payout_sum_load(bytea, internal) returns internal */
Datum
spm_tier_payout_sum_load(PG_FUNCTION_ARGS)
{
	bytea *saved = PG_GETARG_BYTEA_PP(0);
	PayoutSum *state;
	StringInfoData message;
	int count;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "aggregate function called in non-aggregate context");
	initStringInfo(&message);
	appendBinaryStringInfo(&message,
						   VARDATA_ANY(saved),
						   VARSIZE_ANY_EXHDR(saved));
	state = state_create(CurrentMemoryContext);
	state->rows = pq_getmsgint64(&message);
	count = pq_getmsgint(&message, 4);
	while (count-- > 0)
	{
		int size = pq_getmsgint(&message, 4);
		struct varlena *datum = palloc(VARHDRSZ + size);
		SpmScheduleEntry *entry;
		ScheduleSum *sum;

		SET_VARSIZE(datum, VARHDRSZ + size);
		pq_copymsgbytes(&message, VARDATA(datum), size);
		entry = spm_schedule_cache_find(cache_of_call(fcinfo),
										PointerGetDatum(datum));
		pfree(datum);
		sum = state_sum(state, entry);
		receive_sum(&message, &sum->quotients);
		for (int k = 0; k < entry->schedule->ntiers; k++)
		{
			sum->tiers[k].count = pq_getmsgint64(&message);
			receive_sum(&message, &sum->tiers[k].base);
		}
	}
	pq_getmsgend(&message);
	pfree(message.data);
	PG_RETURN_POINTER(state);
}

/* tier_payout_sum_result(internal) returns numeric */
Datum
spm_tier_payout_sum_result(PG_FUNCTION_ARGS)
{
	const PayoutSum *state;
	Numeric total = spm_exact_zero();

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (PayoutSum *) PG_GETARG_POINTER(0);
	if (state->rows == 0)
		PG_RETURN_NULL();
	for (uint32 i = 0; i < state->nslots; i++)
		if (state->slots[i] != NULL)
			total = schedule_total(state->slots[i], total);
	PG_RETURN_NUMERIC(spm_exact_trim(total));
}

/* Take a row in, or out again.  A row with a NULL argument does not count. */
static Datum
step(FunctionCallInfo fcinfo, bool remove)
{
	bool has_base = PG_NARGS() > 3;
	PayoutSum *state = PG_ARGISNULL(0) ? NULL
									   : (PayoutSum *) PG_GETARG_POINTER(0);
	SpmScheduleEntry *entry;
	struct varlena *value;

	if (state == NULL)
	{
		MemoryContext context;

		if (!AggCheckCallContext(fcinfo, &context))
			elog(ERROR, "aggregate function called in non-aggregate context");
		state = state_create(context);
	}
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || (has_base && PG_ARGISNULL(3)))
		PG_RETURN_POINTER(state);

	entry = spm_schedule_cache_find(cache_of_call(fcinfo), PG_GETARG_DATUM(1));
	value = PG_GETARG_VARLENA_PP(2);
	row_count(state,
			  state_sum(state, entry),
			  value,
			  has_base ? PG_GETARG_VARLENA_PP(3) : NULL,
			  remove);
	PG_RETURN_POINTER(state);
}

/* Add a row to its tier, or to the quotients.  base NULL means the value. */
static void
row_count(PayoutSum *state, ScheduleSum *sum, struct varlena *value,
		  struct varlena *base, bool remove)
{
	const SpmSchedule *schedule = sum->entry->schedule;
	MemoryContext before = CurrentMemoryContext;
	SpmTierRow row;
	int128 payout;
	int groups;

	spm_row_open(&row, schedule, value, base);
	state->rows += remove ? -1 : 1;
	if (row.level == 0)
		return;
	if (spm_row_is_linear(&row))
	{
		TierSum *reached = &sum->tiers[row.level - 1];

		reached->count += row.mirrored == remove ? 1 : -1;
		MemoryContextSwitchTo(state->context);
		spm_sum_add_digits(&reached->base,
						   &row.base,
						   (Numeric) (base != NULL ? base : value),
						   remove);
		MemoryContextSwitchTo(before);
	}
	else if (spm_row_payout(&row, schedule, &payout, &groups))
	{
		MemoryContextSwitchTo(state->context);
		spm_sum_add_scaled(&sum->quotients, remove ? -payout : payout, groups);
		MemoryContextSwitchTo(before);
	}
	else
		row_quotient(state, sum, value, base, remove);
}

/* Add the payout of a row that divides, in numerics. */
static void
row_quotient(PayoutSum *state, ScheduleSum *sum, struct varlena *value,
			 struct varlena *base, bool remove)
{
	SpmTierCase it;
	Numeric payout;
	MemoryContext before;

	spm_case_open(&it,
				  sum->entry->schedule,
				  DatumGetNumeric(PointerGetDatum(value)),
				  base == NULL ? NULL : DatumGetNumeric(PointerGetDatum(base)));
	payout = spm_case_payout(&it);
	before = MemoryContextSwitchTo(state->context);
	if (remove)
		spm_sum_subtract(&sum->quotients, payout);
	else
		spm_sum_add(&sum->quotients, payout);
	MemoryContextSwitchTo(before);
}

/* An empty state. */
static PayoutSum *
state_create(MemoryContext context)
{
	PayoutSum *state = MemoryContextAllocZero(context, sizeof(PayoutSum));

	state->context = context;
	state->nslots = 1;
	state->slots = MemoryContextAllocZero(context, sizeof(ScheduleSum *));
	return state;
}

/* The sums of a schedule, made if missing. */
static ScheduleSum *
state_sum(PayoutSum *state, const SpmScheduleEntry *entry)
{
	const SpmSchedule *schedule = entry->schedule;
	uint32 slot = entry->number & (state->nslots - 1);
	ScheduleSum *sum;

	for (uint32 i = 0; i < state->nslots && state->slots[slot] != NULL; i++)
	{
		if (state->slots[slot]->entry == entry)
			return state->slots[slot];
		slot = (slot + 1) & (state->nslots - 1);
	}
	if (state->nsums == state->nslots)
	{
		state_grow(state);
		slot = entry->number & (state->nslots - 1);
		while (state->slots[slot] != NULL)
			slot = (slot + 1) & (state->nslots - 1);
	}
	sum = MemoryContextAllocZero(state->context,
								 offsetof(ScheduleSum, tiers) +
									 schedule->ntiers * sizeof(TierSum));
	sum->entry = entry;
	state->slots[slot] = sum;
	state->nsums++;
	return sum;
}

/* Double the slots, and once more, to keep some of them free. */
static void
state_grow(PayoutSum *state)
{
	ScheduleSum **old = state->slots;
	uint32 nold = state->nslots;

	state->nslots *= 4;
	state->slots =
		MemoryContextAllocZero(state->context,
							   state->nslots * sizeof(ScheduleSum *));
	for (uint32 i = 0; i < nold; i++)
	{
		uint32 slot = old[i]->entry->number & (state->nslots - 1);

		while (state->slots[slot] != NULL)
			slot = (slot + 1) & (state->nslots - 1);
		state->slots[slot] = old[i];
	}
	pfree(old);
}

/* The schedules compiled for this call site. */
static SpmScheduleCache *
cache_of_call(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra =
			spm_schedule_cache_create(fcinfo->flinfo->fn_mcxt, 0);
	return fcinfo->flinfo->fn_extra;
}

/* Append a sum to a saved state. */
static void
send_sum(StringInfo message, const SpmSum *sum)
{
	Numeric figure = spm_sum_result(sum);

	pq_sendint32(message, VARSIZE(figure));
	pq_sendbytes(message, (char *) figure, VARSIZE(figure));
	pfree(figure);
}

/* Read what send_sum wrote. */
static void
receive_sum(StringInfo message, SpmSum *sum)
{
	int size = pq_getmsgint(message, 4);
	Numeric figure = palloc(size);

	pq_copymsgbytes(message, (char *) figure, size);
	spm_sum_add(sum, figure);
	pfree(figure);
}

/* total and what one schedule pays. */
static Numeric
schedule_total(const ScheduleSum *sum, Numeric total)
{
	const SpmSchedule *schedule = sum->entry->schedule;

	for (int k = 0; k < schedule->ntiers; k++)
	{
		const SpmTier *tier = &schedule->tiers[k];
		Numeric base = spm_sum_result(&sum->tiers[k].base);
		Numeric count = int64_to_numeric(sum->tiers[k].count);
		Numeric constant = spm_exact_add(tier->offset, tier->fixed);

		total = spm_exact_add(total, spm_exact_mul(tier->slope, base));
		total = spm_exact_add(total, spm_exact_mul(constant, count));
	}
	return spm_exact_add(total, spm_sum_result(&sum->quotients));
}
