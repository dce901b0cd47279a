/*-------------------------------------------------------------------------
 *
 * init.c
 *	  Entry of the shared library: starts the modules that follow
 *	  transactions.
 *
 * src/entry/init.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"

#include "core/compat.h"
#include "measure/commit.h"
#include "measure/report.h"
#include "sale/collect.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	spm_collect_init();
	spm_report_init();
	spm_commit_init();
}
