/*-------------------------------------------------------------------------
 *
 * exception.c
 *	  Credits that a rule would pay, if it did not fail on them.
 *
 * src/commission/exception.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "commission/exception_int.h"

static const Oid exception_types[EXCEPTION_COLUMNS] = {
	[EXCEPTION_PERIOD_START] = DATEOID,
	[EXCEPTION_SOURCE] = TEXTOID,
	[EXCEPTION_DOCUMENT] = TEXTOID,
	[EXCEPTION_LINE] = TEXTOID,
	[EXCEPTION_SELLER] = TEXTOID,
	[EXCEPTION_COMPONENT] = TEXTOID,
	[EXCEPTION_PAYEE_KIND] = TEXTOID,
	[EXCEPTION_PAYEE] = TEXTOID,
	[EXCEPTION_RULE_ID] = INT8OID,
	[EXCEPTION_REASON] = TEXTOID,
};

static void set_text(Datum *values, bool *nulls, int column, const char *text);

/* Begin with none. */
void
spm_exceptions_begin(SpmRun *run)
{
	run->exception_row = CreateTemplateTupleDesc(EXCEPTION_COLUMNS);
	for (int i = 0; i < EXCEPTION_COLUMNS; i++)
		TupleDescInitEntry(run->exception_row,
						   i + 1,
						   NULL,
						   exception_types[i],
						   -1,
						   0);
	run->exceptions = tuplestore_begin_heap(false, false, work_mem);
}

/* Note one, if its item would be wanted. */
void
spm_exception_put(SpmRun *run, const SpmItemKey *key, const char *component,
				  const char *payee, const char *reason)
{
	const SpmPeriod *period = spm_run_period(run, key->sold_on);
	Datum values[EXCEPTION_COLUMNS];
	bool nulls[EXCEPTION_COLUMNS] = {false};

	if (period == NULL || !spm_run_wants(run, key->source, key->document))
		return;
	values[EXCEPTION_PERIOD_START] = DateADTGetDatum(period->starts_on);
	values[EXCEPTION_SOURCE] = run->source_names[key->source];
	values[EXCEPTION_DOCUMENT] = key->document;
	values[EXCEPTION_LINE] = key->line;
	nulls[EXCEPTION_LINE] = key->line == 0;
	values[EXCEPTION_RULE_ID] = Int64GetDatum(key->rule->rule_id);
	nulls[EXCEPTION_RULE_ID] = spm_rule_is_term(key->rule);
	set_text(values, nulls, EXCEPTION_SELLER, key->seller);
	set_text(values, nulls, EXCEPTION_COMPONENT, component);
	set_text(values, nulls, EXCEPTION_PAYEE_KIND, key->payee_kind);
	set_text(values, nulls, EXCEPTION_PAYEE, key->payee);
	set_text(values, nulls, EXCEPTION_REASON, reason);
	tuplestore_putvalues(run->exceptions, run->exception_row, values, nulls);
	run->exception_count++;
}

static void
set_text(Datum *values, bool *nulls, int column, const char *text)
{
	nulls[column] = text == NULL;
	values[column] = text ? CStringGetTextDatum(text) : (Datum) 0;
}
