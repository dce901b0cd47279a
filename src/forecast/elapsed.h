/*-------------------------------------------------------------------------
 *
 * elapsed.h
 *	  How much of a period has passed, and what that lets expect.
 *
 * src/forecast/elapsed.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_FORECAST_ELAPSED_H
#define SPM_FORECAST_ELAPSED_H

#include "utils/date.h"
#include "utils/numeric.h"

extern Numeric spm_expected(Numeric amount, DateADT starts_on, DateADT ends_on,
							DateADT as_of);
extern Numeric spm_run_rate(Numeric actual, DateADT starts_on, DateADT ends_on,
							DateADT as_of);

#endif /* SPM_FORECAST_ELAPSED_H */
