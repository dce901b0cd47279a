/*-------------------------------------------------------------------------
 *
 * key_equality.c
 *	  Which keys are equal: as their types say, not as they are written.
 *
 * Numbers 1 and 1.0 are one key, and so are texts that differ in case where a
 * collation or type ignores it.
 *
 * src/sale/key_equality.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "core/equality.h"
#include "sale/key_equality.h"

static void describe_column(SpmKeyColumn *column, Oid type, Oid collation);
static inline bool column_equal(const SpmKeyColumn *column, Datum a, Datum b);
static inline bool column_is_same(const SpmKeyColumn *column, Datum a, Datum b);
static Datum copy_column(const SpmKeyColumn *column, Datum value);
static bool continues(const SpmKeyRun *run, const Datum *key,
					  const bool *nulls);

/* Fill in what keys of those types are compared, hashed and copied by. */
void
spm_key_ops_init(SpmKeyOps *ops, const SpmKeyTypes *types)
{
	ops->count = types->count;
	for (int i = 0; i < types->count; i++)
		describe_column(&ops->columns[i],
						types->types[i],
						types->collations[i]);
}

static void
describe_column(SpmKeyColumn *column, Oid type, Oid collation)
{
	const SpmEquality *known = spm_known_equality(type);
	TypeCacheEntry *entry;

	column->type = type;
	column->collation = collation;
	if (known != NULL)
	{
		column->hash = known->hash;
		column->equal = known->equal;
		column->by_value = known->by_value;
		column->length = known->length;
		column->align = known->align;
		return;
	}
	entry =
		lookup_type_cache(type,
						  TYPECACHE_HASH_PROC_FINFO | TYPECACHE_EQ_OPR_FINFO);
	column->hash = &entry->hash_proc_finfo;
	column->equal = &entry->eq_opr_finfo;
	column->by_value = entry->typbyval;
	column->length = entry->typlen;
	column->align = entry->typalign;
}

uint32
spm_key_hash(const SpmKeyOps *ops, const Datum *key)
{
	uint32 hash = 0;

	for (int i = 0; i < ops->count; i++)
		hash = hash_combine(hash,
							DatumGetUInt32(
								FunctionCall1Coll(ops->columns[i].hash,
												  ops->columns[i].collation,
												  key[i])));
	return hash;
}

bool
spm_key_equal(const SpmKeyOps *ops, const Datum *a, const Datum *b)
{
	for (int i = 0; i < ops->count; i++)
		if (!column_equal(&ops->columns[i], a[i], b[i]))
			return false;
	return true;
}

static inline bool
column_equal(const SpmKeyColumn *column, Datum a, Datum b)
{
	return DatumGetBool(
		FunctionCall2Coll(column->equal, column->collation, a, b));
}

/* Are two keys the same to the byte? */
bool
spm_key_is_same(const SpmKeyOps *ops, const Datum *a, const Datum *b)
{
	for (int i = 0; i < ops->count; i++)
		if (!column_is_same(&ops->columns[i], a[i], b[i]))
			return false;
	return true;
}

static inline bool
column_is_same(const SpmKeyColumn *column, Datum a, Datum b)
{
	return column->by_value ? a == b
							: datum_image_eq(a, b, false, column->length);
}

/* Copy a key into the current memory context; it needs nothing outside. */
void
spm_key_copy(const SpmKeyOps *ops, const Datum *key, Datum *copy)
{
	for (int i = 0; i < ops->count; i++)
		copy[i] = copy_column(&ops->columns[i], key[i]);
}

static Datum
copy_column(const SpmKeyColumn *column, Datum value)
{
	if (!column->by_value && column->length == -1)
		return PointerGetDatum(PG_DETOAST_DATUM_COPY(value));
	return datumCopy(value, column->by_value, column->length);
}

/* Rows are going to come that have keys of those types from a column on. */
void
spm_key_run_init(SpmKeyRun *run, const SpmKeyTypes *types, int column)
{
	spm_key_ops_init(&run->ops, types);
	run->column = column;
	run->context = AllocSetContextCreate(CurrentMemoryContext,
										 "salesperf key",
										 ALLOCSET_SMALL_SIZES);
	run->any = false;
}

/* Has the next row another key than the one before? */
bool
spm_key_run_begins(SpmKeyRun *run, TupleTableSlot *row)
{
	const Datum *key = row->tts_values + run->column;
	const bool *nulls = row->tts_isnull + run->column;
	MemoryContext caller_context;

	if (continues(run, key, nulls))
		return false;
	MemoryContextReset(run->context);
	caller_context = MemoryContextSwitchTo(run->context);
	for (int i = 0; i < run->ops.count; i++)
	{
		run->nulls[i] = nulls[i];
		if (!nulls[i])
			run->key[i] = copy_column(&run->ops.columns[i], key[i]);
	}
	MemoryContextSwitchTo(caller_context);
	run->any = true;
	return true;
}

/* Is that key the one of the run?  Null is a key like any other. */
static bool
continues(const SpmKeyRun *run, const Datum *key, const bool *nulls)
{
	for (int i = 0; run->any && i < run->ops.count; i++)
	{
		const SpmKeyColumn *column = &run->ops.columns[i];

		if (nulls[i] != run->nulls[i])
			return false;
		if (!nulls[i] && !column_is_same(column, key[i], run->key[i]) &&
			!column_equal(column, key[i], run->key[i]))
			return false;
	}
	return run->any;
}
