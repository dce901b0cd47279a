/*-------------------------------------------------------------------------
 *
 * code.h
 *	  Codes of units, sellers, customers, products and others, in hash tables.
 *
 * src/core/code.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_CORE_CODE_H
#define SPM_CORE_CODE_H

#include "common/hashfn.h"

/* The bytes of a text, not terminated. */
typedef struct SpmCode
{
	const char *text;
	int length;
} SpmCode;

static inline uint32
spm_code_hash(SpmCode code)
{
	return hash_bytes((const unsigned char *) code.text, code.length);
}

static inline bool
spm_code_equal(SpmCode a, SpmCode b)
{
	return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

#endif /* SPM_CORE_CODE_H */
