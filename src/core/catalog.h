/*-------------------------------------------------------------------------
 *
 * catalog.h
 *	  Finding relations of schema salesperf.
 *
 * src/core/catalog.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_CORE_CATALOG_H
#define SPM_CORE_CATALOG_H

#define SPM_SCHEMA "salesperf"

extern Oid spm_relation_oid(const char *name, bool missing_ok);
extern Oid spm_relation_owner(Oid relation);
extern char *spm_qualified_name(Oid relation);

#endif /* SPM_CORE_CATALOG_H */
