/*-------------------------------------------------------------------------
 *
 * noted_row.h
 *	  The used columns of a row, as they are kept until commit.
 *
 * src/sale/noted_row.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_NOTED_ROW_H
#define SPM_SALE_NOTED_ROW_H

#include "sale/direct.h"

/*
 * Its columns, whether each is null, and what values by reference point to,
 * one after the other.  Rows are the same if all their bytes are.
 */
typedef struct SpmNotedRow
{
	Size size;							 /* in bytes, this included */
	Datum values[FLEXIBLE_ARRAY_MEMBER]; /* or at which byte they begin */
} SpmNotedRow;

extern Size spm_noted_row_size(const SpmDirect *direct, SpmRole role,
							   TupleTableSlot *row);
extern void spm_noted_row_form(SpmNotedRow *noted, Size size,
							   const SpmDirect *direct, SpmRole role,
							   TupleTableSlot *row);
extern void spm_noted_row_fill(const SpmNotedRow *noted,
							   const SpmDirect *direct, SpmRole role);
extern bool spm_noted_rows_agree(const SpmNotedRow *a, const SpmNotedRow *b,
								 const SpmDirect *direct, SpmRole role);

#endif /* SPM_SALE_NOTED_ROW_H */
