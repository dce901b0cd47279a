/*-------------------------------------------------------------------------
 *
 * kept.h
 *	  The builds that readers use, from report to report.
 *
 * src/measure/kept.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_KEPT_H
#define SPM_MEASURE_KEPT_H

#include "measure/builds.h"

extern SpmBuildSet *spm_builds_of_readers(void);

#endif /* SPM_MEASURE_KEPT_H */
