/*-------------------------------------------------------------------------
 *
 * split_query.h
 *	  Queries for sales and the splits of their documents.
 *
 * src/sale/split_query.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_SPLIT_QUERY_H
#define SPM_SALE_SPLIT_QUERY_H

#include "lib/stringinfo.h"

#include "sale/source_int.h"

extern bool spm_split_query_has(SpmSource *source, ReadPart part);
extern void spm_split_query_append(StringInfo query, SpmSource *source,
								   ReadPart part, const char *from,
								   const char *condition,
								   bool of_some_documents);
extern void spm_split_query_credits(StringInfo query, SpmSource *source);

#endif /* SPM_SALE_SPLIT_QUERY_H */
