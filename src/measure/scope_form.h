/*-------------------------------------------------------------------------
 *
 * scope_form.h
 *	  A scope as bytes, for writers that have many to read.
 *
 * src/measure/scope_form.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_SCOPE_FORM_H
#define SPM_MEASURE_SCOPE_FORM_H

#include "measure/scope.h"

/* A build, as build_key lists it: this, and the form of its scope. */
typedef struct SpmBuildEntry
{
	int32 build_id;
	int32 length; /* of the form, which follows; 0: it is in build_scope */
} SpmBuildEntry;

extern int spm_build_key_column(SpmKey column);
extern void spm_scope_read(const char *form, SpmScope *scope);

#endif /* SPM_MEASURE_SCOPE_FORM_H */
