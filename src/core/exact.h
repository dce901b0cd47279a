/*-------------------------------------------------------------------------
 *
 * exact.h
 *	  Arithmetic on numerics that is exact up to its one division.
 *
 * All results are palloc'd in CurrentMemoryContext.
 *
 * src/core/exact.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_CORE_EXACT_H
#define SPM_CORE_EXACT_H

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

extern Numeric spm_exact_zero(void);
extern int spm_exact_sign(Numeric a);
extern Numeric spm_exact_quotient(Numeric numerator, Numeric denominator);
extern Numeric spm_exact_trim(Numeric a);

/* a + b */
static inline Numeric
spm_exact_add(Numeric a, Numeric b)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_add,
											   NumericGetDatum(a),
											   NumericGetDatum(b)));
}

/* a - b */
static inline Numeric
spm_exact_sub(Numeric a, Numeric b)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_sub,
											   NumericGetDatum(a),
											   NumericGetDatum(b)));
}

/* a * b */
static inline Numeric
spm_exact_mul(Numeric a, Numeric b)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_mul,
											   NumericGetDatum(a),
											   NumericGetDatum(b)));
}

/* -a */
static inline Numeric
spm_exact_negate(Numeric a)
{
	return DatumGetNumeric(
		DirectFunctionCall1(numeric_uminus, NumericGetDatum(a)));
}

/* Negative, zero or positive as a is below, equal to or above b. */
static inline int
spm_exact_compare(Numeric a, Numeric b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp,
											 NumericGetDatum(a),
											 NumericGetDatum(b)));
}

#endif /* SPM_CORE_EXACT_H */
