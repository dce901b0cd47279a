/*-------------------------------------------------------------------------
 *
 * catalog.c
 *	  Finding relations of schema salesperf.
 *
 * src/core/catalog.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "core/catalog.h"

/* OID of relation salesperf.name; InvalidOid or an error if there is none. */
Oid
spm_relation_oid(const char *name, bool missing_ok)
{
	Oid schema = get_namespace_oid(SPM_SCHEMA, missing_ok);
	Oid relation = OidIsValid(schema) ? get_relname_relid(name, schema)
									  : InvalidOid;

	if (!OidIsValid(relation) && !missing_ok)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation \"%s.%s\" does not exist", SPM_SCHEMA, name),
				 errhint("Run \"SELECT salesperf.setup()\".")));
	return relation;
}

/* Owner of a relation; InvalidOid if it is gone. */
Oid
spm_relation_owner(Oid relation)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Oid owner = InvalidOid;

	if (HeapTupleIsValid(tuple))
	{
		owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
		ReleaseSysCache(tuple);
	}
	return owner;
}
