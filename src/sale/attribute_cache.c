/*-------------------------------------------------------------------------
 *
 * attribute_cache.c
 *	  Attributes of customers or products, as they were read.
 *
 * They are kept as long as snapshots show the same state of them (version.c),
 * that a code has no row as well.
 *
 * src/sale/attribute_cache.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/memutils.h"

#include "core/code.h"
#include "core/compat.h"
#include "org/version.h"
#include "sale/attribute_cache.h"

/* Beyond this many all are forgotten. */
#define MAX_CODES 32768

/* There is room for so many to begin with. */
#define FEWEST_CODES 64

/* What is kept of a code; the code and its texts come behind. */
typedef struct Kept
{
	SpmAttributes attributes;
	char code[FLEXIBLE_ARRAY_MEMBER];
} Kept;

typedef struct KeptSlot
{
	SpmCode code;
	Kept *kept;
	uint32 hash;
	char status;
} KeptSlot;

#define SH_PREFIX kept
#define SH_ELEMENT_TYPE KeptSlot
#define SH_KEY_TYPE SpmCode
#define SH_KEY code
#define SH_HASH_KEY(table, key) spm_code_hash(key)
#define SH_EQUAL(table, a, b) spm_code_equal(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(table, slot) (slot)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct SpmAttributeCache
{
	MemoryContext parent;
	MemoryContext context; /* of all that is kept; NULL: nothing is */
	kept_hash *codes;
	uint64 generation; /* spm_org_generation() of it */
	uint64 misses;	   /* since it began */
	int count;
	AttrNumber columns[SPM_MAX_ATTRIBUTES];
};

static SpmCode code_of(Datum code);
static void begin(SpmAttributeCache *cache, uint32 codes);
static Kept *copy(MemoryContext context, SpmCode code, text *const *texts);

/*
 * An empty cache in the current memory context; columns are those of the
 * attributes, all of them texts.
 */
SpmAttributeCache *
spm_attributes_create(const AttrNumber *columns, int count)
{
	SpmAttributeCache *cache = palloc0(sizeof(SpmAttributeCache));

	cache->parent = CurrentMemoryContext;
	cache->count = count;
	memcpy(cache->columns, columns, count * sizeof(AttrNumber));
	return cache;
}

/*
 * The attributes of a code under the active snapshot, until something else is
 * done with the cache; NULL: not known.
 */
const SpmAttributes *
spm_attributes_find(SpmAttributeCache *cache, Datum code)
{
	uint64 generation = spm_org_generation(SPM_ORG_ATTRIBUTES);
	KeptSlot *slot;

	if (cache->context == NULL || cache->generation != generation)
	{
		begin(cache, FEWEST_CODES);
		cache->generation = generation;
	}
	slot = kept_lookup(cache->codes, code_of(code));
	if (slot == NULL)
		cache->misses++;
	return slot ? &slot->kept->attributes : NULL;
}

/* Forget all of this state, as about so many codes are going to be kept. */
void
spm_attributes_forget(SpmAttributeCache *cache, uint32 codes)
{
	uint64 misses = cache->misses;

	begin(cache, Min(Max(codes, FEWEST_CODES), MAX_CODES));
	cache->misses = misses;
}

/* How often they were not known. */
uint64
spm_attributes_misses(const SpmAttributeCache *cache)
{
	return cache->misses;
}

/*
 * Keep the attributes of a code that was looked for and not found; row NULL: no
 * row has the code.
 */
const SpmAttributes *
spm_attributes_keep(SpmAttributeCache *cache, Datum code, TupleTableSlot *row)
{
	SpmCode key = code_of(code);
	text *texts[SPM_MAX_ATTRIBUTES] = {NULL};
	KeptSlot *slot;
	Kept *kept;
	bool found;

	if (cache->codes->members >= MAX_CODES)
		begin(cache, FEWEST_CODES);
	for (int i = 0; row != NULL && i < cache->count; i++)
	{
		bool is_null;
		Datum value = slot_getattr(row, cache->columns[i], &is_null);

		texts[i] = is_null ? NULL : DatumGetTextPP(value);
	}
	kept = copy(cache->context, key, texts);
	key.text = kept->code;
	slot = kept_insert(cache->codes, key, &found);
	slot->code = key;
	slot->kept = kept;
	return &kept->attributes;
}

static SpmCode
code_of(Datum code)
{
	text *value = DatumGetTextPP(code);

	return (SpmCode){VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)};
}

/* Start with nothing, and room for so many codes. */
static void
begin(SpmAttributeCache *cache, uint32 codes)
{
	MemoryContext context = cache->context;

	cache->context = NULL;
	if (context != NULL)
		MemoryContextDelete(context);
	context = GenerationContextCreate(cache->parent,
									  "salesperf attributes",
									  ALLOCSET_DEFAULT_SIZES);
	cache->codes = kept_create(context, codes, NULL);
	cache->misses = 0;
	cache->context = context;
}

/* Copy a code and its attributes, NULL: has none. */
static Kept *
copy(MemoryContext context, SpmCode code, text *const *texts)
{
	Size size = offsetof(Kept, code) + code.length;
	Kept *kept;
	char *next;

	for (int i = 0; i < SPM_MAX_ATTRIBUTES; i++)
		size += texts[i] ? ALIGNOF_INT + VARSIZE_ANY(texts[i]) : 0;
	kept = MemoryContextAllocZero(context, size);
	memcpy(kept->code, code.text, code.length);
	next = kept->code + code.length;
	for (int i = 0; i < SPM_MAX_ATTRIBUTES; i++)
	{
		kept->attributes.nulls[i] = texts[i] == NULL;
		if (texts[i] == NULL)
			continue;
		next = (char *) INTALIGN(next);
		memcpy(next, texts[i], VARSIZE_ANY(texts[i]));
		kept->attributes.values[i] = PointerGetDatum(next);
		next += VARSIZE_ANY(texts[i]);
	}
	return kept;
}
