/*-------------------------------------------------------------------------
 *
 * collect.c
 *	  Note the documents that the current transaction touches.
 *
 * Statement triggers of attached tables note keys, nothing else: what a
 * document adds to a figure is worked out when the transaction commits, with
 * all its changes there and after all other triggers.
 *
 * A document whose key was inserted, under a unique index, before anything else
 * was noted of it, and of whose row no old version was noted since, was not
 * there before this transaction: one look less for the usual new order.
 *
 * Of a row that is looked up for sales, of a split by document and of an
 * exchange rate that is noted which leads to documents; they are found at
 * commit too.
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
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/rel.h"

#include "core/export.h"
#include "core/guard.h"
#include "core/spi.h"
#include "org/version.h"
#include "sale/line_change.h"
#include "sale/source_int.h"

SPM_FUNCTION_INFO_V1(spm_collect_changes);

/* What a row says of its document. */
typedef enum RowKind
{
	ROW_OLD,
	ROW_NEW,
	ROW_INSERTED
} RowKind;

/* A statement's changes, for the guarded part of the trigger. */
typedef struct Change
{
	TriggerData *trigger;
	const char *source_name; /* empty: a table that all sources share */
	const char *root;		 /* whose documents the source's lines are of */
	int role;				 /* SpmRole or SpmTrace */
	SpmTouched *touched;
	SpmSource *source;
	SpmDirect *direct; /* NULL: what lines add is not kept */
	SpmRowMap map;	   /* to rows of the source's table */
} Change;

/* Takes one row, or the old and the new version of one. */
typedef void (*RowTaker)(const Change *change, RowKind kind,
						 TupleTableSlot *row, TupleTableSlot *after);

/* Keys of what all sources share are text. */
static const SpmKeyTypes text_key = {1, {TEXTOID}, {C_COLLATION_OID}};

/* Statements noted in this session so far. */
static uint64 statements = 0;

static void check_trigger(const TriggerData *trigger, int role);
static void note_shared(int role);
static bool cannot_fail(const Change *change);
static void collect_change(void *argument);
static void collect_shared(const Change *change);
static void collect_source(Change *change);
static void collect_rows(const Change *change, RowTaker take);
static void collect_table(const Change *change, Tuplestorestate *rows,
						  RowKind kind, RowTaker take);
static void collect_pairs(const Change *change, RowTaker take);
static void take_row(const Change *change, RowKind kind, TupleTableSlot *row,
					 TupleTableSlot *after);
static void take_versions(const Change *change, RowKind kind,
						  TupleTableSlot *row, TupleTableSlot *after);
static void take_looked_up(const Change *change, RowKind kind,
						   TupleTableSlot *row, TupleTableSlot *after);
static void take_order_split(const Change *change, RowKind kind,
							 TupleTableSlot *row, TupleTableSlot *after);
static void take_rate(const Change *change, RowKind kind, TupleTableSlot *row,
					  TupleTableSlot *after);
static void take_dimension(const Change *change, RowKind kind,
						   TupleTableSlot *row, TupleTableSlot *after);
static bool differ(TupleTableSlot *before, TupleTableSlot *after,
				   const char *name);
static void take_assignment(const Change *change, RowKind kind,
							TupleTableSlot *row, TupleTableSlot *after);
static Datum named_column(TupleTableSlot *row, const char *name, bool *is_null);
static void give_up_all(const Change *change, const char *why);

/*
 * collect_changes('role:source'[, 'root']): trigger after a statement, or a row.
 * Every statement copies the arguments of a table's triggers, so it is one where
 * it can be.
 */
Datum
spm_collect_changes(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Change change = {.trigger = trigger};
	char *message;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("collect_changes must be called as a trigger")));
	change.role = spm_trigger_role(trigger->tg_trigger);
	check_trigger(trigger, change.role);
	statements++;
	change.source_name = spm_trigger_source(trigger->tg_trigger);
	change.root = trigger->tg_trigger->tgnargs > 1
					  ? trigger->tg_trigger->tgargs[1]
					  : change.source_name;
	note_shared(change.role);
	if (cannot_fail(&change))
		collect_change(&change);
	else if ((message = spm_guard(collect_change, &change)) != NULL)
		give_up_all(&change, message);
	return PointerGetDatum(NULL);
}

/*
 * Other sessions keep what all sources share.  Nothing may keep them from
 * knowing that it changes, so an error in this is one of the statement.
 */
static void
note_shared(int role)
{
	if (role == SPM_TRACE_CUSTOMER || role == SPM_TRACE_PRODUCT)
		spm_org_note_change(SPM_ORG_ATTRIBUTES);
	else if (role == SPM_TRACE_ORDER_SPLIT)
		spm_org_note_change(SPM_ORG_SPLITS);
}

