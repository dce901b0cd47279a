/*-------------------------------------------------------------------------
 *
 * key_index.h
 *	  Finding sales by the indexes of attached tables.
 *
 * src/sale/key_index.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_KEY_INDEX_H
#define SPM_SALE_KEY_INDEX_H

extern void spm_key_index_init(void);

#endif /* SPM_SALE_KEY_INDEX_H */
