/*-------------------------------------------------------------------------
 *
 * read.c
 *	  Reading the sales of attached sources.
 *
 * Figures are read as the owner of the table with the lines, whoever writes or
 * asks, as PostgreSQL does with the expressions of an index: a function in a
 * mapping gains nobody more than that owner's rights.  Lists are read with
 * the caller's own rights.
 *
 * Sales of documents that are split are read by themselves, a document's one
 * after the other.
 *
 * src/sale/read.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_operator.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "core/catalog.h"
#include "core/equality.h"
#include "core/owner.h"
#include "core/spi.h"
#include "org/path.h"
#include "org/version.h"
#include "sale/line_change.h"
#include "sale/sale_receiver.h"
#include "sale/split_query.h"

/*
 * Columns that every read has, with those of customer and product, alias a and
 * p, or without; and those that a list has after them.
 */
#define SALE_COLUMNS(customer, product)                                        \
	"s.sold_on, s.seller, s.unit, s.customer, " customer                       \
	", s.product, " product ", s.branch, s.sale_type, s.source"                \
	", s.quantity, s.gross, s.net, s.margin"
#define NO_TEXT "NULL::pg_catalog.text"
#define ATTRIBUTES                                                             \
	" LEFT JOIN salesperf.customer AS a ON a.code = s.customer"                \
	" LEFT JOIN salesperf.product AS p ON p.code = s.product"
#define SALE_COLUMN_COUNT (1 + SPM_KEY_COUNT + SPM_AMOUNT_COUNT)
#define LIST_COLUMNS ", s.document, s.line"
#define LIST_COLUMN_COUNT 2

/* How sales are read. */
typedef struct Read
{
	ReadKind kind;
	SpmNeeds needs;
	ReadPart part;
	SpmArgs args;
	const SpmSalePeriod *period; /* of READ_PERIOD */
	SpmSaleConsumer consume;
	void *state;
	uint64 documents; /* read one after the other so far */
	bool strays;	  /* some may have lines without a header */
} Read;

static void read_parts(SpmSource *source, Read *read);
static void read_sales(SpmSource *source, Read *read);
static bool may_be_split(SpmSource *source);
static bool read_directly(SpmSource *source, Read *read);
static bool needs_attributes(const Read *read);
static bool is_by_document(const Read *read);
static SPIPlanPtr get_plan(SpmSource *source, const Read *read);
static SPIPlanPtr plan_read(SpmSource *source, const Read *read);
static int column_count(ReadKind kind);
static void find_period(const SpmSalePeriod *period, StringInfo condition);
static void find_documents(const SpmSource *source, int count, StringInfo from,
						   StringInfo condition);

/*
 * Read the sales of some documents; keys has an array for each key column.
 * The plan is kept, and may be made while the tables are small: without
 * sequential scans it uses the indexes that the source must have, however
 * much is looked up.  Returns whether some may have lines without a header.
 */
bool
spm_source_read_documents(SpmSource *source, const Datum *keys, SpmNeeds needs,
						  SpmSaleConsumer consume, void *state)
{
	const SpmKeyTypes *types = &source->keys[SPM_ROLE_LINES];
	Read read = {.kind = READ_DOCUMENTS,
				 .needs = needs,
				 .args = {.count = types->count},
				 .consume = consume,
				 .state = state};
	SpmCaller caller;

	for (int i = 0; i < types->count; i++)
	{
		read.args.types[i] = get_array_type(types->types[i]);
		read.args.values[i] = keys[i];
	}
	if (read_directly(source, &read))
		return read.strays;
	spm_become(source->cache->owner, &caller);
	spm_set_locally("enable_seqscan", "off");
	read_parts(source, &read);
	spm_return_to(&caller);
	return read.strays;
}

/* Read all sales of a source. */
void
spm_source_read_all(SpmSource *source, SpmNeeds needs, SpmSaleConsumer consume,
					void *state)
{
	Read read = {.kind = READ_ALL,
				 .needs = needs,
				 .consume = consume,
				 .state = state};
	SpmCaller caller;

	spm_become(source->cache->owner, &caller);
	read_parts(source, &read);
	spm_return_to(&caller);
}

/*
 * Read all sales that the caller may see.  Rows have document and line after
 * the columns that every read has.
 */
void
spm_source_list(SpmSource *source, SpmNeeds needs, SpmSaleConsumer consume,
				void *state)
{
	Read read = {.kind = READ_LIST,
				 .needs = needs,
				 .consume = consume,
				 .state = state};

	read_parts(source, &read);
}

