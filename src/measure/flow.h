/*-------------------------------------------------------------------------
 *
 * flow.h
 *	  How evenly the sales of a measure come in.
 *
 * src/measure/flow.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_FLOW_H
#define SPM_MEASURE_FLOW_H

#include "utils/date.h"
#include "utils/jsonb.h"

extern bool spm_flow_of(Jsonb *scope, DateADT starts_on, DateADT ends_on,
						DateADT as_of, double *variance);

#endif /* SPM_MEASURE_FLOW_H */
