/*-------------------------------------------------------------------------
 *
 * collect.h
 *	  The documents that the current transaction touched.
 *
 * src/sale/collect.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_COLLECT_H
#define SPM_SALE_COLLECT_H

#include "nodes/pg_list.h"

#include "sale/source.h"

/* What a transaction touched of one source. */
typedef struct SpmTouched
{
	char *source;
	bool uncountable; /* why is set: more than can be listed */
	char *why;
	struct keys_hash *keys;
} SpmTouched;

/* A touched document, for whoever locks it. */
typedef struct SpmTouchedDocument
{
	uint32 hash;
	bool header; /* its header was touched, not lines alone */
} SpmTouchedDocument;

extern void spm_collect_init(void);
extern List *spm_touched_sources(void);
extern uint64 spm_touched_statements(void);
extern bool spm_touched_has_key(const SpmTouched *touched,
								const SpmSource *source);
extern int spm_touched_count(const SpmTouched *touched);
extern int spm_touched_keys(const SpmTouched *touched, bool only_old,
							Datum *arrays);
extern int spm_touched_list(const SpmTouched *touched,
							SpmTouchedDocument *documents);

#endif /* SPM_SALE_COLLECT_H */
