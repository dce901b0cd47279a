/*-------------------------------------------------------------------------
 *
 * trace.c
 *	  Finding the documents that a change elsewhere concerns.
 *
 * A row that is looked up for sales, a split by document and an exchange rate
 * say what leads to documents.  It is followed under the active snapshot, by
 * a query over the source's view.
 *
 * src/sale/trace.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

#include "core/owner.h"
#include "core/spi.h"
#include "sale/split_query.h"
#include "sale/trace.h"

/* More documents than this are not worth following one by one. */
#define MAX_TRACED 10000

static const SpmKeySet *noted(const SpmTouched *touched, int number);
static void trace(SpmTouched *touched, SpmSource *source, int number);
static void trace_credits(SpmTouched *touched, SpmSource *source);
static void find_documents(SpmTouched *touched, SpmSource *source, int number,
						   const char *from, const char *condition);
static void follow_whole(SpmTouched *touched, SpmSource *source,
						 const SpmSource *whole);
static void append_select(StringInfo query, const SpmSource *source,
						  const char *from, int count);
static void require_index(const SpmSource *source, int number);
static void append_condition(StringInfo query, const SpmSource *source,
							 int number);
static int fill_arguments(const SpmTouched *touched, const SpmSource *source,
						  int number, SpmArgs *args);
static Datum days_of(const SpmKeySet *keys);
static void add_day(SpmKeyEntry *entry, void *state);
static void add_documents(SpmTouched *touched, const SpmSource *source,
						  uint64 count);

/*
 * Add the documents that traces lead to under the active snapshot; an error
 * if they are too many.
 */
void
spm_trace_documents(SpmTouched *touched, SpmSource *source)
{
	SpmSource *whole = spm_touched_is_led(touched)
						   ? spm_source_get(touched->whole->source)
						   : NULL;
	SpmCaller caller;

	spm_touched_prepare(touched, source);
	spm_become(source->cache->owner, &caller);
	spm_spi_begin();
	spm_source_reading++;
	PG_TRY();
	{
		for (int i = 0; i < SPM_TRACE_COUNT; i++)
			if (spm_keyset_count(noted(touched, i)) > 0)
				trace(touched, source, i);
		if (touched->dimensions & (1U << SPM_TRACE_SELLER))
			trace_credits(touched, source);
		if (whole != NULL)
			follow_whole(touched, source, whole);
	}
	PG_FINALLY();
	{
		spm_source_reading--;
	}
	PG_END_TRY();
	spm_spi_end();
	spm_return_to(&caller);
}

/* What was noted for the source, or for all, of one kind; NULL: nothing. */
static const SpmKeySet *
noted(const SpmTouched *touched, int number)
{
	return touched->dimensions & (1U << number)
			   ? spm_shared_trace(number)
			   : spm_touched_trace(touched, number);
}

/*
 * Follow one kind of trace by
 *		SELECT DISTINCT s.document_key_1, ... FROM salesperf.source_x AS s,
 *		unnest($1, ...) AS k (k1, ...) WHERE s.split_key_1 = k.k1 ...
 */
static void
trace(SpmTouched *touched, SpmSource *source, int number)
{
	StringInfoData condition;

	require_index(source, number);
	initStringInfo(&condition);
	append_condition(&condition, source, number);
	find_documents(touched, source, number, "", condition.data);
}

/* Follow sellers to the documents that are split with them. */
static void
trace_credits(SpmTouched *touched, SpmSource *source)
{
	for (int part = READ_ORDER_SPLIT; part < READ_PART_COUNT; part++)
	{
		StringInfoData from;
		StringInfoData condition;

		if (!spm_split_query_has(source, part))
			continue;
		initStringInfo(&from);
		initStringInfo(&condition);
		spm_split_query_rows(source, part, &from, &condition);
		appendStringInfoString(&condition,
							   " AND w.seller = k.k1 AND s.sold_on >= k.k2");
		find_documents(touched,
					   source,
					   SPM_TRACE_SELLER,
					   from.data,
					   condition.data);
	}
}

/* Add the documents of the sales that a condition links to noted keys. */
static void
find_documents(SpmTouched *touched, SpmSource *source, int number,
			   const char *from, const char *condition)
{
	SpmArgs args = {0};
	StringInfoData query;

	args.count = fill_arguments(touched, source, number, &args);
	initStringInfo(&query);
	append_select(&query, source, from, args.count);
	appendStringInfo(&query, "%s LIMIT %d", condition, MAX_TRACED + 1);
	add_documents(touched, source, spm_spi_read(query.data, &args));
}

/*
 * Follow documents of the source that lines are part of by
 *		SELECT DISTINCT s.document_key_1, ... FROM salesperf.source_whole AS r,
 *		salesperf.source_x AS s, unnest($1, ...) AS k (k1, ...)
 *		WHERE s.document = r.document AND r.document_key_1 = k.k1 ...
 */
