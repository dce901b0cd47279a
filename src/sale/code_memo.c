/*-------------------------------------------------------------------------
 *
 * code_memo.c
 *	  What the rows with some codes say, while many sales are read.
 *
 * One read is under one snapshot, through which a row says the same however
 * often it is looked for.  So customers and products are kept as they were
 * found, and all of them are where so many sales are going to be read that to
 * look for each costs more.
 *
 * src/sale/code_memo.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/tableam.h"
#include "access/xact.h"
#include "common/hashfn.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "sale/code_memo.h"

/* For fewer sales nothing is kept. */
#define FEWEST_SALES 64

/* So many rows are looked for at the cost of reading a block of them. */
#define SALES_PER_BLOCK 12
#define MOST_BLOCKS 256

/* More codes than this are not kept. */
#define MAX_CODES 65536

typedef struct Code
{
	int length;
	const char *text;
} Code;

typedef struct CodeRow
{
	Code code;
	Datum *values; /* of the used columns, 0 for null; NULL: there is no row */
	uint32 hash;
	char status;
} CodeRow;

static Code code_of(Datum text);
static uint32 code_hash(Code code);
static bool code_equal(Code a, Code b);

#define SH_PREFIX code_rows
#define SH_ELEMENT_TYPE CodeRow
#define SH_KEY_TYPE Code
#define SH_KEY code
#define SH_HASH_KEY(table, key) code_hash(key)
#define SH_EQUAL(table, a, b) code_equal(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(table, entry) (entry)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct SpmCodeMemo
{
	TableScan *scan;
	code_rows_hash *rows;
	bool all; /* a code that is not there has no row */
};

static uint32 count_rows(Relation relation);
static void keep_all(SpmCodeMemo *memo);
static void keep(SpmCodeMemo *memo, Datum code, TupleTableSlot *row);
static Datum *copy_row(const SpmCodeMemo *memo, Code *code,
					   TupleTableSlot *row);
static struct varlena *plain_value(TupleTableSlot *row, AttrNumber column);
static char *put(char *end, const struct varlena *value, Datum *copy);

/*
 * For a read, under the active snapshot, of so many sales; NULL: they are too
 * few, or codes are not told apart by their bytes.  The memo lives in the current
 * memory context, as does the scan.
 */
SpmCodeMemo *
spm_code_memo_create(TableScan *scan, uint64 expected)
{
	SpmCodeMemo *memo;
	BlockNumber blocks;

	if (expected < FEWEST_SALES || !scan->table->by_bytes[0])
		return NULL;
	blocks = RelationGetNumberOfBlocks(scan->relation);
	memo = palloc(sizeof(SpmCodeMemo));
	memo->scan = scan;

	/* A serializable transaction would have read them all by that. */
	memo->all = blocks <= MOST_BLOCKS && expected > blocks * SALES_PER_BLOCK &&
				!IsolationIsSerializable();
	memo->rows =
		code_rows_create(CurrentMemoryContext,
						 memo->all ? count_rows(scan->relation) : FEWEST_SALES,
						 NULL);
	if (memo->all)
		keep_all(memo);
	return memo;
}

/*
 * Put what the row with a code says into a row of sales, nulls if there is no
 * such row.  False: it has to be looked for.
 */
bool
spm_code_memo_fill(SpmCodeMemo *memo, Datum code, TupleTableSlot *row)
{
	const CodeRow *found = code_rows_lookup(memo->rows, code_of(code));
	const DirectTable *table = memo->scan->table;

	if (found == NULL && !memo->all)
		return false;
	if (found == NULL || found->values == NULL)
	{
		spm_scan_clear(memo->scan, row);
		return true;
	}
	for (int i = 0; i < table->used_count; i++)
	{
		row->tts_values[table->places[i]] = found->values[i];
		row->tts_isnull[table->places[i]] = found->values[i] == (Datum) 0;
	}
	return true;
}

/* Keep what the scan has found for a code, or that it has found nothing. */
void
spm_code_memo_keep(SpmCodeMemo *memo, Datum code)
{
	if (memo->rows->members < MAX_CODES)
		keep(memo, code, memo->scan->slot);
}

/* How many rows the table had when it was analyzed. */
static uint32
count_rows(Relation relation)
{
	return Min(Max(relation->rd_rel->reltuples, FEWEST_SALES), MAX_CODES);
}

/* Read the whole table. */
static void
keep_all(SpmCodeMemo *memo)
{
	Relation relation = memo->scan->relation;
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	TableScanDesc rows =
		table_beginscan(relation, GetActiveSnapshot(), 0, NULL);

	while (table_scan_getnextslot(rows, ForwardScanDirection, slot))
	{
		bool is_null;
		Datum code;

		slot_getsomeattrs(slot, memo->scan->table->last_used);
		code = slot_getattr(slot, memo->scan->table->columns[0], &is_null);

		CHECK_FOR_INTERRUPTS();
		if (!is_null)
			keep(memo, code, slot);
	}
	table_endscan(rows);
	ExecDropSingleTupleTableSlot(slot);
}

static void
keep(SpmCodeMemo *memo, Datum code, TupleTableSlot *row)
{
	Code key = code_of(code);
	Datum *values = copy_row(memo, &key, TTS_EMPTY(row) ? NULL : row);
	bool found;

	code_rows_insert(memo->rows, key, &found)->values = TTS_EMPTY(row) ? NULL
																	   : values;
}

/* Copy the used columns of a row, and the code, into one piece of memory. */
static Datum *
copy_row(const SpmCodeMemo *memo, Code *code, TupleTableSlot *row)
{
	const DirectTable *table = memo->scan->table;
	int count = row ? table->used_count : 0;
	Size size = count * sizeof(Datum) + code->length;
	struct varlena *plain[SPM_KEY_COUNT];
	Datum *values;
	char *end;

	for (int i = 0; i < count; i++)
	{
		plain[i] = plain_value(row, table->used[i]);
		if (plain[i] != NULL)
			size += MAXALIGN(VARSIZE_ANY(plain[i])) + MAXIMUM_ALIGNOF;
	}
	values = MemoryContextAlloc(memo->rows->ctx, size);
	end = (char *) (values + count);
	for (int i = 0; i < count; i++)
		end = put(end, plain[i], &values[i]);
	memcpy(end, code->text, code->length);
	code->text = end;
	return values;
}

/* A text of a row; NULL for null. */
static struct varlena *
plain_value(TupleTableSlot *row, AttrNumber column)
{
	bool is_null;
	Datum value = slot_getattr(row, column, &is_null);

	return is_null ? NULL
				   : pg_detoast_datum_packed(
						 (struct varlena *) DatumGetPointer(value));
}

/* Copy a text to where the last ended; returns where this does. */
static char *
put(char *end, const struct varlena *value, Datum *copy)
{
	*copy = (Datum) 0;
	if (value == NULL)
		return end;
	if (!VARATT_IS_SHORT(value))
		end = (char *) MAXALIGN(end);
	memcpy(end, value, VARSIZE_ANY(value));
	*copy = PointerGetDatum(end);
	return end + VARSIZE_ANY(value);
}

static Code
code_of(Datum text)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(text);
	Code code = {VARSIZE_ANY_EXHDR(value), VARDATA_ANY(value)};

	return code;
}

static uint32
code_hash(Code code)
{
	return hash_bytes((const unsigned char *) code.text, code.length);
}

static bool
code_equal(Code a, Code b)
{
	return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}
