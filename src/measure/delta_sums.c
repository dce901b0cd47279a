/*-------------------------------------------------------------------------
 *
 * delta_sums.c
 *	  Exact sums by measure and month.
 *
 * What one document adds are few sums: they are gone through.  Where they are
 * many they are found by a hash table.
 *
 * src/measure/delta_sums.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/memutils.h"

#include "measure/delta_sums.h"

/* So many are few, and there is room for so many to begin with. */
#define FEW_SUMS 16
#define FIRST_ROOM 8

/* How many places of sums are remembered. */
#define GUESSES 1024

typedef struct DeltaPlace
{
	DeltaKey key;
	int place; /* among the entries */
	char status;
} DeltaPlace;

static inline bool
is_key(DeltaKey a, DeltaKey b)
{
	return a.number == b.number && a.month == b.month;
}

#define SH_PREFIX delta_places
#define SH_ELEMENT_TYPE DeltaPlace
#define SH_KEY_TYPE DeltaKey
#define SH_KEY key
#define SH_HASH_KEY(table, key)                                                \
	hash_combine(murmurhash32((key).number), murmurhash32((key).month))
#define SH_EQUAL(table, a, b) is_key(a, b)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

static int find_among_few(const DeltaSums *sums, DeltaKey key);
static int find_among_many(const DeltaSums *sums, DeltaKey key);
static int add_sum(DeltaSums *sums, DeltaKey key);
static void make_room(DeltaSums *sums);
static void list_places(DeltaSums *sums);
static void add_place(DeltaSums *sums, DeltaKey key, int place);

/* Begin with no sums, in a memory context. */
void
spm_delta_sums_begin(DeltaSums *sums, MemoryContext context)
{
	memset(sums, 0, sizeof(DeltaSums));
	sums->context = context;
}

/*
 * The sum of a measure in a month, 0 to begin with.  It stays there until
 * another is asked for.
 */
SpmSum *
spm_delta_sum(DeltaSums *sums, int number, DateADT month)
{
	DeltaKey key = {number, month};
	int place = sums->places ? find_among_many(sums, key)
							 : find_among_few(sums, key);

	if (place < 0)
		place = add_sum(sums, key);
	sums->last = place;
	return &sums->entries[place].sum;
}

/* Give their memory back. */
void
spm_delta_sums_end(DeltaSums *sums)
{
	if (sums->places != NULL)
		delta_places_destroy(sums->places);
	if (sums->entries != NULL)
		pfree(sums->entries);
	memset(sums, 0, sizeof(DeltaSums));
}

/*
 * The place of a sum, -1: there is none.  Lines of a document mostly add to
 * the same sums in the same order, so the one after the last is tried first.
 */
static int
find_among_few(const DeltaSums *sums, DeltaKey key)
{
	int place = sums->last;

	for (int i = 0; i < sums->count; i++)
	{
		place = place + 1 < sums->count ? place + 1 : 0;
		if (is_key(sums->entries[place].key, key))
			return place;
	}
	return -1;
}

/*
 * The same.  Where the sum of a measure was last is a guess at where it is, of
 * whatever deltas.
 */
static int
find_among_many(const DeltaSums *sums, DeltaKey key)
{
	static uint32 guesses[GUESSES];
	uint32 *guess = &guesses[(uint32) key.number % GUESSES];
	DeltaPlace *found;

	if (*guess < sums->count && is_key(sums->entries[*guess].key, key))
		return *guess;
	found = delta_places_lookup(sums->places, key);
	if (found == NULL)
		return -1;
	*guess = found->place;
	return found->place;
}

/* Add a sum that there is not yet; returns its place. */
static int
add_sum(DeltaSums *sums, DeltaKey key)
{
	DeltaEntry *entry;

	if (sums->count == sums->room)
		make_room(sums);
	if (sums->count == FEW_SUMS)
		list_places(sums);
	if (sums->places != NULL)
		add_place(sums, key, sums->count);
	entry = &sums->entries[sums->count];
	entry->key = key;
	spm_sum_init(&entry->sum);
	return sums->count++;
}

static void
make_room(DeltaSums *sums)
{
	int room = Max(FIRST_ROOM, 2 * sums->room);
	Size size = mul_size(room, sizeof(DeltaEntry));

	sums->entries = sums->entries ? repalloc_huge(sums->entries, size)
								  : MemoryContextAllocHuge(sums->context, size);
	sums->room = room;
}

/* From now on they are many. */
static void
list_places(DeltaSums *sums)
{
	sums->places = delta_places_create(sums->context, 4 * FEW_SUMS, NULL);
	for (int i = 0; i < sums->count; i++)
		add_place(sums, sums->entries[i].key, i);
}

static void
add_place(DeltaSums *sums, DeltaKey key, int place)
{
	bool found;

	delta_places_insert(sums->places, key, &found)->place = place;
}
