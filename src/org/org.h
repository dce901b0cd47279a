/*-------------------------------------------------------------------------
 *
 * org.h
 *	  Start of module org.
 *
 * src/org/org.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_ORG_ORG_H
#define SPM_ORG_ORG_H

extern void spm_org_init(void);

#endif /* SPM_ORG_ORG_H */
