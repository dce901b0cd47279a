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

#include "storage/itemptr.h"

typedef struct SpmKeyDirectory SpmKeyDirectory;

extern SpmKeyDirectory *spm_key_directory_read(MemoryContext context,
											   uint64 keys);
extern ItemPointer spm_key_directory_find(const SpmKeyDirectory *directory,
										  int column, const char *key,
										  int length);

#endif /* SPM_MEASURE_KEY_DIRECTORY_H */
