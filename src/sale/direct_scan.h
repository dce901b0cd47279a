/*-------------------------------------------------------------------------
 *
 * direct_scan.h
 *	  Rows of one table, fetched by an index without the executor.
 *
 * src/sale/direct_scan.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_DIRECT_SCAN_H
#define SPM_SALE_DIRECT_SCAN_H

#include "access/genam.h"

#include "sale/direct.h"

/* A table while its rows are read. */
typedef struct TableScan
{
	DirectTable *table;
	MemoryContext context; /* of all that is open */
	Relation relation;
	Relation index;
	IndexScanDesc scan;
	TupleTableSlot *slot;
	uint64 expected;   /* about so many codes will be looked for */
	IndexScanDesc run; /* of the rows with some numbers, in their order */
	int run_left;	   /* so many numbers follow in it */
	int64 last_number; /* that was looked for */
	Datum key[SPM_MAX_KEYS];
} TableScan;

extern void spm_scan_open(TableScan *scan, DirectTable *table);
extern void spm_scan_close(TableScan *scan);
extern bool spm_scan_may_read(const TableScan *scan, Oid role);
extern void spm_scan_begin(TableScan *scan);
extern void spm_scan_find(TableScan *scan);
extern bool spm_scan_find_one(TableScan *scan);
extern const struct SpmAttributes *spm_scan_attributes(TableScan *scan,
													   Datum code);
extern void spm_scan_find_by_code(TableScan *scan, Datum code,
								  ItemPointer place);
extern bool spm_scan_fetch(TableScan *scan, ScanDirection direction);
extern bool spm_scan_next(TableScan *scan);
extern bool spm_scan_is_equal(const TableScan *scan);
extern bool spm_scan_has(TableScan *scan, const DirectTable *table, int count);
extern void spm_scan_fill(const TableScan *scan, TupleTableSlot *row);
extern void spm_scan_clear(const TableScan *scan, TupleTableSlot *row);

#endif /* SPM_SALE_DIRECT_SCAN_H */
