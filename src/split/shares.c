/*-------------------------------------------------------------------------
 *
 * shares.c
 *	  Who has which share of a document.
 *
 * Shares are parts of one whole, in exact figures: nothing is divided before
 * an amount is multiplied by its part.  The whole is
 *
 *	  base * net * overlays
 *
 * where base is 100 or, if more percents than that are given, their sum, or
 * the number of rows if these share equally; net is the magnitude of the
 * document's, or 1 if no fixed amount needs it; and overlays is the number of
 * overlay rows if these are equal among themselves, else 1.
 *
 * Fixed amounts are served in order of seller, as long as something is left.
 * Several rows of one seller are added up, so their order does not matter.
 *
 * src/split/shares.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"

#include "core/compat.h"
#include "core/decimal.h"
#include "core/exact.h"
#include "core/export.h"
#include "split/split.h"

/* Columns of a row: seller, part, whole, overlay. */
#define COLUMNS 4

SPM_FUNCTION_INFO_V1(spm_document_shares);
SPM_FUNCTION_INFO_V1(spm_share_of);

/* An array of a document's splits. */
typedef struct Column
{
	Datum *values;
	bool *nulls;
	int count;
} Column;

/* A row that gives something: a percent, an amount, or an equal share. */
typedef struct Row
{
	const char *seller;
	int length;
	bool overlay;
	Numeric percent; /* NULL: none */
	Numeric amount;	 /* its magnitude; NULL: none */
} Row;

/* All rows, and what their parts are made of. */
typedef struct Rows
{
	int count;
	Row *rows;
	int plain;			 /* those that are no overlay */
	bool plain_equal;	 /* they have neither percents nor amounts */
	bool overlays_equal; /* the same of overlays */
	bool fixed;			 /* some row has an amount */
	Numeric net;		 /* magnitude; NULL: not known, or 0 */
	Numeric base;
	Numeric left; /* of base * net, after all percents */
} Rows;

static void read_rows(Rows *rows, Datum sellers, Datum percents, Datum amounts,
					  Datum overlays, SpmSplits *splits);
static void read_column(Column *column, Datum array, Oid type);
static void add_row(Rows *rows, Datum seller, Numeric percent, Numeric amount,
					bool overlay);
static bool is_finite(Numeric value);
static Numeric magnitude(Numeric value);
static int compare_rows(const void *a, const void *b);
static int compare_sellers(const char *a, int a_length, const char *b,
						   int b_length);
static void find_base(Rows *rows, SpmSplits *splits);
static void add_shares(Rows *rows, SpmSplits *splits);
static Numeric plain_part(Rows *rows, const Row *row);
static Numeric overlay_part(const Rows *rows, const Row *row);
static void add_share(SpmSplits *splits, const Row *row, Numeric part);

/*
 * document_shares(sellers, percents, amounts, overlays, document_net,
 * own_seller) returns setof record
 */
