/*-------------------------------------------------------------------------
 *
 * schedule_cache.c
 *	  Tier schedules that a query has seen, compiled once each.
 *
 * The schedule of a row is recognized by its bytes.  Most often they are
 * those of the row before, or of the schedule last seen at the same address
 * (a joined row in a hash table); only else are they hashed.  An address is
 * never more than a guess, the bytes are always compared.
 *
 * src/tier/schedule_cache.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "utils/memutils.h"

#include "tier/tiers.h"

#define HINTS 256
#define FIRST_SLOTS 16

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
	SpmScheduleEntry *hints[HINTS];
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
	int hint = ((uintptr_t) given >> 3) % HINTS;

	if (VARATT_IS_EXTERNAL(given) || VARATT_IS_COMPRESSED(given))
		plain = pg_detoast_datum_packed(given);
	if (!is_of(cache->last, plain))
	{
		if (!is_of(cache->hints[hint], plain))
		{
			SpmScheduleEntry *entry = cache_lookup(cache, plain);

			cache->hints[hint] = entry;
		}
		cache->last = cache->hints[hint];
	}
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
	memset(cache->hints, 0, sizeof(cache->hints));
}

/* The entry of a plain datum by its hash, made if missing. */
static SpmScheduleEntry *
cache_lookup(SpmScheduleCache *cache, struct varlena *datum)
{
	uint32 hash = hash_bytes((unsigned char *) VARDATA_ANY(datum),
							 VARSIZE_ANY_EXHDR(datum));
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
