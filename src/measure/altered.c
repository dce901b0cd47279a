/*-------------------------------------------------------------------------
 *
 * altered.c
 *	  An attached table was altered.
 *
 * ALTER TABLE can disable triggers, and enable them again when writes have
 * gone by unseen.  When it leaves a source whose changes can't be followed all
 * totals there are, and those being made, are put out of use; and as long as
 * that lasts no new ones are built (refresh.c).  So none is left to be wrong
 * when the triggers are enabled again.
 *
 * src/measure/altered.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/event_trigger.h"
#include "utils/snapmgr.h"

#include "core/export.h"
#include "core/guard.h"
#include "measure/pending.h"
#include "sale/install.h"
#include "sale/source.h"

SPM_FUNCTION_INFO_V1(spm_table_altered);

#define REASON "a table was altered so that its changes cannot be followed"

static void give_up_lost_sources(void *argument);

/* table_altered(): event trigger after ALTER TABLE */
Datum
spm_table_altered(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("table_altered must be called as an event trigger")));
	if (!spm_install_is_under_way() &&
		spm_guard(give_up_lost_sources, NULL) != NULL)
		spm_invalidate_all(REASON);
	PG_RETURN_NULL();
}

/*
 * Turn the measures of sources live whose changes can't be followed.  All
 * sources are looked at: ATTACH PARTITION alters the parent only.
 */
static void
give_up_lost_sources(void *argument)
{
	SpmBuildSet *set = NULL;
	ListCell *cell;

	foreach (cell, spm_source_names())
	{
		if (spm_source_is_followed(lfirst(cell)))
			continue;
		if (set == NULL)
		{
			PushActiveSnapshot(GetLatestSnapshot());
			set = spm_builds_load(SPM_BUILDS_KNOWN, CurrentMemoryContext);
			PopActiveSnapshot();
			spm_invalidate_later(set, REASON);
		}
		spm_invalidate_source(set,
							  lfirst(cell),
							  spm_source_root(lfirst(cell)),
							  REASON);
	}
}
