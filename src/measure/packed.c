/*-------------------------------------------------------------------------
 *
 * packed.c
 *	  The deltas of one transaction, packed into few bytes.
 *
 * A delta of a measure that a sale touches is four to eight bytes, since most
 * is said by what went before:
 *
 *	  build	 how much above the one before; builds ascend
 *	  form	 a byte: decimals of the amount, or NUMERIC, and whether the month
 *			 is that of the delta before
 *	  month	 days after the one before, if it is another; 2000-01-01 is before
 *			 the first
 *	  amount as an integer of so many decimals; one that 128 bits do not hold
 *			 as numeric_send() writes it, after its length
 *
 * Integers are written seven bits a byte, the lowest first, the eighth bit
 * saying that more come; those with a sign with the sign as lowest bit.
 *
 * src/measure/packed.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funcapi.h"
#include "utils/builtins.h"

#include "core/export.h"
#include "measure/packed.h"

SPM_FUNCTION_INFO_V1(spm_pending_deltas);

#define SAME_MONTH 0x80
#define FORM_MASK 0x7F
#define NUMERIC_FORM 0x7F

#define GROUP_DECIMALS 4
#define MAX_DECIMALS (SPM_DECIMAL_GROUPS * GROUP_DECIMALS)

/* Kept as a numeric: an integer can be negated by who reads it. */
#define INT128_LEAST ((int128) ((uint128) 1 << 127))

/* 128 bits, seven a byte; and three such integers with the form. */
#define MAX_INTEGER_BYTES 19
#define MAX_DELTA_BYTES (3 * MAX_INTEGER_BYTES + 1)

/* What numeric_send() writes before the digits, which are two bytes each. */
#define NUMERIC_HEAD 8

static void write_integer(StringInfo bytes, uint128 value);
static void write_signed(StringInfo bytes, int128 value);
static void write_numeric(StringInfo bytes, Numeric value);
static int cut_zeros(int128 *scaled, int groups);
static uint128 read_integer(SpmUnpacking *unpacking);
static int128 read_signed(SpmUnpacking *unpacking);
static int32 step_within(int32 start, int128 step, int32 first);
static void read_scaled(SpmUnpacking *unpacking, int decimals);
static void read_numeric(SpmUnpacking *unpacking);
static Numeric amount_of(const SpmUnpacking *unpacking);
pg_noreturn static void refuse(void);

/* Begin with no deltas, in the current memory context. */
void
spm_packing_begin(SpmPacking *packing)
{
	initStringInfo(&packing->bytes);
	appendStringInfoSpaces(&packing->bytes, VARHDRSZ);
	packing->build_id = 0;
	packing->month = 0;
}

/* Add a delta, of the same build as the one before or a higher one. */
void
spm_packing_add(SpmPacking *packing, int32 build_id, DateADT month,
				const SpmSum *amount)
{
	StringInfo bytes = &packing->bytes;
	bool same_month = month == packing->month;
	bool is_integer = amount->large == NULL && amount->scaled != INT128_LEAST;
	int128 scaled = amount->scaled;
	int form = is_integer ? cut_zeros(&scaled, amount->groups) : NUMERIC_FORM;

	Assert(build_id >= packing->build_id);
	enlargeStringInfo(bytes, MAX_DELTA_BYTES);
	write_integer(bytes, (uint32) build_id - (uint32) packing->build_id);
	bytes->data[bytes->len++] = (char) (form | (same_month ? SAME_MONTH : 0));
	if (!same_month)
		write_signed(bytes, (int64) month - packing->month);
	if (is_integer)
		write_signed(bytes, scaled);
	else
		write_numeric(bytes, spm_sum_result(amount));
	packing->build_id = build_id;
	packing->month = month;
}

/* What was packed. */
bytea *
spm_packing_end(SpmPacking *packing)
{
	SET_VARSIZE(packing->bytes.data, packing->bytes.len);
	return (bytea *) packing->bytes.data;
}

/* Begin to read; the bytes stay where they are. */
void
spm_unpacking_begin(SpmUnpacking *unpacking, const bytea *packed)
{
	memset(unpacking, 0, sizeof(SpmUnpacking));
	unpacking->at = (const unsigned char *) VARDATA_ANY(packed);
	unpacking->end = unpacking->at + VARSIZE_ANY_EXHDR(packed);
}

/*
 * Read the next delta; false at the end.  A numeric is palloc'd.  Bytes that
 * are no deltas are an error.
 */
bool
spm_unpacking_next(SpmUnpacking *unpacking)
{
	int form;

	if (unpacking->at == unpacking->end)
		return false;
	unpacking->build_id = step_within(unpacking->build_id,
									  read_integer(unpacking),
									  Max(unpacking->build_id, 1));
	if (unpacking->at == unpacking->end)
		refuse();
	form = *unpacking->at++;
	if (!(form & SAME_MONTH))
		unpacking->month =
			step_within(unpacking->month, read_signed(unpacking), PG_INT32_MIN);
	if ((form & FORM_MASK) == NUMERIC_FORM)
		read_numeric(unpacking);
	else
		read_scaled(unpacking, form & FORM_MASK);
	return true;
}

