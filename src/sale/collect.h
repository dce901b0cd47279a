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
	Oid key_type;
	bool uncountable; /* why is set: more than can be listed */
	char *why;
	struct keys_hash *keys;
} SpmTouched;

extern void spm_collect_init(void);
extern List *spm_touched_sources(void);
extern uint64 spm_touched_statements(void);
extern bool spm_touched_any_documents(const SpmTouched *touched);
extern Datum spm_touched_documents(const SpmTouched *touched);

#endif /* SPM_SALE_COLLECT_H */
