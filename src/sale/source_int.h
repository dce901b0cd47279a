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
#include "sale/source.h"

/* The ways in which sales of a source are read. */
typedef enum ReadKind
{
	READ_DOCUMENTS,
	READ_ALL,
	READ_LIST,
	READ_KIND_COUNT
} ReadKind;

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
	KeyExpressions keys[SPM_ROLE_COUNT];
	bool unique_known;
	bool unique;
	ExprContext *key_context;
	SPIPlanPtr plans[READ_KIND_COUNT];
} SpmSourceCache;

/* How many reads of sources are under way, one inside the other. */
extern int spm_source_reading;

#endif /* SPM_SALE_SOURCE_INT_H */
