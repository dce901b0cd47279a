/*-------------------------------------------------------------------------
 *
 * line_change.h
 *	  The lines that the current transaction added and took off.
 *
 * src/sale/line_change.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_LINE_CHANGE_H
#define SPM_SALE_LINE_CHANGE_H

#include "sale/collect.h"
#include "sale/noted_row.h"

/* A line that was added to a document, or taken off it. */
typedef struct SpmLineChange
{
	struct SpmLineChange *next;
	bool taken_off;
	SpmNotedRow *line;
} SpmLineChange;

extern void spm_line_change_note(SpmTouched *touched, SpmKeyEntry *entry,
								 const SpmDirect *direct, TupleTableSlot *row,
								 bool taken_off);
extern void spm_header_note(SpmTouched *touched, SpmKeyEntry *entry,
							const SpmDirect *direct, TupleTableSlot *row);
extern void spm_line_changes_forget(SpmTouched *touched);
extern bool spm_direct_read_changes(const SpmSource *source, SpmDirect *direct,
									SpmDirectCall *call,
									const SpmTouched *touched);
extern bool spm_source_read_changes(SpmSource *source, SpmTouched *touched,
									SpmNeeds needs, SpmSaleConsumer consume,
									void *state);
extern void spm_line_changes_settle(SpmKeyEntry *entry);
extern bool spm_line_changes_are_any(const SpmTouched *touched);
extern bool spm_line_changes_are_all(const SpmKeyEntry *entry);

#endif /* SPM_SALE_LINE_CHANGE_H */