/*
 * Read the sales of some days, or of one document.  Rows have the columns of
 * SPM_PERIOD_... .  The days are written into the query, so that the planner
 * knows how many they are.
 */
void
spm_source_read_period(SpmSource *source, const SpmSalePeriod *period,
					   SpmNeeds needs, SpmSaleConsumer consume, void *state)
{
	Read read = {.kind = READ_PERIOD,
				 .needs = needs,
				 .period = period,
				 .consume = consume,
				 .state = state};
	SpmCaller caller;

	spm_become(source->cache->owner, &caller);
	read_parts(source, &read);
	spm_return_to(&caller);
}

/*
 * Run the source's queries: one for all sales, or one for those that are not
 * split and one for each way in which they can be.
 */
static void
read_parts(SpmSource *source, Read *read)
{
	if (!may_be_split(source))
	{
		read_sales(source, read);
		return;
	}
	for (int part = READ_UNSPLIT; part < READ_PART_COUNT; part++)
	{
		read->part = part;
		if (spm_split_query_has(source, part))
			read_sales(source, read);
	}
}

/*
 * Can documents of the source be split?  What builds go by knows only of splits
 * that were entered or there since they are, so it is not asked here.
 */
static bool
may_be_split(SpmSource *source)
{
	return spm_split_query_has(source, READ_CHILD_SPLIT) ||
		   spm_splits_are_there();
}

/*
 * Read documents without the executor.  False if some can't be read so: the
 * read is of those from then on.
 */
static bool
read_directly(SpmSource *source, Read *read)
{
	SpmDirect *direct = spm_source_direct(source);
	SpmDirectCall call = {.needs = read->needs,
						  .consume = read->consume,
						  .state = read->state};
	bool all;

	if (spm_split_query_has(source, READ_CHILD_SPLIT))
		return false;
	read->strays = true;
	if (direct == NULL)
		return false;
	call.may_be_split = spm_org_has_splits();
	all = spm_direct_read(source, direct, &call, read->args.values);
	read->documents = call.documents;
	read->strays = call.strays;
	return all;
}

/*
 * Read the lines that a transaction added to documents of which it touched
 * nothing else, and those it took off.  False if that has to be done by
 * reading the documents.
 */
bool
spm_source_read_changes(SpmSource *source, SpmTouched *touched, SpmNeeds needs,
						SpmSaleConsumer consume, void *state)
{
	SpmDirect *direct = spm_source_direct(source);
	SpmDirectCall call = {.needs = needs, .consume = consume, .state = state};
	bool known;

	if (touched->read_all || !spm_line_changes_are_any(touched) ||
		needs.documents || direct == NULL ||
		direct->number != touched->direct_number ||
		spm_split_query_has(source, READ_CHILD_SPLIT))
		return false;
	call.may_be_split = spm_org_has_splits();
	call.may_have_strays = spm_org_may_have_strays(source->cache->view);
	call.expected = touched->change_count;
	spm_path_expect(spm_keyset_count(touched->documents));
	known = spm_direct_read_changes(source, direct, &call, touched);
	spm_path_expect(0);
	touched->strays |= call.strays;
	return known;
}

static bool
needs_attributes(const Read *read)
{
	return read->needs.customers || read->needs.products;
}

/* The plan of a query: kept, unless it is for one period or document. */
static SPIPlanPtr
get_plan(SpmSource *source, const Read *read)
{
	SPIPlanPtr *kept =
		&source->cache->plans[read->kind][read->part][needs_attributes(read)]
							 [read->needs.documents];

	if (read->kind == READ_PERIOD)
		return plan_read(source, read);
	if (*kept == NULL)
		*kept = plan_read(source, read);
	return *kept;
}

/* Run one of the source's queries under the active snapshot. */
static void
read_sales(SpmSource *source, Read *read)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "salesperf read",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	SpmSaleReceiver receiver = {.consume = read->consume,
								.state = read->state,
								.by_document = is_by_document(read),
								.number = read->documents};
	SPIPlanPtr plan;

	spm_sale_receiver_init(&receiver,
						   source,
						   read->part,
						   column_count(read->kind));
	MemoryContextSwitchTo(caller_context);
	spm_spi_begin();
	plan = get_plan(source, read);
	spm_source_reading++;
	PG_TRY();
	{
		spm_spi_stream(plan, &read->args, &receiver.destination);
	}
	PG_FINALLY();
	{
		spm_source_reading--;
	}
	PG_END_TRY();
	spm_spi_end();
	read->documents = receiver.number;
	MemoryContextDelete(context);
}

/* Do the sales of a document come one after the other? */
static bool
is_by_document(const Read *read)
{
	return read->needs.documents || read->part >= READ_ORDER_SPLIT;
}

