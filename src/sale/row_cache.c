/*-------------------------------------------------------------------------
 *
 * row_cache.c
 *	  Where rows with a code were found last.
 *
 * A place is a hint and nothing more: who looks there has to see, under their
 * own snapshot, that the row has the code.  Codes are unique, so if it has
 * there is no other.  So nothing has to be told to the cache, ever.
 *
 * src/sale/row_cache.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/memutils.h"

#include "sale/row_cache.h"

/* Beyond this many places all are forgotten. */
#define MAX_PLACES 65536

typedef struct Place
{
	uint32 hash; /* of the code; two with one hash take turns */
	SpmPlace place;
	char status;
} Place;

#define SH_PREFIX places
#define SH_ELEMENT_TYPE Place
#define SH_KEY_TYPE uint32
#define SH_KEY hash
#define SH_HASH_KEY(table, key) (key)
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct SpmRowCache
{
	places_hash *places;
	uint64 misses; /* since all were kept */
};

static uint32 code_hash(Datum code);

/* An empty cache in the current memory context. */
SpmRowCache *
spm_row_cache_create(void)
{
	SpmRowCache *cache = palloc(sizeof(SpmRowCache));

	cache->misses = 0;
	cache->places = places_create(CurrentMemoryContext, 64, NULL);
	return cache;
}

/* Where the row with a code, a text, was found last; NULL: not known. */
SpmPlace *
spm_row_cache_find(SpmRowCache *cache, Datum code)
{
	Place *place = places_lookup(cache->places, code_hash(code));

	if (place == NULL)
		cache->misses++;
	return place ? &place->place : NULL;
}

/* How often that was not known. */
uint64
spm_row_cache_misses(const SpmRowCache *cache)
{
	return cache->misses;
}

/* Count anew, as all rows are going to be kept. */
void
spm_row_cache_begin(SpmRowCache *cache)
{
	cache->misses = 0;
}

/* Note where it was found. */
void
spm_row_cache_keep(SpmRowCache *cache, Datum code, const SpmPlace *place)
{
	bool found;

	if (cache->places->members >= MAX_PLACES)
		places_reset(cache->places);
	places_insert(cache->places, code_hash(code), &found)->place = *place;
}

static uint32
code_hash(Datum code)
{
	struct varlena *text = (struct varlena *) DatumGetPointer(code);

	return hash_bytes((const unsigned char *) VARDATA_ANY(text),
					  VARSIZE_ANY_EXHDR(text));
}
