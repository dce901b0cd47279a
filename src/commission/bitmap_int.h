/*-------------------------------------------------------------------------
 *
 * bitmap_int.h
 *	  Which of many numbered filters let a key pass, as bitmaps.
 *
 * src/commission/bitmap_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_COMMISSION_BITMAP_INT_H
#define SPM_COMMISSION_BITMAP_INT_H

#include "utils/palloc.h"

#include "core/code.h"

#define SPM_BITS_PER_WORD 64

/* A bitmap has as many words as its set needs; bit n stands for number n. */
typedef uint64 SpmBitWord;

/*
 * What sales have one key of, or several: a column, or units above each other.
 * any has the bits of all filters that ask nothing of it.
 */
typedef struct SpmDimension
{
	bool filtered; /* some filter asks something of it */
	int words;
	SpmBitWord *any;
	SpmBitWord *scratch;
	struct dimension_keys_hash *keys;
	MemoryContext context;
} SpmDimension;

static inline void
spm_bit_set(SpmBitWord *bits, int number)
{
	bits[number / SPM_BITS_PER_WORD] |= UINT64CONST(1)
										<< (number % SPM_BITS_PER_WORD);
}

static inline void
spm_bit_clear(SpmBitWord *bits, int number)
{
	bits[number / SPM_BITS_PER_WORD] &=
		~(UINT64CONST(1) << (number % SPM_BITS_PER_WORD));
}

static inline bool
spm_bit_is_set(const SpmBitWord *bits, int number)
{
	return (bits[number / SPM_BITS_PER_WORD] >> (number % SPM_BITS_PER_WORD)) &
		   1;
}

extern int spm_bit_next(const SpmBitWord *bits, int from, int end);
extern bool spm_bits_empty(const SpmBitWord *bits, int words);
extern void spm_bits_and(SpmBitWord *bits, const SpmBitWord *other, int words);

extern void spm_dimension_init(SpmDimension *dimension, MemoryContext context,
							   int count);
extern void spm_dimension_filter(SpmDimension *dimension, int number,
								 char *const *keys, int count, bool exclude);
extern void spm_dimension_narrow(const SpmDimension *dimension,
								 const SpmCode *keys, int count,
								 SpmBitWord *bits);

#endif /* SPM_COMMISSION_BITMAP_INT_H */
