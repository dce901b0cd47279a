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

#include "storage/itemptr.h"

typedef struct SpmRowCache SpmRowCache;

extern SpmRowCache *spm_row_cache_create(void);
extern ItemPointer spm_row_cache_find(SpmRowCache *cache, Datum code);
extern uint64 spm_row_cache_misses(const SpmRowCache *cache);
extern void spm_row_cache_begin(SpmRowCache *cache);
extern void spm_row_cache_keep(SpmRowCache *cache, Datum code,
							   ItemPointer place);

#endif /* SPM_SALE_ROW_CACHE_H */
