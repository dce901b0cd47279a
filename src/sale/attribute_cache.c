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
#include "core/room.h"
#include "org/version.h"
#include "sale/attribute_cache.h"

/* Beyond this many all are forgotten. */
#define MAX_CODES 32768

/* There is room for so many to begin with. */
#define FEWEST_CODES 64

/*
 * What is kept of a code; its bytes and the texts come behind.  Thousands are
 * read at once, by sessions that are new: it takes little fresh memory.
 */
typedef struct Kept
{
	SpmCode code;
	SpmAttributes attributes;
} Kept;

typedef struct KeptSlot
{
	const SpmCode *code; /* of what is kept */
	uint32 hash;
	char status;
} KeptSlot;

#define SH_PREFIX kept
#define SH_ELEMENT_TYPE KeptSlot
#define SH_KEY_TYPE const SpmCode *
#define SH_KEY code
#define SH_HASH_KEY(table, key) spm_code_hash(*(key))
#define SH_EQUAL(table, a, b) spm_code_equal(*(a), *(b))
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
	SpmRoom room;	   /* for what is kept */
	uint64 generation; /* spm_org_generation() of it */
	uint64 misses;	   /* since it began */
	int count;
	AttrNumber columns[SPM_MAX_ATTRIBUTES];
};

static SpmCode code_of(Datum code);
static void begin(SpmAttributeCache *cache, uint32 codes);
static Kept *copy(SpmAttributeCache *cache, SpmCode code, text *const *texts);
static char *begin_text(char *place, const text *value);

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
	SpmCode key = code_of(code);
	KeptSlot *slot;

	if (cache->context == NULL || cache->generation != generation)
	{
		begin(cache, FEWEST_CODES);
		cache->generation = generation;
	}
	slot = kept_lookup(cache->codes, &key);
	if (slot == NULL)
		cache->misses++;
	return slot ? &((const Kept *) slot->code)->attributes : NULL;
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
	text *texts[SPM_MAX_ATTRIBUTES] = {NULL};
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
	kept = copy(cache, code_of(code), texts);
	kept_insert(cache->codes, &kept->code, &found)->code = &kept->code;
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
	context = AllocSetContextCreate(cache->parent,
									"salesperf attributes",
									ALLOCSET_DEFAULT_SIZES);
	cache->codes = kept_create(context, codes, NULL);
	cache->misses = 0;
	cache->room = (SpmRoom){NULL, NULL};
	cache->context = context;
}

/* Copy a code and its attributes, NULL: has none. */
static Kept *
copy(SpmAttributeCache *cache, SpmCode code, text *const *texts)
{
	Size size = sizeof(Kept) + code.length;
	Kept *kept;
	char *next;

	for (int i = 0; i < SPM_MAX_ATTRIBUTES; i++)
		size += texts[i] ? ALIGNOF_INT + VARSIZE_ANY(texts[i]) : 0;
	kept = spm_room_take(&cache->room, cache->context, size);
	next = (char *) (kept + 1);
	kept->code.text = memcpy(next, code.text, code.length);
	kept->code.length = code.length;
	next += code.length;
	for (int i = 0; i < SPM_MAX_ATTRIBUTES; i++)
	{
		kept->attributes.nulls[i] = texts[i] == NULL;
		if (texts[i] == NULL)
			continue;
		next = begin_text(next, texts[i]);
		kept->attributes.values[i] =
			PointerGetDatum(memcpy(next, texts[i], VARSIZE_ANY(texts[i])));
		next += VARSIZE_ANY(texts[i]);
	}
	return kept;
}

/* Where a text begins that comes behind something. */
static char *
begin_text(char *place, const text *value)
{
	return VARATT_IS_SHORT(value) ? place : (char *) INTALIGN(place);
}
