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

#include "access/genam.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/tableam.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/typcache.h"

#include "core/compat.h"
#include "sale/line_change.h"
#include "sale/row_cache.h"
#include "sale/source_int.h"

/* A table while its rows are read. */
typedef struct TableScan
{
	DirectTable *table;
	MemoryContext context; /* of all that is open */
	Relation relation;
	Relation index;
	IndexScanDesc scan;
	TupleTableSlot *slot;
	BlockNumber blocks; /* when it was opened, if rows have places */
	Datum key[SPM_MAX_KEYS];
} TableScan;

/* A read of documents. */
typedef struct DirectRead
{
	SpmDirect *direct;
	SpmNeeds needs;
	SpmSaleConsumer consume;
	void *state;
	TableScan scans[MAX_DIRECT_TABLES];
	TableScan customers;
	TableScan products;
	int key_count;
	uint64 documents; /* read so far */
} DirectRead;

static bool open_scans(DirectRead *read, const SpmSource *source,
					   bool with_lines);
static void close_scans(DirectRead *read);
static void open_scan(TableScan *scan, DirectTable *table);
static void close_scan(TableScan *scan);
static bool may_read(const TableScan *scan, Oid role);
static void read_document(DirectRead *read);
static void read_changes(SpmKeyEntry *entry, void *state);
static void read_line(DirectRead *read, bool taken_off);
static void look_up(DirectRead *read, TableScan *scan);
static void look_up_by_code(DirectRead *read, TableScan *scan, SpmKey key);
static void find_by_code(TableScan *scan, Datum code);
static void begin_scan(TableScan *scan);
static bool is_equal(const TableScan *scan);
static void find(TableScan *scan);
static bool next(TableScan *scan);
static void fill(const TableScan *scan, TupleTableSlot *row);
static void clear(const TableScan *scan, TupleTableSlot *row);

/*
 * Read the sales of some documents under the active snapshot, one document
 * after the other; keys has an array for each key column.  Returns false,
 * before anything was read, where that has to be done another way.
 */
bool
spm_direct_read(const SpmSource *source, SpmDirect *direct, const Datum *keys,
				SpmNeeds needs, SpmSaleConsumer consume, void *state)
{
	const SpmKeyTypes *types = &source->keys[SPM_ROLE_LINES];
	DirectRead read = {.direct = direct,
					   .needs = needs,
					   .consume = consume,
					   .state = state};
	Datum *values[SPM_MAX_KEYS];
	int count = 0;

	if (!open_scans(&read, source, true))
		return false;
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
	for (int document = 0; document < count; document++)
	{
		int tables = direct->has_header ? 2 : 1;

		for (int i = 0; i < tables; i++)
			for (int key = 0; key < types->count; key++)
				read.scans[i].key[key] = values[key][document];
		read_document(&read);
	}
	close_scans(&read);
	return true;
}

/*
 * Open all tables.  False if the way to read them was found before one of them
 * was changed, or the owner of the lines may not read them.
 */
static bool
open_scans(DirectRead *read, const SpmSource *source, bool with_lines)
{
	SpmDirect *direct = read->direct;
	Oid owner = source->cache->owner;
	bool allowed = true;

	for (int i = with_lines ? 0 : 1; i < direct->table_count; i++)
		open_scan(&read->scans[i], &direct->tables[i]);
	if (read->needs.customers)
		open_scan(&read->customers, &direct->customers);
	if (read->needs.products)
		open_scan(&read->products, &direct->products);
	for (int i = 0; i < direct->table_count; i++)
		allowed &= may_read(&read->scans[i], owner);
	allowed &= may_read(&read->customers, owner) &&
			   may_read(&read->products, owner) && source->cache->valid;
	if (!allowed)
		close_scans(read);
	return allowed;
}

static void
close_scans(DirectRead *read)
{
	for (int i = 0; i < read->direct->table_count; i++)
		close_scan(&read->scans[i]);
	close_scan(&read->customers);
	close_scan(&read->products);
}

static void
open_scan(TableScan *scan, DirectTable *table)
{
	scan->table = table;
	scan->context = CurrentMemoryContext;
	scan->relation = table_open(table->table, AccessShareLock);
	if (table->places_kept != NULL)
		scan->blocks = RelationGetNumberOfBlocks(scan->relation);
	scan->slot = table_slot_create(scan->relation, NULL);
}

