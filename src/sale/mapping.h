/*-------------------------------------------------------------------------
 *
 * mapping.h
 *	  How a source's columns become the canonical row.
 *
 * src/sale/mapping.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_MAPPING_H
#define SPM_SALE_MAPPING_H

#include "lib/stringinfo.h"

#include "sale/source.h"

/* Beyond this a sale does not count: sums must fit numeric(24,4). */
#define SPM_AMOUNT_LIMIT "999999999999999.9999"

/*
 * Format of an amount for reading, four decimals, NULL where the column of s
 * that it is made of can't count: that column's name, and the amount.
 */
#define SPM_PRESENTED_AMOUNT                                                   \
	"CASE WHEN s.%s BETWEEN -" SPM_AMOUNT_LIMIT " AND " SPM_AMOUNT_LIMIT       \
	" THEN %s END::pg_catalog.numeric(24,4)"

/* What an expression of a mapping yields. */
typedef enum SpmFieldKind
{
	SPM_FIELD_KEY,
	SPM_FIELD_DATE,
	SPM_FIELD_AMOUNT,
	SPM_FIELD_BOOLEAN,
	SPM_FIELD_JSON
} SpmFieldKind;

typedef enum SpmFieldId
{
	SPM_DOCUMENT,
	SPM_LINE,
	SPM_SOLD_ON,
	SPM_CUSTOMER,
	SPM_SELLER,
	SPM_UNIT,
	SPM_PRODUCT,
	SPM_BRANCH,
	SPM_SALE_TYPE,
	SPM_QUANTITY,
	SPM_GROSS,
	SPM_NET,
	SPM_COST,
	SPM_REVENUE,
	SPM_CURRENCY,
	SPM_RATE,
	SPM_COUNTS,
	SPM_ATTRIBUTES,
	SPM_SPLIT_SELLER, /* from here on over a row of the splits' table */
	SPM_SPLIT_PERCENT,
	SPM_SPLIT_AMOUNT,
	SPM_FIELD_COUNT
} SpmFieldId;

/* An argument of attach_source() that is an expression over a row. */
typedef struct SpmField
{
	const char *name;
	SpmFieldKind kind;
	bool required;
} SpmField;

extern const SpmField spm_fields[SPM_FIELD_COUNT];

/* Equal columns of two tables: one joined, and one that was there before. */
typedef struct SpmKeyPair
{
	const char *near;
	const char *own;
	Oid type;
} SpmKeyPair;

/* How a table is joined to those before it; of lines, the document's key. */
typedef struct SpmLink
{
	int count;
	SpmKeyPair pairs[SPM_MAX_KEYS];
} SpmLink;

/*
 * The mapping of one source.  Expressions are SQL text, checked and cast to
 * what the canonical row wants; NULL where the argument was not given.
 */
typedef struct SpmMapping
{
	const char *name;
	const char *part_of;
	Oid tables[SPM_ROLE_COUNT]; /* InvalidOid: not given */
	const char *aliases[SPM_ROLE_COUNT];
	SpmLink links[SPM_ROLE_COUNT];
	const char *join_on;
	int lookup_count;
	const char *joins[SPM_MAX_LOOKUPS];
	const char *split_on;
	const char *split_filter; /* the part of it that is over splits alone */
	const char *expressions[SPM_FIELD_COUNT];
	const char *typed[SPM_FIELD_COUNT];
} SpmMapping;

extern void spm_mapping_check(SpmMapping *mapping);
extern void spm_mapping_find_lookups(SpmMapping *mapping);
extern void spm_mapping_find_links(SpmMapping *mapping);
extern void spm_mapping_require_indexes(const SpmMapping *mapping);
extern void spm_mapping_canonical(const SpmMapping *mapping, StringInfo query);
extern void spm_mapping_splits(const SpmMapping *mapping, StringInfo query);
extern void spm_mapping_presented(const char *view, StringInfo query);

/* The documents' source: the one whose documents these lines belong to. */
static inline const char *
spm_mapping_root(const SpmMapping *mapping)
{
	return mapping->part_of ? mapping->part_of : mapping->name;
}

#endif /* SPM_SALE_MAPPING_H */
