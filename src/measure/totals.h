/*-------------------------------------------------------------------------
 *
 * totals.h
 *	  The builds that are built and their totals, as a reader keeps them.
 *
 * src/measure/totals.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_TOTALS_H
#define SPM_MEASURE_TOTALS_H

#include "measure/delta.h"

/* Part of every transaction that changes builds or totals. */
#define SPM_NOTE_NEW_TOTALS                                                    \
	"UPDATE salesperf.kept_version"                                            \
	" SET changed_by = pg_catalog.pg_current_xact_id()"

/* Builds by number, counted from 0 in order of build_id. */
typedef struct SpmTotals SpmTotals;

/* Takes the scope of the build of that number; it is freed afterwards. */
typedef void (*SpmScopeTaker)(int number, Jsonb *scope, void *state);

extern SpmTotals *spm_totals_shown(void);
extern SpmTotals *spm_totals_load(MemoryContext parent);
extern uint64 spm_totals_version(const SpmTotals *totals);
extern int spm_totals_count(const SpmTotals *totals);
extern int spm_totals_find(const void *totals, int32 build_id);
extern int spm_totals_range(const SpmTotals *totals, int32 first, int32 last,
							int *number);
extern int spm_totals_find_scope(const SpmTotals *totals, Jsonb *scope);
extern void spm_totals_add_to(const SpmTotals *totals, int number, SpmSum *sum);
extern int spm_totals_months(const SpmTotals *totals, int number,
							 SpmMonthSum **months);
extern void spm_totals_scan_scopes(const SpmTotals *totals, SpmScopeTaker take,
								   void *state);

#endif /* SPM_MEASURE_TOTALS_H */
