/*-------------------------------------------------------------------------
 *
 * open_share.h
 *	  The passed part of a period's open days.
 *
 * src/org/open_share.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_ORG_OPEN_SHARE_H
#define SPM_ORG_OPEN_SHARE_H

#include "utils/date.h"
#include "utils/numeric.h"

extern Numeric spm_open_share_of(DateADT starts_on, DateADT ends_on,
								 DateADT as_of, text *region);

#endif /* SPM_ORG_OPEN_SHARE_H */
