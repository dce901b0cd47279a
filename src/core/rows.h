/*-------------------------------------------------------------------------
 *
 * rows.h
 *	  Reading rows of tables of schema salesperf without the executor.
 *
 * src/core/rows.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_CORE_ROWS_H
#define SPM_CORE_ROWS_H

#include "access/skey.h"
#include "executor/tuptable.h"
#include "storage/itemptr.h"

/* In the place of how many blocks a table has. */
#define SPM_NOT_LOCKED InvalidBlockNumber

/* Takes the columns of a row, which must not be NULL. */
typedef void (*SpmRowTaker)(Datum *values, void *state);

/* Takes a row, of which all columns are there, NULL or not. */
typedef void (*SpmSlotTaker)(TupleTableSlot *row, void *state);

extern void spm_read_rows(const char *table_name, const char *index_name,
						  ScanKeyData *keys, int count, SpmRowTaker take,
						  void *state);
extern void spm_scan_table(Oid relation, SpmSlotTaker take, void *state);
extern void spm_read_rows_at(Oid relation, BlockNumber *blocks,
							 const ItemPointerData *places, int count,
							 SpmRowTaker take, void *state);
extern BlockNumber spm_count_blocks(const char *table_name);

#endif /* SPM_CORE_ROWS_H */
