/*-------------------------------------------------------------------------
 *
 * trace.h
 *	  Finding the documents that a change elsewhere concerns.
 *
 * src/sale/trace.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_TRACE_H
#define SPM_SALE_TRACE_H

#include "sale/collect.h"

extern void spm_trace_documents(SpmTouched *touched, SpmSource *source);

#endif /* SPM_SALE_TRACE_H */
