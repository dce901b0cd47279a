/*-------------------------------------------------------------------------
 *
 * collect.c
 *	  Note the documents that the current transaction touches.
 *
 * Statement triggers of attached tables note keys, nothing else: what a
 * document adds to a figure is worked out when the transaction commits, with
 * all its changes there and after all other triggers.  A rolled back
 * savepoint leaves its keys behind, which costs a look but no exactness.
 *
 * An ERP's write never fails because of salesperf.  Where keys can't be had
 * the source is noted as uncountable, and its measures turn live.
 *
 * src/sale/collect.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/datum.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/typcache.h"

#include "core/export.h"
#include "core/guard.h"
#include "sale/collect.h"

SPM_FUNCTION_INFO_V1(spm_collect_changes);

/* More documents than this are not listed: the measures turn live. */
#define MAX_DOCUMENTS 1000000

/* How keys of one type are compared, hashed and copied. */
typedef struct KeyOps
{
	FmgrInfo *hash;
	FmgrInfo *equal;
	Oid collation;
	bool by_value;
	int16 length;
	char align;
} KeyOps;

typedef struct KeyEntry
{
	Datum key;
	uint32 hash;
	char status;
} KeyEntry;

static uint32 key_hash(const KeyOps *ops, Datum key);
static bool key_equal(const KeyOps *ops, Datum a, Datum b);

#define SH_PREFIX keys
#define SH_ELEMENT_TYPE KeyEntry
#define SH_KEY_TYPE Datum
#define SH_KEY key
#define SH_HASH_KEY(table, key) key_hash((table)->private_data, key)
#define SH_EQUAL(table, a, b) key_equal((table)->private_data, a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(table, entry) (entry)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* A statement's changes, for the guarded part of the trigger. */
typedef struct Change
{
	TriggerData *trigger;
	const char *source_name;
} Change;

/* SpmTouched of each source, in TopTransactionContext. */
static List *touched_sources = NIL;

/* Statements noted in this session so far. */
static uint64 statements = 0;

static void check_trigger(TriggerData *trigger);
static void collect_change(void *argument);
static void collect_rows(SpmTouched *touched, SpmSource *source,
						 Tuplestorestate *rows, TupleTableSlot *slot);
static void note_key(SpmTouched *touched, Datum key);
static SpmTouched *touched_source(const char *name);
static void create_keys(SpmTouched *touched, const SpmSource *source);
static void give_up(SpmTouched *touched, const char *why);
static void forget_at_end(XactEvent event, void *argument);

/* Start following transactions. */
void
spm_collect_init(void)
{
	RegisterXactCallback(forget_at_end, NULL);
}

/* collect_changes('source'): trigger after each statement */
Datum
spm_collect_changes(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Change change;
	char *message;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("collect_changes must be called as a trigger")));
	check_trigger(trigger);
	statements++;
	change.trigger = trigger;
	change.source_name = trigger->tg_trigger->tgargs[0];
	message = spm_guard(collect_change, &change);
	if (message != NULL)
		give_up(touched_source(change.source_name), message);
	return PointerGetDatum(NULL);
}

/* What the transaction touched, one SpmTouched for each source. */
List *
spm_touched_sources(void)
{
	return touched_sources;
}

/* Grows with each statement noted: what was computed before may be old. */
uint64
spm_touched_statements(void)
{
	return statements;
}

/* Are there documents to look at? */
bool
spm_touched_any_documents(const SpmTouched *touched)
{
	return touched->keys != NULL && touched->keys->members > 0;
}

/* The keys as an array of their type, in the current memory context. */
Datum
spm_touched_documents(const SpmTouched *touched)
{
	const KeyOps *ops = touched->keys->private_data;
	Datum *values = palloc(touched->keys->members * sizeof(Datum));
	keys_iterator iterator;
	KeyEntry *entry;
	int count = 0;

	keys_start_iterate(touched->keys, &iterator);
	while ((entry = keys_iterate(touched->keys, &iterator)) != NULL)
		values[count++] = entry->key;
	return PointerGetDatum(construct_array(values,
										   count,
										   touched->key_type,
										   ops->length,
										   ops->by_value,
										   ops->align));
}

/* Refuse a trigger that attach_source() did not make. */
static void
check_trigger(TriggerData *trigger)
{
	bool truncate = TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event);
	bool has_tables = trigger->tg_oldtable != NULL ||
					  trigger->tg_newtable != NULL;

	if (!TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event) ||
		trigger->tg_trigger->tgnargs != 1 || truncate == has_tables)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger \"%s\" was not made by attach_source",
						trigger->tg_trigger->tgname),
				 errhint("Drop it and attach the source again.")));
}

