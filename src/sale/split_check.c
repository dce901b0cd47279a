/*-------------------------------------------------------------------------
 *
 * split_check.c
 *	  Percents of a document's splits are 100 at most, overlays apart.
 *
 * Checked by a constraint trigger, at commit unless asked for earlier.  The
 * check locks the document to the end of the transaction and then looks at
 * its rows through the latest snapshot, in every isolation level.  So of two
 * transactions that exceed 100 only together, the second sees the rows of the
 * first.  A row is checked where it is; one that left a document or was
 * deleted cannot make it exceed anything.
 *
 * Who splits one document locks it alone, so that those who enter orders do
 * not wait for each other.  On meeting a second document a transaction gives
 * up its lock, locks all documents at once, and checks the first one again:
 * nobody waits for a lock while keeping another from somebody who might wait
 * for it, and a large load needs one lock.  (A transaction that has documents
 * checked early and inside savepoints may keep both; then two may deadlock,
 * and PostgreSQL ends one of them.)
 *
 * src/sale/split_check.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/skey.h"
#include "access/stratnum.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"

#include "core/catalog.h"
#include "core/compat.h"
#include "core/exact.h"
#include "core/export.h"

SPM_FUNCTION_INFO_V1(spm_check_order_split);

/* How many sellers a message lists. */
#define SHOWN_SELLERS 10

/* The table and the numbers of its columns. */
typedef struct SplitTable
{
	Relation relation;
	const char *trigger;
	AttrNumber source;
	AttrNumber document;
	AttrNumber seller;
	AttrNumber percent;
	AttrNumber overlay;
} SplitTable;

typedef struct Document
{
	text *source;
	text *name;
} Document;

/* A row that counts. */
typedef struct Part
{
	char *seller;
	Numeric percent;
} Part;

/*
 * The document checked last, and what is locked.  It holds as long as the
 * subtransaction that it was done in: what the check saw cannot be undone
 * without ending that, and a later change has another command.
 */
typedef struct Checked
{
	FullTransactionId transaction;
	SubTransactionId subtransaction;
	CommandId command;
	Document document; /* in TopTransactionContext */
	bool all_locked;
} Checked;

static Checked last;

static void open_table(TriggerData *trigger, SplitTable *table);
static text *read_text(const SplitTable *table, HeapTuple row,
					   AttrNumber column);
static bool same_document(const Document *a, const Document *b);
static bool same_text(text *a, text *b);
static bool same_state(void);
static void lock_document(const SplitTable *table, const Document *document);
static void lock_all(const SplitTable *table);
static uint16 part_of(const Document *document);
static void change_lock(const SplitTable *table, uint16 part, LOCKMODE mode,
						bool release);
static void remember(const Document *document);
static void check_document(const SplitTable *table, const Document *document);
static SysScanDesc begin_scan(const SplitTable *table, const Document *document,
							  Snapshot snapshot, ScanKey keys);
static Part *read_part(const SplitTable *table, HeapTuple row);
static int compare_parts(const ListCell *a, const ListCell *b);
static char *list_parts(List *parts);
static char *shown(Numeric percent);

/* Constraint trigger of order_split. */
Datum
spm_check_order_split(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	SplitTable table;
	Document document;
	HeapTuple row;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("a check of splits must be fired after a row is "
						"inserted or updated")));
	open_table(trigger, &table);
	row = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple
													 : trigger->tg_trigtuple;
	document.source = read_text(&table, row, table.source);
	document.name = read_text(&table, row, table.document);
	if (document.source == NULL || document.name == NULL)
		return PointerGetDatum(NULL);

	/* Makes this transaction's rows visible, and marks the state. */
	CommandCounterIncrement();
	if (same_state() && last.command == GetCurrentCommandId(false) &&
		same_document(&last.document, &document))
		return PointerGetDatum(NULL);
	lock_document(&table, &document);
	check_document(&table, &document);
	remember(&document);
	last.command = GetCurrentCommandId(false);
	return PointerGetDatum(NULL);
}

