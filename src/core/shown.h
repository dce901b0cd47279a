/*-------------------------------------------------------------------------
 *
 * shown.h
 *	  Figures as the views show them.
 *
 * Units are ten-thousandths, the last decimal of a figure.
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

/* numeric(24,4) and numeric(12,6). */
extern const SpmColumn spm_figure_column;
extern const SpmColumn spm_ratio_column;

extern Numeric spm_shown(Numeric value, SpmColumn column);
extern Numeric spm_shown_float8(double value, SpmColumn column);
extern bool spm_units(Numeric figure, int64 *units);
extern bool spm_units_part(int64 units, int64 multiplier, int64 divisor,
						   int64 *part);
extern bool spm_units_ratio(int64 numerator, int64 denominator,
							int64 *millionths, int *cells);
extern double spm_numeric_to_float8(Numeric value);
extern int spm_bar_cells(Numeric share);
extern text *spm_bar(int cells);

#endif /* SPM_CORE_SHOWN_H */
