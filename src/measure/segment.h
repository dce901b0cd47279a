/*-------------------------------------------------------------------------
 *
 * segment.h
 *	  The tables that pending deltas are in, one after the other.
 *
 * src/measure/segment.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_SEGMENT_H
#define SPM_MEASURE_SEGMENT_H

#include "utils/relcache.h"
#include "utils/snapshot.h"

#define SPM_SEGMENT_COUNT 16

typedef enum SpmSegmentState
{
	SPM_SEGMENT_EMPTY,
	SPM_SEGMENT_CURRENT, /* writers append to it */
	SPM_SEGMENT_FULL,	 /* some may still append; none will begin to */
	SPM_SEGMENT_FOLDED	 /* its deltas are in the totals */
} SpmSegmentState;

typedef struct SpmSegment
{
	int number;
	SpmSegmentState state;
	int64 emptied;		 /* how often */
	TransactionId since; /* who brought it into this state */
} SpmSegment;

extern int spm_segments_read(Snapshot snapshot, SpmSegment *segments);
extern Oid spm_segment_table(int number);
extern Relation spm_segment_open_current(int *used);
extern void spm_segments_changed(void);
extern int spm_segments_lock_pending(Snapshot snapshot, Oid *tables);

#endif /* SPM_MEASURE_SEGMENT_H */
