/*-------------------------------------------------------------------------
 *
 * direct_change.c
 *	  The sales of lines that were added to documents, and of those taken off.
 *
 * Lines are as their triggers had them (line_change.c); what they depend on is
 * read, or is as its trigger had it where the document was created.
 *
 * src/sale/direct_change.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "miscadmin.h"

#include "sale/direct_read.h"
#include "sale/line_change.h"
#include "sale/source_int.h"

static void note_use(SpmKeyEntry *entry, void *state);
static void read_changes(SpmKeyEntry *entry, void *state);
static bool find_header(DirectRead *read, SpmKeyEntry *entry);
static bool adds_lines(const SpmKeyEntry *entry);
static bool has_no_other_lines(DirectRead *read, const SpmKeyEntry *entry);
static bool is_update(const SpmDirect *direct, const SpmLineChange *after);
static void read_line(DirectRead *read, const SpmLineChange *change);
static void read_update(DirectRead *read, const SpmLineChange *before,
						const SpmLineChange *after);
static bool is_changed_split(DirectRead *read, const SpmKeyEntry *entry);

/*
 * Read the lines that were added to documents, and those taken off, where all
 * else is as it was.  Of a document that is split it is noted that more was
 * touched: it has to be read.  Returns false, before anything was read, where
 * all have to be.
 */
bool
spm_direct_read_changes(const SpmSource *source, SpmDirect *direct,
						SpmDirectCall *call, const SpmTouched *touched)
{
	DirectRead read = {.direct = direct,
					   .call = call,
					   .key_count = source->keys[SPM_ROLE_LINES].count};

	spm_keyset_each(touched->documents, note_use, &read);
	if (!spm_direct_open(&read, source))
		return false;
	spm_keyset_each(touched->documents, read_changes, &read);
	spm_direct_close(&read);
	return true;
}

/* Does it take the table of headers to read the changes of a document? */
static void
note_use(SpmKeyEntry *entry, void *state)
{
	DirectRead *read = state;

	if (read->direct->has_header && entry->header == NULL &&
		spm_line_changes_are_all(entry))
		read->uses[SPM_ROLE_HEADER] = true;
}

/* Read the lines that were added to one document, and those taken off. */
static void
read_changes(SpmKeyEntry *entry, void *state)
{
	DirectRead *read = state;
	SpmDirect *direct = read->direct;

	CHECK_FOR_INTERRUPTS();
	if (!spm_line_changes_are_all(entry))
		return;
	spm_line_changes_settle(entry);
	ExecStoreAllNullTuple(direct->row);
	if (direct->has_header && !find_header(read, entry))
		return;
	if (read->split.split != NULL && is_changed_split(read, entry))
	{
		entry->partial = true;
		return;
	}
	read->header_known = false;
	read->call->documents++;
	for (SpmLineChange *change = entry->changes; change != NULL;
		 change = change->next)
		if (is_update(direct, change))
		{
			read_update(read, change->next, change);
			change = change->next;
		}
		else
			read_line(read, change);
}

/*
 * Is the next change the line as it was before this one, or as another was, and
 * does nothing but amounts tell them apart?
 */
static bool
is_update(const SpmDirect *direct, const SpmLineChange *after)
{
	return after->next != NULL && !after->taken_off && after->next->taken_off &&
		   spm_noted_rows_agree(after->next->line,
								after->line,
								direct,
								SPM_ROLE_LINES);
}

/* Read a line that was added, or taken off. */
static void
read_line(DirectRead *read, const SpmLineChange *change)
{
	SpmSale sale = {.document = read->call->documents,
					.taken_off = change->taken_off};

	spm_noted_row_fill(change->line, read->direct, SPM_ROLE_LINES);
	spm_direct_begin_line(read);
	if (spm_direct_line_counts(read, &sale))
		spm_direct_hand_on(read, &sale);
}

/*
 * Read two versions of a line that differ in amounts alone: a sale of what was
 * added to them.
 */
static void
read_update(DirectRead *read, const SpmLineChange *before,
			const SpmLineChange *after)
{
	SpmSale old = {.document = read->call->documents, .taken_off = true};
	SpmSale new = {.document = read->call->documents};

	spm_noted_row_fill(before->line, read->direct, SPM_ROLE_LINES);
	spm_direct_begin_line(read);
	if (!spm_direct_line_counts(read, &old))
	{
		read_line(read, after);
		return;
	}
	spm_noted_row_fill(after->line, read->direct, SPM_ROLE_LINES);
	if (!spm_direct_line_counts(read, &new))
	{
		read_line(read, before);
		return;
	}
	for (int i = 0; i < SPM_AMOUNT_COUNT; i++)
		new.amounts[i] =
			spm_amount_difference(&new.amounts[i], &old.amounts[i]);
	spm_direct_hand_on(read, &new);
}

/*
 * Put the header of a document into the row.  False: there is none, or the
 * document was created, but has other lines than those noted, so that it has to
 * be read.
 */
static bool
find_header(DirectRead *read, SpmKeyEntry *entry)
{
	TableScan *header = &read->scans[SPM_ROLE_HEADER];

	if (entry->header != NULL)
	{
		entry->partial = !has_no_other_lines(read, entry);
		if (!entry->partial)
			spm_noted_row_fill(entry->header, read->direct, SPM_ROLE_HEADER);
		return !entry->partial;
	}
	memcpy(header->key, entry->key, read->key_count * sizeof(Datum));
	if (!spm_scan_find_one(header))
	{
		read->call->strays |= adds_lines(entry);
		return false;
	}
	spm_scan_fill(header, read->direct->row);
	return true;
}

static bool
adds_lines(const SpmKeyEntry *entry)
{
	for (SpmLineChange *change = entry->changes; change != NULL;
		 change = change->next)
		if (!change->taken_off)
			return true;
	return false;
}

/*
 * Are the lines that were added all that the document has?  Somebody else may
 * have entered lines of it before it was there, if any are without a header.
 */
static bool
has_no_other_lines(DirectRead *read, const SpmKeyEntry *entry)
{
	TableScan *lines = &read->scans[SPM_ROLE_LINES];
	int count = 0;

	for (SpmLineChange *change = entry->changes; change != NULL;
		 change = change->next, count++)
		if (change->taken_off)
			return false;
	if (!read->call->may_have_strays)
		return true;
	memcpy(lines->key, entry->key, read->key_count * sizeof(Datum));
	return spm_scan_has(lines, &read->direct->tables[SPM_ROLE_LINES], count);
}

/* Is the document whose header is in the row split, or a changed line of it? */
static bool
is_changed_split(DirectRead *read, const SpmKeyEntry *entry)
{
	ExprContext *econtext = read->direct->econtext;
	bool found = false;

	ResetExprContext(econtext);
	if (read->split.split->of_header)
		return spm_split_scan_has(&read->split, econtext);
	for (SpmLineChange *change = entry->changes; change != NULL && !found;
		 change = change->next)
	{
		ResetExprContext(econtext);
		spm_noted_row_fill(change->line, read->direct, SPM_ROLE_LINES);
		found = spm_split_scan_has(&read->split, econtext);
	}
	return found;
}
