/*-------------------------------------------------------------------------
 *
 * bitmap.c
 *	  Which of many numbered filters let a key pass, as bitmaps.
 *
 * Each key that some filter names has two bitmaps: of the filters that include
 * it, and of those that exclude it.  A sale's keys of one dimension let pass
 *
 *	  (any | included by a key) & ~excluded by a key
 *
 * so what all dimensions let pass is found with one look-up each, whatever
 * the number of filters.
 *
 * src/commission/bitmap.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "commission/bitmap_int.h"
#include "core/compat.h"

typedef struct DimensionKey
{
	SpmCode key;
	SpmBitWord *include;
	SpmBitWord *exclude;
	uint32 hash;
	char status;
} DimensionKey;

#define SH_PREFIX dimension_keys
#define SH_ELEMENT_TYPE DimensionKey
#define SH_KEY_TYPE SpmCode
#define SH_KEY key
#define SH_HASH_KEY(table, key) spm_code_hash(key)
#define SH_EQUAL(table, a, b) spm_code_equal(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(table, entry) (entry)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* The first bit from a number on, before end; end if there is none. */
int
spm_bit_next(const SpmBitWord *bits, int from, int end)
{
	while (from < end)
	{
		SpmBitWord rest = bits[from / SPM_BITS_PER_WORD] >>
						  (from % SPM_BITS_PER_WORD);

		if (rest != 0)
			return Min(from + pg_rightmost_one_pos64(rest), end);
		from = (from / SPM_BITS_PER_WORD + 1) * SPM_BITS_PER_WORD;
	}
	return end;
}

bool
spm_bits_empty(const SpmBitWord *bits, int words)
{
	for (int i = 0; i < words; i++)
		if (bits[i] != 0)
			return false;
	return true;
}

void
spm_bits_and(SpmBitWord *bits, const SpmBitWord *other, int words)
{
	for (int i = 0; i < words; i++)
		bits[i] &= other[i];
}

/* A dimension for that many filters, which ask nothing of it yet. */
void
spm_dimension_init(SpmDimension *dimension, MemoryContext context, int count)
{
	dimension->filtered = false;
	dimension->words = (count + SPM_BITS_PER_WORD - 1) / SPM_BITS_PER_WORD;
	dimension->context = context;
	dimension->any =
		MemoryContextAlloc(context,
						   Max(dimension->words, 1) * sizeof(SpmBitWord));
	memset(dimension->any, 0xff, dimension->words * sizeof(SpmBitWord));
	dimension->scratch =
		MemoryContextAlloc(context,
						   Max(2 * dimension->words, 1) * sizeof(SpmBitWord));
	dimension->keys = dimension_keys_create(context, 16, NULL);
}

/* Filter number lets pass, or excludes, keys. */
void
spm_dimension_filter(SpmDimension *dimension, int number, char *const *keys,
					 int count, bool exclude)
{
	MemoryContext caller_context = MemoryContextSwitchTo(dimension->context);

	dimension->filtered = true;
	if (!exclude)
		spm_bit_clear(dimension->any, number);
	for (int i = 0; i < count; i++)
	{
		SpmCode key = {keys[i], strlen(keys[i])};
		bool found;
		DimensionKey *entry =
			dimension_keys_insert(dimension->keys, key, &found);

		if (!found)
		{
			entry->key.text = pstrdup(keys[i]);
			entry->include = palloc0(2 * dimension->words * sizeof(SpmBitWord));
			entry->exclude = entry->include + dimension->words;
		}
		spm_bit_set(exclude ? entry->exclude : entry->include, number);
	}
	MemoryContextSwitchTo(caller_context);
}

/* Keep the bits of filters that let these keys pass. */
void
spm_dimension_narrow(const SpmDimension *dimension, const SpmCode *keys,
					 int count, SpmBitWord *bits)
{
	SpmBitWord *include = dimension->scratch;
	SpmBitWord *exclude = dimension->scratch + dimension->words;
	int found = 0;

	for (int i = 0; i < count; i++)
	{
		const DimensionKey *entry =
			dimension_keys_lookup(dimension->keys, keys[i]);

		if (entry == NULL)
			continue;
		if (found++ == 0)
			memset(include, 0, 2 * dimension->words * sizeof(SpmBitWord));
		for (int word = 0; word < dimension->words; word++)
		{
			include[word] |= entry->include[word];
			exclude[word] |= entry->exclude[word];
		}
	}
	if (found == 0)
		spm_bits_and(bits, dimension->any, dimension->words);
	else
		for (int word = 0; word < dimension->words; word++)
			bits[word] &= (dimension->any[word] | include[word]) &
						  ~exclude[word];
}
