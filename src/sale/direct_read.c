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

#include "sale/direct_read.h"
#include "sale/source_int.h"

static int take_keys(const SpmKeyTypes *types, const Datum *keys,
					 Datum **values);
static void give_keys(const SpmKeyTypes *types, Datum *keys, Datum **values,
					  int count);
static bool read_document(DirectRead *read);
static bool has_lines(DirectRead *read);
static bool is_split(DirectRead *read);

/*
 * Read the sales of some documents under the active snapshot, one document
 * after the other; keys has an array for each key column.  Returns false where
 * some have to be read another way: keys are theirs then.  Whether any of them
 * has lines without a header is seen here if it can be, and is feared else: a
 * refresh that reads by an index may not see those of a read without.
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
	count = take_keys(types, keys, values);
	call->expected = count;
	if (!spm_direct_open(&read, source))
	{
		call->strays = true;
		return false;
	}
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
	spm_direct_close(&read);
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
bool
spm_direct_open(DirectRead *read, const SpmSource *source)
{
	SpmDirect *direct = read->direct;
	Oid owner = source->cache->owner;
	SpmDirectSplit *split = read->call->may_be_split ? spm_direct_split(source)
													 : NULL;
	bool allowed = true;

	read->context = CurrentMemoryContext;
	for (int i = 0; i < direct->table_count; i++)
		if (i >= (direct->has_header ? 2 : 1) || read->uses[i])
			spm_scan_open(&read->scans[i], &direct->tables[i]);
	spm_rate_scan_open(&read->rate, direct->rate);
	spm_split_scan_open(&read->split, split);
	for (int i = 0; i < direct->table_count; i++)
		allowed &= spm_scan_may_read(&read->scans[i], owner);
	allowed &= spm_direct_find_attributes(source, direct, read->call->needs) &&
			   spm_rate_scan_may_read(&read->rate, owner) &&
			   spm_split_scan_may_read(&read->split, owner) &&
			   (split != NULL || !read->call->may_be_split) &&
			   source->cache->valid;
	if (!allowed)
		spm_direct_close(read);
	return allowed;
}

/* Close what was opened. */
void
spm_direct_close(DirectRead *read)
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
		{
			read->call->strays = read->call->strays || has_lines(read);
			return true;
		}
		spm_scan_fill(header, read->direct->row);
	}
	if (read->split.split != NULL && is_split(read))
		return false;
	read->header_known = false;
	read->call->documents++;
	spm_scan_find(lines);
	while (spm_scan_next(lines))
	{
		SpmSale sale = {.document = read->call->documents};

		spm_scan_fill(lines, read->direct->row);
		spm_direct_begin_line(read);
		if (spm_direct_line_counts(read, &sale))
			spm_direct_hand_on(read, &sale);
	}
	return true;
}

/* Has the document whose key the scans have lines? */
static bool
has_lines(DirectRead *read)
{
	spm_scan_find(&read->scans[SPM_ROLE_LINES]);
	return spm_scan_next(&read->scans[SPM_ROLE_LINES]);
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
