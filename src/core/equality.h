/*-------------------------------------------------------------------------
 *
 * equality.h
 *	  How values of a type are told apart by default.
 *
 * src/core/equality.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_CORE_EQUALITY_H
#define SPM_CORE_EQUALITY_H

#include "fmgr.h"

/* By which operator and functions, and how values are stored. */
typedef struct SpmEquality
{
	Oid type;
	Oid operator;
	Oid equal_function;
	Oid hash_function;
	FmgrInfo *equal; /* ready to be called, as soon as the type was asked for */
	FmgrInfo *hash;
	int16 length;
	bool by_value;
	char align;
} SpmEquality;

extern const SpmEquality *spm_known_equality(Oid type);
extern Oid spm_equality_operator(Oid type);
extern bool spm_is_deterministic(Oid collation);

#endif /* SPM_CORE_EQUALITY_H */
