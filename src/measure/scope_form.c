/*-------------------------------------------------------------------------
 *
 * scope_form.c
 *	  A scope as bytes, and by which keys it is listed, for writers that have
 *	  many to read.
 *
 * jsonb is what a scope is known by, and slow to take apart.  The form holds
 * the same: metric, period and the number of filters; of each filter its
 * column, whether it excludes, the number of its keys, and these with a zero
 * byte after each.  It is derived, and written by who makes the build.
 *
 * src/measure/scope_form.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "core/export.h"
#include "measure/match.h"
#include "measure/scope_form.h"

SPM_FUNCTION_INFO_V1(spm_scope_form_of);
SPM_FUNCTION_INFO_V1(spm_scope_keys);
SPM_FUNCTION_INFO_V1(spm_scope_uses_of);
SPM_FUNCTION_INFO_V1(spm_build_entry);

/* Up to so many keys, where a sale has several, have the form beside each. */
#define FEW_KEYS 4

/* Beside the number of a column. */
#define EXCLUDES 0x80

typedef struct FormHead
{
	DateADT starts_on;
	DateADT ends_on;
	int16 metric;
	int16 filters;
} FormHead;

typedef struct FilterHead
{
	int32 column; /* with EXCLUDES */
	int32 count;
} FilterHead;

static void add_key(ReturnSetInfo *result, int column, const char *key);
static void write_form(StringInfo form, const SpmScope *scope);
static void write_filter(StringInfo form, int column, const SpmFilter *filter);
static const char *read_filter(const char *place, SpmScope *scope);

/* scope_form(scope) → bytea */
Datum
spm_scope_form_of(PG_FUNCTION_ARGS)
{
	StringInfoData form;

	initStringInfo(&form);
	appendStringInfoSpaces(&form, VARHDRSZ);
	write_form(&form, spm_scope_parse(PG_GETARG_JSONB_P(0)));
	SET_VARSIZE(form.data, form.len);
	PG_RETURN_BYTEA_P((bytea *) form.data);
}

/*
 * build_entry(build_id, scope) → bytea: a build, as build_key lists it.  Who
 * finds it there under a sale's only key need not know the others.
 */
Datum
spm_build_entry(PG_FUNCTION_ARGS)
{
	SpmScope *scope = spm_scope_parse(PG_GETARG_JSONB_P(1));
	int column = spm_scope_listed_by(scope);
	SpmBuildEntry head = {.build_id = PG_GETARG_INT32(0)};
	StringInfoData entry;

	initStringInfo(&entry);
	appendStringInfoSpaces(&entry, VARHDRSZ + sizeof(head));
	if (column != SPM_KEY_COUNT && spm_key_is_single(column))
		scope->include[column].count = 0;
	if (column == SPM_KEY_COUNT || scope->include[column].count <= FEW_KEYS)
		write_form(&entry, scope);
	head.length = entry.len - VARHDRSZ - sizeof(head);
	memcpy(entry.data + VARHDRSZ, &head, sizeof(head));
	SET_VARSIZE(entry.data, entry.len);
	PG_RETURN_BYTEA_P((bytea *) entry.data);
}

static void
write_form(StringInfo form, const SpmScope *scope)
{
	FormHead head = {.starts_on = scope->starts_on,
					 .ends_on = scope->ends_on,
					 .metric = scope->metric};

	for (int column = 0; column < SPM_KEY_COUNT; column++)
		head.filters += scope->include[column].given +
						scope->exclude[column].given;
	appendBinaryStringInfo(form, (const char *) &head, sizeof(head));
	for (int column = 0; column < SPM_KEY_COUNT; column++)
	{
		write_filter(form, column, &scope->include[column]);
		write_filter(form, column | EXCLUDES, &scope->exclude[column]);
	}
}

static void
write_filter(StringInfo form, int column, const SpmFilter *filter)
{
	FilterHead head = {.column = column, .count = filter->count};

	if (!filter->given)
		return;
	appendBinaryStringInfo(form, (const char *) &head, sizeof(head));
	for (int i = 0; i < filter->count; i++)
		appendBinaryStringInfo(form,
							   filter->keys[i],
							   strlen(filter->keys[i]) + 1);
}

/*
 * Take a form apart into *scope.  Its keys stay where they are; the lists of
 * them are in the current memory context.
 */
void
spm_scope_read(const char *form, SpmScope *scope)
{
	const char *place = form;
	FormHead head;

	memcpy(&head, place, sizeof(head));
	place += sizeof(head);
	memset(scope, 0, sizeof(SpmScope));
	scope->metric = head.metric;
	scope->starts_on = head.starts_on;
	scope->ends_on = head.ends_on;
	for (int i = 0; i < head.filters; i++)
		place = read_filter(place, scope);
}

/* Take a filter; returns the place after it. */
static const char *
read_filter(const char *place, SpmScope *scope)
{
	FilterHead head;
	SpmFilter *filter;

	memcpy(&head, place, sizeof(head));
	place += sizeof(head);
	filter = head.column & EXCLUDES ? &scope->exclude[head.column & ~EXCLUDES]
									: &scope->include[head.column];
	filter->given = true;
	filter->count = head.count;
	filter->keys = palloc(Max(head.count, 1) * sizeof(char *));
	for (int i = 0; i < head.count; i++)
	{
		filter->keys[i] = unconstify(char *, place);
		place += strlen(place) + 1;
	}
	return place;
}

/* How build_key has a column; -1: the scopes without an inclusive filter. */
int
spm_build_key_column(SpmKey column)
{
	return column == SPM_KEY_COUNT ? -1 : (int) column;
}

/* scope_keys(scope) → (filter_column, key): what build_key lists it under */
Datum
spm_scope_keys(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SpmScope *scope = spm_scope_parse(PG_GETARG_JSONB_P(0));
	int column = spm_scope_listed_by(scope);

	InitMaterializedSRF(fcinfo, 0);
	if (column == SPM_KEY_COUNT)
		add_key(result, spm_build_key_column(column), "");
	else
		for (int i = 0; i < scope->include[column].count; i++)
			add_key(result, column, scope->include[column].keys[i]);
	return (Datum) 0;
}

static void
add_key(ReturnSetInfo *result, int column, const char *key)
{
	Datum values[] = {Int16GetDatum(column), CStringGetTextDatum(key)};
	bool nulls[lengthof(values)] = {false, false};

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* scope_uses(scope) → integer: what a scope uses of sales, as bits */
Datum
spm_scope_uses_of(PG_FUNCTION_ARGS)
{
	PG_RETURN_UINT32(spm_scope_uses(spm_scope_parse(PG_GETARG_JSONB_P(0))));
}