/* Find the columns. */
static void
open_table(TriggerData *trigger, SplitTable *table)
{
	Relation relation = trigger->tg_relation;

	table->relation = relation;
	table->trigger = trigger->tg_trigger->tgname;
	table->source = spm_column_number(relation, "source", TEXTOID);
	table->document = spm_column_number(relation, "document", TEXTOID);
	table->seller = spm_column_number(relation, "seller", TEXTOID);
	table->percent = spm_column_number(relation, "percent", NUMERICOID);
	table->overlay = spm_column_number(relation, "overlay", BOOLOID);
}

/* A text of a row; NULL for null. */
static text *
read_text(const SplitTable *table, HeapTuple row, AttrNumber column)
{
	bool is_null;
	Datum datum =
		heap_getattr(row, column, RelationGetDescr(table->relation), &is_null);

	return is_null ? NULL : DatumGetTextPP(datum);
}

/* The same source and name? */
static bool
same_document(const Document *a, const Document *b)
{
	return same_text(a->source, b->source) && same_text(a->name, b->name);
}

/* The same bytes? */
static bool
same_text(text *a, text *b)
{
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		   memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

/* Does what was noted last hold now? */
static bool
same_state(void)
{
	return FullTransactionIdIsValid(last.transaction) &&
		   FullTransactionIdEquals(last.transaction,
								   GetTopFullTransactionIdIfAny()) &&
		   last.subtransaction == GetCurrentSubTransactionId();
}

/* Lock a document, or all if another one is locked. */
static void
lock_document(const SplitTable *table, const Document *document)
{
	if (same_state())
	{
		if (!last.all_locked && !same_document(&last.document, document))
			lock_all(table);
		return;
	}
	change_lock(table, 0, RowExclusiveLock, false);
	change_lock(table, part_of(document), ExclusiveLock, false);
	remember(document);
	last.all_locked = false;
}

/*
 * Lock all documents instead of one.  That one is free for a moment, so it is
 * checked again.
 */
static void
lock_all(const SplitTable *table)
{
	change_lock(table, part_of(&last.document), ExclusiveLock, true);
	change_lock(table, 0, RowExclusiveLock, true);
	last.transaction = InvalidFullTransactionId;
	change_lock(table, 0, ExclusiveLock, false);
	last.transaction = GetTopFullTransactionIdIfAny();
	last.all_locked = true;
	check_document(table, &last.document);
}

/* The number that stands for a document: 0 is that of all. */
static uint16
part_of(const Document *document)
{
	uint32 hash =
		hash_bytes((const unsigned char *) VARDATA_ANY(document->name),
				   VARSIZE_ANY_EXHDR(document->name));

	hash = hash_combine(hash,
						hash_bytes((const unsigned char *) VARDATA_ANY(
									   document->source),
								   VARSIZE_ANY_EXHDR(document->source)));
	return 1 + hash % PG_UINT16_MAX;
}

/*
 * Take or release a lock.  It belongs to the transaction, not to a statement,
 * so that a later one can release it.
 */
static void
change_lock(const SplitTable *table, uint16 part, LOCKMODE mode, bool release)
{
	ResourceOwner caller = CurrentResourceOwner;
	Oid relation = RelationGetRelid(table->relation);

	CurrentResourceOwner = CurTransactionResourceOwner;
	if (release)
		UnlockDatabaseObject(RelationRelationId, relation, part, mode);
	else
		LockDatabaseObject(RelationRelationId, relation, part, mode);
	CurrentResourceOwner = caller;
}

/* Note which document was checked or locked, and when. */
static void
remember(const Document *document)
{
	MemoryContext caller = MemoryContextSwitchTo(TopTransactionContext);
	Document copy;

	copy.source = (text *) DatumGetPointer(
		datumCopy(PointerGetDatum(document->source), false, -1));
	copy.name = (text *) DatumGetPointer(
		datumCopy(PointerGetDatum(document->name), false, -1));
	MemoryContextSwitchTo(caller);
	if (same_state())
	{
		pfree(last.document.source);
		pfree(last.document.name);
	}
	last.transaction = GetTopFullTransactionIdIfAny();
	last.subtransaction = GetCurrentSubTransactionId();
	last.command = InvalidCommandId;
	last.document = copy;
}

/* Refuse percents above 100, as of now. */
static void
check_document(const SplitTable *table, const Document *document)
{
	Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());
	ScanKeyData keys[2];
	SysScanDesc scan = begin_scan(table, document, snapshot, keys);
	List *parts = NIL;
	Numeric sum = spm_exact_zero();
	HeapTuple row;

	while (HeapTupleIsValid(row = systable_getnext(scan)))
	{
		Part *part = read_part(table, row);

		CHECK_FOR_INTERRUPTS();
		if (part == NULL)
			continue;
		parts = lappend(parts, part);
		sum = spm_exact_add(sum, part->percent);
	}
	systable_endscan(scan);
	UnregisterSnapshot(snapshot);
	if (spm_exact_compare(sum, int64_to_numeric(100)) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_CHECK_VIOLATION),
				 errmsg("splits of document \"%s\" of source \"%s\" add up to "
						"%s percent",
						text_to_cstring(document->name),
						text_to_cstring(document->source),
						shown(sum)),
				 errdetail("By seller: %s.", list_parts(parts)),
				 errhint("Lower them to 100 percent together, or mark a "
						 "supporting role as overlay."),
				 errtableconstraint(table->relation, table->trigger)));
	list_free_deep(parts);
}

