/*-------------------------------------------------------------------------
 *
 * export.h
 *	  Declaring the C functions that SQL may call.
 *
 * src/core/export.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_CORE_EXPORT_H
#define SPM_CORE_EXPORT_H

#include "fmgr.h"

/*
 * The module is built with hidden symbols, so that nothing but these
 * functions (and the module entry) is seen from outside.
 */
#define SPM_FUNCTION_INFO_V1(function)                                         \
	extern PGDLLEXPORT Datum function(PG_FUNCTION_ARGS);                       \
	PG_FUNCTION_INFO_V1(function)

#endif /* SPM_CORE_EXPORT_H */