Datum
spm_document_shares(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	text *own = PG_ARGISNULL(5) ? NULL : PG_GETARG_TEXT_PP(5);
	SpmSplits *splits;
	SpmShare *shares;
	int count;

	for (int i = 0; i < 4; i++)
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("sellers, percents, amounts and overlays must not "
							"be null"),
					 errhint("Give empty arrays for a document without "
							 "splits.")));
	InitMaterializedSRF(fcinfo, 0);
	splits = spm_splits_parse(PG_GETARG_DATUM(0),
							  PG_GETARG_DATUM(1),
							  PG_GETARG_DATUM(2),
							  PG_GETARG_DATUM(3),
							  PG_ARGISNULL(4) ? NULL : PG_GETARG_NUMERIC(4));
	shares = palloc((splits->count + 1) * sizeof(SpmShare));
	count = spm_splits_shares(splits,
							  own ? VARDATA_ANY(own) : NULL,
							  own ? VARSIZE_ANY_EXHDR(own) : 0,
							  shares);
	for (int i = 0; i < count; i++)
	{
		const SpmShare *share = &shares[i];
		Datum values[COLUMNS] = {0};
		bool nulls[COLUMNS] = {0};

		nulls[0] = share->seller == NULL;
		if (!nulls[0])
			values[0] = PointerGetDatum(
				cstring_to_text_with_len(share->seller, share->length));
		values[1] = NumericGetDatum(spm_exact_trim(share->part));
		values[2] = NumericGetDatum(spm_exact_trim(splits->whole));
		values[3] = BoolGetDatum(share->overlay);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* share_of(amount, part, whole) → numeric */
Datum
spm_share_of(PG_FUNCTION_ARGS)
{
	Numeric amount = PG_GETARG_NUMERIC(0);
	Numeric part = PG_GETARG_NUMERIC(1);
	Numeric whole = PG_GETARG_NUMERIC(2);

	if (is_finite(amount) && is_finite(part) && is_finite(whole))
		PG_RETURN_NUMERIC(spm_share_amount(amount, part, whole));
	if (is_finite(whole) && spm_exact_sign(whole) == 0)
		PG_RETURN_NUMERIC(spm_exact_zero());
	/* Without digits nothing is rounded: NaN, infinite, or 0 of infinity. */
	return DirectFunctionCall2(numeric_div,
							   NumericGetDatum(spm_exact_mul(amount, part)),
							   NumericGetDatum(whole));
}

/*
 * What the splits of a document give.  Arguments are arrays of equal length:
 * text[], numeric[], numeric[], boolean[]; net is the document's, NULL if not
 * known.  A row without seller, or with a figure that is not finite, or with a
 * negative percent, gives nothing; one with both a percent and an amount has
 * the percent.  All is palloc'd.
 */
SpmSplits *
spm_splits_parse(Datum sellers, Datum percents, Datum amounts, Datum overlays,
				 Numeric net)
{
	SpmSplits *splits = palloc0(sizeof(SpmSplits));
	Rows rows = {0};

	read_rows(&rows, sellers, percents, amounts, overlays, splits);
	if (net != NULL && is_finite(net) && spm_exact_sign(net) != 0)
		rows.net = magnitude(net);
	qsort(rows.rows, rows.count, sizeof(Row), compare_rows);
	find_base(&rows, splits);
	add_shares(&rows, splits);
	pfree(rows.rows);
	return splits;
}

/*
 * The shares of a line: those of its document, with what is left over for the
 * line's own seller, NULL for nobody.  There must be room for one more than
 * the document has.  Returns how many there are: no overlay before overlays,
 * each by seller in C collation, nobody last.
 */
int
spm_splits_shares(const SpmSplits *splits, const char *seller, int length,
				  SpmShare *shares)
{
	bool left = spm_exact_sign(splits->rest) > 0;
	int count = 0;

	for (int i = 0; i < splits->count; i++)
	{
		const SpmShare *share = &splits->shares[i];
		int order = -1;

		if (left && share->overlay)
			order = 1;
		else if (left && seller != NULL)
			order =
				compare_sellers(share->seller, share->length, seller, length);
		if (order > 0)
		{
			shares[count++] = (SpmShare){seller, length, splits->rest, false};
			left = false;
		}
		shares[count++] = *share;
		if (order == 0)
		{
			shares[count - 1].part = spm_exact_add(share->part, splits->rest);
			left = false;
		}
	}
	if (left)
		shares[count++] = (SpmShare){seller, length, splits->rest, false};
	return count;
}

/* amount * part / whole, divided once; 0 of a whole of 0. */
Numeric
spm_share_amount(Numeric amount, Numeric part, Numeric whole)
{
	return spm_exact_quotient(spm_exact_mul(amount, part), whole);
}

/* Keep the rows that give something. */
static void
read_rows(Rows *rows, Datum sellers, Datum percents, Datum amounts,
		  Datum overlays, SpmSplits *splits)
{
	Column seller;
	Column percent;
	Column amount;
	Column overlay;

	read_column(&seller, sellers, TEXTOID);
	read_column(&percent, percents, NUMERICOID);
	read_column(&amount, amounts, NUMERICOID);
	read_column(&overlay, overlays, BOOLOID);
	if (percent.count != seller.count || amount.count != seller.count ||
		overlay.count != seller.count)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("sellers, percents, amounts and overlays differ in "
						"length"),
				 errdetail("The lengths are %d, %d, %d and %d.",
						   seller.count,
						   percent.count,
						   amount.count,
						   overlay.count),
				 errhint("Fill the shorter arrays with NULL.")));

	rows->rows = palloc(Max(seller.count, 1) * sizeof(Row));
	rows->plain_equal = true;
	rows->overlays_equal = true;
	for (int i = 0; i < seller.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!amount.nulls[i])
			splits->by_net = true;
		if (!seller.nulls[i])
			add_row(rows,
					seller.values[i],
					percent.nulls[i] ? NULL
									 : DatumGetNumeric(percent.values[i]),
					amount.nulls[i] ? NULL : DatumGetNumeric(amount.values[i]),
					!overlay.nulls[i] && DatumGetBool(overlay.values[i]));
	}
}

