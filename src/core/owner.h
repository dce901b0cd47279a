/*-------------------------------------------------------------------------
 *
 * owner.h
 *	  Acting as the owner of an object for a while.
 *
 * src/core/owner.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_CORE_OWNER_H
#define SPM_CORE_OWNER_H

typedef struct SpmCaller
{
	Oid user;
	int security_context;
	int guc_level;
} SpmCaller;

extern void spm_become(Oid role, SpmCaller *caller);
extern void spm_become_extension_owner(SpmCaller *caller);
extern void spm_return_to(const SpmCaller *caller);
extern void spm_set_locally(const char *setting, const char *value);

#endif /* SPM_CORE_OWNER_H */
