/*-------------------------------------------------------------------------
 *
 * dimension.h
 *	  Changes of customers, products and the organisation.
 *
 * src/measure/dimension.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_DIMENSION_H
#define SPM_MEASURE_DIMENSION_H

#include "measure/builds.h"

extern uint32 spm_concerned_dimensions(const SpmBuildSet *set);
extern void spm_invalidate_trees(const SpmBuildSet *set);
extern bool spm_dimensions_concern(const SpmScope *scope);

#endif /* SPM_MEASURE_DIMENSION_H */
