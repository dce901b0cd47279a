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

/* Columns of a sale that a scope can filter by. */
typedef enum SpmKey
{
	SPM_KEY_SELLER,
	SPM_KEY_CUSTOMER,
	SPM_KEY_PRODUCT,
	SPM_KEY_BRANCH,
	SPM_KEY_SALE_TYPE,
	SPM_KEY_SOURCE,
	SPM_KEY_COUNT
} SpmKey;

typedef enum SpmMetric
{
	SPM_METRIC_QUANTITY,
	SPM_METRIC_GROSS,
	SPM_METRIC_NET,
	SPM_METRIC_MARGIN,
	SPM_METRIC_COUNT
} SpmMetric;

/* One sale that counts; what it points to lives until the next is read. */
typedef struct SpmSale
{
	DateADT sold_on;
	const char *keys[SPM_KEY_COUNT]; /* not terminated; NULL: has none */
	int lengths[SPM_KEY_COUNT];
	Numeric amounts[SPM_METRIC_COUNT]; /* NULL: not known */
} SpmSale;

/* Called for each sale; row has the columns asked for. */
typedef void (*SpmSaleConsumer)(const SpmSale *sale, TupleTableSlot *row,
								void *state);

/* What a table is to a source. */
typedef enum SpmRole
{
	SPM_ROLE_LINES,
	SPM_ROLE_HEADER,
	SPM_ROLE_COUNT
} SpmRole;

/* A document's key has at most so many columns. */
#define SPM_MAX_KEYS 4

/* The types of a document's key. */
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
	Oid tables[SPM_ROLE_COUNT]; /* InvalidOid: no header */
	SpmKeyTypes keys;
	struct SpmSourceCache *cache;
} SpmSource;

extern const char *const spm_role_names[SPM_ROLE_COUNT];

extern const char *spm_source_view_name(const char *name);
extern List *spm_source_names(void);
extern void spm_source_refuse_nested(void);
extern bool spm_source_is_followed(const char *name);
extern SpmSource *spm_source_get(const char *name);
extern bool spm_source_has_unique_key(SpmSource *source);
extern bool spm_source_key(SpmSource *source, SpmRole role, TupleTableSlot *row,
						   Datum *key);
extern void spm_source_read_documents(SpmSource *source, const Datum *keys,
									  SpmSaleConsumer consume, void *state);
extern void spm_source_read_all(SpmSource *source, SpmSaleConsumer consume,
								void *state);
extern void spm_source_list(SpmSource *source, SpmSaleConsumer consume,
							void *state);

#endif /* SPM_SALE_SOURCE_H */
