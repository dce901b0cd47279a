/*-------------------------------------------------------------------------
 *
 * trace_int.h
 *	  Why rules do not pay the credits of one document.
 *
 * src/commission/trace_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_COMMISSION_TRACE_INT_H
#define SPM_COMMISSION_TRACE_INT_H

#include "commission/document_int.h"

/* A rule that does not pay a credit. */
typedef struct SpmRefusal
{
	SpmItemKey key; /* payee and its kind NULL: there is nobody */
	const char *reason;
} SpmRefusal;

typedef struct SpmRuleTrace
{
	MemoryContext context;
	List *lines; /* what the filters on sales say */
	int count;
	int room;
	SpmRefusal *refusals;
} SpmRuleTrace;

extern SpmRuleTrace *spm_trace_create(MemoryContext context);
extern void spm_trace_sale(SpmRun *run, int source, const SpmSale *sale,
						   TupleTableSlot *row);
extern void spm_trace_credit(SpmDocument *document, const SpmCredit *credit,
							 const SpmPlace *place);

#endif /* SPM_COMMISSION_TRACE_INT_H */
