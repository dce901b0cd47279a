/*-------------------------------------------------------------------------
 *
 * stored.c
 *	  Mappings as rows of table source.
 *
 * The columns are the arguments of attach_source().  Once made, a source's
 * view follows a renamed table, which the stored text does not: where there
 * is a view, the tables are those that it reads.
 *
 * src/sale/stored.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/varlena.h"

#include "core/catalog.h"
#include "core/guard.h"
#include "core/spi.h"
#include "sale/install.h"
#include "sale/stored.h"

static const char *argument_name(int number);
static const char *stored_value(const SpmMapping *mapping, int number);
static const char *table_name(Oid table);
static const char *joins_array(const SpmMapping *mapping);
static void read_row(uint64 row, SpmMapping *mapping);
static void read_joins(uint64 row, SpmMapping *mapping);
static Oid known_table(const char *name);

/* Which argument a field is. */
int
spm_stored_argument(SpmFieldId field)
{
	return field < SPM_SPLIT_SELLER
			   ? ARG_FIELDS + field
			   : ARG_SPLIT_FIELDS + field - SPM_SPLIT_SELLER;
}

/* Write the row of table source. */
void
spm_stored_write(const SpmMapping *mapping)
{
	StringInfoData columns;
	StringInfoData values;
	StringInfoData changes;

	initStringInfo(&columns);
	initStringInfo(&values);
	initStringInfo(&changes);
	for (int i = 0; i < ARG_COUNT; i++)
	{
		const char *name = argument_name(i);
		const char *separator = i > 0 ? ", " : "";

		appendStringInfo(&columns, "%s%s", separator, name);
		appendStringInfo(&values, "%s%s", separator, stored_value(mapping, i));
		appendStringInfo(&changes, "%s%s = excluded.%s", separator, name, name);
	}
	spm_spi_run(psprintf("INSERT INTO salesperf.source (%s) VALUES (%s)"
						 " ON CONFLICT (name) DO UPDATE SET %s",
						 columns.data,
						 values.data,
						 changes.data),
				NULL);
}

/* The name of an argument, and of its column in table source. */
static const char *
argument_name(int number)
{
	static const char *const names[ARG_COUNT] = {
		[ARG_NAME] = "name",
		[ARG_LINES] = "lines",
		[ARG_HEADER] = "header",
		[ARG_JOIN_ON] = "join_on",
		[ARG_JOINS] = "joins",
		[ARG_PART_OF] = "part_of",
		[ARG_SPLITS] = "splits",
		[ARG_SPLIT_ON] = "split_on",
	};

	for (int i = 0; i < SPM_FIELD_COUNT; i++)
		if (spm_stored_argument(i) == number)
			return spm_fields[i].name;
	return names[number];
}

/* The value of a column of table source, as an SQL literal. */
static const char *
stored_value(const SpmMapping *mapping, int number)
{
	const char *text = NULL;

	for (int i = 0; i < SPM_FIELD_COUNT; i++)
		if (spm_stored_argument(i) == number)
			text = mapping->expressions[i];
	switch (number)
	{
		case ARG_NAME:
			text = mapping->name;
			break;
		case ARG_LINES:
			text = table_name(mapping->tables[SPM_ROLE_LINES]);
			break;
		case ARG_HEADER:
			text = table_name(mapping->tables[SPM_ROLE_HEADER]);
			break;
		case ARG_JOIN_ON:
			text = mapping->join_on;
			break;
		case ARG_JOINS:
			return joins_array(mapping);
		case ARG_PART_OF:
			text = mapping->part_of;
			break;
		case ARG_SPLITS:
			text = table_name(mapping->tables[SPM_ROLE_SPLITS]);
			break;
		case ARG_SPLIT_ON:
			text = mapping->split_on;
			break;
	}
	return text ? quote_literal_cstr(text) : "NULL";
}

static const char *
table_name(Oid table)
{
	return OidIsValid(table) ? spm_qualified_name(table) : NULL;
}

