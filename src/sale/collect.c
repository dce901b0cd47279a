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
 * A document whose key was inserted, under a unique index, before anything else
 * was noted of it, and of whose row no old version was noted since, was not
 * there before this transaction: one look less for the usual new order.
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
#include "common/hashfn.h"
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

/* How one column of a key is compared, hashed and copied. */
typedef struct KeyColumn
{
	FmgrInfo *hash;
	FmgrInfo *equal;
	Oid type;
	Oid collation;
	bool by_value;
	int16 length;
	char align;
} KeyColumn;

typedef struct KeyOps
{
	int count;
	bool has_header;
	bool unique;
	KeyColumn columns[SPM_MAX_KEYS];
} KeyOps;

/* What a row says of its document. */
typedef enum RowKind
{
	ROW_OLD,
	ROW_NEW,
	ROW_INSERTED
} RowKind;

typedef struct KeyEntry
{
	Datum *key;
	bool header;
	SubTransactionId created_in; /* invalid: may have been there before */
	uint32 hash;
	char status;
} KeyEntry;

static uint32 key_hash(const KeyOps *ops, const Datum *key);
static bool key_equal(const KeyOps *ops, const Datum *a, const Datum *b);

#define SH_PREFIX keys
#define SH_ELEMENT_TYPE KeyEntry
#define SH_KEY_TYPE Datum *
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
	SpmRole role;
} Change;

/* SpmTouched of each source, in TopTransactionContext. */
static List *touched_sources = NIL;

/* Statements noted in this session so far. */
static uint64 statements = 0;

static void check_trigger(TriggerData *trigger);
static void collect_change(void *argument);
static void collect_rows(SpmTouched *touched, SpmSource *source,
						 const Change *change, RowKind kind,
						 TupleTableSlot *slot);
static void collect_row(SpmTouched *touched, SpmSource *source, SpmRole role,
						RowKind kind, TupleTableSlot *row);
static void note_key(SpmTouched *touched, Datum *key, SpmRole role,
					 RowKind kind);
static Datum *copy_keys(const SpmTouched *touched, const Datum *key);
static SpmRole trigger_role(const Trigger *trigger);
static Datum copy_key(const KeyColumn *column, Datum value);
static SpmTouched *touched_source(const char *name);
static void create_keys(SpmTouched *touched, SpmSource *source);
static void give_up(SpmTouched *touched, const char *why);
static void forget_at_end(XactEvent event, void *argument);
static void forget_created(SubXactEvent event, SubTransactionId mine,
						   SubTransactionId parent, void *argument);

/* Start following transactions. */
void
spm_collect_init(void)
{
	RegisterXactCallback(forget_at_end, NULL);
	RegisterSubXactCallback(forget_created, NULL);
}

/* collect_changes('source', 'role'): trigger after a statement, or a row */
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
	change.role = trigger_role(trigger->tg_trigger);
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

/* How many documents there are to look at. */
int
spm_touched_count(const SpmTouched *touched)
{
	return touched->keys == NULL ? 0 : touched->keys->members;
}

/* Are the touched documents' keys what the source has now? */
bool
spm_touched_has_key(const SpmTouched *touched, const SpmSource *source)
{
	const KeyOps *ops = touched->keys->private_data;

	if (ops->count != source->keys.count)
		return false;
	for (int i = 0; i < ops->count; i++)
		if (ops->columns[i].type != source->keys.types[i])
			return false;
	return true;
}

/*
 * The keys, an array for each column, in the current memory context: of all
 * documents, or of those that may have been there before this transaction.
 * Returns how many.
 */
int
spm_touched_keys(const SpmTouched *touched, bool only_old, Datum *arrays)
{
	const KeyOps *ops = touched->keys->private_data;
	Datum *values = palloc(touched->keys->members * sizeof(Datum));
	int count = 0;

	for (int i = 0; i < ops->count; i++)
	{
		const KeyColumn *column = &ops->columns[i];
		keys_iterator iterator;
		KeyEntry *entry;

		count = 0;
		keys_start_iterate(touched->keys, &iterator);
		while ((entry = keys_iterate(touched->keys, &iterator)) != NULL)
			if (!only_old || entry->created_in == InvalidSubTransactionId)
				values[count++] = entry->key[i];
		arrays[i] = PointerGetDatum(construct_array(values,
													count,
													column->type,
													column->length,
													column->by_value,
													column->align));
	}
	pfree(values);
	return count;
}

