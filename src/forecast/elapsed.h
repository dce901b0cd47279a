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

/* Days of a period, and how many of them have passed: 0 to all. */
typedef struct SpmElapsed
{
	int64 days;
	int64 passed;
} SpmElapsed;

extern SpmElapsed spm_elapsed(DateADT starts_on, DateADT ends_on,
							  DateADT as_of);
extern Numeric spm_part(Numeric factor, int64 multiplier, int64 divisor);

#endif /* SPM_FORECAST_ELAPSED_H */
