/*-------------------------------------------------------------------------
 *
 * source_int.h
 *	  What a session keeps of an attached source.
 *
 * src/sale/source_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_SOURCE_INT_H
#define SPM_SALE_SOURCE_INT_H

#include "nodes/execnodes.h"

#include "core/spi.h"
#include "sale/partition.h"

/* The ways in which sales of a source are read. */
typedef enum ReadKind
{
	READ_DOCUMENTS,
	READ_ALL,
	READ_LIST,
	READ_PERIOD,
	READ_KIND_COUNT
} ReadKind;

/* Which of them: those of documents that are split come by themselves. */
typedef enum ReadPart
{
	READ_EVERY, /* where no document can be split */
	READ_UNSPLIT,
	READ_ORDER_SPLIT, /* by table order_split */
	READ_CHILD_SPLIT, /* by the source's own table of splits */
	READ_PART_COUNT
} ReadPart;

/* A document's key as an expression over a row of one attached table. */
typedef struct KeyExpressions
{
	bool plain; /* columns, which can't run anybody's code */
	ExprState *states[SPM_MAX_KEYS];
	AttrNumber columns[SPM_MAX_KEYS]; /* 0: an expression */
} KeyExpressions;

/* What a session keeps of a source; one context, dropped whole. */
typedef struct SpmSourceCache
{
	MemoryContext context;
	bool valid;
	Oid view;
	Oid owner; /* of the lines, whom the expressions run as */
	Oid splits_view;
	SpmTree trees[SPM_ROLE_COUNT]; /* none where there is no table */
	bool partitioned;			   /* one of the tables is */
	Oid all_sources; /* table source: they may depend on each other */
	Oid customers;
	Oid products;
	Oid settings;
	Oid rates;
	Oid order_splits;
	KeyExpressions keys[SPM_ROLE_COUNT];
	Bitmapset *used[SPM_ROLE_COUNT]; /* columns, as pull_varattnos() has them */
	bool indexed[SPM_ROLE_COUNT];	 /* what leads to rows looked up there */
	struct SpmDirect *direct; /* NULL: documents are read by queries alone */
	bool direct_known;
	bool unique_known;
	bool unique;
	ExprContext *key_context;
	/* by kind, part, and what is needed: attributes, documents */
	SPIPlanPtr plans[READ_KIND_COUNT][READ_PART_COUNT][2][2];
} SpmSourceCache;

extern void spm_source_load(SpmSource *source, SpmSourceCache *cache);
extern void spm_sale_fill(SpmSale *sale, TupleTableSlot *slot);
extern void spm_sale_fill_keys(SpmSale *sale, TupleTableSlot *slot);
extern const char *spm_source_equality(Oid type);

/* How many reads of sources are under way, one inside the other. */
extern int spm_source_reading;

#endif /* SPM_SALE_SOURCE_INT_H */