/*
 * The documents by hash, as many as spm_touched_count() says.  None of a flat
 * table, where no row's amount depends on another row.
 */
int
spm_touched_list(const SpmTouched *touched, SpmTouchedDocument *documents)
{
	const KeyOps *ops;
	keys_iterator iterator;
	KeyEntry *entry;
	int count = 0;

	if (touched->keys == NULL)
		return 0;
	ops = touched->keys->private_data;
	if (!ops->has_header)
		return 0;
	keys_start_iterate(touched->keys, &iterator);
	while ((entry = keys_iterate(touched->keys, &iterator)) != NULL)
	{
		documents[count].hash = entry->hash;
		documents[count++].header = entry->header;
	}
	return count;
}

/* What the trigger's table is to the source. */
static SpmRole
trigger_role(const Trigger *trigger)
{
	for (int role = 0; role < SPM_ROLE_COUNT; role++)
		if (strcmp(trigger->tgargs[1], spm_role_names[role]) == 0)
			return role;
	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("trigger \"%s\" was not made by attach_source",
					trigger->tgname)));
	return SPM_ROLE_LINES;
}

/* Refuse a trigger that attach_source() did not make. */
static void
check_trigger(TriggerData *trigger)
{
	bool no_tables = TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event) ||
					 TRIGGER_FIRED_FOR_ROW(trigger->tg_event);
	bool has_tables = trigger->tg_oldtable != NULL ||
					  trigger->tg_newtable != NULL;

	if (!TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		trigger->tg_trigger->tgnargs != 2 || no_tables == has_tables)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger \"%s\" was not made by attach_source",
						trigger->tg_trigger->tgname),
				 errhint("Drop it and attach the source again.")));
}

