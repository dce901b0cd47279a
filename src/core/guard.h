/*-------------------------------------------------------------------------
 *
 * guard.h
 *	  Running code whose errors must not fail the caller's transaction.
 *
 * src/core/guard.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_CORE_GUARD_H
#define SPM_CORE_GUARD_H

extern char *spm_guard(void (*work)(void *argument), void *argument);

#endif /* SPM_CORE_GUARD_H */