/* Take an array apart. */
static void
read_column(Column *column, Datum array, Oid type)
{
	ArrayType *elements = DatumGetArrayTypeP(array);
	bool flag = type == BOOLOID;

	if (ARR_NDIM(elements) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("splits must be one-dimensional arrays"),
				 errdetail("One has %d dimensions.", ARR_NDIM(elements))));
	Assert(ARR_ELEMTYPE(elements) == type);
	deconstruct_array(elements,
					  type,
					  flag ? (int) sizeof(bool) : -1,
					  flag,
					  flag ? TYPALIGN_CHAR : TYPALIGN_INT,
					  &column->values,
					  &column->nulls,
					  &column->count);
}

/* Keep a row, unless it gives nothing. */
static void
add_row(Rows *rows, Datum seller, Numeric percent, Numeric amount, bool overlay)
{
	text *name = DatumGetTextPP(seller);
	Row *row = &rows->rows[rows->count];

	if (percent != NULL && (!is_finite(percent) || spm_exact_sign(percent) < 0))
		return;
	if (amount != NULL && !is_finite(amount))
		return;
	row->seller = VARDATA_ANY(name);
	row->length = VARSIZE_ANY_EXHDR(name);
	row->overlay = overlay;
	row->percent = percent;
	row->amount = amount != NULL && percent == NULL ? magnitude(amount) : NULL;
	rows->count++;
	if (!overlay)
		rows->plain++;
	if (row->amount != NULL)
		rows->fixed = true;
	if (row->percent != NULL || row->amount != NULL)
	{
		if (overlay)
			rows->overlays_equal = false;
		else
			rows->plain_equal = false;
	}
}

/* Neither NaN nor infinite? */
static bool
is_finite(Numeric value)
{
	return !numeric_is_nan(value) && !numeric_is_inf(value);
}

/* |value|, which may be the argument itself. */
static Numeric
magnitude(Numeric value)
{
	return spm_exact_sign(value) < 0 ? spm_exact_negate(value) : value;
}

/* Overlays last; by seller. */
static int
compare_rows(const void *a, const void *b)
{
	const Row *left = a;
	const Row *right = b;

	if (left->overlay != right->overlay)
		return left->overlay ? 1 : -1;
	return compare_sellers(left->seller,
						   left->length,
						   right->seller,
						   right->length);
}

/* By bytes, as C collation does. */
static int
compare_sellers(const char *a, int a_length, const char *b, int b_length)
{
	int order = memcmp(a, b, Min(a_length, b_length));

	return order != 0 ? order : a_length - b_length;
}