/* Look for the rows of a document; keys must live as long as the scan. */
static SysScanDesc
begin_scan(const SplitTable *table, const Document *document, Snapshot snapshot,
		   ScanKey keys)
{
	AttrNumber columns[] = {table->source, table->document};
	text *wanted[] = {document->source, document->name};
	Oid index = spm_index_on(table->relation,
							 "order_split_document_idx",
							 columns,
							 lengthof(columns));

	for (int i = 0; i < lengthof(columns); i++)
		ScanKeyEntryInitialize(&keys[i],
							   0,
							   columns[i],
							   BTEqualStrategyNumber,
							   InvalidOid,
							   TupleDescAttr(RelationGetDescr(table->relation),
											 columns[i] - 1)
								   ->attcollation,
							   F_TEXTEQ,
							   PointerGetDatum(wanted[i]));
	return systable_beginscan(table->relation,
							  index,
							  OidIsValid(index),
							  snapshot,
							  lengthof(columns),
							  keys);
}

/* A row's part, palloc'd; NULL if it is an overlay or an amount. */
static Part *
read_part(const SplitTable *table, HeapTuple row)
{
	TupleDesc columns = RelationGetDescr(table->relation);
	text *seller = read_text(table, row, table->seller);
	Datum percent;
	Datum overlay;
	bool no_percent;
	bool no_overlay;
	Part *part;

	percent = heap_getattr(row, table->percent, columns, &no_percent);
	overlay = heap_getattr(row, table->overlay, columns, &no_overlay);
	if (no_percent || (!no_overlay && DatumGetBool(overlay)))
		return NULL;
	part = palloc(sizeof(Part));
	part->seller = seller ? text_to_cstring(seller) : "";
	part->percent = DatumGetNumericCopy(percent);
	return part;
}

/* By seller in C collation, then by percent. */
static int
compare_parts(const ListCell *a, const ListCell *b)
{
	const Part *left = lfirst(a);
	const Part *right = lfirst(b);
	int order = strcmp(left->seller, right->seller);

	return order != 0 ? order
					  : spm_exact_compare(left->percent, right->percent);
}

/* Sellers and their percents for a message; sorts the parts. */
static char *
list_parts(List *parts)
{
	StringInfoData list;
	ListCell *cell;

	initStringInfo(&list);
	list_sort(parts, compare_parts);
	foreach (cell, parts)
	{
		const Part *part = lfirst(cell);

		if (foreach_current_index(cell) == SHOWN_SELLERS)
		{
			appendStringInfo(&list,
							 ", and %d more",
							 list_length(parts) - SHOWN_SELLERS);
			break;
		}
		appendStringInfo(&list,
						 "%s\"%s\" %s",
						 list.len > 0 ? ", " : "",
						 part->seller,
						 shown(part->percent));
	}
	return list.data;
}

/* A percent as text without trailing zeros. */
static char *
shown(Numeric percent)
{
	return DatumGetCString(
		DirectFunctionCall1(numeric_out,
							NumericGetDatum(spm_exact_trim(percent))));
}
