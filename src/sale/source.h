/*-------------------------------------------------------------------------
 *
 * source.h
 *	  Attached sources: their document keys, and reading their sales.
 *
 * src/sale/source.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_SOURCE_H
#define SPM_SALE_SOURCE_H

#include "executor/tuptable.h"
#include "nodes/pg_list.h"
#include "utils/date.h"
#include "utils/numeric.h"
#include "utils/reltrigger.h"

#include "core/amount.h"
#include "split/split.h"

/* What a scope can filter sales by. */
typedef enum SpmKey
{
	SPM_KEY_SELLER,
	SPM_KEY_UNIT, /* with all units above */
	SPM_KEY_CUSTOMER,
	SPM_KEY_SECTOR, /* of the customer, as the next two */
	SPM_KEY_REGION,
	SPM_KEY_SEGMENT,
	SPM_KEY_PRODUCT,
	SPM_KEY_BRAND,	/* of the product, as the next */
	SPM_KEY_FAMILY, /* with all families above */
	SPM_KEY_BRANCH,
	SPM_KEY_SALE_TYPE,
	SPM_KEY_SOURCE,
	SPM_KEY_COUNT
} SpmKey;

#define SPM_KEY_BIT(key) (((uint32) 1) << (key))

typedef enum SpmMetric
{
	SPM_METRIC_QUANTITY,
	SPM_METRIC_GROSS,
	SPM_METRIC_NET,
	SPM_METRIC_MARGIN,
	SPM_AMOUNT_COUNT, /* so many are amounts of a line */
	SPM_METRIC_DOCUMENTS = SPM_AMOUNT_COUNT,
	SPM_METRIC_COUNT
} SpmMetric;

/* What a read of sales has to fetch beside their own columns. */
typedef struct SpmNeeds
{
	bool customers; /* their attributes */
	bool products;	/* the same */
	bool documents; /* one after the other */
} SpmNeeds;

/*
 * One sale that counts; what it points to lives until the next is read.  Of a
 * document that is split the sales come one after the other, of others if
 * that was needed.
 */
typedef struct SpmSale
{
	DateADT sold_on;
	const char *keys[SPM_KEY_COUNT]; /* not terminated; NULL: has none */
	int lengths[SPM_KEY_COUNT];
	SpmAmount amounts[SPM_AMOUNT_COUNT];
	int share_count;		/* 0: all is its own seller's */
	const SpmShare *shares; /* of whole */
	Numeric whole;
	uint64 splits;	 /* number of those that it is shared by, 0: by none */
	bool by_net;	 /* the shares depend on the document's net */
	uint64 document; /* its number, 0 if they come in any order */
	bool taken_off;	 /* a line that is not there any more */
	uint32 shared;	 /* bits of keys that all lines of a document share, and
					  * its day; 0: none */
	bool continues;	 /* these are as in the sale before, of the same read */
} SpmSale;

/* Called for each sale; row has the columns asked for. */
typedef void (*SpmSaleConsumer)(const SpmSale *sale, TupleTableSlot *row,
								void *state);

/* Which sales to read. */
typedef struct SpmSalePeriod
{
	DateADT from; /* after to: any day */
	DateADT to;
	const char *document; /* of this one alone; NULL: all */
	bool attributes; /* column SPM_PERIOD_ATTRIBUTES is wanted, else null */
} SpmSalePeriod;

/* Columns of a row that spm_source_read_period() reads, from 0. */
enum
{
	SPM_PERIOD_DOCUMENT = 1 + SPM_KEY_COUNT + SPM_AMOUNT_COUNT,
	SPM_PERIOD_LINE,
	SPM_PERIOD_REVENUE,
	SPM_PERIOD_CURRENCY,
	SPM_PERIOD_ATTRIBUTES,
	SPM_PERIOD_SPLIT_SELLERS, /* the rest only if the document is split */
	SPM_PERIOD_SPLIT_PERCENTS,
	SPM_PERIOD_SPLIT_AMOUNTS,
	SPM_PERIOD_SPLIT_OVERLAYS,
	SPM_PERIOD_SPLIT_NET,
	SPM_PERIOD_COLUMNS
};

/* A source may look things up in so many tables. */
#define SPM_MAX_LOOKUPS 8

