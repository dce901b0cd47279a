/*-------------------------------------------------------------------------
 *
 * flow.h
 *	  How evenly the sales of a measure come in, by the months it is kept by.
 *
 * src/measure/flow.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_FLOW_H
#define SPM_MEASURE_FLOW_H

#include "utils/date.h"

extern bool spm_flow_of(Datum scope, DateADT starts_on, DateADT ends_on,
						DateADT as_of, double *variance);

#endif /* SPM_MEASURE_FLOW_H */
