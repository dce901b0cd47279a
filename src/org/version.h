/*-------------------------------------------------------------------------
 *
 * version.h
 *	  Which state of what all sources share a snapshot shows.
 *
 * src/org/version.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_ORG_VERSION_H
#define SPM_ORG_VERSION_H

/* What is told apart, as table org_version has it. */
typedef enum SpmOrgPart
{
	SPM_ORG_ASSIGNMENTS, /* of units, sellers and families */
	SPM_ORG_ATTRIBUTES,	 /* of customers and products */
	SPM_ORG_KEPT_PARTS,	 /* so many are kept from one snapshot to the next */
	SPM_ORG_SPLITS = SPM_ORG_KEPT_PARTS, /* whether there can be any */
	SPM_ORG_SOURCE_PARTS, /* rows of these name a source's view */
	SPM_ORG_NO_STRAYS = SPM_ORG_SOURCE_PARTS, /* had no line without header */
	SPM_ORG_STRAYS,							  /* may have some since */
	SPM_ORG_PARTS
} SpmOrgPart;

/* What this session knows without looking. */
typedef struct SpmOrgState
{
	uint64 epoch;		/* moves when what was read can no longer be trusted */
	uint64 transaction; /* moves at the end of each transaction */
	uint64 rollbacks;	/* moves at each rollback to a savepoint */
	bool own_changes[SPM_ORG_PARTS]; /* has this transaction changed it? */
} SpmOrgState;

extern const SpmOrgState *spm_org_state(void);
extern uint64 spm_org_generation(SpmOrgPart part);
extern bool spm_org_has_splits(void);
extern bool spm_org_may_have_strays(Oid view);
extern bool spm_org_asks_for_strays(Oid view);
extern void spm_org_note_change(SpmOrgPart part);
extern void spm_org_note_strays(Oid view);
extern void spm_org_note_no_strays(Oid view);

#endif /* SPM_ORG_VERSION_H */
