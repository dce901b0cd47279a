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

#include "core/compat.h"
#include "sale/noted_row.h"

static Form_pg_attribute form_of(const SpmDirect *direct,
								 const DirectTable *table, int column);
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
		Form_pg_attribute form = form_of(direct, table, i);
		Datum value = row->tts_values[table->used[i] - 1];

		if (form->attbyval || row->tts_isnull[table->used[i] - 1])
			continue;
		size = begin_at(size, value, form->attlen) +
			   size_of(value, form->attlen);
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
		Form_pg_attribute form = form_of(direct, table, i);
		Datum value = row->tts_values[table->used[i] - 1];
		Size length;

		nulls[i] = row->tts_isnull[table->used[i] - 1];
		noted->values[i] = nulls[i] ? (Datum) 0 : value;
		if (form->attbyval || nulls[i])
			continue;
		length = size_of(value, form->attlen);
		end = begin_at(end, value, form->attlen);
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
		int place = table->places[i];

		direct->row->tts_isnull[place] = nulls[i];
		direct->row->tts_values[place] =
			form_of(direct, table, i)->attbyval
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
		Form_pg_attribute form = form_of(direct, table, i);

		if (!table->decides[i])
			continue;
		if (nulls_of(a, table)[i] != nulls_of(b, table)[i])
			return false;
		if (nulls_of(a, table)[i])
			continue;
		if (form->attbyval
				? a->values[i] != b->values[i]
				: !datumIsEqual(PointerGetDatum((char *) a + a->values[i]),
								PointerGetDatum((char *) b + b->values[i]),
								false,
								form->attlen))
			return false;
	}
	return true;
}

/* How values of a used column are passed. */
static Form_pg_attribute
form_of(const SpmDirect *direct, const DirectTable *table, int column)
{
	return TupleDescAttr(direct->row->tts_tupleDescriptor,
						 table->places[column]);
}

/* How many bytes a value by reference takes. */
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
