/*-------------------------------------------------------------------------
 *
 * direct_read.c
 *	  Reading a few documents by their indexes, without the executor.
 *
 * The rows of a document's tables are put side by side into one row, over
 * which the expressions of the source's view are run.
 *
 * src/sale/direct_read.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "sale/direct_amount.h"
#include "sale/direct_rate.h"
#include "sale/direct_split.h"
#include "sale/line_change.h"
#include "sale/source_int.h"

/* After how many lines of a document what they left in memory is freed. */
#define LINES_BETWEEN_RESETS 64

/* A read of documents. */
typedef struct DirectRead
{
	SpmDirect *direct;
	SpmDirectCall *call;
	TableScan scans[MAX_DIRECT_TABLES];
	TableScan customers;
	TableScan products;
	RateScan rate;
	SplitScan split;
	bool header_known;	/* what the document's lines share */
	bool header_counts; /* if it counts */
	int lines;			/* since memory was reset */
	int key_count;
	bool uses[2]; /* the tables of lines and header */
} DirectRead;

static bool open_scans(DirectRead *read, const SpmSource *source);
static void close_scans(DirectRead *read);
static int take_keys(const SpmKeyTypes *types, const Datum *keys,
					 Datum **values);
static void give_keys(const SpmKeyTypes *types, Datum *keys, Datum **values,
					  int count);
static bool read_document(DirectRead *read);
static bool is_split(DirectRead *read);
static void note_use(SpmKeyEntry *entry, void *state);
static void read_changes(SpmKeyEntry *entry, void *state);
static bool find_header(DirectRead *read, SpmKeyEntry *entry);
static bool has_no_other_lines(DirectRead *read, const SpmKeyEntry *entry);
static void fill_noted(SpmDirect *direct, SpmRole role, MinimalTuple row);
static bool is_changed_split(DirectRead *read, const SpmKeyEntry *entry);
static void read_line(DirectRead *read, bool taken_off);
static void begin_lines(DirectRead *read);
static void look_up_all(DirectRead *read, bool of_header);
static bool line_counts(SpmDirect *direct);
static bool is_true(ExprState *condition, ExprContext *econtext);
static void fill_sale(DirectRead *read, bool of_header);
static void look_up(DirectRead *read, TableScan *scan);
static void look_up_by_code(DirectRead *read, TableScan *scan, SpmKey key);

/*
 * Read the sales of some documents under the active snapshot, one document
 * after the other; keys has an array for each key column.  Returns false where
 * some have to be read another way: keys are theirs then.
 */
bool
spm_direct_read(const SpmSource *source, SpmDirect *direct, SpmDirectCall *call,
				Datum *keys)
{
	const SpmKeyTypes *types = &source->keys[SPM_ROLE_LINES];
	DirectRead read = {.direct = direct, .call = call};
	Datum *values[SPM_MAX_KEYS];
	int count;
	int left = 0;

	read.uses[SPM_ROLE_LINES] = true;
	read.uses[SPM_ROLE_HEADER] = direct->has_header;
	if (!open_scans(&read, source))
		return false;
	count = take_keys(types, keys, values);
	for (int document = 0; document < count; document++)
	{
		int tables = direct->has_header ? 2 : 1;

		for (int i = 0; i < tables; i++)
			for (int key = 0; key < types->count; key++)
				read.scans[i].key[key] = values[key][document];
		if (read_document(&read))
			continue;
		for (int key = 0; key < types->count; key++)
			values[key][left] = values[key][document];
		left++;
	}
	close_scans(&read);
	if (left > 0)
		give_keys(types, keys, values, left);
	return left == 0;
}

/* Take arrays of keys apart; returns how many keys there are. */
static int
take_keys(const SpmKeyTypes *types, const Datum *keys, Datum **values)
{
	int count = 0;

	for (int i = 0; i < types->count; i++)
	{
		TypeCacheEntry *type = lookup_type_cache(types->types[i], 0);

		deconstruct_array(DatumGetArrayTypeP(keys[i]),
						  types->types[i],
						  type->typlen,
						  type->typbyval,
						  type->typalign,
						  &values[i],
						  NULL,
						  &count);
	}
	return count;
}

/* Put keys into arrays. */
static void
give_keys(const SpmKeyTypes *types, Datum *keys, Datum **values, int count)
{
	for (int i = 0; i < types->count; i++)
	{
		TypeCacheEntry *type = lookup_type_cache(types->types[i], 0);

		keys[i] = PointerGetDatum(construct_array(values[i],
												  count,
												  types->types[i],
												  type->typlen,
												  type->typbyval,
												  type->typalign));
	}
}

/*
 * Open all tables.  False if the way to read them was found before one of them
 * was changed, or the owner of the lines may not read them.
 */
