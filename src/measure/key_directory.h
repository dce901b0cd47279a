/*-------------------------------------------------------------------------
 *
 * key_directory.h
 *	  Where the rows of table build_key are.
 *
 * src/measure/key_directory.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_KEY_DIRECTORY_H
#define SPM_MEASURE_KEY_DIRECTORY_H

#include "storage/block.h"
#include "storage/itemptr.h"

typedef struct SpmKeyDirectory SpmKeyDirectory;

/* As many places of rows of one key as are handed out. */
#define SPM_KEY_PLACES 8

/* There may be rows of a key that the directory has no places of. */
#define SPM_KEY_ANYWHERE (-1)

extern BlockNumber spm_key_directory_blocks(void);
extern SpmKeyDirectory *spm_key_directory_read(MemoryContext context);
extern int32 spm_key_directory_last_build(const SpmKeyDirectory *directory);
extern int spm_key_directory_find(const SpmKeyDirectory *directory, int column,
								  const char *key, int length,
								  ItemPointerData *places);

#endif /* SPM_MEASURE_KEY_DIRECTORY_H */
