/*-------------------------------------------------------------------------
 *
 * module.c
 *	  Entry of the shared library.
 *
 * src/core/module.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"

#include "core/compat.h"

PG_MODULE_MAGIC;
