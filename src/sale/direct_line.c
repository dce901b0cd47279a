/*-------------------------------------------------------------------------
 *
 * direct_line.c
 *	  The sale of one line, from the row that holds all tables' columns.
 *
 * What depends on the header alone is worked out once for all lines of a
 * document.
 *
 * src/sale/direct_line.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "utils/builtins.h"

#include "core/compat.h"
#include "sale/attribute_cache.h"
#include "sale/direct_amount.h"
#include "sale/direct_read.h"
#include "sale/source_int.h"

/* After how many lines of a document what they left in memory is freed. */
#define LINES_BETWEEN_RESETS 64

static void begin_lines(DirectRead *read);
static void look_up_all(DirectRead *read, bool of_header);
static bool line_counts(SpmDirect *direct);
static bool is_true(ExprState *condition, ExprContext *econtext);
static void fill_sale(DirectRead *read, bool of_header);
static Datum text_of(const TupleTableSlot *row, const SaleColumn *column,
					 bool *is_null);
static void look_up(DirectRead *read, TableScan *scan);
static void look_up_by_code(DirectRead *read, DirectTable *table,
							TableScan *scan, SpmKey key);
static const SpmAttributes *attributes_of(DirectRead *read, DirectTable *table,
										  TableScan *scan, Datum code);

/* Look up what the line in the row, which holds its document's header, needs. */
void
spm_direct_begin_line(DirectRead *read)
{
	SpmDirect *direct = read->direct;
	MemoryContext caller_context =
		MemoryContextSwitchTo(direct->econtext->ecxt_per_tuple_memory);

	if (!read->header_known || ++read->lines % LINES_BETWEEN_RESETS == 0)
		begin_lines(read);
	look_up_all(read, false);
	if (direct->rate != NULL)
		spm_rate_scan_fill(&read->rate, direct->econtext, direct->row);
	MemoryContextSwitchTo(caller_context);
}

/*
 * Does the line in the row count?  If so its amounts are set, which live until
 * the next line begins.
 */
bool
spm_direct_line_counts(DirectRead *read, SpmSale *sale)
{
	SpmDirect *direct = read->direct;
	MemoryContext caller_context =
		MemoryContextSwitchTo(direct->econtext->ecxt_per_tuple_memory);
	bool counts;

	spm_figures_begin();
	counts = read->header_counts && line_counts(direct);

	for (int i = 0; counts && i < SPM_AMOUNT_COUNT; i++)
		spm_figure_run(&direct->amounts[i],
					   direct->econtext,
					   &sale->amounts[i]);
	MemoryContextSwitchTo(caller_context);
	return counts;
}

/* Hand the sale of the line in the row on, whose amounts are set. */
void
spm_direct_hand_on(DirectRead *read, SpmSale *sale)
{
	SpmDirect *direct = read->direct;
	MemoryContext caller_context =
		MemoryContextSwitchTo(direct->econtext->ecxt_per_tuple_memory);

	fill_sale(read, false);
	if (read->call->needs.products)
		look_up_by_code(read,
						&direct->products,
						&read->products,
						SPM_KEY_PRODUCT);
	spm_sale_fill_keys(sale, direct->sale);
	sale->shared = direct->shared;
	sale->continues = read->header_met;
	read->header_met = true;
	MemoryContextSwitchTo(caller_context);
	read->call->consume(sale, direct->sale, read->call->state);
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
	read->header_met = false;
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
	for (int i = 0; i < direct->limited_count; i++)
		if (!spm_figure_is_within(&direct->limited[i], direct->econtext))
			return false;
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

	for (int i = 0; i < direct->column_count; i++)
	{
		const SaleColumn *column = &direct->columns[i];
		bool *is_null = &sale->tts_isnull[column->number];

		if (column->of_header == of_header)
			sale->tts_values[column->number] =
				OidIsValid(column->integer)
					? text_of(direct->row, column, is_null)
					: ExecEvalExpr(column->state, direct->econtext, is_null);
	}
	if (read->call->needs.customers && direct->customers.of_header == of_header)
		look_up_by_code(read,
						&direct->customers,
						&read->customers,
						SPM_KEY_CUSTOMER);
}

/* The text of an integer in the row, as a cast has it. */
static Datum
text_of(const TupleTableSlot *row, const SaleColumn *column, bool *is_null)
{
	Datum value = row->tts_values[column->place];
	text *digits;
	int length;

	*is_null = row->tts_isnull[column->place];
	if (*is_null)
		return (Datum) 0;
	digits = palloc(VARHDRSZ + MAXINT8LEN + 1);
	length = column->integer == INT8OID
				 ? pg_lltoa(DatumGetInt64(value), VARDATA(digits))
				 : pg_ltoa(DatumGetInt32(value), VARDATA(digits));
	SET_VARSIZE(digits, VARHDRSZ + length);
	return PointerGetDatum(digits);
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
look_up_by_code(DirectRead *read, DirectTable *table, TableScan *scan,
				SpmKey key)
{
	TupleTableSlot *sale = read->direct->sale;
	bool unknown = sale->tts_isnull[1 + key];
	const SpmAttributes *attributes = NULL;

	if (!unknown)
		attributes =
			attributes_of(read, table, scan, sale->tts_values[1 + key]);
	for (int i = 0; i < table->used_count; i++)
	{
		int place = table->used[i].place;

		sale->tts_isnull[place] = unknown || attributes->nulls[i];
		if (!unknown)
			sale->tts_values[place] = attributes->values[i];
	}
}

static const SpmAttributes *
attributes_of(DirectRead *read, DirectTable *table, TableScan *scan, Datum code)
{
	const SpmAttributes *attributes =
		spm_attributes_find(table->attributes, code);
	MemoryContext caller_context;

	if (attributes != NULL)
		return attributes;
	caller_context = MemoryContextSwitchTo(read->context);
	if (scan->table == NULL)
		spm_scan_open(scan, table);
	scan->expected = read->call->expected;
	attributes = spm_scan_attributes(scan, code);
	MemoryContextSwitchTo(caller_context);
	return attributes;
}
