/*-------------------------------------------------------------------------
 *
 * build_keys.c
 *	  The builds that a writer meets, loaded as their keys come by.
 *
 * A session that writes orders meets few of many measures.  Table build_key
 * lists each build under the keys of its most selective filter, or under none,
 * and a key's builds are read when a sale has the key for the first time.
 *
 * What is kept is dropped as a whole when builds come or go, as a writer hears
 * before it books (builds.c).  So it need not be read under one snapshot: who
 * enters a build waits for all that may have read less.
 *
 * A reader whose transaction changed sales meets them in the same way, and
 * drops what it has loaded when a snapshot shows other builds (kept.c).
 *
 * src/measure/build_keys.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "funcapi.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "core/catalog.h"
#include "core/export.h"
#include "measure/builds.h"

SPM_FUNCTION_INFO_V1(spm_scope_keys);
SPM_FUNCTION_INFO_V1(spm_scope_uses_of);

/* Stands for no key: scopes without an inclusive filter. */
#define NO_COLUMN (-1)

/* Builds that can't be used any more. */
typedef struct UnusableBuilds
{
	int32 first;
	int32 last;
} UnusableBuilds;

typedef struct BuildNumber
{
	int32 build_id;
	int number;
	char status;
} BuildNumber;

#define SH_PREFIX numbers
#define SH_ELEMENT_TYPE BuildNumber
#define SH_KEY_TYPE int32
#define SH_KEY build_id
#define SH_HASH_KEY(table, key) murmurhash32((uint32) (key))
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

typedef struct DirectoryEntry
{
	uint32 hash;
	char status;
} DirectoryEntry;

#define SH_PREFIX directory
#define SH_ELEMENT_TYPE DirectoryEntry
#define SH_KEY_TYPE uint32
#define SH_KEY hash
#define SH_HASH_KEY(table, key) (key)
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/*
 * After so many keys, which cost as much, a table of up to so many blocks is
 * read whole, for its keys' hashes.
 */
#define PROBES_BEFORE_DIRECTORY 4096
#define DIRECTORY_BLOCKS 512

/* What is known of the builds that were not met yet. */
struct SpmBuildKeys
{
	numbers_hash *numbers; /* of those that were */
	int capacity;		   /* of the set's builds */
	int unusable_count;
	UnusableBuilds *unusable;
	int probes;				   /* of keys that were not in the directory */
	directory_hash *directory; /* hashes of all keys; NULL: none is made */
};

/* Takes a row of a table. */
typedef void (*RowTaker)(SpmBuildSet *set, Datum *values, void *state);

/* The key whose builds are loaded. */
typedef struct LoadedKey
{
	SpmKey column;
	const char *key;
	int length;
} LoadedKey;

static void load_key(SpmKey column, const char *key, int length, void *state);
static void make_directory(SpmBuildSet *set);
static void take_key(SpmBuildSet *set, Datum *values, void *state);
static uint32 hash_key(int column, const char *key, int length);
static void read_key(SpmBuildSet *set, SpmKey column, const char *key,
					 int length);
static void take_build_of_key(SpmBuildSet *set, Datum *values, void *state);
static bool is_unusable(const SpmBuildSet *set, int32 build_id);
static int add_build(SpmBuildSet *set, int32 build_id, int64 measure_id);
static void take_scope(SpmBuildSet *set, Datum *values, void *state);
static void take_uses(SpmBuildSet *set, Datum *values, void *state);
static void take_unusable(SpmBuildSet *set, Datum *values, void *state);
static void read_rows(SpmBuildSet *set, const char *table_name,
					  const char *index_name, ScanKeyData *keys, int count,
					  RowTaker take, void *state);
static void add_key(ReturnSetInfo *result, int column, const char *key);

/*
 * The set of all builds, or of those that can be used, of which none was met
 * yet, under the active snapshot.
 */
