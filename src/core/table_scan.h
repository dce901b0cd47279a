/*-------------------------------------------------------------------------
 *
 * table_scan.h
 *	  Reading all rows of a table below the executor.
 *
 * src/core/table_scan.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_CORE_TABLE_SCAN_H
#define SPM_CORE_TABLE_SCAN_H

#include "executor/tuptable.h"

/* Takes a row, of which all columns are there. */
typedef void (*SpmRowTaker)(TupleTableSlot *row, void *state);

extern void spm_scan_table(Oid relation, SpmRowTaker take, void *state);

#endif /* SPM_CORE_TABLE_SCAN_H */
