/*-------------------------------------------------------------------------
 *
 * catalog.c
 *	  Finding relations of schema salesperf, their columns and indexes.
 *
 * src/core/catalog.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "core/catalog.h"

/* Relations found lately, until some name in the catalog changes. */
#define KEPT_RELATIONS 48

typedef struct KeptRelation
{
	NameData name;
	Oid relation;
} KeptRelation;

static KeptRelation kept[KEPT_RELATIONS];
static int kept_count = 0;
static bool following = false;
static uint64 name_changes = 0;

static Oid find_relation(const char *name, bool missing_ok);
static void move_forward(int i);
static void forget_names(Datum argument, int cache, uint32 hash);

/* OID of relation salesperf.name; InvalidOid or an error if there is none. */
Oid
spm_relation_oid(const char *name, bool missing_ok)
{
	uint64 changes;
	Oid relation;

	for (int i = 0; i < kept_count; i++)
		if (strcmp(NameStr(kept[i].name), name) == 0)
		{
			relation = kept[i].relation;
			move_forward(i);
			return relation;
		}
	if (!following)
	{
		CacheRegisterSyscacheCallback(RELNAMENSP, forget_names, (Datum) 0);
		CacheRegisterSyscacheCallback(NAMESPACENAME, forget_names, (Datum) 0);
		following = true;
	}
	changes = name_changes;
	relation = find_relation(name, missing_ok);
	if (OidIsValid(relation) && changes == name_changes)
	{
		KeptRelation *last = &kept[kept_count % KEPT_RELATIONS];

		kept_count = kept_count % KEPT_RELATIONS + 1;
		namestrcpy(&last->name, name);
		last->relation = relation;
	}
	return relation;
}

/* Names that are asked for often come first. */
static void
move_forward(int i)
{
	KeptRelation before;

	if (i == 0)
		return;
	before = kept[i - 1];
	kept[i - 1] = kept[i];
	kept[i] = before;
}

static void
forget_names(Datum argument, int cache, uint32 hash)
{
	kept_count = 0;
	name_changes++;
}

static Oid
find_relation(const char *name, bool missing_ok)
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

/* Name of a relation with its schema, quoted; an error if it is gone. */
char *
spm_qualified_name(Oid relation)
{
	char *name = get_rel_name(relation);

	if (name == NULL)
		elog(ERROR, "cache lookup failed for relation %u", relation);
	return quote_qualified_identifier(get_namespace_name(
										  get_rel_namespace(relation)),
									  name);
}

/* Number of a column, which must be of that type. */
AttrNumber
spm_column_number(Relation relation, const char *name, Oid type)
{
	AttrNumber column = get_attnum(RelationGetRelid(relation), name);

	if (column <= 0 ||
		TupleDescAttr(RelationGetDescr(relation), column - 1)->atttypid != type)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("table \"%s\" has no column \"%s\" of type %s",
						RelationGetRelationName(relation),
						name,
						format_type_be(type)),
				 errhint("Give the column back its name and type.")));
	return column;
}

/*
 * The index of that name, if it is there, holds all rows of the table and
 * begins with these columns; else InvalidOid.
 */
Oid
spm_index_on(Relation relation, const char *name, const AttrNumber *columns,
			 int count)
{
	Oid index = get_relname_relid(name, RelationGetNamespace(relation));
	HeapTuple tuple;
	Form_pg_index form;
	bool usable;

	if (!OidIsValid(index))
		return InvalidOid;
	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	form = (Form_pg_index) GETSTRUCT(tuple);
	usable = form->indrelid == RelationGetRelid(relation) && form->indisvalid &&
			 form->indnkeyatts >= count &&
			 heap_attisnull(tuple, Anum_pg_index_indpred, NULL);
	for (int i = 0; usable && i < count; i++)
		usable = form->indkey.values[i] == columns[i];
	ReleaseSysCache(tuple);
	return usable ? index : InvalidOid;
}
