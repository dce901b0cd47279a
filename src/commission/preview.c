/*-------------------------------------------------------------------------
 *
 * preview.c
 *	  Items that a hypothetical document would get.
 *
 * Its lines take part in a run as if they had been read with all others.
 *
 * src/commission/preview.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "funcapi.h"
#include "tcop/dest.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "commission/exception_int.h"
#include "commission/run_int.h"
#include "core/catalog.h"
#include "core/export.h"
#include "core/owner.h"
#include "core/spi.h"

SPM_FUNCTION_INFO_V1(spm_commission_preview);

/* No document of a source has that name. */
#define PREVIEW_DOCUMENT "\001"

/* $1: the document.  Columns as of a row that a period's read has. */
static const char lines_query[] =
	"SELECT (l.j->>'sold_on')::date, l.j->>'seller', l.j->>'unit',"
	" l.j->>'customer', a.sector, a.region, a.segment, l.j->>'product',"
	" p.brand, p.family, l.j->>'branch', l.j->>'sale_type', l.source,"
	" COALESCE((l.j->>'quantity')::numeric, 1),"
	" COALESCE((l.j->>'gross')::numeric, (l.j->>'net')::numeric),"
	" (l.j->>'net')::numeric, COALESCE((l.j->>'margin')::numeric,"
	" (l.j->>'net')::numeric - (l.j->>'cost')::numeric), $2,"
	" COALESCE(l.j->>'line', l.n::text), (l.j->>'revenue')::numeric,"
	" l.j->>'currency', l.j->'attributes', s.sellers, s.percents, s.amounts,"
	" s.overlays, (SELECT sum((COALESCE(e->>'net', $1->>'net'))::numeric)"
	" FROM jsonb_array_elements(l.lines) e)"
	" FROM (SELECT ($1 - 'lines' - 'splits') || x.e AS j, x.n, d.lines,"
	" COALESCE($1->>'source', 'contract') AS source"
	" FROM (SELECT COALESCE(NULLIF($1->'lines', 'null'), '[{}]') AS lines) d"
	" CROSS JOIN LATERAL jsonb_array_elements(d.lines)"
	" WITH ORDINALITY x (e, n)) l"
	" CROSS JOIN (SELECT array_agg(t->>'seller') AS sellers,"
	" array_agg((t->>'percent')::numeric) AS percents,"
	" array_agg((t->>'amount')::numeric) AS amounts,"
	" array_agg(COALESCE((t->>'overlay')::boolean, false)) AS overlays"
	" FROM jsonb_array_elements(COALESCE(NULLIF($1->'splits', 'null'),"
	" '[]')) t) s"
	" LEFT JOIN salesperf.customer a ON a.code = l.j->>'customer'"
	" LEFT JOIN salesperf.product p ON p.code = l.j->>'product'";

/* $1: the document: members that nobody reads, and days. */
static const char check_query[] =
	"SELECT (SELECT k FROM (SELECT jsonb_object_keys($1) UNION ALL"
	" SELECT jsonb_object_keys(e) FROM jsonb_array_elements(COALESCE("
	" NULLIF($1->'lines', 'null'), '[]')) e) m (k)"
	" WHERE k <> ALL ('{sold_on,customer,seller,unit,product,branch,sale_type,"
	"quantity,gross,net,margin,cost,revenue,currency,attributes,source,line,"
	"lines,splits}') ORDER BY k LIMIT 1),"
	" (SELECT min(d) FROM day), (SELECT max(d) FROM day),"
	" (SELECT bool_or(d IS NULL) FROM day)"
	" FROM (SELECT) s";

/* Where the lines go. */
typedef struct LineReceiver
{
	DestReceiver destination;
	SpmRun *run;
} LineReceiver;

