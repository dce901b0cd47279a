/*-------------------------------------------------------------------------
 *
 * stored.h
 *	  Mappings as rows of table source.
 *
 * src/sale/stored.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_STORED_H
#define SPM_SALE_STORED_H

#include "sale/mapping.h"

/* Arguments of attach_source(), and columns of table source. */
enum
{
	ARG_NAME,
	ARG_LINES,
	ARG_HEADER,
	ARG_JOIN_ON,
	ARG_JOINS,
	ARG_FIELDS,
	ARG_PART_OF = ARG_FIELDS + SPM_SPLIT_SELLER,
	ARG_SPLITS,
	ARG_SPLIT_ON,
	ARG_SPLIT_FIELDS,
	ARG_COUNT = ARG_SPLIT_FIELDS + SPM_FIELD_COUNT - SPM_SPLIT_SELLER
};

extern int spm_stored_argument(SpmFieldId field);
extern void spm_stored_write(const SpmMapping *mapping);
extern void spm_stored_touch(const char *name);
extern SpmMapping *spm_stored_read(uint64 *count);
extern void spm_stored_follow_view(void *mapping);

#endif /* SPM_SALE_STORED_H */
