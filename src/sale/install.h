/*-------------------------------------------------------------------------
 *
 * install.h
 *	  The views and triggers of attached sources.
 *
 * src/sale/install.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_INSTALL_H
#define SPM_SALE_INSTALL_H

#include "nodes/pg_list.h"
#include "storage/lockdefs.h"

#include "sale/mapping.h"

extern bool spm_install_has_view(const char *name);
extern List *spm_install_locks(List *locks, const SpmMapping *mapping,
							   LOCKMODE mode);
extern void spm_install_source(const SpmMapping *mapping);
extern bool spm_install_is_complete(const SpmMapping *mapping);
extern bool spm_install_is_under_way(void);
extern void spm_install_triggers(const SpmMapping *mapping);
extern void spm_install_drop_other_triggers(const SpmMapping *mapping);
extern void spm_install_announce(const char *root);
extern void spm_install_drop_source_views(const char *name);
extern void spm_install_empty_views(void);
extern void spm_install_views(void);

#endif /* SPM_SALE_INSTALL_H */
