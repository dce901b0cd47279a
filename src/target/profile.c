/*-------------------------------------------------------------------------
 *
 * profile.c
 *	  The shares of a target's months add up to 1, inside its period.
 *
 * Checked by constraint triggers, at commit unless asked for earlier.  The
 * check takes a lock that nothing else takes, kept to the end of the
 * transaction, and then looks at the target's months through the latest
 * snapshot, in every isolation level.  So of two transactions that break a
 * profile only together, the second sees the first one's rows.
 *
 * src/target/profile.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "core/catalog.h"
#include "core/export.h"
#include "core/owner.h"
#include "core/spi.h"

SPM_FUNCTION_INFO_V1(spm_check_target_month);

/* What was checked last, and is not to be checked again for each row. */
typedef struct Checked
{
	FullTransactionId transaction;
	SubTransactionId subtransaction;
	CommandId command;
	int64 target;
} Checked;

/* What is wrong with a profile. */
typedef struct Finding
{
	char *sum;	   /* of the shares, NULL if that is right */
	char *outside; /* a month outside the period, or NULL */
	char *starts_on;
	char *ends_on;
} Finding;

static Checked last_checked;

static void check_row(TriggerData *trigger, HeapTuple row);
static bool checked_before(int64 target);
static bool find_fault(int64 target, Finding *finding);
static void report(TriggerData *trigger, int64 target, const Finding *finding);

/* Constraint trigger of target_month and target. */
Datum
spm_check_target_month(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("a check of targets by month must be fired after a "
						"row")));
	check_row(trigger, trigger->tg_trigtuple);
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		check_row(trigger, trigger->tg_newtuple);
	return PointerGetDatum(NULL);
}

/* Check the profile that a row belongs to. */
static void
check_row(TriggerData *trigger, HeapTuple row)
{
	Relation relation = trigger->tg_relation;
	AttrNumber column = spm_column_number(relation, "target_id", INT8OID);
	bool is_null;
	Datum target =
		heap_getattr(row, column, RelationGetDescr(relation), &is_null);
	Finding finding = {NULL};

	if (is_null)
		return;
	/* Makes this transaction's rows visible, and marks the state. */
	CommandCounterIncrement();
	if (checked_before(DatumGetInt64(target)))
		return;
	LockDatabaseObject(RelationRelationId,
					   spm_relation_oid("target_month", false),
					   0,
					   ExclusiveLock);
	if (find_fault(DatumGetInt64(target), &finding))
		report(trigger, DatumGetInt64(target), &finding);
	last_checked.transaction = GetTopFullTransactionIdIfAny();
	last_checked.subtransaction = GetCurrentSubTransactionId();
	last_checked.command = GetCurrentCommandId(false);
	last_checked.target = DatumGetInt64(target);
}

/* Was the profile checked in this state of the transaction? */
static bool
checked_before(int64 target)
{
	return last_checked.target == target &&
		   FullTransactionIdIsValid(last_checked.transaction) &&
		   FullTransactionIdEquals(last_checked.transaction,
								   GetTopFullTransactionIdIfAny()) &&
		   last_checked.subtransaction == GetCurrentSubTransactionId() &&
		   last_checked.command == GetCurrentCommandId(false);
}

/* Look at all months of a target, whoever may see which, as of now. */
static bool
find_fault(int64 target, Finding *finding)
{
	SpmArgs args = {1, {INT8OID}, {Int64GetDatum(target)}};
	MemoryContext caller_context = CurrentMemoryContext;
	SpmCaller caller;
	bool found;

	spm_become(spm_relation_owner(spm_relation_oid("target_month", false)),
			   &caller);
	PushActiveSnapshot(GetLatestSnapshot());
	spm_spi_begin();
	found =
		spm_spi_read("SELECT CASE WHEN sum(m.share) <> 1"
					 " THEN trim_scale(sum(m.share)) END,"
					 " to_char(min(m.month) FILTER (WHERE m.month > t.ends_on"
					 " OR (m.month + interval '1 month')::date <= t.starts_on),"
					 " 'YYYY-MM-DD'),"
					 " to_char(t.starts_on, 'YYYY-MM-DD'),"
					 " to_char(t.ends_on, 'YYYY-MM-DD')"
					 " FROM salesperf.target_month m"
					 " JOIN salesperf.target t ON t.target_id = m.target_id"
					 " WHERE m.target_id = $1"
					 " GROUP BY t.target_id, t.starts_on, t.ends_on",
					 &args) > 0;
	if (found)
	{
		char **texts[] = {&finding->sum,
						  &finding->outside,
						  &finding->starts_on,
						  &finding->ends_on};

		for (int i = 0; i < lengthof(texts); i++)
		{
			char *shown = spm_spi_text(0, i + 1);

			*texts[i] = shown ? MemoryContextStrdup(caller_context, shown)
							  : NULL;
		}
	}
	spm_spi_end();
	PopActiveSnapshot();
	spm_return_to(&caller);
	return found && (finding->sum != NULL || finding->outside != NULL);
}

static void
report(TriggerData *trigger, int64 target, const Finding *finding)
{
	if (finding->outside != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_CHECK_VIOLATION),
				 errmsg("month %s of target %lld is outside its period",
						finding->outside,
						(long long) target),
				 errdetail("The target runs from %s to %s.",
						   finding->starts_on,
						   finding->ends_on),
				 errhint("Delete the month, or enter it into another one."),
				 errtableconstraint(trigger->tg_relation,
									trigger->tg_trigger->tgname)));
	ereport(ERROR,
			(errcode(ERRCODE_CHECK_VIOLATION),
			 errmsg("shares of the months of target %lld add up to %s",
					(long long) target,
					finding->sum),
			 errdetail("They must add up to 1 at commit."),
			 errhint("Shares that add up come from split_by_weight(1, "
					 "weights, 6)."),
			 errtableconstraint(trigger->tg_relation,
								trigger->tg_trigger->tgname)));
}