/* Columns of the result: where items have them. */
static const int item_columns[] = {ITEM_PERIOD_START,
								   ITEM_LINE,
								   ITEM_SELLER,
								   ITEM_COMPONENT,
								   ITEM_PAYEE_KIND,
								   ITEM_PAYEE,
								   ITEM_OUTLET,
								   ITEM_OFFICE,
								   ITEM_COMPANY,
								   ITEM_RULE_ID,
								   ITEM_BASE,
								   ITEM_TIER_VALUE,
								   ITEM_LEVEL,
								   ITEM_RATE,
								   ITEM_AMOUNT};
#define RESULT_COLUMNS (lengthof(item_columns) + 1)

/* The same for exceptions: the column of the result, and theirs. */
static const int exception_columns[][2] = {
	{0, EXCEPTION_PERIOD_START},
	{1, EXCEPTION_LINE},
	{2, EXCEPTION_SELLER},
	{3, EXCEPTION_COMPONENT},
	{4, EXCEPTION_PAYEE_KIND},
	{5, EXCEPTION_PAYEE},
	{9, EXCEPTION_RULE_ID},
	{lengthof(item_columns), EXCEPTION_REASON},
};

static void check_document(Datum document, DateADT *from, DateADT *to);
static char *source_of(const SpmRun *run, Jsonb *document);
static void add_lines(SpmRun *run, Datum document);
static bool receive(TupleTableSlot *slot, DestReceiver *self);
static void receiver_startup(DestReceiver *self, int operation, TupleDesc row);
static void receiver_nothing(DestReceiver *self);
static void list_items(SpmRun *run, ReturnSetInfo *result);
static void list_exceptions(SpmRun *run, ReturnSetInfo *result);

/* commission_preview(document jsonb) → items */
Datum
spm_commission_preview(PG_FUNCTION_ARGS)
{
	Jsonb *document = PG_GETARG_JSONB_P(0);
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "salesperf preview",
												  ALLOCSET_DEFAULT_SIZES);
	DateADT from;
	DateADT to;
	SpmCaller caller;
	SpmRun *run;

	InitMaterializedSRF(fcinfo, 0);
	spm_become(spm_relation_owner(spm_relation_oid("commission_item", false)),
			   &caller);
	check_document(JsonbPGetDatum(document), &from, &to);
	run = spm_run_create(context, from, to, true);
	run->source = source_of(run, document);
	run->document = PREVIEW_DOCUMENT;
	run->alone = true;
	run->lonely = true;
	spm_run_read(run);
	add_lines(run, JsonbPGetDatum(document));
	if (!run->lonely)
	{
		run->alone = false;
		spm_stage_read(run);
	}
	spm_run_compute(run);
	list_items(run, result);
	list_exceptions(run, result);
	spm_run_end(run);
	spm_return_to(&caller);
	MemoryContextDelete(context);
	return (Datum) 0;
}

/* Refuse what would not be understood; find the days of its lines. */
static void
check_document(Datum document, DateADT *from, DateADT *to)
{
	SpmArgs args = {1, {JSONBOID}, {document}};
	bool is_null;
	char *unread;

	if (!JB_ROOT_IS_OBJECT(DatumGetJsonbP(document)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("document must be a json object")));
	spm_spi_begin();
	spm_spi_read(
		psprintf("WITH day (d) AS (SELECT (COALESCE(e->>'sold_on',"
				 " $1->>'sold_on'))::date FROM jsonb_array_elements("
				 "COALESCE(NULLIF($1->'lines', 'null'), '[{}]')) e) %s",
				 check_query),
		&args);
	unread = spm_spi_text(0, 1);
	if (unread != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unrecognized member \"%s\" of document", unread),
				 errhint("Members are the columns of view sale, cost, lines "
						 "and splits.")));
	*from = DatumGetDateADT(spm_spi_datum(0, 2, &is_null));
	*to = DatumGetDateADT(spm_spi_datum(0, 3, &is_null));
	if (is_null || DatumGetBool(spm_spi_datum(0, 4, &is_null)) ||
		DATE_NOT_FINITE(*from) || DATE_NOT_FINITE(*to))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("member \"sold_on\" of document must be a day")));
	if (*to - *from > SPM_RUN_MAX_DAYS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("lines of document are more than ten years apart")));
	spm_spi_end();
}

