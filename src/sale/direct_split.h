/*-------------------------------------------------------------------------
 *
 * direct_split.h
 *	  Has a document rows in order_split?  Without the executor.
 *
 * src/sale/direct_split.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_DIRECT_SPLIT_H
#define SPM_SALE_DIRECT_SPLIT_H

#include "sale/direct_load.h"
#include "sale/direct_scan.h"

typedef struct SpmDirectSplit
{
	bool index_known;
	bool has_index;
	DirectTable table;	 /* order_split, by source and document */
	Datum source;		 /* as order_split names it */
	ExprState *document; /* NULL: no value */
	bool of_header;		 /* which is the same for all lines */
} SpmDirectSplit;

/* While documents are read. */
typedef struct SplitScan
{
	SpmDirectSplit *split; /* NULL: not open, nothing is split */
	TableScan table;
	text *document; /* the last that has none; NULL: none was looked for */
} SplitScan;

extern void spm_direct_split_load(Loading *loading);
extern SpmDirectSplit *spm_direct_split(const SpmSource *source);
extern void spm_split_scan_open(SplitScan *scan, SpmDirectSplit *split);
extern void spm_split_scan_close(SplitScan *scan);
extern bool spm_split_scan_may_read(const SplitScan *scan, Oid role);
extern bool spm_split_scan_has(SplitScan *scan, ExprContext *econtext);

#endif /* SPM_SALE_DIRECT_SPLIT_H */
