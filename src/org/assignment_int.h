/*-------------------------------------------------------------------------
 *
 * assignment_int.h
 *	  Reading who belongs to whom.
 *
 * src/org/assignment_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_ORG_ASSIGNMENT_INT_H
#define SPM_ORG_ASSIGNMENT_INT_H

#include "storage/block.h"
#include "utils/date.h"
#include "utils/snapshot.h"

#include "core/code.h"

typedef enum SpmAssignmentTable
{
	SPM_UNIT_PARENT,
	SPM_SELLER_UNIT,
	SPM_PRODUCT_FAMILY,
	SPM_ASSIGNMENT_TABLES
} SpmAssignmentTable;

/* One row.  Rows of a table without dates hold at all times. */
typedef struct SpmAssignment
{
	SpmCode member;
	SpmCode owner;
	DateADT valid_from;
	DateADT valid_to; /* the last day; DATEVAL_NOEND: open */
} SpmAssignment;

/* Called with each row, which is gone when it returns. */
typedef void (*SpmAssignmentConsumer)(const SpmAssignment *row, void *state);

extern void spm_assignments_read(SpmAssignmentTable table,
								 const SpmCode *member, Snapshot snapshot,
								 SpmAssignmentConsumer consume, void *state);

extern BlockNumber spm_assignments_blocks(SpmAssignmentTable table);

#endif /* SPM_ORG_ASSIGNMENT_INT_H */
