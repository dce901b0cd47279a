/*-------------------------------------------------------------------------
 *
 * document_int.h
 *	  The document being worked on.
 *
 * src/commission/document_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_COMMISSION_DOCUMENT_INT_H
#define SPM_COMMISSION_DOCUMENT_INT_H

#include "commission/run_int.h"

typedef struct SpmDocument
{
	SpmRun *run;
	SpmLine **lines;
	int line_count;
	int number;	 /* in the run, from 1 */
	List *terms; /* of SpmRule */
	int count;
	int room;
	SpmEarning *earnings;
	Numeric bases[SPM_BASE_COUNT]; /* of all lines; NULL: not yet asked for */
} SpmDocument;

/* Which rule pays, or on which one it failed. */
typedef struct SpmChoice
{
	const SpmRule *rule;
	const char *failure;
} SpmChoice;

/* document.c */
extern const SpmRule *spm_document_term(const SpmDocument *document, int group);

/* classify.c */
extern int spm_document_payees(SpmDocument *document, const SpmCredit *credit,
							   const SpmPlace *place, const SpmRuleGroup *group,
							   SpmPayee **payees);
extern void spm_document_choose(SpmDocument *document, const SpmCredit *credit,
								const SpmRuleGroup *group,
								const SpmPayee *payee, const SpmBitWord *bits,
								SpmChoice *choice);
extern bool spm_document_has_amount(SpmDocument *document, const SpmRule *rule,
									const SpmLine *line);
extern void spm_document_fail(SpmDocument *document, const SpmRule *rule,
							  const SpmCredit *credit, const SpmPayee *payee,
							  const char *reason);

/* credit.c */
extern Numeric spm_document_base(SpmDocument *document, const SpmRule *rule,
								 const SpmCredit *credit, const char **failure);
extern void spm_document_count(SpmDocument *document, const SpmCredit *credit,
							   const SpmPlace *place, const SpmBitWord *bits);
extern SpmKpiOwner spm_document_owner(const SpmDocument *document,
									  const SpmRule *rule,
									  const SpmPayee *payee,
									  const SpmCredit *credit,
									  const SpmPlace *place);

#endif /* SPM_COMMISSION_DOCUMENT_INT_H */
