/*-------------------------------------------------------------------------
 *
 * sale_receiver.h
 *	  The rows of a query, handed on as sales.
 *
 * src/sale/sale_receiver.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_SALE_RECEIVER_H
#define SPM_SALE_SALE_RECEIVER_H

#include "sale/key_equality.h"
#include "sale/source_int.h"

/* Receives the rows of a query and hands them on as sales. */
typedef struct SpmSaleReceiver
{
	DestReceiver destination;
	SpmSaleConsumer consume;
	void *state;
	MemoryContext row_context;
	bool by_document; /* else sales come in any order */
	SpmKeyRun documents;
	uint64 number;	   /* of the document being read */
	int split_columns; /* where they begin, 0 if there are none */
	SpmKeyRun splits_keys;
	MemoryContext splits_context;
	SpmSplits *splits;
	uint64 splits_number;
} SpmSaleReceiver;

extern void spm_sale_receiver_init(SpmSaleReceiver *receiver, SpmSource *source,
								   ReadPart part, int columns);

#endif /* SPM_SALE_SALE_RECEIVER_H */
