/*-------------------------------------------------------------------------
 *
 * progress.c
 *	  How far a refresh_measures() is, for other sessions.
 *
 * The server keeps the progress of each session's command in shared memory,
 * under the number of the command.  Ours is none of its own, so that no view
 * of the server takes it for another.
 *
 * src/measure/progress.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/backend_progress.h"
#include "utils/backend_status.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "core/catalog.h"
#include "core/compat.h"
#include "core/export.h"
#include "measure/progress.h"

SPM_FUNCTION_INFO_V1(spm_refreshing_sessions);

#define REFRESH_COMMAND ((ProgressCommandType) 0x53504D)
#define SOURCE_PREFIX "source_"

/* Sales between two notes. */
#define NOTE_EVERY 1024

/* The figures that the server keeps for us. */
enum
{
	PROGRESS_PHASE,
	PROGRESS_BUILDS,
	PROGRESS_SALES,
	PROGRESS_STARTED_AT
};

static const char *const phase_names[] = {
	[SPM_PHASE_WAIT] = "waiting for writers",
	[SPM_PHASE_READ] = "reading sales",
	[SPM_PHASE_ENTER] = "entering totals",
};

/* Of the refresh that runs in this session. */
static bool is_refreshing = false;
static SpmPhase current_phase;
static int current_builds;
static int64 current_sales;
static TimestampTz started_at;

static void note(Oid source);
static void put_session(ReturnSetInfo *result, const PgBackendStatus *status);

/* A refresh begins. */
void
spm_progress_begin(void)
{
	is_refreshing = true;
	current_sales = 0;
	started_at = GetCurrentTimestamp();
}

/* It comes to a phase, for so many builds. */
void
spm_progress_enter(SpmPhase phase, int builds)
{
	current_phase = phase;
	current_builds = builds;
	note(InvalidOid);
}

/* It begins to read a source. */
void
spm_progress_source(const char *name)
{
	if (is_refreshing)
		note(spm_relation_oid(psprintf(SOURCE_PREFIX "%s", name), true));
}

/* It has read a sale. */
void
spm_progress_sale(void)
{
	if (is_refreshing && ++current_sales % NOTE_EVERY == 0)
		pgstat_progress_update_param(PROGRESS_SALES, current_sales);
}

/* It ends, or was stopped. */
void
spm_progress_end(void)
{
	is_refreshing = false;
	pgstat_progress_end_command();
}

/*
 * refreshing_sessions() → (pid, phase, source, sales_read, builds, started_at)
 */
Datum
spm_refreshing_sessions(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 1; i <= pgstat_fetch_stat_numbackends(); i++)
	{
		LocalPgBackendStatus *session = SPM_BACKEND_STATUS(i);

		if (session != NULL &&
			session->backendStatus.st_databaseid == MyDatabaseId &&
			session->backendStatus.st_progress_command == REFRESH_COMMAND)
			put_session(result, &session->backendStatus);
	}
	return (Datum) 0;
}

/* Note all; the end of a subtransaction may have deleted it. */
static void
note(Oid source)
{
	const int columns[] = {PROGRESS_PHASE,
						   PROGRESS_BUILDS,
						   PROGRESS_SALES,
						   PROGRESS_STARTED_AT};
	const int64 values[] = {current_phase,
							current_builds,
							current_sales,
							started_at};

	pgstat_progress_start_command(REFRESH_COMMAND, source);
	pgstat_progress_update_multi_param(lengthof(columns), columns, values);
}

static void
put_session(ReturnSetInfo *result, const PgBackendStatus *status)
{
	const int64 *figures = status->st_progress_param;
	char *view = OidIsValid(status->st_progress_command_target)
					 ? get_rel_name(status->st_progress_command_target)
					 : NULL;
	Datum values[6];
	bool nulls[6] = {false};

	/* Somebody may just be changing them. */
	if (figures[PROGRESS_PHASE] < 0 ||
		figures[PROGRESS_PHASE] >= lengthof(phase_names))
		return;
	values[0] = Int32GetDatum(status->st_procpid);
	values[1] = CStringGetTextDatum(phase_names[figures[PROGRESS_PHASE]]);
	nulls[2] = view == NULL || strlen(view) < strlen(SOURCE_PREFIX);
	if (!nulls[2])
		values[2] = CStringGetTextDatum(view + strlen(SOURCE_PREFIX));
	values[3] = Int64GetDatum(figures[PROGRESS_SALES]);
	values[4] = Int32GetDatum((int32) figures[PROGRESS_BUILDS]);
	values[5] = TimestampTzGetDatum(figures[PROGRESS_STARTED_AT]);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}
