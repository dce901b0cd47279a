/*-------------------------------------------------------------------------
 *
 * path.h
 *	  The units that a seller or a unit belongs to on a day.
 *
 * src/org/path.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_ORG_PATH_H
#define SPM_ORG_PATH_H

#include "utils/date.h"

/*
 * A unit's code, one for all paths of a generation: equal codes are equal
 * pointers and equal numbers, counted from 0.
 */
typedef struct SpmOrgUnit
{
	int number;
	int length;
	const char *code; /* terminated by a zero byte */
} SpmOrgUnit;

/*
 * Units from the lowest to the root.  The array is valid until the next call
 * of a function below, the units until the generation changes.
 */
typedef struct SpmOrgPath
{
	int count;
	const SpmOrgUnit *const *units;
	uint64 generation;
} SpmOrgPath;

extern void spm_path_expect(uint64 members);
extern void spm_path_of_unit(const char *code, int length, DateADT day,
							 SpmOrgPath *path);
extern void spm_path_of_family(const char *code, int length, SpmOrgPath *path);
extern void spm_path_of_seller(const char *code, int length, DateADT day,
							   SpmOrgPath *path);

#endif /* SPM_ORG_PATH_H */