static bool
open_scans(DirectRead *read, const SpmSource *source)
{
	SpmDirect *direct = read->direct;
	Oid owner = source->cache->owner;
	bool allowed = true;

	for (int i = 0; i < direct->table_count; i++)
		if (i >= (direct->has_header ? 2 : 1) || read->uses[i])
			spm_scan_open(&read->scans[i], &direct->tables[i]);
	if (read->call->needs.customers)
		spm_scan_open(&read->customers, &direct->customers);
	if (read->call->needs.products)
		spm_scan_open(&read->products, &direct->products);
	spm_rate_scan_open(&read->rate, direct->rate);
	if (read->call->may_be_split)
		spm_split_scan_open(&read->split, direct->split);
	for (int i = 0; i < direct->table_count; i++)
		allowed &= spm_scan_may_read(&read->scans[i], owner);
	allowed &= spm_scan_may_read(&read->customers, owner) &&
			   spm_scan_may_read(&read->products, owner) &&
			   spm_rate_scan_may_read(&read->rate, owner) &&
			   spm_split_scan_may_read(&read->split, owner) &&
			   (direct->split != NULL || !read->call->may_be_split) &&
			   source->cache->valid;
	if (!allowed)
		close_scans(read);
	return allowed;
}

static void
close_scans(DirectRead *read)
{
	for (int i = 0; i < read->direct->table_count; i++)
		spm_scan_close(&read->scans[i]);
	spm_scan_close(&read->customers);
	spm_scan_close(&read->products);
	spm_rate_scan_close(&read->rate);
	spm_split_scan_close(&read->split);
}

/*
 * Read the lines of the document whose key the scans have; false, before the
 * first of them, if it is split.
 */
static bool
read_document(DirectRead *read)
{
	TableScan *lines = &read->scans[SPM_ROLE_LINES];
	TableScan *header = &read->scans[SPM_ROLE_HEADER];

	CHECK_FOR_INTERRUPTS();
	ExecStoreAllNullTuple(read->direct->row);
	if (read->direct->has_header)
	{
		spm_scan_find(header);
		if (!spm_scan_next(header))
			return true;
		spm_scan_fill(header, read->direct->row);
	}
	if (read->split.split != NULL && is_split(read))
		return false;
	read->header_known = false;
	read->call->documents++;
	spm_scan_find(lines);
	while (spm_scan_next(lines))
	{
		spm_scan_fill(lines, read->direct->row);
		read_line(read, false);
	}
	return true;
}

/* Is the document whose header is in the row split, or some line of it? */
static bool
is_split(DirectRead *read)
{
	ExprContext *econtext = read->direct->econtext;
	TableScan *lines = &read->scans[SPM_ROLE_LINES];

	ResetExprContext(econtext);
	if (read->split.split->of_header)
		return spm_split_scan_has(&read->split, econtext);
	spm_scan_find(lines);
	while (spm_scan_next(lines))
	{
		ResetExprContext(econtext);
		spm_scan_fill(lines, read->direct->row);
		if (spm_split_scan_has(&read->split, econtext))
			return true;
	}
	return false;
}

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
	if (!open_scans(&read, source))
		return false;
	spm_keyset_each(touched->documents, read_changes, &read);
	close_scans(&read);
	return true;
}

/* Which tables does it take to read the changes of a document? */
static void
note_use(SpmKeyEntry *entry, void *state)
{
	DirectRead *read = state;

	if (!read->direct->has_header || !spm_line_changes_are_all(entry))
		return;
	if (entry->header != NULL)
		read->uses[SPM_ROLE_LINES] = true;
	else
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
	{
		fill_noted(direct, SPM_ROLE_LINES, change->line);
		read_line(read, change->taken_off);
	}
	ExecClearTuple(direct->noted[SPM_ROLE_LINES]);
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
			fill_noted(read->direct, SPM_ROLE_HEADER, entry->header);
		return !entry->partial;
	}
	memcpy(header->key, entry->key, read->key_count * sizeof(Datum));
	spm_scan_find(header);
	if (!spm_scan_next(header))
		return false;
	spm_scan_fill(header, read->direct->row);
	return true;
}

/*
 * Are the lines that were added all that the document has?  Somebody else may
 * have entered lines of it before it was there.
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
	memcpy(lines->key, entry->key, read->key_count * sizeof(Datum));
	return spm_scan_has(lines, count);
}

/* Put a row of lines or header that was noted into the whole row. */
static void
fill_noted(SpmDirect *direct, SpmRole role, MinimalTuple row)
{
	const DirectTable *table = &direct->tables[role];
	TupleTableSlot *noted = direct->noted[role];

	ExecStoreMinimalTuple(row, noted, false);
	slot_getallattrs(noted);
	for (int i = 0; i < table->used_count; i++)
	{
		int place = table->places[i];

		direct->row->tts_values[place] = noted->tts_values[i];
		direct->row->tts_isnull[place] = noted->tts_isnull[i];
	}
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
		fill_noted(read->direct, SPM_ROLE_LINES, change->line);
		found = spm_split_scan_has(&read->split, econtext);
	}
	ExecClearTuple(read->direct->noted[SPM_ROLE_LINES]);
	return found;
}

