/*-------------------------------------------------------------------------
 *
 * setup.c
 *	  setup(): create or restore what a person or an ERP writes to.
 *
 * The extension holds code and derived tables only.  Tables with data that
 * somebody entered, and the views over them, are ordinary objects of the
 * caller, so that no dump, restore or DROP EXTENSION loses a row.  Their
 * statements travel inside the extension as model_script(); each of them does
 * nothing where its object is there already.
 *
 * src/core/setup.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "core/export.h"
#include "core/owner.h"
#include "core/spi.h"

SPM_FUNCTION_INFO_V1(spm_setup);

static void refuse_planted_relations(void);
static void run_model_script(void);
static void name_fragment(void *fragment);
static void enter_setting(const char *name, Datum value, bool replace);
static const char *server_time_zone(void);

/* setup(currency text, time_zone text): NULL keeps what is set. */
Datum
spm_setup(PG_FUNCTION_ARGS)
{
	int guc_level = NewGUCNestLevel();

	spm_set_locally("client_min_messages", "warning");
	spm_spi_begin();
	refuse_planted_relations();
	run_model_script();
	enter_setting("currency",
				  PG_ARGISNULL(0) ? CStringGetTextDatum("EUR")
								  : PG_GETARG_DATUM(0),
				  !PG_ARGISNULL(0));
	enter_setting("time_zone",
				  PG_ARGISNULL(1) ? CStringGetTextDatum(server_time_zone())
								  : PG_GETARG_DATUM(1),
				  !PG_ARGISNULL(1));
	spm_spi_end();
	AtEOXact_GUC(true, guc_level);
	PG_RETURN_VOID();
}

/*
 * Refuse to take over a table or view that some other role has put into the
 * schema: its triggers and functions would run with the caller's rights.
 */
static void
refuse_planted_relations(void)
{
	if (spm_spi_read("SELECT c.relname, pg_get_userbyid(c.relowner)"
					 " FROM pg_class c"
					 " JOIN pg_namespace n ON n.oid = c.relnamespace"
					 " JOIN pg_roles r ON r.oid = c.relowner"
					 " WHERE n.nspname = 'salesperf' AND NOT r.rolsuper"
					 " AND c.relowner <> n.nspowner"
					 " AND r.rolname <> current_user"
					 " ORDER BY 1 LIMIT 1",
					 NULL) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("relation \"salesperf.%s\" is owned by role \"%s\"",
						spm_spi_text(0, 1),
						spm_spi_text(0, 2)),
				 errdetail("Its owner could act with the rights of whoever "
						   "uses it."),
				 errhint("Drop it, or change its owner after looking at what "
						 "it does.")));
}

/* Run all fragments in order. */
static void
run_model_script(void)
{
	uint64 count =
		spm_spi_read("SELECT fragment, script FROM salesperf.model_script()",
					 NULL);
	char **names = palloc(count * sizeof(char *));
	char **scripts = palloc(count * sizeof(char *));

	for (uint64 i = 0; i < count; i++)
	{
		names[i] = spm_spi_text(i, 1);
		scripts[i] = spm_spi_text(i, 2);
	}
	for (uint64 i = 0; i < count; i++)
	{
		ErrorContextCallback callback = {error_context_stack,
										 name_fragment,
										 names[i]};

		error_context_stack = &callback;
		spm_spi_utility(scripts[i]);
		error_context_stack = callback.previous;
	}
}

/* Say which fragment an error comes from. */
static void
name_fragment(void *fragment)
{
	errcontext("setup of %s", (const char *) fragment);
}

/* Enter a setting; one that is there stays unless replace is true. */
static void
enter_setting(const char *name, Datum value, bool replace)
{
	SpmArgs args = {2, {TEXTOID, TEXTOID}, {CStringGetTextDatum(name), value}};

	spm_spi_run(replace
					? "INSERT INTO salesperf.setting (name, value)"
					  " VALUES ($1, $2)"
					  " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
					: "INSERT INTO salesperf.setting (name, value)"
					  " VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
				&args);
}

/* The time zone that a session has unless it asks for another. */
static const char *
server_time_zone(void)
{
	return GetConfigOptionResetString("TimeZone");
}