/* How many columns a row has before those of its document's splits. */
static int
column_count(ReadKind kind)
{
	switch (kind)
	{
		case READ_PERIOD:
			return SPM_PERIOD_SPLIT_SELLERS;
		case READ_LIST:
			return SALE_COLUMN_COUNT + LIST_COLUMN_COUNT;
		default:
			return SALE_COLUMN_COUNT;
	}
}

/* The plan of a query, kept unless it is of a period. */
static SPIPlanPtr
plan_read(SpmSource *source, const Read *read)
{
	StringInfoData query;
	SpmSplitQuery parts = {.source = source,
						   .part = read->part,
						   .of_some_documents = read->kind == READ_DOCUMENTS,
						   .by_document = is_by_document(read)};
	StringInfoData from;
	StringInfoData condition;

	initStringInfo(&query);
	initStringInfo(&from);
	initStringInfo(&condition);
	appendStringInfoString(
		&query,
		needs_attributes(read)
			? "SELECT " SALE_COLUMNS("a.sector, a.region, a.segment",
									 "p.brand, p.family")
			: "SELECT " SALE_COLUMNS(NO_TEXT ", " NO_TEXT ", " NO_TEXT,
									 NO_TEXT ", " NO_TEXT));
	if (read->kind == READ_LIST || read->kind == READ_PERIOD)
		appendStringInfoString(&query, LIST_COLUMNS);
	if (read->kind == READ_PERIOD)
		appendStringInfo(&query,
						 ", s.revenue, s.currency, %s",
						 read->period->attributes ? "s.attributes"
												  : "NULL::pg_catalog.jsonb");
	appendStringInfoString(&condition, "s.counts");
	if (read->kind == READ_PERIOD)
		find_period(read->period, &condition);
	find_documents(source, read->args.count, &from, &condition);
	parts.before = from.data;
	parts.joins = needs_attributes(read) ? ATTRIBUTES : "";
	parts.condition = condition.data;
	spm_split_query_append(&query, &parts);
	switch (read->kind)
	{
		case READ_ALL:
			return spm_spi_keep_parallel(query.data, &read->args);
		case READ_PERIOD:
			return spm_spi_prepare(query.data, &read->args);
		default:
			return spm_spi_keep(query.data, &read->args);
	}
}

/* The condition of some days, or of one document. */
static void
find_period(const SpmSalePeriod *period, StringInfo condition)
{
	if (period->from <= period->to)
		appendStringInfo(condition,
						 " AND s.sold_on BETWEEN (date '2000-01-01' + %d)"
						 " AND (date '2000-01-01' + %d)",
						 period->from,
						 period->to);
	if (period->document != NULL)
		appendStringInfo(condition,
						 " AND s.document = %s",
						 quote_literal_cstr(period->document));
}

/*
 * The condition of some documents, and what it needs in FROM.  Those with a
 * key of one column are found by = ANY ($1), with more by
 *		unnest($1, $2) AS u (k1, k2) WHERE document_key_1 = u.k1 AND ...
 */
static void
find_documents(const SpmSource *source, int count, StringInfo from,
			   StringInfo condition)
{
	const SpmKeyTypes *keys = &source->keys[SPM_ROLE_LINES];
	StringInfoData names;

	if (count == 1)
		appendStringInfo(condition,
						 " AND s.document_key_1 %s ANY ($1)",
						 spm_source_equality(keys->types[0]));
	if (count <= 1)
		return;
	initStringInfo(&names);
	for (int i = 1; i <= count; i++)
	{
		appendStringInfo(from, i > 1 ? ", $%d" : "unnest($%d", i);
		appendStringInfo(&names, i > 1 ? ", k%d" : "k%d", i);
		appendStringInfo(condition,
						 " AND s.document_key_%d %s u.k%d",
						 i,
						 spm_source_equality(keys->types[i - 1]),
						 i);
	}
	appendStringInfo(from, ") AS u (%s), ", names.data);
}

/*
 * The equality by which documents were told apart when they were collected:
 * "=" could find another one, that of a type from elsewhere is not found.
 */
const char *
spm_source_equality(Oid type)
{
	Oid equality = spm_equality_operator(type);
	HeapTuple tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(equality));
	Form_pg_operator form;
	char *name;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator %u", equality);
	form = (Form_pg_operator) GETSTRUCT(tuple);
	name = psprintf("OPERATOR(%s.%s)",
					quote_identifier(get_namespace_name(form->oprnamespace)),
					NameStr(form->oprname));
	ReleaseSysCache(tuple);
	return name;
}