/* Note the documents of a statement's old and new rows. */
static void
collect_change(void *argument)
{
	Change *change = argument;
	TriggerData *trigger = change->trigger;
	Relation table = trigger->tg_relation;
	SpmTouched *touched = touched_source(change->source_name);
	SpmSource *source;
	TupleTableSlot *slot;

	if (touched->uncountable)
		return;
	source = spm_source_get(change->source_name);
	if (source->lines != RelationGetRelid(table))
		return;
	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
	{
		give_up(touched, "the table was truncated");
		return;
	}
	if (touched->keys == NULL)
		create_keys(touched, source);
	else if (touched->key_type != source->key_type)
	{
		give_up(touched, "the source was attached with another key");
		return;
	}
	slot =
		MakeSingleTupleTableSlot(RelationGetDescr(table), &TTSOpsMinimalTuple);
	collect_rows(touched, source, trigger->tg_oldtable, slot);
	collect_rows(touched, source, trigger->tg_newtable, slot);
	ExecDropSingleTupleTableSlot(slot);
}

/* Note the documents of the rows of one transition table. */
static void
collect_rows(SpmTouched *touched, SpmSource *source, Tuplestorestate *rows,
			 TupleTableSlot *slot)
{
	if (rows == NULL)
		return;
	tuplestore_rescan(rows);
	while (tuplestore_gettupleslot(rows, true, false, slot))
	{
		bool is_null;
		Datum key = spm_source_key(source, slot, &is_null);

		CHECK_FOR_INTERRUPTS();
		if (!is_null)
			note_key(touched, key);
		if (touched->uncountable)
			return;
	}
}

/* Note one document. */
static void
note_key(SpmTouched *touched, Datum key)
{
	const KeyOps *ops = touched->keys->private_data;
	MemoryContext caller_context;
	Datum copy;
	bool found;

	if (keys_lookup(touched->keys, key) != NULL)
		return;
	caller_context = MemoryContextSwitchTo(touched->keys->ctx);
	if (!ops->by_value && ops->length == -1)
		copy = PointerGetDatum(PG_DETOAST_DATUM_COPY(key));
	else
		copy = datumCopy(key, ops->by_value, ops->length);
	MemoryContextSwitchTo(caller_context);
	(void) keys_insert(touched->keys, copy, &found);
	if (touched->keys->members > MAX_DOCUMENTS)
		give_up(touched, "one transaction touched too many documents");
}

/* The transaction's entry for a source. */
static SpmTouched *
touched_source(const char *name)
{
	MemoryContext caller_context;
	SpmTouched *touched;
	ListCell *cell;

	foreach (cell, touched_sources)
	{
		touched = lfirst(cell);
		if (strcmp(touched->source, name) == 0)
			return touched;
	}
	caller_context = MemoryContextSwitchTo(TopTransactionContext);
	touched = palloc0(sizeof(SpmTouched));
	touched->source = pstrdup(name);
	touched_sources = lappend(touched_sources, touched);
	MemoryContextSwitchTo(caller_context);
	return touched;
}

/* Create the set of keys for a source. */
static void
create_keys(SpmTouched *touched, const SpmSource *source)
{
	TypeCacheEntry *type =
		lookup_type_cache(source->key_type,
						  TYPECACHE_HASH_PROC_FINFO | TYPECACHE_EQ_OPR_FINFO);
	MemoryContext context = AllocSetContextCreate(TopTransactionContext,
												  "salesperf documents",
												  ALLOCSET_DEFAULT_SIZES);
	KeyOps *ops = MemoryContextAlloc(context, sizeof(KeyOps));

	ops->hash = &type->hash_proc_finfo;
	ops->equal = &type->eq_opr_finfo;
	ops->collation = source->key_collation;
	ops->by_value = type->typbyval;
	ops->length = type->typlen;
	ops->align = type->typalign;
	touched->key_type = source->key_type;
	touched->keys = keys_create(context, 16, ops);
}

/* Stop listing documents of a source, and say why. */
static void
give_up(SpmTouched *touched, const char *why)
{
	touched->uncountable = true;
	touched->why = MemoryContextStrdup(TopTransactionContext, why);
}

/* A transaction's notes end with it; its memory goes by itself. */
static void
forget_at_end(XactEvent event, void *argument)
{
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT ||
		event == XACT_EVENT_PREPARE)
		touched_sources = NIL;
}

static uint32
key_hash(const KeyOps *ops, Datum key)
{
	return DatumGetUInt32(FunctionCall1Coll(ops->hash, ops->collation, key));
}

static bool
key_equal(const KeyOps *ops, Datum a, Datum b)
{
	return DatumGetBool(FunctionCall2Coll(ops->equal, ops->collation, a, b));
}
