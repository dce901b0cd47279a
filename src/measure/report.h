/*-------------------------------------------------------------------------
 *
 * report.h
 *	  The actual of measures under the reader's snapshot.
 *
 * src/measure/report.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_REPORT_H
#define SPM_MEASURE_REPORT_H

#include "measure/delta.h"

/* A source that could not be read. */
typedef struct SpmUnreadable
{
	char *source;
	char *why;
} SpmUnreadable;

extern void spm_report_init(void);
extern Numeric spm_report_actual(Jsonb *scope);
extern int spm_report_months(Jsonb *scope, SpmMonthSum **months);
extern List *spm_sum_sources(const SpmMatcher *matcher, SpmDeltas *deltas,
							 bool *unknown, bool to_keep);

#endif /* SPM_MEASURE_REPORT_H */
