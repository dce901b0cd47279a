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

#include "access/xact.h"
#include "executor/tuptable.h"
#include "utils/memutils.h"

#include "core/room.h"
#include "sale/line_change.h"

/* More lines than this are not kept. */
#define MAX_CHANGES 250000

/* In the place of the number of the statement that changed lines. */
#define SEVERAL_STATEMENTS 0

static bool may_note(SpmTouched *touched, const SpmDirect *direct);
static void *allocate(SpmTouched *touched, Size size);
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
	Size size;

	if (!may_note(touched, direct))
		return;
	size = spm_noted_row_size(direct, SPM_ROLE_LINES, row);
	change = allocate(touched, MAXALIGN(sizeof(SpmLineChange)) + size);
	change->line =
		(SpmNotedRow *) ((char *) change + MAXALIGN(sizeof(SpmLineChange)));
	spm_noted_row_form(change->line, size, direct, SPM_ROLE_LINES, row);
	change->taken_off = taken_off;
	change->next = entry->changes;
	if (entry->changes == NULL)
		entry->statement = spm_touched_statements();
	else if (entry->statement != spm_touched_statements())
		entry->statement = SEVERAL_STATEMENTS;
	entry->changes = change;
}

/* Note the header of a document that is inserted. */
void
spm_header_note(SpmTouched *touched, SpmKeyEntry *entry,
				const SpmDirect *direct, TupleTableSlot *row)
{
	Size size;

	if (!may_note(touched, direct))
		return;
	size = spm_noted_row_size(direct, SPM_ROLE_HEADER, row);
	entry->header = allocate(touched, size);
	spm_noted_row_form(entry->header, size, direct, SPM_ROLE_HEADER, row);
}

/* Is there room, and is all noted in the same way? */
static bool
may_note(SpmTouched *touched, const SpmDirect *direct)
{
	if (touched->read_all)
		return false;
	if (touched->change_count == 0)
		touched->direct_number = direct->number;
	if (touched->direct_number != direct->number ||
		++touched->change_count > MAX_CHANGES)
		spm_line_changes_forget(touched);
	return !touched->read_all;
}

/* Memory for what is noted in this subtransaction. */
static void *
allocate(SpmTouched *touched, Size size)
{
	touched->changed_in =
		Max(touched->changed_in, GetCurrentSubTransactionId());
	return spm_room_take(&touched->change_room, TopTransactionContext, size);
}

/*
 * Drop what was added and taken off again.  Nobody else has seen it, and what
 * it would have added may be an error that is mended by now.  No statement does
 * both to one line.
 */
void
spm_line_changes_settle(SpmKeyEntry *entry)
{
	int count = 0;
	int taken_off = 0;
	int kept = 0;
	SpmLineChange **changes;

	if (entry->statement != SEVERAL_STATEMENTS)
		return;
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
	const SpmNotedRow *left = (*(SpmLineChange *const *) a)->line;
	const SpmNotedRow *right = (*(SpmLineChange *const *) b)->line;

	if (left->size != right->size)
		return left->size < right->size ? -1 : 1;
	return memcmp(left, right, left->size);
}

static bool
is_same_line(const SpmLineChange *a, const SpmLineChange *b)
{
	return compare_changes(&a, &b) == 0;
}

/*
 * Have all documents read, and keep no more lines.  Those that were are freed
 * at the end of the transaction.
 */
void
spm_line_changes_forget(SpmTouched *touched)
{
	touched->read_all = true;
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
