/*-------------------------------------------------------------------------
 *
 * lock.h
 *	  Locking tables that others are working on.
 *
 * src/core/lock.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_CORE_LOCK_H
#define SPM_CORE_LOCK_H

#include "storage/lockdefs.h"

extern void spm_lock_patiently(Oid relation, LOCKMODE mode);

#endif /* SPM_CORE_LOCK_H */
