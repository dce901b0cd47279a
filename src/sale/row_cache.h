/*-------------------------------------------------------------------------
 *
 * row_cache.h
 *	  Where rows with a code were found last.
 *
 * src/sale/row_cache.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_ROW_CACHE_H
#define SPM_SALE_ROW_CACHE_H

#include "storage/buf.h"
#include "storage/itemptr.h"

typedef struct SpmRowCache SpmRowCache;

/* Where a row was, and in which buffer. */
typedef struct SpmPlace
{
	ItemPointerData row;
	Buffer buffer;
} SpmPlace;

extern SpmRowCache *spm_row_cache_create(void);
extern SpmPlace *spm_row_cache_find(SpmRowCache *cache, Datum code);
extern uint64 spm_row_cache_misses(const SpmRowCache *cache);
extern void spm_row_cache_begin(SpmRowCache *cache);
extern void spm_row_cache_keep(SpmRowCache *cache, Datum code,
							   const SpmPlace *place);

#endif /* SPM_SALE_ROW_CACHE_H */
