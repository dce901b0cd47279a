/*-------------------------------------------------------------------------
 *
 * key_equality.h
 *	  Which keys are equal: as their types say, not as they are written.
 *
 * src/sale/key_equality.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_KEY_EQUALITY_H
#define SPM_SALE_KEY_EQUALITY_H

#include "fmgr.h"

#include "sale/source.h"

/* How one column of a key is compared, hashed and copied. */
typedef struct SpmKeyColumn
{
	FmgrInfo *hash;
	FmgrInfo *equal;
	Oid type;
	Oid collation;
	bool by_value;
	int16 length;
	char align;
} SpmKeyColumn;

typedef struct SpmKeyOps
{
	int count;
	SpmKeyColumn columns[SPM_MAX_KEYS];
} SpmKeyOps;

/* The keys of rows, those that are equal one after the other. */
typedef struct SpmKeyRun
{
	SpmKeyOps ops;
	int column; /* of the rows, where the key begins */
	MemoryContext context;
	bool any; /* a row has come */
	Datum key[SPM_MAX_KEYS];
	bool nulls[SPM_MAX_KEYS];
} SpmKeyRun;

extern void spm_key_ops_init(SpmKeyOps *ops, const SpmKeyTypes *types);
extern uint32 spm_key_hash(const SpmKeyOps *ops, const Datum *key);
extern bool spm_key_equal(const SpmKeyOps *ops, const Datum *a, const Datum *b);
extern bool spm_key_is_same(const SpmKeyOps *ops, const Datum *a,
							const Datum *b);
extern void spm_key_copy(const SpmKeyOps *ops, const Datum *key, Datum *copy);
extern void spm_key_run_init(SpmKeyRun *run, const SpmKeyTypes *types,
							 int column);
extern bool spm_key_run_begins(SpmKeyRun *run, TupleTableSlot *row);

#endif /* SPM_SALE_KEY_EQUALITY_H */
