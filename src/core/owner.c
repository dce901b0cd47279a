/*-------------------------------------------------------------------------
 *
 * owner.c
 *	  Acting as the owner of an object for a while.
 *
 * Whoever writes an order or reads a figure needs no rights on salesperf's
 * own tables, and the expressions of a source must not run with the rights of
 * the ERP's logins.  Both are solved by acting as an owner, in a security
 * restricted operation and with a fixed search_path.
 *
 * An error needs no clean-up: the abort of the transaction or subtransaction
 * puts user, context and search_path back.
 *
 * src/core/owner.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_extension.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/rel.h"

#include "core/owner.h"

static Oid extension_owner(void);

/* Act as role until spm_return_to() with the same caller. */
void
spm_become(Oid role, SpmCaller *caller)
{
	GetUserIdAndSecContext(&caller->user, &caller->security_context);
	SetUserIdAndSecContext(role,
						   caller->security_context |
							   SECURITY_LOCAL_USERID_CHANGE |
							   SECURITY_RESTRICTED_OPERATION);
	caller->guc_level = NewGUCNestLevel();
	spm_set_locally("search_path", "pg_catalog, pg_temp");
}

/* Act as the owner of the extension, whom the derived tables belong to. */
void
spm_become_extension_owner(SpmCaller *caller)
{
	spm_become(extension_owner(), caller);
}

/* Change a setting until the current GUC nest level ends. */
void
spm_set_locally(const char *setting, const char *value)
{
	(void) set_config_option(setting,
							 value,
							 PGC_USERSET,
							 PGC_S_SESSION,
							 GUC_ACTION_SAVE,
							 true,
							 0,
							 false);
}

/* Act as the caller again. */
void
spm_return_to(const SpmCaller *caller)
{
	AtEOXact_GUC(false, caller->guc_level);
	SetUserIdAndSecContext(caller->user, caller->security_context);
}

/* Owner of the extension; an error if it is not installed. */
static Oid
extension_owner(void)
{
	Oid extension = get_extension_oid("salesperf", false);
	Relation catalog = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple tuple;
	Oid owner;

	ScanKeyInit(&key,
				Anum_pg_extension_oid,
				BTEqualStrategyNumber,
				F_OIDEQ,
				ObjectIdGetDatum(extension));
	scan =
		systable_beginscan(catalog, ExtensionOidIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for extension %u", extension);
	owner = ((Form_pg_extension) GETSTRUCT(tuple))->extowner;
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return owner;
}
