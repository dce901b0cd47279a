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
	SPM_COUNTS,
	SPM_ATTRIBUTES,
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

/* One column of it, as expressions over a line and over a header. */
typedef struct SpmKeyPair
{
	const char *line;
	const char *header; /* NULL in a flat table */
	Oid type;
} SpmKeyPair;

/*
 * The mapping of one source.  Expressions are SQL text, checked and cast to
 * what the canonical row wants; NULL where the argument was not given.
 */
typedef struct SpmMapping
{
	const char *name;
	Oid lines;
	Oid header; /* InvalidOid: a flat table */
	const char *join_on;
	const char *expressions[SPM_FIELD_COUNT];
	const char *typed[SPM_FIELD_COUNT];
	int key_count;
	SpmKeyPair keys[SPM_MAX_KEYS];
} SpmMapping;

extern void spm_mapping_check(SpmMapping *mapping);
extern void spm_mapping_require_indexes(const SpmMapping *mapping);
extern void spm_mapping_canonical(const SpmMapping *mapping, StringInfo query);
extern void spm_mapping_presented(const char *view, StringInfo query);

#endif /* SPM_SALE_MAPPING_H */
