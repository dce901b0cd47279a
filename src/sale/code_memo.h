/*-------------------------------------------------------------------------
 *
 * code_memo.h
 *	  What the rows with some codes say, while many sales are read.
 *
 * src/sale/code_memo.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_CODE_MEMO_H
#define SPM_SALE_CODE_MEMO_H

#include "sale/direct_scan.h"

typedef struct SpmCodeMemo SpmCodeMemo;

extern SpmCodeMemo *spm_code_memo_create(TableScan *scan, uint64 expected);
extern bool spm_code_memo_fill(SpmCodeMemo *memo, Datum code,
							   TupleTableSlot *row);
extern void spm_code_memo_keep(SpmCodeMemo *memo, Datum code);

#endif /* SPM_SALE_CODE_MEMO_H */
