/*-------------------------------------------------------------------------
 *
 * noted_row.c
 *	  The used columns of a row, as they are kept until commit.
 *
 * A row is noted once for each version of a line, and read again at commit:
 * it costs less to make and to take apart than a tuple.
 *
 * src/sale/noted_row.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/datum.h"

#include "sale/noted_row.h"

static Size size_of(Datum value, int16 length);
static Size begin_at(Size end, Datum value, int16 length);
static bool *nulls_of(const SpmNotedRow *noted, const DirectTable *table);

/* How many bytes the row of a table takes, which is in a slot. */
Size
spm_noted_row_size(const SpmDirect *direct, SpmRole role, TupleTableSlot *row)
{
	const DirectTable *table = &direct->tables[role];
	Size size = offsetof(SpmNotedRow, values) +
				table->used_count * (sizeof(Datum) + sizeof(bool));

	slot_getsomeattrs(row, table->last_used);
	for (int i = 0; i < table->used_count; i++)
	{
		const DirectColumn *column = &table->used[i];
		Datum value = row->tts_values[column->number - 1];

		if (column->length != 0 && !row->tts_isnull[column->number - 1])
			size = begin_at(size, value, column->length) +
				   size_of(value, column->length);
	}
	return MAXALIGN(size);
}

/* Note it in so many bytes. */
void
spm_noted_row_form(SpmNotedRow *noted, Size size, const SpmDirect *direct,
				   SpmRole role, TupleTableSlot *row)
{
	const DirectTable *table = &direct->tables[role];
	bool *nulls = nulls_of(noted, table);
	Size end = (char *) (nulls + table->used_count) - (char *) noted;

	memset(nulls, 0, size - (end - table->used_count));
	noted->size = size;
	for (int i = 0; i < table->used_count; i++)
	{
		const DirectColumn *column = &table->used[i];
		Datum value = row->tts_values[column->number - 1];
		Size length;

		nulls[i] = row->tts_isnull[column->number - 1];
		noted->values[i] = nulls[i] ? (Datum) 0 : value;
		if (column->length == 0 || nulls[i])
			continue;
		length = size_of(value, column->length);
		end = begin_at(end, value, column->length);
		memcpy((char *) noted + end, DatumGetPointer(value), length);
		noted->values[i] = (Datum) end;
		end += length;
	}
}

/* Put it into the row that holds all tables' columns, which points to it. */
void
spm_noted_row_fill(const SpmNotedRow *noted, const SpmDirect *direct,
				   SpmRole role)
{
	const DirectTable *table = &direct->tables[role];
	const bool *nulls = nulls_of(noted, table);

	for (int i = 0; i < table->used_count; i++)
	{
		int place = table->used[i].place;

		direct->row->tts_isnull[place] = nulls[i];
		direct->row->tts_values[place] =
			table->used[i].length == 0
				? noted->values[i]
				: PointerGetDatum((const char *) noted + noted->values[i]);
	}
}

/* Do two rows of a table differ in nothing but amounts? */
bool
spm_noted_rows_agree(const SpmNotedRow *a, const SpmNotedRow *b,
					 const SpmDirect *direct, SpmRole role)
{
	const DirectTable *table = &direct->tables[role];

	for (int i = 0; i < table->used_count; i++)
	{
		int16 length = table->used[i].length;

		if (!table->used[i].decides)
			continue;
		if (nulls_of(a, table)[i] != nulls_of(b, table)[i])
			return false;
		if (nulls_of(a, table)[i])
			continue;
		if (length == 0
				? a->values[i] != b->values[i]
				: !datumIsEqual(PointerGetDatum((char *) a + a->values[i]),
								PointerGetDatum((char *) b + b->values[i]),
								false,
								length))
			return false;
	}
	return true;
}

/* The bytes of a value by reference. */
static Size
size_of(Datum value, int16 length)
{
	return length == -1 ? VARSIZE_ANY(DatumGetPointer(value))
						: datumGetSize(value, false, length);
}

/* Where a value by reference begins, after so many bytes. */
static Size
begin_at(Size end, Datum value, int16 length)
{
	return length == -1 && VARATT_IS_SHORT(DatumGetPointer(value))
			   ? end
			   : MAXALIGN(end);
}

static bool *
nulls_of(const SpmNotedRow *noted, const DirectTable *table)
{
	return (bool *) &noted->values[table->used_count];
}
