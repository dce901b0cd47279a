/*-------------------------------------------------------------------------
 *
 * line_change.c
 *	  The lines that the current transaction added and took off.
 *
 * Each version of a line that a transaction makes or ends passes through the
 * transition tables of one statement, once.  So what a transaction changed of
 * a document's lines is the sum of those added less that of those taken off,
 * whatever happened in between; where nothing else was touched that they
 * depend on, the document need not be read again.  Versions that came and went
 * are left out before expressions are run.
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

static void note_if_all(SpmKeyEntry *entry, void *state);
static int list_changes(const SpmKeyEntry *entry, SpmLineChange ***list,
						bool *both);
static int compare_lines(const void *a, const void *b);

/* Note a line of a document; entry is the document's. */
void
spm_line_change_note(SpmTouched *touched, SpmKeyEntry *entry,
					 const SpmDirect *direct, TupleTableSlot *row,
					 bool taken_off)
{
	const DirectTable *lines = &direct->tables[SPM_ROLE_LINES];
	Datum *values = direct->line->tts_values;
	bool *nulls = direct->line->tts_isnull;
	MemoryContext caller_context;
	SpmLineChange *change;

	if (touched->read_all)
		return;
	if (touched->change_context == NULL)
	{
		touched->change_context = AllocSetContextCreate(TopTransactionContext,
														"salesperf lines",
														ALLOCSET_DEFAULT_SIZES);
		touched->direct_number = direct->number;
	}
	if (touched->direct_number != direct->number ||
		++touched->change_count > MAX_CHANGES)
	{
		spm_line_changes_forget(touched);
		return;
	}
	slot_getsomeattrs(row, lines->last_used);
	for (int i = 0; i < lines->used_count; i++)
	{
		values[i] = row->tts_values[lines->used[i] - 1];
		nulls[i] = row->tts_isnull[lines->used[i] - 1];
	}
	touched->changed_in =
		Max(touched->changed_in, GetCurrentSubTransactionId());
	caller_context = MemoryContextSwitchTo(touched->change_context);
	change = palloc(sizeof(SpmLineChange));
	change->line = heap_form_minimal_tuple(direct->line->tts_tupleDescriptor,
										   values,
										   nulls);
	change->taken_off = taken_off;
	change->next = entry->changes;
	entry->changes = change;
	MemoryContextSwitchTo(caller_context);
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

/* Is all that was touched of a document lines, and are they noted? */
bool
spm_line_changes_are_all(const SpmKeyEntry *entry)
{
	return entry->changes != NULL && !entry->partial && !entry->exclusive;
}

/*
 * Leave out what was both added and taken off.  Nobody will see such a version
 * of a line, and expressions may fail over it that don't over the last one.
 */
void
spm_line_changes_cancel(SpmKeyEntry *entry)
{
	SpmLineChange **list;
	bool both;
	int count = list_changes(entry, &list, &both);

	if (both)
	{
		qsort(list, count, sizeof(SpmLineChange *), compare_lines);
		entry->changes = NULL;
	}
	for (int first = 0, next; both && first < count; first = next)
	{
		int added = 0;

		for (next = first;
			 next < count && compare_lines(&list[first], &list[next]) == 0;
			 next++)
			added += list[next]->taken_off ? -1 : 1;
		for (int i = 0; i < abs(added); i++)
		{
			list[first + i]->taken_off = added < 0;
			list[first + i]->next = entry->changes;
			entry->changes = list[first + i];
		}
	}
	pfree(list);
}

/* List a document's changes; both: some were added, and some taken off. */
static int
list_changes(const SpmKeyEntry *entry, SpmLineChange ***list, bool *both)
{
	int count = 0;
	int taken_off = 0;

	for (SpmLineChange *change = entry->changes; change != NULL;
		 change = change->next)
	{
		count++;
		taken_off += change->taken_off;
	}
	*both = taken_off > 0 && taken_off < count;
	*list = palloc(Max(count, 1) * sizeof(SpmLineChange *));
	count = 0;
	for (SpmLineChange *change = entry->changes; change != NULL;
		 change = change->next)
		(*list)[count++] = change;
	return count;
}

static int
compare_lines(const void *a, const void *b)
{
	MinimalTuple left = (*(SpmLineChange *const *) a)->line;
	MinimalTuple right = (*(SpmLineChange *const *) b)->line;

	if (left->t_len != right->t_len)
		return left->t_len < right->t_len ? -1 : 1;
	return memcmp(left, right, left->t_len);
}