static void
follow_whole(SpmTouched *touched, SpmSource *source, const SpmSource *whole)
{
	const SpmKeyTypes *keys = &whole->keys[SPM_ROLE_LINES];
	SpmArgs args = {.count = keys->count};
	StringInfoData query;

	if (!spm_touched_has_key(touched->whole, whole))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the source was attached with another key")));
	if (spm_touched_keys(touched->whole, NULL, args.values) == 0)
		return;
	initStringInfo(&query);
	append_select(&query,
				  source,
				  psprintf("salesperf.%s AS r, ",
						   spm_source_view_name(whole->name)),
				  keys->count);
	appendStringInfoString(&query, "s.document = r.document");
	for (int i = 0; i < keys->count; i++)
	{
		args.types[i] = get_array_type(keys->types[i]);
		appendStringInfo(&query,
						 " AND r.document_key_%d %s k.k%d",
						 i + 1,
						 spm_source_equality(keys->types[i]),
						 i + 1);
	}
	appendStringInfo(&query, " LIMIT %d", MAX_TRACED + 1);
	add_documents(touched, source, spm_spi_read(query.data, &args));
}

/* Append the query of documents up to its condition, with count arguments. */
static void
append_select(StringInfo query, const SpmSource *source, const char *from,
			  int count)
{
	for (int i = 1; i <= source->keys[SPM_ROLE_LINES].count; i++)
		appendStringInfo(query,
						 "%s s.document_key_%d",
						 i > 1 ? "," : "SELECT DISTINCT",
						 i);
	appendStringInfo(query,
					 " FROM %ssalesperf.%s AS s, unnest(",
					 from,
					 spm_source_view_name(source->name));
	for (int i = 1; i <= count; i++)
		appendStringInfo(query, i > 1 ? ", $%d" : "$%d", i);
	appendStringInfoString(query, ") AS k (");
	for (int i = 1; i <= count; i++)
		appendStringInfo(query, i > 1 ? ", k%d" : "k%d", i);
	appendStringInfoString(query, ") WHERE ");
}

/* Rows that are looked up may change often: nobody waits for a scan then. */
static void
require_index(const SpmSource *source, int number)
{
	if (number >= SPM_ROLE_LOOKUP && number < SPM_ROLE_COUNT &&
		!source->cache->indexed[number])
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("rows of table %s changed, and no index leads from "
						"them to sales",
						get_rel_name(source->tables[number]))));
}

/* How sales are linked to the rows of k. */
static void
append_condition(StringInfo query, const SpmSource *source, int number)
{
	static const char *const conditions[SPM_TRACE_COUNT] = {
		[SPM_TRACE_ORDER_SPLIT] = "s.document = k.k1",
		[SPM_TRACE_RATE] = "s.currency = k.k1 AND s.sold_on >= k.k2",
		[SPM_TRACE_CUSTOMER] = "s.customer = k.k1",
		[SPM_TRACE_PRODUCT] = "s.product = k.k1",
		[SPM_TRACE_SELLER] = "s.seller = k.k1 AND s.sold_on >= k.k2",
	};
	const SpmKeyTypes *keys;

	if (conditions[number] != NULL)
	{
		appendStringInfoString(query, conditions[number]);
		return;
	}
	keys = &source->keys[number];
	for (int i = 0; i < keys->count; i++)
		appendStringInfo(query,
						 "%ss.%s_key_%d %s k.k%d",
						 i > 0 ? " AND " : "",
						 number == SPM_ROLE_SPLITS ? "split"
												   : spm_role_names[number],
						 i + 1,
						 spm_source_equality(keys->types[i]),
						 i + 1);
}

/* The noted keys as arrays; returns how many arrays there are. */
static int
fill_arguments(const SpmTouched *touched, const SpmSource *source, int number,
			   SpmArgs *args)
{
	(void) spm_keyset_arrays(noted(touched, number), NULL, args->values);
	if (number < SPM_ROLE_COUNT)
	{
		for (int i = 0; i < source->keys[number].count; i++)
			args->types[i] = get_array_type(source->keys[number].types[i]);
		return source->keys[number].count;
	}
	args->types[0] = TEXTARRAYOID;
	if (number != SPM_TRACE_RATE && number != SPM_TRACE_SELLER)
		return 1;
	args->types[1] = DATEARRAYOID;
	args->values[1] = days_of(noted(touched, number));
	return 2;
}

/* The days from which on keys are concerned, in the order of the keys. */
static Datum
days_of(const SpmKeySet *keys)
{
	ArrayBuildState *days =
		initArrayResult(DATEOID, CurrentMemoryContext, true);

	spm_keyset_each(keys, add_day, days);
	return makeArrayResult(days, CurrentMemoryContext);
}

static void
add_day(SpmKeyEntry *entry, void *state)
{
	(void) accumArrayResult(state,
							DateADTGetDatum(entry->since),
							false,
							DATEOID,
							CurrentMemoryContext);
}

/* Add the documents that a query found. */
static void
add_documents(SpmTouched *touched, const SpmSource *source, uint64 count)
{
	if (count > MAX_TRACED)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a change of what sales are looked up in, split or "
						"converted by concerns more than %d documents",
						MAX_TRACED)));
	for (uint64 row = 0; row < count; row++)
	{
		Datum key[SPM_MAX_KEYS];
		bool any_null = false;

		for (int i = 0; i < source->keys[SPM_ROLE_LINES].count; i++)
		{
			bool is_null;

			key[i] = spm_spi_datum(row, i + 1, &is_null);
			any_null |= is_null;
		}
		if (!any_null)
			spm_touched_add(touched, key);
	}
}
