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

extern void spm_lock_documents(List *touched_sources);

#endif /* SPM_MEASURE_DOCUMENT_LOCK_H */
