/*-------------------------------------------------------------------------
 *
 * catalog.h
 *	  Finding relations of schema salesperf, their columns and indexes.
 *
 * src/core/catalog.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_CORE_CATALOG_H
#define SPM_CORE_CATALOG_H

#include "access/attnum.h"
#include "utils/relcache.h"

#define SPM_SCHEMA "salesperf"

extern Oid spm_relation_oid(const char *name, bool missing_ok);
extern Oid spm_relation_owner(Oid relation);
extern char *spm_qualified_name(Oid relation);
extern AttrNumber spm_column_number(Relation relation, const char *name,
									Oid type);
extern Oid spm_index_on(Relation relation, const char *name,
						const AttrNumber *columns, int count);

#endif /* SPM_CORE_CATALOG_H */