static void
close_scan(TableScan *scan)
{
	if (scan->table == NULL)
		return;
	ExecDropSingleTupleTableSlot(scan->slot);
	if (scan->scan != NULL)
	{
		index_endscan(scan->scan);
		index_close(scan->index, NoLock);
	}
	table_close(scan->relation, NoLock);
	scan->table = NULL;
}

static bool
may_read(const TableScan *scan, Oid role)
{
	return scan->table == NULL || scan->relation->rd_rel->relowner == role ||
		   pg_class_aclcheck(scan->table->table, role, ACL_SELECT) ==
			   ACLCHECK_OK;
}

/* Read the lines of the document whose key the scans have. */
static void
read_document(DirectRead *read)
{
	TableScan *lines = &read->scans[SPM_ROLE_LINES];
	TableScan *header = &read->scans[SPM_ROLE_HEADER];

	CHECK_FOR_INTERRUPTS();
	ExecStoreAllNullTuple(read->direct->row);
	if (read->direct->has_header)
	{
		find(header);
		if (!next(header))
			return;
		fill(header, read->direct->row);
	}
	read->documents++;
	find(lines);
	while (next(lines))
	{
		fill(lines, read->direct->row);
		read_line(read, false);
	}
}

/*
 * Read the lines that were added to documents, and those taken off, where all
 * else is as it was.  Returns as spm_direct_read().
 */
bool
spm_direct_read_changes(const SpmSource *source, SpmDirect *direct,
						const SpmTouched *touched, SpmNeeds needs,
						SpmSaleConsumer consume, void *state)
{
	DirectRead read = {.direct = direct,
					   .needs = needs,
					   .consume = consume,
					   .state = state,
					   .key_count = source->keys[SPM_ROLE_LINES].count};

	if (!open_scans(&read, source, false))
		return false;
	spm_keyset_each(touched->documents, read_changes, &read);
	close_scans(&read);
	return true;
}

/* The same of one document. */
static void
read_changes(SpmKeyEntry *entry, void *state)
{
	DirectRead *read = state;
	SpmDirect *direct = read->direct;
	const DirectTable *lines = &direct->tables[SPM_ROLE_LINES];

	CHECK_FOR_INTERRUPTS();
	if (!spm_line_changes_are_all(entry))
		return;
	ExecStoreAllNullTuple(direct->row);
	if (direct->has_header)
	{
		TableScan *header = &read->scans[SPM_ROLE_HEADER];

		memcpy(header->key, entry->key, read->key_count * sizeof(Datum));
		find(header);
		if (!next(header))
			return;
		fill(header, direct->row);
	}
	read->documents++;
	for (SpmLineChange *change = entry->changes; change != NULL;
		 change = change->next)
	{
		ExecStoreMinimalTuple(change->line, direct->line, false);
		slot_getallattrs(direct->line);
		for (int i = 0; i < lines->used_count; i++)
		{
			int place = lines->places[i];

			direct->row->tts_values[place] = direct->line->tts_values[i];
			direct->row->tts_isnull[place] = direct->line->tts_isnull[i];
		}
		read_line(read, change->taken_off);
	}
	ExecClearTuple(direct->line);
}

/* Hand the line in the row on, if it counts. */
static void
read_line(DirectRead *read, bool taken_off)
{
	SpmDirect *direct = read->direct;
	ExprContext *econtext = direct->econtext;
	TupleTableSlot *slot = direct->sale;
	MemoryContext caller_context =
		MemoryContextSwitchTo(econtext->ecxt_per_tuple_memory);
	SpmSale sale = {.document = read->documents, .taken_off = taken_off};
	bool is_null;

	ResetExprContext(econtext);
	for (int i = direct->has_header ? 2 : 1; i < direct->table_count; i++)
		look_up(read, &read->scans[i]);
	if (DatumGetBool(ExecEvalExpr(direct->counts, econtext, &is_null)) &&
		!is_null)
	{
		ExecStoreAllNullTuple(slot);
		for (int i = 0; i < slot->tts_tupleDescriptor->natts; i++)
			if (direct->columns[i] != NULL)
				slot->tts_values[i] = ExecEvalExpr(direct->columns[i],
												   econtext,
												   &slot->tts_isnull[i]);
		if (read->needs.customers)
			look_up_by_code(read, &read->customers, SPM_KEY_CUSTOMER);
		if (read->needs.products)
			look_up_by_code(read, &read->products, SPM_KEY_PRODUCT);
		spm_sale_fill(&sale, slot);
		MemoryContextSwitchTo(caller_context);
		read->consume(&sale, slot, read->state);
	}
	MemoryContextSwitchTo(caller_context);
}