/* Hand the line in the row on, if it counts. */
static void
read_line(DirectRead *read, bool taken_off)
{
	SpmDirect *direct = read->direct;
	TupleTableSlot *slot = direct->sale;
	MemoryContext caller_context =
		MemoryContextSwitchTo(direct->econtext->ecxt_per_tuple_memory);
	SpmSale sale = {.document = read->call->documents, .taken_off = taken_off};

	if (!read->header_known || ++read->lines % LINES_BETWEEN_RESETS == 0)
		begin_lines(read);
	look_up_all(read, false);
	if (direct->rate != NULL)
		spm_rate_scan_fill(&read->rate, direct->econtext, direct->row);
	if (read->header_counts && line_counts(direct))
	{
		fill_sale(read, false);
		if (read->call->needs.products)
			look_up_by_code(read, &read->products, SPM_KEY_PRODUCT);
		spm_sale_fill(&sale, slot);
		MemoryContextSwitchTo(caller_context);
		read->call->consume(&sale, slot, read->call->state);
	}
	MemoryContextSwitchTo(caller_context);
}

/*
 * Work out what the lines of a document share.  It is kept, as is what lines
 * leave in memory, until the next document, or for so many of them.
 */
static void
begin_lines(DirectRead *read)
{
	SpmDirect *direct = read->direct;

	ResetExprContext(direct->econtext);
	read->lines = 0;
	read->header_known = true;
	look_up_all(read, true);
	ExecStoreAllNullTuple(direct->sale);
	read->header_counts = is_true(direct->header_counts, direct->econtext);
	if (read->header_counts)
		fill_sale(read, true);
}

/* Look rows up: those that all lines share, or those of one line. */
static void
look_up_all(DirectRead *read, bool of_header)
{
	SpmDirect *direct = read->direct;

	for (int i = direct->has_header ? 2 : 1; i < direct->table_count; i++)
		if (direct->tables[i].of_header == of_header)
			look_up(read, &read->scans[i]);
}

/* Does the line in the row count, as far as it alone is asked? */
static bool
line_counts(SpmDirect *direct)
{
	if (!is_true(direct->counts, direct->econtext))
		return false;
	for (int i = 0; i < direct->amount_count; i++)
	{
		bool is_null = true;
		Datum amount = (Datum) 0;

		if (direct->amounts[i] != NULL)
			amount =
				ExecEvalExpr(direct->amounts[i], direct->econtext, &is_null);
		if (!is_null && !spm_amount_is_within(amount))
			return false;
	}
	return true;
}

static bool
is_true(ExprState *condition, ExprContext *econtext)
{
	bool is_null;
	Datum value;

	if (condition == NULL)
		return true;
	value = ExecEvalExpr(condition, econtext, &is_null);
	return !is_null && DatumGetBool(value);
}

/* Fill the columns of the sale that all lines share, or those of one line. */
static void
fill_sale(DirectRead *read, bool of_header)
{
	SpmDirect *direct = read->direct;
	TupleTableSlot *sale = direct->sale;

	for (int i = 0; i < sale->tts_tupleDescriptor->natts; i++)
		if (direct->columns[i] != NULL && direct->of_header[i] == of_header)
			sale->tts_values[i] = ExecEvalExpr(direct->columns[i],
											   direct->econtext,
											   &sale->tts_isnull[i]);
	if (read->call->needs.customers &&
		direct->of_header[1 + SPM_KEY_CUSTOMER] == of_header)
		look_up_by_code(read, &read->customers, SPM_KEY_CUSTOMER);
}

/* Put the row that is looked up into the whole row, or nothing. */
static void
look_up(DirectRead *read, TableScan *scan)
{
	TupleTableSlot *row = read->direct->row;
	const DirectTable *table = scan->table;

	spm_scan_clear(scan, row);
	for (int i = 0; i < table->key_count; i++)
	{
		if (row->tts_isnull[table->near[i]])
			return;
		scan->key[i] = row->tts_values[table->near[i]];
	}
	spm_scan_find(scan);
	while (spm_scan_next(scan))
	{
		bool is_null;

		spm_scan_fill(scan, row);
		if (DatumGetBool(ExecEvalExpr(table->condition,
									  read->direct->econtext,
									  &is_null)) &&
			!is_null)
			return;
	}
	spm_scan_clear(scan, row);
}

/* Add what a sale's customer or product says of it. */
static void
look_up_by_code(DirectRead *read, TableScan *scan, SpmKey key)
{
	TupleTableSlot *sale = read->direct->sale;

	if (!sale->tts_isnull[1 + key])
	{
		spm_scan_find_by_code(scan, sale->tts_values[1 + key]);
		if (!TTS_EMPTY(scan->slot))
		{
			spm_scan_fill(scan, sale);
			return;
		}
	}
	spm_scan_clear(scan, sale);
}
