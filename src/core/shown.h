/*-------------------------------------------------------------------------
 *
 * shown.h
 *	  Figures as the views show them.
 *
 * src/core/shown.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_CORE_SHOWN_H
#define SPM_CORE_SHOWN_H

#include "fmgr.h"
#include "utils/numeric.h"

/* Cells of a progress bar. */
#define SPM_BAR_CELLS 10

/* A column numeric(digits + decimals, decimals). */
typedef struct SpmColumn
{
	int digits; /* before the point */
	int decimals;
} SpmColumn;

extern Numeric spm_shown(Numeric value, SpmColumn column);
extern Numeric spm_shown_float8(double value, SpmColumn column);
extern double spm_numeric_to_float8(Numeric value);
extern int spm_bar_cells(Numeric share);
extern text *spm_bar(int cells);

#endif /* SPM_CORE_SHOWN_H */
