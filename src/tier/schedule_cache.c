/*-------------------------------------------------------------------------
 *
 * schedule_cache.c
 *	  Tier schedules that a query has seen, compiled once each.
 *
 * The schedule of a row is recognized by its bytes: those of the row before,
 * or found by their hash.  As this is done for each row, the hash is a plain
 * one of eight bytes at a time; the bytes are always compared.
 *
 * src/tier/schedule_cache.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/memutils.h"

#include "tier/tiers.h"

#define FIRST_SLOTS 16
#define HASH_FACTOR UINT64CONST(0x9E3779B97F4A7C15)

struct SpmScheduleCache
{
	MemoryContext context;
	int limit; /* entries kept at most; 0: all */
	int count;
	int room;
	SpmScheduleEntry **entries; /* in the order they came */
	uint32 nslots;				/* a power of two, more than twice count */
	SpmScheduleEntry **slots;	/* open addressing by hash */
	SpmScheduleEntry *last;
};

static void cache_reset(SpmScheduleCache *cache);
static SpmScheduleEntry *cache_lookup(SpmScheduleCache *cache,
									  struct varlena *datum);
static SpmScheduleEntry *cache_add(SpmScheduleCache *cache,
								   struct varlena *datum, uint32 hash);
static void cache_place(SpmScheduleCache *cache, SpmScheduleEntry *entry);
static void cache_grow(SpmScheduleCache *cache);

/* Whether an entry is of this datum. */
static inline bool
is_of(const SpmScheduleEntry *entry, const struct varlena *datum)
{
	Size size = VARSIZE_ANY_EXHDR(datum);

	return entry != NULL && VARSIZE_ANY_EXHDR(entry->datum) == size &&
		   memcmp(VARDATA_ANY(entry->datum), VARDATA_ANY(datum), size) == 0;
}

/* A hash of a plain datum's bytes. */
static inline uint32
hash_of(const struct varlena *datum)
{
	const char *at = VARDATA_ANY(datum);
	Size rest = VARSIZE_ANY_EXHDR(datum);
	uint64 hash = rest;
	uint64 piece;

	for (; rest >= sizeof(piece); rest -= sizeof(piece), at += sizeof(piece))
	{
		memcpy(&piece, at, sizeof(piece));
		hash = (hash ^ piece) * HASH_FACTOR;
		hash ^= hash >> 32;
	}
	for (; rest > 0; rest--, at++)
		hash = (hash ^ (unsigned char) *at) * HASH_FACTOR;
	return (uint32) (hash >> 32);
}

/*
 * A cache in a context of its own below parent.  With a limit it starts anew
 * when that many schedules have been seen; entries then become invalid.
 */
SpmScheduleCache *
spm_schedule_cache_create(MemoryContext parent, int limit)
{
	SpmScheduleCache *cache =
		MemoryContextAllocZero(parent, sizeof(SpmScheduleCache));

	cache->context = AllocSetContextCreate(parent,
										   "salesperf tier schedules",
										   ALLOCSET_SMALL_SIZES);
	cache->limit = limit;
	cache_reset(cache);
	return cache;
}

/* The entry of a tiers datum, which may be toasted. */
SpmScheduleEntry *
spm_schedule_cache_find(SpmScheduleCache *cache, Datum datum)
{
	struct varlena *given = (struct varlena *) DatumGetPointer(datum);
	struct varlena *plain = given;

	if (VARATT_IS_EXTERNAL(given) || VARATT_IS_COMPRESSED(given))
		plain = pg_detoast_datum_packed(given);
	if (!is_of(cache->last, plain))
		cache->last = cache_lookup(cache, plain);
	if (plain != given)
		pfree(plain);
	return cache->last;
}

/* Forget everything. */
static void
cache_reset(SpmScheduleCache *cache)
{
	MemoryContextReset(cache->context);
	cache->count = 0;
	cache->room = FIRST_SLOTS / 2;
	cache->nslots = FIRST_SLOTS;
	cache->entries =
		MemoryContextAlloc(cache->context,
						   cache->room * sizeof(SpmScheduleEntry *));
	cache->slots =
		MemoryContextAllocZero(cache->context,
							   cache->nslots * sizeof(SpmScheduleEntry *));
	cache->last = NULL;
}

/* The entry of a plain datum by its hash, made if missing. */
static SpmScheduleEntry *
cache_lookup(SpmScheduleCache *cache, struct varlena *datum)
{
	uint32 hash = hash_of(datum);
	uint32 slot = hash & (cache->nslots - 1);

	while (cache->slots[slot] != NULL)
	{
		if (cache->slots[slot]->hash == hash &&
			is_of(cache->slots[slot], datum))
			return cache->slots[slot];
		slot = (slot + 1) & (cache->nslots - 1);
	}
	return cache_add(cache, datum, hash);
}

/* Compile a schedule that is new. */
static SpmScheduleEntry *
cache_add(SpmScheduleCache *cache, struct varlena *datum, uint32 hash)
{
	MemoryContext before;
	SpmScheduleEntry *entry;

	if (cache->limit > 0 && cache->count >= cache->limit)
		cache_reset(cache);
	if (cache->count == cache->room)
		cache_grow(cache);

	before = MemoryContextSwitchTo(cache->context);
	entry = palloc0(sizeof(SpmScheduleEntry));
	entry->hash = hash;
	entry->number = cache->count;
	entry->datum = palloc(VARSIZE_ANY(datum));
	memcpy(entry->datum, datum, VARSIZE_ANY(datum));
	entry->schedule = spm_schedule_compile(entry->datum);
	MemoryContextSwitchTo(before);

	cache->entries[cache->count++] = entry;
	cache_place(cache, entry);
	return entry;
}

/* Put an entry into a free slot. */
static void
cache_place(SpmScheduleCache *cache, SpmScheduleEntry *entry)
{
	uint32 slot = entry->hash & (cache->nslots - 1);

	while (cache->slots[slot] != NULL)
		slot = (slot + 1) & (cache->nslots - 1);
	cache->slots[slot] = entry;
}

/* Double the room. */
static void
cache_grow(SpmScheduleCache *cache)
{
	cache->room *= 2;
	cache->entries =
		repalloc(cache->entries, cache->room * sizeof(SpmScheduleEntry *));
	pfree(cache->slots);
	cache->nslots *= 2;
	cache->slots =
		MemoryContextAllocZero(cache->context,
							   cache->nslots * sizeof(SpmScheduleEntry *));
	for (int i = 0; i < cache->count; i++)
		cache_place(cache, cache->entries[i]);
}
