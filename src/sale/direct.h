/*-------------------------------------------------------------------------
 *
 * direct.h
 *	  Reading a few documents by their indexes, without the executor.
 *
 * src/sale/direct.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_DIRECT_H
#define SPM_SALE_DIRECT_H

#include "nodes/execnodes.h"

#include "sale/direct_figure.h"
#include "sale/source.h"

/* A column of a table that expressions use. */
typedef struct DirectColumn
{
	AttrNumber number;
	int16 length; /* of the type; 0: values are passed as they are */
	int place;	  /* in the whole row */
	bool decides; /* more depends on it than amounts */
} DirectColumn;

/*
 * One of the tables of a source.  Its rows are found by the first columns of
 * an index; all that is to be equal is tested.
 */
typedef struct DirectTable
{
	Oid table;
	Oid index;
	int key_count;
	AttrNumber columns[SPM_MAX_KEYS]; /* of the table */
	Oid collations[SPM_MAX_KEYS];
	Oid operators[SPM_MAX_KEYS];
	FmgrInfo equal[SPM_MAX_KEYS];
	bool by_bytes[SPM_MAX_KEYS];  /* texts that are equal to the byte or not */
	int index_count;			  /* columns of the index that are used */
	int index_keys[SPM_MAX_KEYS]; /* which key each of them is */
	int near[SPM_MAX_KEYS];		  /* of a look-up: where its keys are */
	ExprState *condition;		  /* of a look-up, over the whole row */
	bool of_header;				  /* it is looked up once for all lines */
	int used_count;
	int used_room;
	DirectColumn *used;
	AttrNumber last_used;
	bool allowed; /* may the owner of the lines read it? */
	struct SpmAttributeCache *attributes; /* of a code; NULL: has none */
} DirectTable;

/* The day or a key of a sale. */
typedef struct SaleColumn
{
	ExprState *state;
	int number;		/* of the column, from 0 */
	bool of_header; /* all lines of a document share it */
	Oid integer;	/* type of what it is the text of; invalid: of another */
	int place;		/* of that integer in the whole row */
} SaleColumn;

/* Lines, the header if there is one, and what is looked up, in this order. */
#define MAX_DIRECT_TABLES (2 + SPM_MAX_LOOKUPS)

/* Quantity, gross, net, cost and revenue. */
#define MAX_LIMITED_AMOUNTS 5

/* How documents of a source are read. */
typedef struct SpmDirect
{
	uint64 number; /* tells it from all others of this session */
	bool has_header;
	int table_count;
	DirectTable tables[MAX_DIRECT_TABLES];
	DirectTable customers; /* found by the sale's own keys */
	DirectTable products;
	TupleTableSlot *row;  /* the used columns of all tables */
	TupleTableSlot *sale; /* the columns that every read has */
	int column_count;	  /* of its day and keys, as far as it has them */
	SaleColumn *columns;
	uint32 shared; /* keys that all lines of a document share */
	SpmFigure amounts[SPM_AMOUNT_COUNT];
	ExprState *header_counts; /* what is asked of all lines; NULL: nothing */
	ExprState *counts;		  /* and of each */
	int limited_count;
	SpmFigure limited[MAX_LIMITED_AMOUNTS]; /* which have to be in range */
	struct SpmDirectRate *rate;	  /* NULL: amounts are not converted */
	struct SpmDirectSplit *split; /* NULL: it takes a query to tell */
	ExprContext *econtext;
} SpmDirect;

/* Who wants sales, and what is to be minded. */
typedef struct SpmDirectCall
{
	SpmNeeds needs;
	SpmSaleConsumer consume;
	void *state;
	bool may_be_split;	  /* some document has rows in order_split */
	bool may_have_strays; /* there may be lines without a header */
	bool strays;		  /* some were met */
	uint64 expected;	  /* about so many sales */
	uint64 documents;	  /* read so far, one after the other */
} SpmDirectCall;

extern bool spm_splits_are_there(void);
extern SpmDirect *spm_source_direct(SpmSource *source);
extern SpmDirect *spm_direct_load(const SpmSource *source);
extern bool spm_direct_find_attributes(const SpmSource *source,
									   SpmDirect *direct, SpmNeeds needs);
extern bool spm_direct_read(const SpmSource *source, SpmDirect *direct,
							SpmDirectCall *call, Datum *keys);

#endif /* SPM_SALE_DIRECT_H */
