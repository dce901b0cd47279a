/*-------------------------------------------------------------------------
 *
 * compat.h
 *	  The one place that knows PostgreSQL versions.
 *
 * src/core/compat.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_CORE_COMPAT_H
#define SPM_CORE_COMPAT_H

#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 190000
#error "salesperf supports PostgreSQL 15 to 18"
#endif

/* d952373a98 split it off postgres.h. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* RelationData: since when, in this transaction, a table has new storage. */
#if PG_VERSION_NUM >= 160000
#define SPM_NEW_STORAGE_SUBID(relation)                                        \
	((relation)->rd_firstRelfilelocatorSubid)
#else
#define SPM_NEW_STORAGE_SUBID(relation) ((relation)->rd_firstRelfilenodeSubid)
#endif

#endif /* SPM_CORE_COMPAT_H */
