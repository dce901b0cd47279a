/*-------------------------------------------------------------------------
 *
 * direct_read.h
 *	  A read of documents by their indexes, without the executor.
 *
 * src/sale/direct_read.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_DIRECT_READ_H
#define SPM_SALE_DIRECT_READ_H

#include "sale/direct_rate.h"
#include "sale/direct_split.h"

/* A read of documents. */
typedef struct DirectRead
{
	SpmDirect *direct;
	SpmDirectCall *call;
	MemoryContext context; /* of all that is open */
	TableScan scans[MAX_DIRECT_TABLES];
	TableScan customers; /* opened when one is met that is not kept */
	TableScan products;
	RateScan rate;
	SplitScan split;
	bool header_known;	/* what the document's lines share */
	bool header_counts; /* if it counts */
	bool header_met;	/* by a sale that was handed on */
	int lines;			/* since memory was reset */
	int key_count;
	bool uses[2]; /* the tables of lines and header */
} DirectRead;

extern bool spm_direct_open(DirectRead *read, const SpmSource *source);
extern void spm_direct_close(DirectRead *read);
extern void spm_direct_begin_line(DirectRead *read);
extern bool spm_direct_line_counts(DirectRead *read, SpmSale *sale);
extern void spm_direct_hand_on(DirectRead *read, SpmSale *sale);

#endif /* SPM_SALE_DIRECT_READ_H */
