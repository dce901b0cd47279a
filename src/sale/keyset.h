/*-------------------------------------------------------------------------
 *
 * keyset.h
 *	  Sets of keys of one or several columns, of any types.
 *
 * src/sale/keyset.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_KEYSET_H
#define SPM_SALE_KEYSET_H

#include "sale/source.h"

/* A key, and what is noted of it. */
typedef struct SpmKeyEntry
{
	Datum *key;
	struct SpmKeyEntry *next;	   /* that came after it; NULL: none yet */
	bool exclusive;				   /* more was touched than lines */
	bool partial;				   /* more than changes says */
	struct SpmLineChange *changes; /* the latest first */
	uint64 statement; /* the number of theirs; 0: they are of several */
	struct SpmNotedRow *header;	 /* that was inserted; NULL: none is noted */
	SubTransactionId created_in; /* invalid: may have been there before */
	DateADT since;				 /* the first day that is concerned */
	uint32 hash;
} SpmKeyEntry;

typedef struct SpmKeySet SpmKeySet;

/* Called for each entry; false: leave it out. */
typedef bool (*SpmKeyFilter)(const SpmKeyEntry *entry);

extern SpmKeySet *spm_keyset_create(const SpmKeyTypes *types);
extern bool spm_keyset_has_types(const SpmKeySet *set,
								 const SpmKeyTypes *types);
extern int spm_keyset_count(const SpmKeySet *set);
extern SpmKeyEntry *spm_keyset_add(SpmKeySet *set, Datum *key, bool *found);
extern int spm_keyset_arrays(const SpmKeySet *set, SpmKeyFilter filter,
							 Datum *arrays);
extern void spm_keyset_each(const SpmKeySet *set,
							void (*take)(SpmKeyEntry *entry, void *state),
							void *state);

#endif /* SPM_SALE_KEYSET_H */
