/*-------------------------------------------------------------------------
 *
 * line_change.c
 *	  The lines that the current transaction added and took off.
 *
 * Each version of a line that a transaction makes or ends passes through the
 * transition tables of one statement, once.  So what a transaction changed of
 * a document's lines is the sum of those added less that of those taken off,
 * whatever happened in between; where nothing else was touched that they
 * depend on, the document need not be read again.  Nor need one that the
 * transaction created, whose header is noted too, if the index shows no lines
 * but these.
 *
 * Only a rolled back subtransaction takes versions back that have been noted.
 * Then, and where they are too many, documents are read.
 *
 * src/sale/line_change.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "executor/tuptable.h"
#include "utils/memutils.h"

#include "sale/line_change.h"

/* More lines than this are not kept. */
#define MAX_CHANGES 250000

static bool may_note(SpmTouched *touched, const SpmDirect *direct);
static MinimalTuple note_row(SpmTouched *touched, const SpmDirect *direct,
							 SpmRole role, TupleTableSlot *row);
static int compare_changes(const void *a, const void *b);
static bool is_same_line(const SpmLineChange *a, const SpmLineChange *b);
static void note_if_all(SpmKeyEntry *entry, void *state);

/* Note a line of a document; entry is the document's. */
void
spm_line_change_note(SpmTouched *touched, SpmKeyEntry *entry,
					 const SpmDirect *direct, TupleTableSlot *row,
					 bool taken_off)
{
	SpmLineChange *change;

	if (!may_note(touched, direct))
		return;
	change = MemoryContextAlloc(touched->change_context, sizeof(SpmLineChange));
	change->line = note_row(touched, direct, SPM_ROLE_LINES, row);
	change->taken_off = taken_off;
	change->next = entry->changes;
	entry->changes = change;
}

/* Note the header of a document that is inserted. */
void
spm_header_note(SpmTouched *touched, SpmKeyEntry *entry,
				const SpmDirect *direct, TupleTableSlot *row)
{
	if (may_note(touched, direct))
		entry->header = note_row(touched, direct, SPM_ROLE_HEADER, row);
}

/* Is there room, and is all noted in the same way? */
static bool
may_note(SpmTouched *touched, const SpmDirect *direct)
{
	if (touched->read_all)
		return false;
	if (touched->change_context == NULL)
	{
		touched->change_context = AllocSetContextCreate(TopTransactionContext,
														"salesperf lines",
														ALLOCSET_DEFAULT_SIZES);
		touched->direct_number = direct->number;
	}
	if (touched->direct_number != direct->number ||
		++touched->change_count > MAX_CHANGES)
		spm_line_changes_forget(touched);
	return !touched->read_all;
}

/* The used columns of a row of lines or header. */
static MinimalTuple
note_row(SpmTouched *touched, const SpmDirect *direct, SpmRole role,
		 TupleTableSlot *row)
{
	const DirectTable *table = &direct->tables[role];
	TupleTableSlot *noted = direct->noted[role];
	MemoryContext caller_context =
		MemoryContextSwitchTo(touched->change_context);
	MinimalTuple copy;

	slot_getsomeattrs(row, table->last_used);
	for (int i = 0; i < table->used_count; i++)
	{
		noted->tts_values[i] = row->tts_values[table->used[i] - 1];
		noted->tts_isnull[i] = row->tts_isnull[table->used[i] - 1];
	}
	copy = heap_form_minimal_tuple(noted->tts_tupleDescriptor,
								   noted->tts_values,
								   noted->tts_isnull);
	touched->changed_in =
		Max(touched->changed_in, GetCurrentSubTransactionId());
	MemoryContextSwitchTo(caller_context);
	return copy;
}

/*
 * Drop what was added and taken off again.  Nobody else has seen it, and what
 * it would have added may be an error that is mended by now.
 */
void
spm_line_changes_settle(SpmKeyEntry *entry)
{
	int count = 0;
	int taken_off = 0;
	int kept = 0;
	SpmLineChange **changes;

	for (SpmLineChange *change = entry->changes; change != NULL;
		 change = change->next, count++)
		taken_off += change->taken_off;
	if (taken_off == 0 || taken_off == count)
		return;
	changes = palloc_extended(mul_size(count, sizeof(SpmLineChange *)),
							  MCXT_ALLOC_HUGE);
	count = 0;
	for (SpmLineChange *change = entry->changes; change != NULL;
		 change = change->next)
		changes[count++] = change;
	qsort(changes, count, sizeof(SpmLineChange *), compare_changes);
	for (int i = 0; i < count; i++)
		if (kept > 0 && is_same_line(changes[kept - 1], changes[i]) &&
			changes[kept - 1]->taken_off != changes[i]->taken_off)
			kept--;
		else
			changes[kept++] = changes[i];
	entry->changes = NULL;
	for (int i = 0; i < kept; i++)
	{
		changes[i]->next = entry->changes;
		entry->changes = changes[i];
	}
	pfree(changes);
}

static int
compare_changes(const void *a, const void *b)
{
	const MinimalTuple left = (*(SpmLineChange *const *) a)->line;
	const MinimalTuple right = (*(SpmLineChange *const *) b)->line;

	if (left->t_len != right->t_len)
		return left->t_len < right->t_len ? -1 : 1;
	return memcmp(left, right, left->t_len);
}

static bool
is_same_line(const SpmLineChange *a, const SpmLineChange *b)
{
	return compare_changes(&a, &b) == 0;
}

/* Have all documents read, and keep no more lines. */
void
spm_line_changes_forget(SpmTouched *touched)
{
	touched->read_all = true;
	if (touched->change_context != NULL)
		MemoryContextReset(touched->change_context);
}

/* Is there a document of which no more was touched than is noted? */
bool
spm_line_changes_are_any(const SpmTouched *touched)
{
	bool any = false;

	spm_keyset_each(touched->documents, note_if_all, &any);
	return any;
}

static void
note_if_all(SpmKeyEntry *entry, void *state)
{
	*(bool *) state |= spm_line_changes_are_all(entry);
}

/*
 * Is all that was touched of a document lines, and are they noted?  Or was the
 * document created, and its header is noted too?
 */
bool
spm_line_changes_are_all(const SpmKeyEntry *entry)
{
	if (entry->partial)
		return false;
	if (entry->exclusive)
		return entry->header != NULL && !spm_touched_is_old(entry);
	return entry->changes != NULL;
}
