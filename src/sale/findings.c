/*-------------------------------------------------------------------------
 *
 * findings.c
 *	  What is wrong with the sales of each source.
 *
 * Nothing of an ERP is refused: what can't count does not count, and is
 * counted here.  Sources are read as for figures, whoever asks.
 *
 * src/sale/findings.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funcapi.h"
#include "utils/builtins.h"

#include "core/export.h"
#include "core/guard.h"
#include "core/owner.h"
#include "core/spi.h"
#include "sale/source_int.h"

SPM_FUNCTION_INFO_V1(spm_source_findings);

/* Columns of the result: source, finding, number, example. */
#define COLUMNS 4

/* Lines that do not count, or whose margin is not known. */
#define LINE_FINDINGS                                                          \
	"SELECT v.finding, v.number, v.example FROM ("                             \
	"SELECT count(*) FILTER (WHERE s.flaw = 'amount') AS amounts,"             \
	" min(s.document) FILTER (WHERE s.flaw = 'amount') AS amount,"             \
	" count(*) FILTER (WHERE s.flaw = 'rate') AS rates,"                       \
	" min(s.currency) FILTER (WHERE s.flaw = 'rate') AS rate,"                 \
	" count(*) FILTER (WHERE s.counts AND s.cost IS NULL) AS costs,"           \
	" min(s.document) FILTER (WHERE s.counts AND s.cost IS NULL) AS cost"      \
	" FROM salesperf.%s AS s) AS c, LATERAL (VALUES"                           \
	" ('amount', c.amounts, c.amount), ('rate', c.rates, c.rate),"             \
	" ('cost', c.costs, c.cost)) AS v (finding, number, example)"              \
	" WHERE v.number > 0"

/* Documents split by more than 100 percent, and splits that give nothing. */
#define SPLIT_FINDINGS                                                         \
	" UNION ALL SELECT 'scaled', count(*), min(d.document) FROM ("             \
	"SELECT DISTINCT s.document FROM salesperf.%s AS s, ("                     \
	"SELECT %s FROM salesperf.%s AS w WHERE w.seller IS NOT NULL"              \
	" AND w.percent > 0 AND w.percent < 'Infinity'"                            \
	" GROUP BY %s HAVING sum(w.percent) > 100) AS k WHERE %s) AS d"            \
	" HAVING count(*) > 0"                                                     \
	" UNION ALL SELECT 'split', count(*), min(w.seller)"                       \
	" FROM salesperf.%s AS w WHERE w.seller IS NULL OR w.percent < 0"          \
	" OR w.percent >= 'Infinity' OR w.amount <= '-Infinity'"                   \
	" OR w.amount >= 'Infinity' HAVING count(*) > 0"

/* One source's turn. */
typedef struct Search
{
	const char *name;
	ReturnSetInfo *result;
} Search;

static void find(void *argument);
static char *findings_query(const SpmSource *source);
static void append_split_findings(StringInfo query, const SpmSource *source);
static void put(const Search *search, Datum finding, Datum number,
				bool no_number, Datum example, bool no_example);

/* source_findings() → (source, finding, number, example) */
Datum
spm_source_findings(PG_FUNCTION_ARGS)
{
	Search search = {.result = (ReturnSetInfo *) fcinfo->resultinfo};
	ListCell *cell;

	InitMaterializedSRF(fcinfo, 0);
	foreach (cell, spm_source_names())
	{
		char *message;

		search.name = lfirst(cell);
		message = spm_guard(find, &search);
		if (message != NULL)
			put(&search,
				CStringGetTextDatum("unreadable"),
				(Datum) 0,
				true,
				CStringGetTextDatum(message),
				false);
	}
	return (Datum) 0;
}

static void
find(void *argument)
{
	const Search *search = argument;
	SpmSource *source = spm_source_get(search->name);
	SpmCaller caller;
	volatile uint64 count = 0;

	spm_become(source->cache->owner, &caller);
	spm_spi_begin();
	spm_source_reading++;
	PG_TRY();
	{
		count = spm_spi_read(findings_query(source), NULL);
	}
	PG_FINALLY();
	{
		spm_source_reading--;
	}
	PG_END_TRY();
	for (uint64 row = 0; row < count; row++)
	{
		bool is_null;
		bool no_example;
		Datum finding = spm_spi_datum(row, 1, &is_null);
		Datum number = spm_spi_datum(row, 2, &is_null);
		Datum example = spm_spi_datum(row, 3, &no_example);

		put(search, finding, number, false, example, no_example);
	}
	spm_spi_end();
	spm_return_to(&caller);
}

static char *
findings_query(const SpmSource *source)
{
	StringInfoData query;

	initStringInfo(&query);
	appendStringInfo(&query, LINE_FINDINGS, spm_source_view_name(source->name));
	if (OidIsValid(source->tables[SPM_ROLE_SPLITS]))
		append_split_findings(&query, source);
	return query.data;
}

static void
append_split_findings(StringInfo query, const SpmSource *source)
{
	const char *splits = spm_source_splits_view_name(source->name);
	const SpmKeyTypes *keys = &source->keys[SPM_ROLE_SPLITS];
	StringInfoData columns;
	StringInfoData condition;

	initStringInfo(&columns);
	initStringInfo(&condition);
	for (int i = 0; i < keys->count; i++)
	{
		appendStringInfo(&columns,
						 "%sw.split_key_%d",
						 i > 0 ? ", " : "",
						 i + 1);
		appendStringInfo(&condition,
						 "%ss.split_key_%d %s k.split_key_%d",
						 i > 0 ? " AND " : "",
						 i + 1,
						 spm_source_equality(keys->types[i]),
						 i + 1);
	}
	appendStringInfo(query,
					 SPLIT_FINDINGS,
					 spm_source_view_name(source->name),
					 columns.data,
					 splits,
					 columns.data,
					 condition.data,
					 splits);
}

static void
put(const Search *search, Datum finding, Datum number, bool no_number,
	Datum example, bool no_example)
{
	Datum values[COLUMNS] = {CStringGetTextDatum(search->name),
							 finding,
							 number,
							 example};
	bool nulls[COLUMNS] = {false, false, no_number, no_example};

	tuplestore_putvalues(search->result->setResult,
						 search->result->setDesc,
						 values,
						 nulls);
}
