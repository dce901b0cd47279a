/*-------------------------------------------------------------------------
 *
 * init.c
 *	  Entry of the shared library: starts the modules that follow
 *	  transactions, and the one that helps the planner.
 *
 * src/entry/init.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "core/compat.h"
#include "measure/commit.h"
#include "measure/fold.h"
#include "measure/report.h"
#include "org/org.h"
#include "sale/collect.h"
#include "sale/key_index.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

static void warn_of_old_server(void);

void
_PG_init(void)
{
	warn_of_old_server();
	spm_org_init();
	spm_collect_init();
	spm_key_index_init();
	spm_report_init();
	spm_commit_init();
	spm_fold_worker_init();
}

static void
warn_of_old_server(void)
{
#ifdef SPM_LEAST_SERVER_VERSION
	if (atoi(GetConfigOption("server_version_num", false, false)) <
		SPM_LEAST_SERVER_VERSION)
		ereport(WARNING,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("salesperf needs PostgreSQL %s or later",
						SPM_LEAST_SERVER_NAME),
				 errdetail("Earlier minor releases have errors that can make "
						   "totals wrong."),
				 errhint("Install the current minor release.")));
#endif
}
