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

#include "core/export.h"
#include "core/guard.h"
#include "measure/pending.h"
#include "sale/install.h"
#include "sale/source.h"

SPM_FUNCTION_INFO_V1(spm_table_altered);

static void look_for_lost_sources(void *found);

/* table_altered(): event trigger after ALTER TABLE */
Datum
spm_table_altered(PG_FUNCTION_ARGS)
{
	bool found = false;

	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("table_altered must be called as an event trigger")));
	if (spm_install_is_under_way())
		PG_RETURN_NULL();
	if (spm_guard(look_for_lost_sources, &found) != NULL || found)
		spm_invalidate_all("an attached table was altered so that its changes "
						   "cannot be followed");
	PG_RETURN_NULL();
}

/*
 * Are there sources whose changes can't be followed?  All are looked at: ATTACH
 * PARTITION alters the parent only.
 */
static void
look_for_lost_sources(void *found)
{
	ListCell *cell;

	foreach (cell, spm_source_names())
		*(bool *) found |= !spm_source_is_followed(lfirst(cell));
}
