/*-------------------------------------------------------------------------
 *
 * attribute_cache.h
 *	  Attributes of customers or products, as they were read.
 *
 * src/sale/attribute_cache.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_ATTRIBUTE_CACHE_H
#define SPM_SALE_ATTRIBUTE_CACHE_H

#include "executor/tuptable.h"

/* A customer has three of them. */
#define SPM_MAX_ATTRIBUTES 3

/* Texts, as many as were asked for; all are null where a code has no row. */
typedef struct SpmAttributes
{
	bool nulls[SPM_MAX_ATTRIBUTES];
	Datum values[SPM_MAX_ATTRIBUTES];
} SpmAttributes;

typedef struct SpmAttributeCache SpmAttributeCache;

extern SpmAttributeCache *spm_attributes_create(const AttrNumber *columns,
												int count);
extern const SpmAttributes *spm_attributes_find(SpmAttributeCache *cache,
												Datum code);
extern void spm_attributes_forget(SpmAttributeCache *cache, uint32 codes);
extern uint64 spm_attributes_misses(const SpmAttributeCache *cache);
extern const SpmAttributes *
spm_attributes_keep(SpmAttributeCache *cache, Datum code, TupleTableSlot *row);
extern void spm_attributes_add(SpmAttributeCache *cache, Datum code,
							   TupleTableSlot *row);

#endif /* SPM_SALE_ATTRIBUTE_CACHE_H */