/* Work out the base, the whole, and what percents leave for amounts. */
static void
find_base(Rows *rows, SpmSplits *splits)
{
	Numeric hundred = int64_to_numeric(100);
	Numeric percents = spm_exact_zero();

	for (int i = 0; i < rows->plain; i++)
		if (rows->rows[i].percent != NULL)
			percents = spm_exact_add(percents, rows->rows[i].percent);
	if (rows->plain == 0)
		rows->base = hundred;
	else if (rows->plain_equal)
		rows->base = percents = int64_to_numeric(rows->plain);
	else
	{
		splits->scaled = spm_exact_compare(percents, hundred) > 0;
		rows->base = splits->scaled ? percents : hundred;
	}
	if (!rows->fixed)
		rows->net = NULL;

	rows->left = spm_exact_sub(rows->base, percents);
	splits->whole = rows->base;
	if (rows->net != NULL)
	{
		rows->left = spm_exact_mul(rows->left, rows->net);
		splits->whole = spm_exact_mul(splits->whole, rows->net);
	}
}

/* Work out the parts of all rows, and the rest. */
static void
add_shares(Rows *rows, SpmSplits *splits)
{
	int overlays = rows->count - rows->plain;
	Numeric times = NULL;

	if (rows->overlays_equal && overlays > 1)
		times = int64_to_numeric(overlays);
	splits->shares = palloc(Max(rows->count, 1) * sizeof(SpmShare));
	for (int i = 0; i < rows->count; i++)
	{
		const Row *row = &rows->rows[i];
		Numeric part;

		CHECK_FOR_INTERRUPTS();
		if (!row->overlay)
		{
			part = plain_part(rows, row);
			if (times != NULL)
				part = spm_exact_mul(part, times);
		}
		else if (rows->overlays_equal)
			part = splits->whole;
		else
			part = overlay_part(rows, row);
		add_share(splits, row, part);
	}
	splits->rest = rows->left;
	if (times != NULL)
	{
		splits->rest = spm_exact_mul(splits->rest, times);
		splits->whole = spm_exact_mul(splits->whole, times);
	}
}

/* The part of base * net that a row has; an amount takes it off what is left. */
static Numeric
plain_part(Rows *rows, const Row *row)
{
	Numeric part;

	if (rows->plain_equal)
		return rows->net ? rows->net : int64_to_numeric(1);
	if (row->percent != NULL)
		return rows->net ? spm_exact_mul(row->percent, rows->net)
						 : row->percent;
	if (row->amount == NULL || rows->net == NULL)
		return spm_exact_zero();
	part = spm_exact_mul(rows->base, row->amount);
	if (spm_exact_compare(part, rows->left) > 0)
		part = rows->left;
	rows->left = spm_exact_sub(rows->left, part);
	return part;
}

/* The part of base * net that an overlay has. */
static Numeric
overlay_part(const Rows *rows, const Row *row)
{
	Numeric part = rows->base;

	if (row->percent != NULL)
	{
		if (rows->net != NULL)
			part = spm_exact_mul(part, rows->net);
		part = spm_exact_mul(part, row->percent);
		/* A hundredth of it. */
		return spm_exact_mul(part, spm_decimal_encode(100, 1));
	}
	if (row->amount == NULL || rows->net == NULL)
		return spm_exact_zero();
	return spm_exact_mul(part,
						 spm_exact_compare(row->amount, rows->net) < 0
							 ? row->amount
							 : rows->net);
}

/* Enter a part; rows come in order, so one of the same seller is the last. */
static void
add_share(SpmSplits *splits, const Row *row, Numeric part)
{
	SpmShare *last = splits->count > 0 ? &splits->shares[splits->count - 1]
									   : NULL;

	if (spm_exact_sign(part) == 0)
		return;
	if (last != NULL && last->overlay == row->overlay &&
		compare_sellers(last->seller, last->length, row->seller, row->length) ==
			0)
		last->part = spm_exact_add(last->part, part);
	else
		splits->shares[splits->count++] =
			(SpmShare){row->seller, row->length, part, row->overlay};
}