/*
 * Is all known that it takes to note what changed, without a query and without
 * anybody's code?  Then no subtransaction is needed to catch an error in.
 */
static bool
cannot_fail(const Change *change)
{
	SpmSource *source;

	if (change->role > SPM_ROLE_HEADER ||
		TRIGGER_FIRED_BY_TRUNCATE(change->trigger->tg_event))
		return false;
	source = spm_source_cached(change->source_name);
	return source != NULL && source->cache->direct_known &&
		   source->cache->direct != NULL && source->cache->unique_known &&
		   !OidIsValid(source->tables[SPM_ROLE_SPLITS]) &&
		   !change->trigger->tg_relation->rd_rel->relispartition;
}

/* Grows with each statement noted: what was computed before may be old. */
uint64
spm_touched_statements(void)
{
	return statements;
}

/* Refuse a trigger that attach_source() did not make. */
static void
check_trigger(const TriggerData *trigger, int role)
{
	bool no_tables = TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event) ||
					 TRIGGER_FIRED_FOR_ROW(trigger->tg_event);
	bool has_tables = trigger->tg_oldtable != NULL ||
					  trigger->tg_newtable != NULL;

	if (!TRIGGER_FIRED_AFTER(trigger->tg_event) || role < 0 ||
		no_tables == has_tables)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger \"%s\" was not made by attach_source",
						trigger->tg_trigger->tgname),
				 errhint("Drop it and attach the source again.")));
}

/* Note what a statement's, or a row's, old and new rows lead to. */
static void
collect_change(void *argument)
{
	Change *change = argument;

	if (TRIGGER_FIRED_BY_TRUNCATE(change->trigger->tg_event))
		give_up_all(change, "the table was truncated");
	else if (change->role < SPM_ROLE_COUNT)
		collect_source(change);
	else
		collect_shared(change);
}

/* The same for a table that all sources share. */
static void
collect_shared(const Change *change)
{
	switch (change->role)
	{
		case SPM_TRACE_ORDER_SPLIT:
			collect_rows(change, take_order_split);
			break;
		case SPM_TRACE_RATE:
			collect_rows(change, take_rate);
			break;
		case SPM_TRACE_CUSTOMER:
		case SPM_TRACE_PRODUCT:
			if (TRIGGER_FIRED_BY_UPDATE(change->trigger->tg_event))
				collect_pairs(change, take_dimension);
			else
				collect_rows(change, take_dimension);
			break;
		default:
			collect_rows(change, take_assignment);
			break;
	}
}

/*
 * The same for a table of one source.  A table that was a partition of it, and
 * still has the trigger, is none of its business.
 */
static void
collect_source(Change *change)
{
	Relation table = change->trigger->tg_relation;

	change->touched = spm_touched_source(change->source_name, change->root);
	if (change->touched->uncountable)
		return;
	if (table->rd_rel->relispartition)
		spm_partition_lock_ancestors(table);
	change->source = spm_source_get(change->source_name);
	if (!spm_source_has_table(change->source,
							  change->role,
							  RelationGetRelid(table)))
		return;
	spm_touched_prepare(change->touched, change->source);
	if (change->role < SPM_ROLE_LOOKUP)
	{
		spm_row_map_open(&change->map,
						 change->source->tables[change->role],
						 table);
		/* Transition tables have rows of tables that inherit, too. */
		if (!TRIGGER_FIRED_FOR_ROW(change->trigger->tg_event) &&
			!table->rd_rel->relhassubclass)
			change->direct = spm_source_direct(change->source);
		if (TRIGGER_FIRED_BY_UPDATE(change->trigger->tg_event) &&
			change->role < SPM_ROLE_SPLITS && change->map.map == NULL)
			collect_pairs(change, take_versions);
		else
			collect_rows(change, take_row);
		spm_row_map_close(&change->map);
	}
	else if (TRIGGER_FIRED_BY_UPDATE(change->trigger->tg_event))
		collect_pairs(change, take_looked_up);
	else
		collect_rows(change, take_looked_up);
}