/* Put the row that is looked up into the whole row, or nothing. */
static void
look_up(DirectRead *read, TableScan *scan)
{
	TupleTableSlot *row = read->direct->row;
	const DirectTable *table = scan->table;

	clear(scan, row);
	for (int i = 0; i < table->key_count; i++)
	{
		if (row->tts_isnull[table->near[i]])
			return;
		scan->key[i] = row->tts_values[table->near[i]];
	}
	find(scan);
	while (next(scan))
	{
		bool is_null;

		fill(scan, row);
		if (DatumGetBool(ExecEvalExpr(table->condition,
									  read->direct->econtext,
									  &is_null)) &&
			!is_null)
			return;
	}
	clear(scan, row);
}

/* Add what a sale's customer or product says of it. */
static void
look_up_by_code(DirectRead *read, TableScan *scan, SpmKey key)
{
	TupleTableSlot *sale = read->direct->sale;

	if (sale->tts_isnull[1 + key])
		return;
	find_by_code(scan, sale->tts_values[1 + key]);
	if (!TTS_EMPTY(scan->slot))
		fill(scan, sale);
}

/* Fetch the row with a code, of which there is one at most. */
static void
find_by_code(TableScan *scan, Datum code)
{
	SpmRowCache *places = scan->table->places_kept;
	ItemPointer place = spm_row_cache_find(places, code);

	scan->key[0] = code;
	if (place != NULL && ItemPointerGetBlockNumber(place) < scan->blocks &&
		table_tuple_fetch_row_version(scan->relation,
									  place,
									  GetActiveSnapshot(),
									  scan->slot) &&
		is_equal(scan))
		return;
	find(scan);
	if (next(scan))
		spm_row_cache_keep(places, code, &scan->slot->tts_tid);
	else
		ExecClearTuple(scan->slot);
}

/* Begin to read the rows with the scan's key. */
static void
find(TableScan *scan)
{
	const DirectTable *table = scan->table;
	ScanKeyData keys[SPM_MAX_KEYS];

	if (scan->scan == NULL)
		begin_scan(scan);
	for (int i = 0; i < table->index_count; i++)
	{
		int key = table->index_keys[i];

		ScanKeyEntryInitialize(&keys[i],
							   0,
							   i + 1,
							   BTEqualStrategyNumber,
							   InvalidOid,
							   table->collations[key],
							   table->equal[key].fn_oid,
							   scan->key[key]);
	}
	index_rescan(scan->scan, keys, table->index_count, NULL, 0);
}

static void
begin_scan(TableScan *scan)
{
	MemoryContext caller_context = MemoryContextSwitchTo(scan->context);

	scan->index = index_open(scan->table->index, AccessShareLock);
	scan->scan = spm_index_beginscan(scan->relation,
									 scan->index,
									 GetActiveSnapshot(),
									 scan->table->index_count);
	MemoryContextSwitchTo(caller_context);
}

/* Fetch the next row with the scan's key. */
static bool
next(TableScan *scan)
{
	const DirectTable *table = scan->table;

	while (index_getnext_slot(scan->scan, ForwardScanDirection, scan->slot))
		if (table->index_count == table->key_count || is_equal(scan))
			return true;
	return false;
}

/* Has the fetched row the scan's key? */
static bool
is_equal(const TableScan *scan)
{
	DirectTable *table = scan->table;

	for (int i = 0; i < table->key_count; i++)
	{
		bool is_null;
		Datum value = slot_getattr(scan->slot, table->columns[i], &is_null);

		if (is_null || !DatumGetBool(FunctionCall2Coll(&table->equal[i],
													   table->collations[i],
													   value,
													   scan->key[i])))
			return false;
	}
	return true;
}

/* Put the used columns of a table into a row. */
static void
fill(const TableScan *scan, TupleTableSlot *row)
{
	const DirectTable *table = scan->table;

	slot_getsomeattrs(scan->slot, table->last_used);
	for (int i = 0; i < table->used_count; i++)
	{
		int column = table->used[i] - 1;

		row->tts_values[table->places[i]] = scan->slot->tts_values[column];
		row->tts_isnull[table->places[i]] = scan->slot->tts_isnull[column];
	}
}

/* The same where there is none. */
static void
clear(const TableScan *scan, TupleTableSlot *row)
{
	for (int i = 0; i < scan->table->used_count; i++)
		row->tts_isnull[scan->table->places[i]] = true;
}