/* pending_deltas(bytea) → (build_id, month, amount) */
Datum
spm_pending_deltas(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SpmUnpacking unpacking;

	InitMaterializedSRF(fcinfo, 0);
	spm_unpacking_begin(&unpacking, PG_GETARG_BYTEA_PP(0));
	while (spm_unpacking_next(&unpacking))
	{
		Datum values[] = {Int32GetDatum(unpacking.build_id),
						  DateADTGetDatum(unpacking.month),
						  NumericGetDatum(amount_of(&unpacking))};
		bool nulls[lengthof(values)] = {false};

		if (!DATE_NOT_FINITE(unpacking.month) &&
			!IS_VALID_DATE(unpacking.month))
			refuse();
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

static void
write_integer(StringInfo bytes, uint128 value)
{
	uint64 rest;

	for (; value > PG_UINT64_MAX; value >>= 7)
		bytes->data[bytes->len++] = (char) (0x80 | (value & 0x7F));
	for (rest = (uint64) value; rest > 0x7F; rest >>= 7)
		bytes->data[bytes->len++] = (char) (0x80 | (rest & 0x7F));
	bytes->data[bytes->len++] = (char) rest;
}

static void
write_signed(StringInfo bytes, int128 value)
{
	uint128 doubled = (uint128) value << 1;

	write_integer(bytes, value < 0 ? ~doubled : doubled);
}

static void
write_numeric(StringInfo bytes, Numeric value)
{
	bytea *sent = DatumGetByteaP(
		DirectFunctionCall1(numeric_send, NumericGetDatum(value)));
	int size = VARSIZE(sent) - VARHDRSZ;

	write_integer(bytes, size);
	appendBinaryStringInfo(bytes, VARDATA(sent), size);
	pfree(sent);
}

/* Cut decimals that are 0; returns how many there are left. */
static int
cut_zeros(int128 *scaled, int groups)
{
	int decimals = groups * GROUP_DECIMALS;
	int64 small = (int64) *scaled;

	if (small == *scaled)
	{
		for (; decimals > 0 && small % 10 == 0; decimals--)
			small /= 10;
		*scaled = small;
		return decimals;
	}
	for (; decimals > 0 && *scaled % 10 == 0; decimals--)
		*scaled /= 10;
	return decimals;
}

static uint128
read_integer(SpmUnpacking *unpacking)
{
	uint128 value = 0;

	for (int shift = 0; unpacking->at < unpacking->end; shift += 7)
	{
		unsigned char byte = *unpacking->at++;

		/* The last one has room for two bits. */
		if (shift == (MAX_INTEGER_BYTES - 1) * 7 && byte > 3)
			break;
		value |= (uint128) (byte & 0x7F) << shift;
		if (byte <= 0x7F)
			return value;
	}
	refuse();
}

static int128
read_signed(SpmUnpacking *unpacking)
{
	uint128 doubled = read_integer(unpacking);
	uint128 half = doubled >> 1;

	return (int128) (doubled & 1 ? ~half : half);
}

/* start + step, which must not be below first. */
static int32
step_within(int32 start, int128 step, int32 first)
{
	if (step < (int64) first - start || step > (int64) PG_INT32_MAX - start)
		refuse();
	return (int32) (start + (int64) step);
}

/* Read an integer, and bring it to whole groups of decimals. */
static void
read_scaled(SpmUnpacking *unpacking, int decimals)
{
	unpacking->numeric = NULL;
	unpacking->scaled = read_signed(unpacking);
	unpacking->groups = (decimals + GROUP_DECIMALS - 1) / GROUP_DECIMALS;
	if (decimals > MAX_DECIMALS)
		refuse();
	for (; decimals < unpacking->groups * GROUP_DECIMALS; decimals++)
		if (__builtin_mul_overflow(unpacking->scaled, 10, &unpacking->scaled))
			refuse();
}

static void
read_numeric(SpmUnpacking *unpacking)
{
	uint128 size = read_integer(unpacking);
	StringInfoData sent;

	/* It begins with the number of its digits. */
	if (size < NUMERIC_HEAD || size > unpacking->end - unpacking->at ||
		size != NUMERIC_HEAD + 2 * (unpacking->at[0] << 8 | unpacking->at[1]))
		refuse();
	initStringInfo(&sent);
	appendBinaryStringInfo(&sent, (const char *) unpacking->at, (int) size);
	unpacking->numeric =
		DatumGetNumeric(DirectFunctionCall3(numeric_recv,
											PointerGetDatum(&sent),
											ObjectIdGetDatum(InvalidOid),
											Int32GetDatum(-1)));
	pfree(sent.data);
	unpacking->at += size;
}

static Numeric
amount_of(const SpmUnpacking *unpacking)
{
	return unpacking->numeric
			   ? unpacking->numeric
			   : spm_decimal_encode(unpacking->scaled, unpacking->groups);
}

pg_noreturn static void
refuse(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("the bytes are not deltas as table \"pending\" holds "
					"them")));
}
