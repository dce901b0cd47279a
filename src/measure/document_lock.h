/*-------------------------------------------------------------------------
 *
 * document_lock.h
 *	  Keeping two transactions from booking one document at a time.
 *
 * src/measure/document_lock.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_DOCUMENT_LOCK_H
#define SPM_MEASURE_DOCUMENT_LOCK_H

#include "nodes/pg_list.h"
#include "storage/lockdefs.h"

/* A lock to take; key 0 stands for all documents of a source. */
typedef struct SpmDocumentLock
{
	uint32 source;
	uint32 key;
	Oid view; /* of a whole source */
	LOCKMODE mode;
} SpmDocumentLock;

/* Locks in the order in which they are taken. */
typedef struct SpmDocumentLocks
{
	int count;
	int capacity;
	int held; /* the first so many */
	SpmDocumentLock *locks;
} SpmDocumentLocks;

extern SpmDocumentLocks *spm_list_document_locks(List *touched_sources);
extern bool spm_try_lock_documents(SpmDocumentLocks *locks);
extern void spm_lock_documents(SpmDocumentLocks *locks);
extern void spm_unlock_documents(const SpmDocumentLocks *locks);

#endif /* SPM_MEASURE_DOCUMENT_LOCK_H */