/* The joins as an SQL expression. */
static const char *
joins_array(const SpmMapping *mapping)
{
	StringInfoData array;

	if (mapping->lookup_count == 0)
		return "NULL";
	initStringInfo(&array);
	for (int i = 0; i < mapping->lookup_count; i++)
		appendStringInfo(&array,
						 "%s%s",
						 i > 0 ? ", " : "ARRAY[",
						 quote_literal_cstr(mapping->joins[i]));
	appendStringInfoChar(&array, ']');
	return array.data;
}

/* Write a row of table source again, so that its triggers see a change. */
void
spm_stored_touch(const char *name)
{
	SpmArgs args = {1, {TEXTOID}, {CStringGetTextDatum(name)}};

	spm_spi_run("UPDATE salesperf.source SET lines = lines WHERE name = $1",
				&args);
}

/*
 * All mappings in order of name, unchecked.  The tables are those that the
 * source's view reads, or, without a view, those of that name, if any.
 */
SpmMapping *
spm_stored_read(uint64 *count)
{
	StringInfoData query;
	SpmMapping *mappings;

	initStringInfo(&query);
	for (int i = 0; i < ARG_COUNT; i++)
		appendStringInfo(&query,
						 "%s%s",
						 i > 0 ? ", " : "SELECT ",
						 argument_name(i));
	appendStringInfoString(&query, " FROM salesperf.source ORDER BY name");
	*count = spm_spi_run(query.data, NULL);
	mappings = palloc0(*count * sizeof(SpmMapping));
	for (uint64 row = 0; row < *count; row++)
		read_row(row, &mappings[row]);
	for (uint64 i = 0; i < *count; i++)
		if (spm_install_has_view(mappings[i].name))
			(void) spm_guard(spm_stored_follow_view, &mappings[i]);
	return mappings;
}

static void
read_row(uint64 row, SpmMapping *mapping)
{
	mapping->name = spm_spi_text(row, 1 + ARG_NAME);
	mapping->part_of = spm_spi_text(row, 1 + ARG_PART_OF);
	mapping->tables[SPM_ROLE_LINES] =
		known_table(spm_spi_text(row, 1 + ARG_LINES));
	mapping->tables[SPM_ROLE_HEADER] =
		known_table(spm_spi_text(row, 1 + ARG_HEADER));
	mapping->tables[SPM_ROLE_SPLITS] =
		known_table(spm_spi_text(row, 1 + ARG_SPLITS));
	mapping->join_on = spm_spi_text(row, 1 + ARG_JOIN_ON);
	mapping->split_on = spm_spi_text(row, 1 + ARG_SPLIT_ON);
	read_joins(row, mapping);
	for (int i = 0; i < SPM_FIELD_COUNT; i++)
		mapping->expressions[i] = spm_spi_text(row, 1 + spm_stored_argument(i));
}

static void
read_joins(uint64 row, SpmMapping *mapping)
{
	bool is_null;
	Datum array = spm_spi_datum(row, 1 + ARG_JOINS, &is_null);
	Datum *joins;
	int count;

	if (is_null)
		return;
	deconstruct_array(DatumGetArrayTypeP(array),
					  TEXTOID,
					  -1,
					  false,
					  TYPALIGN_INT,
					  &joins,
					  NULL,
					  &count);
	mapping->lookup_count = Min(count, SPM_MAX_LOOKUPS);
	for (int i = 0; i < mapping->lookup_count; i++)
		mapping->joins[i] = TextDatumGetCString(joins[i]);
}

/* Take the tables of the source's view, if attach_source() made it. */
void
spm_stored_follow_view(void *mapping)
{
	SpmMapping *followed = mapping;

	memcpy(followed->tables,
		   spm_source_get(followed->name)->tables,
		   sizeof(followed->tables));
}

/* OID of a table; InvalidOid if it is gone, or none was given. */
static Oid
known_table(const char *name)
{
	if (name == NULL)
		return InvalidOid;
	return RangeVarGetRelid(makeRangeVarFromNameList(
								textToQualifiedNameList(cstring_to_text(name))),
							NoLock,
							true);
}
