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

/* A query of sales, and the pieces that are put into it. */
typedef struct SpmSplitQuery
{
	SpmSource *source;
	ReadPart part;
	bool of_some_documents;
	bool by_document;	   /* one after the other, with their keys */
	const char *before;	   /* in FROM, before the sales, alias s */
	const char *joins;	   /* after them */
	const char *condition; /* on all of these */
} SpmSplitQuery;

extern bool spm_split_query_has(SpmSource *source, ReadPart part);
extern void spm_split_query_append(StringInfo query,
								   const SpmSplitQuery *parts);
extern void spm_split_query_key(SpmSource *source, ReadPart part,
								SpmKeyTypes *types);
extern void spm_split_query_rows(SpmSource *source, ReadPart part,
								 StringInfo from, StringInfo condition);
extern void spm_split_query_credits(StringInfo query, SpmSource *source);

#endif /* SPM_SALE_SPLIT_QUERY_H */