/* The source that it would be of. */
static char *
source_of(const SpmRun *run, Jsonb *document)
{
	JsonbValue *value = getKeyJsonValueFromContainer(&document->root,
													 "source",
													 strlen("source"),
													 NULL);
	char *name = "contract";

	if (value != NULL && value->type == jbvString)
		name = pnstrdup(value->val.string.val, value->val.string.len);
	for (int i = 0; i < run->source_count; i++)
		if (strcmp(run->sources[i], name) == 0)
			return unconstify(char *, run->sources[run->roots[i]]);
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("source \"%s\" is not attached", name)));
	return NULL;
}

/* Let the lines take part in the run. */
static void
add_lines(SpmRun *run, Datum document)
{
	SpmArgs args = {2,
					{JSONBOID, TEXTOID},
					{document, CStringGetTextDatum(PREVIEW_DOCUMENT)}};
	LineReceiver receiver = {.destination = {receive,
											 receiver_startup,
											 receiver_nothing,
											 receiver_nothing,
											 DestNone},
							 .run = run};

	spm_spi_begin();
	spm_spi_stream(spm_spi_prepare(lines_query, &args),
				   &args,
				   &receiver.destination);
	spm_spi_end();
}

static bool
receive(TupleTableSlot *slot, DestReceiver *self)
{
	SpmRun *run = ((LineReceiver *) self)->run;
	SpmSale sale = {0};

	spm_sale_fill(&sale, slot);
	if (!slot->tts_isnull[SPM_PERIOD_SPLIT_SELLERS])
		sale.whole = run->one;
	for (int i = 0; i < run->source_count; i++)
		if (sale.lengths[SPM_KEY_SOURCE] == strlen(run->sources[i]) &&
			memcmp(sale.keys[SPM_KEY_SOURCE],
				   run->sources[i],
				   sale.lengths[SPM_KEY_SOURCE]) == 0)
			spm_stage_sale(run, i, &sale, slot);
	return true;
}

static void
receiver_startup(DestReceiver *self, int operation, TupleDesc row)
{
}

static void
receiver_nothing(DestReceiver *self)
{
}

static void
list_items(SpmRun *run, ReturnSetInfo *result)
{
	while (
		tuplesort_gettupleslot(run->items, true, false, run->item_slot, NULL))
	{
		Datum values[RESULT_COLUMNS] = {0};
		bool nulls[RESULT_COLUMNS] = {false};

		slot_getallattrs(run->item_slot);
		for (int i = 0; i < lengthof(item_columns); i++)
		{
			values[i] = run->item_slot->tts_values[item_columns[i]];
			nulls[i] = run->item_slot->tts_isnull[item_columns[i]];
		}
		nulls[lengthof(item_columns)] = true;
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
}

static void
list_exceptions(SpmRun *run, ReturnSetInfo *result)
{
	TupleTableSlot *slot =
		MakeSingleTupleTableSlot(run->exception_row, &TTSOpsMinimalTuple);

	while (tuplestore_gettupleslot(run->exceptions, true, false, slot))
	{
		Datum values[RESULT_COLUMNS] = {0};
		bool nulls[RESULT_COLUMNS];

		memset(nulls, true, sizeof(nulls));
		slot_getallattrs(slot);
		for (int i = 0; i < lengthof(exception_columns); i++)
		{
			values[exception_columns[i][0]] =
				slot->tts_values[exception_columns[i][1]];
			nulls[exception_columns[i][0]] =
				slot->tts_isnull[exception_columns[i][1]];
		}
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	ExecDropSingleTupleTableSlot(slot);
}