/* Note the documents of a statement's, or a row's, old and new rows. */
static void
collect_change(void *argument)
{
	Change *change = argument;
	TriggerData *trigger = change->trigger;
	bool inserted = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
	Relation table = trigger->tg_relation;
	SpmTouched *touched = touched_source(change->source_name);
	SpmSource *source;
	TupleTableSlot *slot;

	if (touched->uncountable)
		return;
	source = spm_source_get(change->source_name);
	if (source->tables[change->role] != RelationGetRelid(table))
		return;
	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
	{
		give_up(touched, "the table was truncated");
		return;
	}
	if (touched->keys == NULL)
		create_keys(touched, source);
	else if (!spm_touched_has_key(touched, source))
	{
		give_up(touched, "the source was attached with another key");
		return;
	}
	if (TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
	{
		collect_row(touched,
					source,
					change->role,
					inserted ? ROW_INSERTED : ROW_OLD,
					trigger->tg_trigslot);
		if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
			collect_row(touched,
						source,
						change->role,
						ROW_NEW,
						trigger->tg_newslot);
		return;
	}
	slot =
		MakeSingleTupleTableSlot(RelationGetDescr(table), &TTSOpsMinimalTuple);
	collect_rows(touched, source, change, ROW_OLD, slot);
	collect_rows(touched,
				 source,
				 change,
				 inserted ? ROW_INSERTED : ROW_NEW,
				 slot);
	ExecDropSingleTupleTableSlot(slot);
}

/* Note the documents of the rows of one transition table. */
static void
collect_rows(SpmTouched *touched, SpmSource *source, const Change *change,
			 RowKind kind, TupleTableSlot *slot)
{
	Tuplestorestate *rows = kind == ROW_OLD ? change->trigger->tg_oldtable
											: change->trigger->tg_newtable;

	if (rows == NULL)
		return;
	tuplestore_rescan(rows);
	while (!touched->uncountable &&
		   tuplestore_gettupleslot(rows, true, false, slot))
	{
		CHECK_FOR_INTERRUPTS();
		collect_row(touched, source, change->role, kind, slot);
	}
}

/* Note the document of one row, if it has one. */
static void
collect_row(SpmTouched *touched, SpmSource *source, SpmRole role, RowKind kind,
			TupleTableSlot *row)
{
	Datum key[SPM_MAX_KEYS];

	if (spm_source_key(source, role, row, key))
		note_key(touched, key, role, kind);
}

/* Note one document. */
static void
note_key(SpmTouched *touched, Datum *key, SpmRole role, RowKind kind)
{
	const KeyOps *ops = touched->keys->private_data;
	bool holds_document = ops->has_header == (role == SPM_ROLE_HEADER);
	KeyEntry *entry = keys_lookup(touched->keys, key);

	if (entry == NULL)
	{
		bool found;

		entry = keys_insert(touched->keys, copy_keys(touched, key), &found);
		entry->header = false;
		entry->created_in = InvalidSubTransactionId;
		if (holds_document && ops->unique && kind == ROW_INSERTED)
			entry->created_in = GetCurrentSubTransactionId();
	}
	else if (holds_document && kind == ROW_OLD)
		entry->created_in = InvalidSubTransactionId;
	entry->header |= role == SPM_ROLE_HEADER;
	if (touched->keys->members > MAX_DOCUMENTS)
		give_up(touched, "one transaction touched too many documents");
}

/* A copy of a key that lives as long as the set. */
static Datum *
copy_keys(const SpmTouched *touched, const Datum *key)
{
	const KeyOps *ops = touched->keys->private_data;
	MemoryContext caller_context = MemoryContextSwitchTo(touched->keys->ctx);
	Datum *copy = palloc(ops->count * sizeof(Datum));

	for (int i = 0; i < ops->count; i++)
		copy[i] = copy_key(&ops->columns[i], key[i]);
	MemoryContextSwitchTo(caller_context);
	return copy;
}

/* A copy of a key's column that needs nothing outside of it. */
static Datum
copy_key(const KeyColumn *column, Datum value)
{
	if (!column->by_value && column->length == -1)
		return PointerGetDatum(PG_DETOAST_DATUM_COPY(value));
	return datumCopy(value, column->by_value, column->length);
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
create_keys(SpmTouched *touched, SpmSource *source)
{
	MemoryContext context = AllocSetContextCreate(TopTransactionContext,
												  "salesperf documents",
												  ALLOCSET_DEFAULT_SIZES);
	KeyOps *ops = MemoryContextAllocZero(context, sizeof(KeyOps));

	ops->count = source->keys.count;
	ops->has_header = OidIsValid(source->tables[SPM_ROLE_HEADER]);
	ops->unique = spm_source_has_unique_key(source);
	for (int i = 0; i < ops->count; i++)
	{
		KeyColumn *column = &ops->columns[i];
		TypeCacheEntry *type = lookup_type_cache(source->keys.types[i],
												 TYPECACHE_HASH_PROC_FINFO |
													 TYPECACHE_EQ_OPR_FINFO);

		column->hash = &type->hash_proc_finfo;
		column->equal = &type->eq_opr_finfo;
		column->type = source->keys.types[i];
		column->collation = source->keys.collations[i];
		column->by_value = type->typbyval;
		column->length = type->typlen;
		column->align = type->typalign;
	}
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

/* What a rolled back subtransaction created may be another's by now. */
static void
forget_created(SubXactEvent event, SubTransactionId mine,
			   SubTransactionId parent, void *argument)
{
	ListCell *cell;

	if (event != SUBXACT_EVENT_ABORT_SUB)
		return;
	foreach (cell, touched_sources)
	{
		SpmTouched *touched = lfirst(cell);
		keys_iterator iterator;
		KeyEntry *entry;

		if (touched->keys == NULL)
			continue;
		keys_start_iterate(touched->keys, &iterator);
		while ((entry = keys_iterate(touched->keys, &iterator)) != NULL)
			if (entry->created_in >= mine)
				entry->created_in = InvalidSubTransactionId;
	}
}

static uint32
key_hash(const KeyOps *ops, const Datum *key)
{
	uint32 hash = 0;

	for (int i = 0; i < ops->count; i++)
		hash = hash_combine(hash,
							DatumGetUInt32(
								FunctionCall1Coll(ops->columns[i].hash,
												  ops->columns[i].collation,
												  key[i])));
	return hash;
}

static bool
key_equal(const KeyOps *ops, const Datum *a, const Datum *b)
{
	for (int i = 0; i < ops->count; i++)
		if (!DatumGetBool(FunctionCall2Coll(ops->columns[i].equal,
											ops->columns[i].collation,
											a[i],
											b[i])))
			return false;
	return true;
}