SpmBuildSet *
spm_builds_to_meet(MemoryContext parent, bool usable)
{
	MemoryContext context = AllocSetContextCreate(parent,
												  "salesperf builds",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	SpmBuildSet *set = palloc0(sizeof(SpmBuildSet));
	uint32 uses = 0;

	set->context = context;
	set->matcher = spm_matcher_create(context);
	set->keys = palloc0(sizeof(SpmBuildKeys));
	set->keys->numbers = numbers_create(context, 64, NULL);
	read_rows(set, "build_use", NULL, NULL, 0, take_uses, &uses);
	if (usable)
		read_rows(set, "invalidation", NULL, NULL, 0, take_unusable, NULL);
	if (set->any)
		spm_matcher_load_later(set->matcher, uses, load_key, set);
	MemoryContextSwitchTo(caller_context);
	return set;
}

/*
 * Note which keys there are.  Most keys of sales are none of them, and need not
 * be looked for.
 */
static void
make_directory(SpmBuildSet *set)
{
	Relation table =
		table_open(spm_relation_oid("build_key", false), AccessShareLock);
	bool fits = RelationGetNumberOfBlocks(table) <= DIRECTORY_BLOCKS;

	table_close(table, NoLock);
	if (!fits)
		return;
	set->keys->directory = directory_create(set->context, 256, NULL);
	read_rows(set, "build_key", NULL, NULL, 0, take_key, NULL);
}

/* Take a row of build_key: filter_column, key. */
static void
take_key(SpmBuildSet *set, Datum *values, void *state)
{
	text *key = DatumGetTextPP(values[1]);
	bool found;

	(void) directory_insert(set->keys->directory,
							hash_key(DatumGetInt16(values[0]),
									 VARDATA_ANY(key),
									 VARSIZE_ANY_EXHDR(key)),
							&found);
}

static uint32
hash_key(int column, const char *key, int length)
{
	return hash_combine(hash_bytes((const unsigned char *) key, length),
						murmurhash32(column));
}

/* Load the builds under a key, or those under none. */
static void
load_key(SpmKey column, const char *key, int length, void *state)
{
	SpmBuildSet *set = state;
	int number = column == SPM_KEY_COUNT ? NO_COLUMN : (int) column;

	if (++set->keys->probes == PROBES_BEFORE_DIRECTORY)
		make_directory(set);
	if (set->keys->directory == NULL ||
		directory_lookup(set->keys->directory, hash_key(number, key, length)))
		read_key(set, column, key, length);
}

/* The same, if there may be any. */
static void
read_key(SpmBuildSet *set, SpmKey column, const char *key, int length)
{
	LoadedKey loaded = {column, key, length};
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "salesperf key",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	ScanKeyData keys[2];

	ScanKeyInit(&keys[0],
				1,
				BTEqualStrategyNumber,
				F_INT2EQ,
				Int16GetDatum(column == SPM_KEY_COUNT ? NO_COLUMN : column));
	ScanKeyEntryInitialize(&keys[1],
						   0,
						   2,
						   BTEqualStrategyNumber,
						   InvalidOid,
						   C_COLLATION_OID,
						   F_TEXTEQ,
						   PointerGetDatum(
							   cstring_to_text_with_len(key, length)));
	read_rows(set,
			  "build_key",
			  "build_key_pkey",
			  keys,
			  2,
			  take_build_of_key,
			  &loaded);
	MemoryContextSwitchTo(caller_context);
	MemoryContextDelete(context);
}

/* Take a row of build_key: filter_column, key, build_id, measure_id. */
static void
take_build_of_key(SpmBuildSet *set, Datum *values, void *state)
{
	const LoadedKey *loaded = state;
	int32 build_id = DatumGetInt32(values[2]);
	BuildNumber *known = numbers_lookup(set->keys->numbers, build_id);
	int number;

	if (is_unusable(set, build_id))
		return;
	number = known ? known->number
				   : add_build(set, build_id, DatumGetInt64(values[3]));
	if (number >= 0)
		spm_matcher_list(set->matcher,
						 loaded->column,
						 loaded->key,
						 loaded->length,
						 number);
}

static bool
is_unusable(const SpmBuildSet *set, int32 build_id)
{
	for (int i = 0; i < set->keys->unusable_count; i++)
		if (build_id >= set->keys->unusable[i].first &&
			build_id <= set->keys->unusable[i].last)
			return true;
	return false;
}

/* Add a build that is met for the first time; -1 if it is gone. */
static int
add_build(SpmBuildSet *set, int32 build_id, int64 measure_id)
{
	SpmBuildKeys *keys = set->keys;
	SpmBuild build = {.build_id = build_id, .measure_id = measure_id};
	ScanKeyData key;
	bool found;
	int number;

	ScanKeyInit(&key,
				1,
				BTEqualStrategyNumber,
				F_INT8EQ,
				Int64GetDatum(build.measure_id));
	read_rows(set, "measure", "measure_pkey", &key, 1, take_scope, &build);
	if (build.scope == NULL)
		return -1;
	if (set->count == keys->capacity)
	{
		Size size;

		keys->capacity = Max(64, 2 * keys->capacity);
		size = mul_size(keys->capacity, sizeof(SpmBuild));
		set->builds = set->builds ? repalloc_huge(set->builds, size)
								  : MemoryContextAllocHuge(set->context, size);
	}
	number = spm_matcher_add_later(set->matcher, spm_scope_parse(build.scope));
	build.scope = NULL;
	Assert(number == set->count);
	set->builds[set->count++] = build;
	numbers_insert(keys->numbers, build_id, &found)->number = number;
	return number;
}

/* Take a row of measure: measure_id, scope. */
static void
take_scope(SpmBuildSet *set, Datum *values, void *state)
{
	((SpmBuild *) state)->scope = DatumGetJsonbPCopy(values[1]);
}

static void
take_uses(SpmBuildSet *set, Datum *values, void *state)
{
	*(uint32 *) state |= DatumGetUInt32(values[0]);
	set->any = true;
}

/* Take a row of invalidation: first_build, last_build. */
static void
take_unusable(SpmBuildSet *set, Datum *values, void *state)
{
	SpmBuildKeys *keys = set->keys;
	Size size = (keys->unusable_count + 1) * sizeof(UnusableBuilds);

	keys->unusable = keys->unusable ? repalloc(keys->unusable, size)
									: MemoryContextAlloc(set->context, size);
	keys->unusable[keys->unusable_count].first = DatumGetInt32(values[0]);
	keys->unusable[keys->unusable_count++].last = DatumGetInt32(values[1]);
}

/* Hand on the rows with those keys under the active snapshot. */
static void
read_rows(SpmBuildSet *set, const char *table_name, const char *index_name,
		  ScanKeyData *keys, int count, RowTaker take, void *state)
{
	Relation table =
		table_open(spm_relation_oid(table_name, false), AccessShareLock);
	TupleDesc row = RelationGetDescr(table);
	Datum *values = palloc(row->natts * sizeof(Datum));
	bool *nulls = palloc(row->natts * sizeof(bool));
	SysScanDesc scan =
		systable_beginscan(table,
						   index_name ? spm_relation_oid(index_name, false)
									  : InvalidOid,
						   index_name != NULL,
						   GetActiveSnapshot(),
						   count,
						   keys);
	HeapTuple tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		heap_deform_tuple(tuple, row, values, nulls);
		take(set, values, state);
	}
	systable_endscan(scan);
	table_close(table, NoLock);
	pfree(values);
	pfree(nulls);
}

/* scope_keys(scope) → (filter_column, key): what build_key lists it under */
Datum
spm_scope_keys(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SpmScope *scope = spm_scope_parse(PG_GETARG_JSONB_P(0));
	int column = spm_scope_listed_by(scope);

	InitMaterializedSRF(fcinfo, 0);
	if (column == SPM_KEY_COUNT)
		add_key(result, NO_COLUMN, "");
	else
		for (int i = 0; i < scope->include[column].count; i++)
			add_key(result, column, scope->include[column].keys[i]);
	return (Datum) 0;
}

static void
add_key(ReturnSetInfo *result, int column, const char *key)
{
	Datum values[] = {Int16GetDatum(column), CStringGetTextDatum(key)};
	bool nulls[lengthof(values)] = {false, false};

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* scope_uses(scope) → integer: what a scope uses of sales, as bits */
Datum
spm_scope_uses_of(PG_FUNCTION_ARGS)
{
	PG_RETURN_UINT32(spm_scope_uses(spm_scope_parse(PG_GETARG_JSONB_P(0))));
}
