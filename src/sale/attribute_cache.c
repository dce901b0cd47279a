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

#include "access/tupmacs.h"
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
 * What is kept of a code: itself, which attributes are null, and the others, as
 * texts one behind the other.  Thousands are read at once by sessions that are
 * new, which get their memory page by page.
 */
typedef struct KeptSlot
{
	const text *code;
	uint32 hash;
	char status;
} KeptSlot;

static inline SpmCode code_of(const text *code);

#define SH_PREFIX kept
#define SH_ELEMENT_TYPE KeptSlot
#define SH_KEY_TYPE const text *
#define SH_KEY code
#define SH_HASH_KEY(table, key) spm_code_hash(code_of(key))
#define SH_EQUAL(table, a, b) spm_code_equal(code_of(a), code_of(b))
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
	SpmAttributes found; /* of the code that was asked for last */
};

static void begin(SpmAttributeCache *cache, uint32 codes);
static const text *keep(SpmAttributeCache *cache, const text *code,
						TupleTableSlot *row);
static const text *copy(SpmAttributeCache *cache, const text *code,
						text *const *texts);
static inline char *append_text(char *place, const text *value);
static const SpmAttributes *attributes_of(SpmAttributeCache *cache,
										  const text *code);

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
	slot = kept_lookup(cache->codes, DatumGetTextPP(code));
	if (slot == NULL)
		cache->misses++;
	return slot ? attributes_of(cache, slot->code) : NULL;
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
	return attributes_of(cache, keep(cache, DatumGetTextPP(code), row));
}

/* Keep those of a code that was not looked for. */
void
spm_attributes_add(SpmAttributeCache *cache, Datum code, TupleTableSlot *row)
{
	(void) keep(cache, DatumGetTextPP(code), row);
}

static const text *
keep(SpmAttributeCache *cache, const text *code, TupleTableSlot *row)
{
	text *texts[SPM_MAX_ATTRIBUTES] = {NULL};
	const text *kept;
	bool found;

	if (cache->codes->members >= MAX_CODES)
		begin(cache, FEWEST_CODES);
	for (int i = 0; row != NULL && i < cache->count; i++)
	{
		bool is_null;
		Datum value = slot_getattr(row, cache->columns[i], &is_null);

		texts[i] = is_null ? NULL : DatumGetTextPP(value);
	}
	kept = copy(cache, code, texts);
	kept_insert(cache->codes, kept, &found)->code = kept;
	return kept;
}

static inline SpmCode
code_of(const text *code)
{
	return (SpmCode){VARDATA_ANY(code), VARSIZE_ANY_EXHDR(code)};
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
	cache->room = (SpmRoom){.next = NULL};
	cache->context = context;
}

/* Copy a code and its attributes, NULL: has none. */
static const text *
copy(SpmAttributeCache *cache, const text *code, text *const *texts)
{
	Size size = VARSIZE_ANY(code) + sizeof(uint8);
	text *kept;
	uint8 *nulls;
	char *next;

	for (int i = 0; i < cache->count; i++)
		size += texts[i] ? ALIGNOF_INT + VARSIZE_ANY(texts[i]) : 0;
	kept = spm_room_take(&cache->room, cache->context, size);
	nulls = (uint8 *) append_text((char *) kept, code);
	next = (char *) (nulls + 1);
	*nulls = 0;
	for (int i = 0; i < cache->count; i++)
		if (texts[i] == NULL)
			*nulls |= 1 << i;
		else
			next = append_text(next, texts[i]);
	return kept;
}

/* Put a text behind something, as rows of tables have it; returns its end. */
static inline char *
append_text(char *place, const text *value)
{
	while (!VARATT_IS_SHORT(value) && place != (char *) INTALIGN(place))
		*place++ = 0;
	memcpy(place, value, VARSIZE_ANY(value));
	return place + VARSIZE_ANY(value);
}

/* The attributes behind a code that is kept. */
static const SpmAttributes *
attributes_of(SpmAttributeCache *cache, const text *code)
{
	SpmAttributes *found = &cache->found;
	const uint8 *nulls = (const uint8 *) code + VARSIZE_ANY(code);
	const char *next = (const char *) (nulls + 1);

	for (int i = 0; i < cache->count; i++)
	{
		found->nulls[i] = (*nulls & 1 << i) != 0;
		if (found->nulls[i])
			continue;
		next = (const char *) att_align_pointer(next, TYPALIGN_INT, -1, next);
		found->values[i] = PointerGetDatum(next);
		next += VARSIZE_ANY(next);
	}
	return found;
}