/* Hand on the rows of a statement, old ones first, or of a row trigger. */
static void
collect_rows(const Change *change, RowTaker take)
{
	TriggerData *trigger = change->trigger;
	RowKind inserted = TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ? ROW_INSERTED
																  : ROW_NEW;

	if (TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
	{
		take(change,
			 inserted == ROW_INSERTED ? ROW_INSERTED : ROW_OLD,
			 trigger->tg_trigslot,
			 NULL);
		if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
			take(change, ROW_NEW, trigger->tg_newslot, NULL);
		return;
	}
	collect_table(change, trigger->tg_oldtable, ROW_OLD, take);
	collect_table(change, trigger->tg_newtable, inserted, take);
}

/* Hand on the rows of one transition table. */
static void
collect_table(const Change *change, Tuplestorestate *rows, RowKind kind,
			  RowTaker take)
{
	TupleTableSlot *slot;

	if (rows == NULL)
		return;
	slot =
		MakeSingleTupleTableSlot(RelationGetDescr(change->trigger->tg_relation),
								 &TTSOpsMinimalTuple);
	tuplestore_rescan(rows);
	while (tuplestore_gettupleslot(rows, true, false, slot))
	{
		CHECK_FOR_INTERRUPTS();
		if (change->touched != NULL && change->touched->uncountable)
			break;
		take(change, kind, slot, NULL);
	}
	ExecDropSingleTupleTableSlot(slot);
}

/* Hand on the updated rows in both versions, which come in one order. */
static void
collect_pairs(const Change *change, RowTaker take)
{
	TriggerData *trigger = change->trigger;
	TupleDesc row = RelationGetDescr(trigger->tg_relation);
	TupleTableSlot *before;
	TupleTableSlot *after;

	if (TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
	{
		take(change, ROW_OLD, trigger->tg_trigslot, trigger->tg_newslot);
		return;
	}
	before = MakeSingleTupleTableSlot(row, &TTSOpsMinimalTuple);
	after = MakeSingleTupleTableSlot(row, &TTSOpsMinimalTuple);
	tuplestore_rescan(trigger->tg_oldtable);
	tuplestore_rescan(trigger->tg_newtable);
	while (tuplestore_gettupleslot(trigger->tg_oldtable, true, false, before))
	{
		CHECK_FOR_INTERRUPTS();
		if (!tuplestore_gettupleslot(trigger->tg_newtable, true, false, after))
			elog(ERROR, "an updated row has no new version");
		take(change, ROW_OLD, before, after);
	}
	ExecDropSingleTupleTableSlot(before);
	ExecDropSingleTupleTableSlot(after);
}

/* Note the document of a row of lines or header, or what a split is joined by. */
static void
take_row(const Change *change, RowKind kind, TupleTableSlot *row,
		 TupleTableSlot *after)
{
	SpmTouched *touched = change->touched;
	bool direct = change->source->direct[change->role];
	bool holds_document =
		change->role ==
		(touched->has_header ? SPM_ROLE_HEADER : SPM_ROLE_LINES);
	int known = spm_keyset_count(touched->documents);
	Datum key[SPM_MAX_KEYS];
	SpmKeyEntry *entry;

	if (!spm_source_key(change->source,
						change->role,
						spm_row_map_apply(&change->map, row),
						key))
		return;
	entry = spm_touched_note(touched,
							 direct ? SPM_ROLE_LINES : change->role,
							 &change->source->keys[change->role],
							 key);
	entry->exclusive |= change->role != SPM_ROLE_LINES;
	if (change->direct != NULL && change->role == SPM_ROLE_LINES)
		spm_line_change_note(touched,
							 entry,
							 change->direct,
							 row,
							 kind == ROW_OLD);
	else if (change->direct != NULL && change->role == SPM_ROLE_HEADER &&
			 kind == ROW_INSERTED && entry->header == NULL)
		spm_header_note(touched, entry, change->direct, row);
	else
		entry->partial = true;
	if (!holds_document)
		return;
	if (kind == ROW_OLD)
		entry->created_in = InvalidSubTransactionId;
	else if (kind == ROW_INSERTED && touched->unique &&
			 spm_keyset_count(touched->documents) > known)
		entry->created_in = GetCurrentSubTransactionId();
}

/* Note the document of both versions of a row, if what is used of it changed. */
static void
take_versions(const Change *change, RowKind kind, TupleTableSlot *row,
			  TupleTableSlot *after)
{
	if (!spm_source_uses(change->source, change->role, row, after))
		return;
	take_row(change, ROW_OLD, row, NULL);
	take_row(change, ROW_NEW, after, NULL);
}

/* Note the key of a row that is looked up, if what is used of it changed. */
static void
take_looked_up(const Change *change, RowKind kind, TupleTableSlot *row,
			   TupleTableSlot *after)
{
	SpmSource *source = change->source;
	Datum key[SPM_MAX_KEYS];

	if (after != NULL && !spm_source_uses(source, change->role, row, after))
		return;
	if (spm_source_key(source, change->role, row, key))
		(void) spm_touched_note(change->touched,
								change->role,
								&source->keys[change->role],
								key);
	if (after != NULL && spm_source_key(source, change->role, after, key))
		(void) spm_touched_note(change->touched,
								change->role,
								&source->keys[change->role],
								key);
}

/* Note the document of a row of order_split, in all sources that have it. */
static void
take_order_split(const Change *change, RowKind kind, TupleTableSlot *row,
				 TupleTableSlot *after)
{
	bool no_source;
	bool no_document;
	Datum source = named_column(row, "source", &no_source);
	Datum document = named_column(row, "document", &no_document);
	ListCell *cell;

	if (no_source || no_document)
		return;
	foreach (cell, spm_source_family(TextDatumGetCString(source)))
	{
		SpmSource *member = spm_source_get(lfirst(cell));
		SpmTouched *touched = spm_touched_source(member->name, member->root);

		spm_touched_prepare(touched, member);
		(void) spm_touched_note(touched,
								SPM_TRACE_ORDER_SPLIT,
								&text_key,
								&document);
	}
}

/* Note from when on an exchange rate concerns sales in its currency. */
static void
take_rate(const Change *change, RowKind kind, TupleTableSlot *row,
		  TupleTableSlot *after)
{
	bool no_currency;
	bool no_day;
	Datum currency = named_column(row, "currency", &no_currency);
	DateADT day = DatumGetDateADT(named_column(row, "valid_from", &no_day));
	ListCell *cell;

	if (no_currency || no_day)
		return;
	foreach (cell, spm_source_names())
	{
		SpmSource *source = spm_source_get(lfirst(cell));
		SpmTouched *touched;
		SpmKeyEntry *entry;

		if (!source->converted)
			continue;
		touched = spm_touched_source(source->name, source->root);
		spm_touched_prepare(touched, source);
		entry = spm_touched_note(touched, SPM_TRACE_RATE, &text_key, &currency);
		if (DATE_IS_NOBEGIN(entry->since) || day < entry->since)
			entry->since = day;
	}
}

/*
 * Note the code of a customer or a product, unless a new version of its row
 * says the same of it as far as figures are concerned.
 */
static void
take_dimension(const Change *change, RowKind kind, TupleTableSlot *row,
			   TupleTableSlot *after)
{
	static const char *const customer[] = {"code",
										   "sector",
										   "region",
										   "segment",
										   NULL};
	static const char *const product[] = {"code", "brand", "family", NULL};
	const char *const *columns = change->role == SPM_TRACE_CUSTOMER ? customer
																	: product;
	bool differs = after == NULL;
	bool is_null;
	Datum code = named_column(row, "code", &is_null);

	for (int i = 0; after != NULL && columns[i] != NULL; i++)
		differs |= differ(row, after, columns[i]);
	if (!differs)
		return;
	(void) spm_shared_note(change->role, &text_key, &code);
	if (after == NULL)
		return;
	code = named_column(after, "code", &is_null);
	(void) spm_shared_note(change->role, &text_key, &code);
}

/* Do two versions of a row of ours differ in a text? */
static bool
differ(TupleTableSlot *before, TupleTableSlot *after, const char *name)
{
	bool no_old;
	bool no_new;
	Datum old_text = named_column(before, name, &no_old);
	Datum new_text = named_column(after, name, &no_new);

	if (no_old || no_new)
		return no_old != no_new;
	return !DatumGetBool(
		DirectFunctionCall2Coll(texteq, C_COLLATION_OID, old_text, new_text));
}

/* Note whose assignment changed, and from when on. */
static void
take_assignment(const Change *change, RowKind kind, TupleTableSlot *row,
				TupleTableSlot *after)
{
	bool is_null;
	DateADT from;
	Datum to;
	SpmKeyEntry *entry;
	Datum seller;

	if (change->role == SPM_TRACE_FAMILIES)
	{
		spm_shared_note_tree(change->role, DATEVAL_NOBEGIN, DATEVAL_NOEND);
		return;
	}
	from = DatumGetDateADT(named_column(row, "valid_from", &is_null));
	if (change->role == SPM_TRACE_UNITS)
	{
		to = named_column(row, "valid_to", &is_null);
		spm_shared_note_tree(change->role,
							 from,
							 is_null ? DATEVAL_NOEND : DatumGetDateADT(to));
		return;
	}
	seller = named_column(row, "seller", &is_null);
	entry = spm_shared_note(change->role, &text_key, &seller);
	if (DATE_IS_NOBEGIN(entry->since) || from < entry->since)
		entry->since = from;
}

/* A column of a row of ours, by its name. */
static Datum
named_column(TupleTableSlot *row, const char *name, bool *is_null)
{
	int number = SPI_fnumber(row->tts_tupleDescriptor, name);

	if (number <= 0)
		elog(ERROR, "column \"%s\" does not exist", name);
	return slot_getattr(row, number, is_null);
}

/* Stop listing documents of the source, or of all that share the table. */
static void
give_up_all(const Change *change, const char *why)
{
	ListCell *cell;

	if (change->source_name[0] != '\0')
		spm_touched_give_up(spm_touched_source(change->source_name,
											   change->root),
							why);
	else
		foreach (cell, spm_source_names())
			spm_touched_give_up(spm_touched_source(lfirst(cell),
												   spm_source_root(
													   lfirst(cell))),
								why);
}
