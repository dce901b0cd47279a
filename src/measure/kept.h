/*-------------------------------------------------------------------------
 *
 * kept.h
 *	  What is kept of measures, as the reader's snapshot shows it.
 *
 * src/measure/kept.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_KEPT_H
#define SPM_MEASURE_KEPT_H

#include "measure/totals.h"

/* Figures of one moment, by the number of a build in totals. */
typedef struct SpmKept
{
	const SpmTotals *totals;
	SpmDeltas *changes; /* pending, and of this transaction */
	bool *unusable;		/* NULL: none is */
} SpmKept;

extern SpmKept *spm_kept_load(const SpmTotals *totals, MemoryContext parent);
extern int spm_kept_find(const SpmKept *kept, Jsonb *scope);
extern bool spm_kept_is_usable(const SpmKept *kept, int number);
extern Numeric spm_kept_actual(const SpmKept *kept, int number);
extern int spm_kept_months(const SpmKept *kept, int number,
						   SpmMonthSum **months);
extern void spm_kept_end_transaction(void);

#endif /* SPM_MEASURE_KEPT_H */