/* What a table is to a source. */
typedef enum SpmRole
{
	SPM_ROLE_LINES,
	SPM_ROLE_HEADER,
	SPM_ROLE_SPLITS,
	SPM_ROLE_LOOKUP, /* the first of them */
	SPM_ROLE_COUNT = SPM_ROLE_LOOKUP + SPM_MAX_LOOKUPS
} SpmRole;

/* A document's key has at most so many columns. */
#define SPM_MAX_KEYS 4

/* The types of a key. */
typedef struct SpmKeyTypes
{
	int count;
	Oid types[SPM_MAX_KEYS];
	Oid collations[SPM_MAX_KEYS];
} SpmKeyTypes;

/* An attached source, as this session has cached it. */
typedef struct SpmSource
{
	char name[NAMEDATALEN];
	char root[NAMEDATALEN];			  /* the source whose documents these are */
	Oid tables[SPM_ROLE_COUNT];		  /* InvalidOid: has none */
	SpmKeyTypes keys[SPM_ROLE_COUNT]; /* lead from a row to documents */
	bool direct[SPM_ROLE_COUNT];	  /* that key is the document's */
	bool converted;					  /* by exchange_rate */
	struct SpmSourceCache *cache;
} SpmSource;

/* Are its lines part of another source's documents? */
static inline bool
spm_source_is_part(const SpmSource *source)
{
	return strcmp(source->name, source->root) != 0;
}

/* What a document is found by: a key of one of the tables, or one of these. */
typedef enum SpmTrace
{
	SPM_TRACE_ORDER_SPLIT = SPM_ROLE_COUNT, /* document, as text */
	SPM_TRACE_RATE,							/* currency, and day */
	SPM_TRACE_CUSTOMER,						/* code */
	SPM_TRACE_PRODUCT,						/* code */
	SPM_TRACE_SELLER,						/* code, and day */
	SPM_TRACE_COUNT,
	SPM_TRACE_UNITS = SPM_TRACE_COUNT, /* these two lead to too many */
	SPM_TRACE_FAMILIES,
	SPM_TRACE_NAMES
} SpmTrace;

extern const char *const spm_role_names[SPM_TRACE_NAMES];

extern const char *spm_source_view_name(const char *name);
extern const char *spm_source_splits_view_name(const char *name);
extern List *spm_source_names(void);
extern const char *spm_source_root(const char *name);
extern List *spm_source_family(const char *root);
extern void spm_source_refuse_nested(void);
extern int spm_trigger_role(const Trigger *trigger);
extern const char *spm_trigger_source(const Trigger *trigger);
extern bool spm_source_is_followed(const char *name);
extern List *spm_sources_of_triggers(List *tables);
extern bool spm_source_has_table(const SpmSource *source, SpmRole role,
								 Oid table);
extern List *spm_source_tables(const SpmSource *source);
extern SpmSource *spm_source_get(const char *name);
extern SpmSource *spm_source_cached(const char *name);
extern void spm_source_note_splits(void);
extern void spm_source_forget_strays(bool everywhere);
extern void spm_source_note_strays(void);
extern bool spm_source_is_partitioned(const SpmSource *source);
extern Oid spm_source_owner(const char *name);
extern Oid spm_source_view(const char *name);
extern bool spm_source_has_unique_key(SpmSource *source);
extern bool spm_source_key(SpmSource *source, SpmRole role, TupleTableSlot *row,
						   Datum *key);
extern bool spm_source_uses(const SpmSource *source, SpmRole role,
							TupleTableSlot *before, TupleTableSlot *after);
extern bool spm_source_read_documents(SpmSource *source, const Datum *keys,
									  SpmNeeds needs, SpmSaleConsumer consume,
									  void *state);
extern void spm_source_read_all(SpmSource *source, SpmNeeds needs,
								SpmSaleConsumer consume, void *state);
extern void spm_sale_fill(SpmSale *sale, TupleTableSlot *slot);
extern void spm_source_read_period(SpmSource *source,
								   const SpmSalePeriod *period, SpmNeeds needs,
								   SpmSaleConsumer consume, void *state);
extern void spm_source_list(SpmSource *source, SpmNeeds needs,
							SpmSaleConsumer consume, void *state);

#endif /* SPM_SALE_SOURCE_H */
