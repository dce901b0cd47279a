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

#include "nodes/pg_list.h"
#include "storage/lockdefs.h"

extern List *spm_lock_add(List *locks, Oid relation, LOCKMODE mode);
extern void spm_lock_patiently(List *locks);
extern void spm_lock_briefly(void);
extern bool spm_lock_is_held(Oid relation, LOCKMODE mode);

#endif /* SPM_CORE_LOCK_H */
