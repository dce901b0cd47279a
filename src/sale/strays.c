/*-------------------------------------------------------------------------
 *
 * strays.c
 *	  Which sources have no lines without a header.
 *
 * Lines may be entered before their header is there, or left when it goes.  So
 * who creates a document looks whether it has others than their own lines.  That
 * is not needed where a refresh has found that all lines have a header, as long
 * as nobody who booked since has met, or left, one that has not.  See
 * README.md in measure.
 *
 * src/sale/strays.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "core/catalog.h"
#include "core/guard.h"
#include "core/owner.h"
#include "org/version.h"
#include "sale/direct.h"
#include "sale/split_query.h"

static void note_if_none(void *argument);
static bool has_strays(const SpmSource *source);
static void append_column(StringInfo query, const char *alias,
						  const SpmSource *source, SpmRole role, int key);

/*
 * Forget that lines were met without a header, and that there were none where
 * some were, or everywhere: what was done by those who may have seen these notes
 * can be looked at when they have been waited for.  One statement, and so one
 * snapshot.
 */
void
spm_source_forget_strays(bool everywhere)
{
	SpmArgs args = {1, {BOOLOID}, {BoolGetDatum(everywhere)}};

	spm_spi_run("WITH strays AS (DELETE FROM salesperf.org_version"
				" WHERE part = 4 RETURNING change)"
				" DELETE FROM salesperf.org_version v WHERE v.part = 3"
				" AND ($1 OR EXISTS (SELECT FROM strays s"
				" WHERE s.change IN (0, v.change)))",
				&args);
}

/*
 * Note of each source whose lines all have a header, as the active snapshot
 * shows them, that it is so.  One that can't be read is left out.
 */
void
spm_source_note_strays(void)
{
	ListCell *cell;

	foreach (cell, spm_source_names())
		(void) spm_guard(note_if_none, lfirst(cell));
}

/* Who reads documents by a query does not ask, so it is not looked for. */
static void
note_if_none(void *argument)
{
	SpmSource *source = spm_source_get(argument);
	Oid view = source->cache->view;

	if (OidIsValid(source->tables[SPM_ROLE_HEADER]) &&
		spm_source_direct(source) != NULL &&
		!spm_split_query_has(source, READ_CHILD_SPLIT) &&
		spm_org_asks_for_strays(view) && !has_strays(source))
		spm_org_note_no_strays(view);
}

static bool
has_strays(const SpmSource *source)
{
	int count = source->keys[SPM_ROLE_LINES].count;
	StringInfoData query;
	SpmCaller caller;
	bool found;

	initStringInfo(&query);
	appendStringInfo(
		&query,
		"SELECT FROM ONLY %s AS l WHERE NOT EXISTS (SELECT FROM ONLY %s AS h",
		spm_qualified_name(source->tables[SPM_ROLE_LINES]),
		spm_qualified_name(source->tables[SPM_ROLE_HEADER]));
	for (int i = 0; i < count; i++)
	{
		appendStringInfoString(&query, i == 0 ? " WHERE " : " AND ");
		append_column(&query, "h", source, SPM_ROLE_HEADER, i);
		appendStringInfo(&query,
						 " %s ",
						 spm_source_equality(
							 source->keys[SPM_ROLE_LINES].types[i]));
		append_column(&query, "l", source, SPM_ROLE_LINES, i);
	}
	appendStringInfoChar(&query, ')');
	for (int i = 0; i < count; i++)
	{
		appendStringInfoString(&query, " AND ");
		append_column(&query, "l", source, SPM_ROLE_LINES, i);
		appendStringInfoString(&query, " IS NOT NULL");
	}
	appendStringInfoString(&query, " LIMIT 1");
	spm_become(source->cache->owner, &caller);
	spm_spi_begin();
	found = spm_spi_read(query.data, NULL) > 0;
	spm_spi_end();
	spm_return_to(&caller);
	return found;
}

/* A column of the key that leads from a row of one table to documents. */
static void
append_column(StringInfo query, const char *alias, const SpmSource *source,
			  SpmRole role, int key)
{
	char *column = get_attname(source->tables[role],
							   source->cache->keys[role].columns[key],
							   false);

	appendStringInfo(query, "%s.%s", alias, quote_identifier(column));
}
