/*-------------------------------------------------------------------------
 *
 * match_keys.c
 *	  The keys that filters name, by number.
 *
 * A sale's keys are looked up here.  All that a key needs is in one place, as a
 * sale in a busy server finds little of it in the processor's caches.
 *
 * src/measure/match_keys.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"

#include "measure/match_int.h"

/* Beyond this a key, or the numbers of a filter, have room of their own. */
#define ROOM_SIZE 8192
#define ROOM_MOST 1024

static uint32 key_name_hash(const KeyName *name);
static bool key_name_equal(const KeyName *a, const KeyName *b);

typedef struct KeySlot
{
	const KeyName *name; /* of an entry */
	uint32 hash;
	char status;
} KeySlot;

#define SH_PREFIX key_names
#define SH_ELEMENT_TYPE KeySlot
#define SH_KEY_TYPE const KeyName *
#define SH_KEY name
#define SH_HASH_KEY(table, key) key_name_hash(key)
#define SH_EQUAL(table, a, b) key_name_equal(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(table, entry) (entry)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

static KeyEntry *load_key(SpmMatcher *matcher, SpmKey column, const char *text,
						  int length);
static KeyEntry *entry_of(const KeySlot *slot);

/* Make room for so many keys of a matcher that has none. */
void
spm_matcher_create_keys(SpmMatcher *matcher, uint32 count)
{
	matcher->keys = key_names_create(matcher->context, count, NULL);
}

/* The entry of a key that some filter names, else NULL. */
KeyEntry *
spm_matcher_key(const SpmMatcher *matcher, SpmKey column, const char *text,
				int length)
{
	KeyEntry *entry = text ? spm_matcher_find_key(matcher, column, text, length)
						   : NULL;

	if (text == NULL || matcher->load == NULL || !matcher->listed[column] ||
		(entry != NULL && entry->loaded))
		return entry;
	return load_key(unconstify(SpmMatcher *, matcher), column, text, length);
}

/* Make the entry of a key with all scopes that are listed under it. */
static KeyEntry *
load_key(SpmMatcher *matcher, SpmKey column, const char *text, int length)
{
	KeyEntry *entry = spm_matcher_add_key(matcher, column, text, length);

	/* What a load listed that was broken off is listed again. */
	entry->scopes.count = 0;
	matcher->loading = &entry->scopes;
	matcher->load(column, text, length, matcher->loader_state);
	entry->loaded = true;
	return entry;
}

/* The entry of a key that was met or is named, else NULL. */
KeyEntry *
spm_matcher_find_key(const SpmMatcher *matcher, SpmKey column, const char *text,
					 int length)
{
	KeyName name = {text, length, column};
	KeySlot *slot = key_names_lookup(matcher->keys, &name);

	return slot ? entry_of(slot) : NULL;
}

/* The entry of a key, made if there is none. */
KeyEntry *
spm_matcher_add_key(SpmMatcher *matcher, SpmKey column, const char *text,
					int length)
{
	KeyName name = {text, length, column};
	uint32 hash = key_name_hash(&name);
	KeySlot *slot = key_names_lookup_hash(matcher->keys, &name, hash);
	KeyEntry *entry;
	bool found;

	if (slot != NULL)
		return entry_of(slot);
	entry = spm_matcher_room(matcher, sizeof(KeyEntry) + length);
	memcpy(entry + 1, text, length);
	*entry = (KeyEntry){.name = {(char *) (entry + 1), length, column},
						.number = matcher->keys->members,
						.scopes = {.room = FEW_SCOPES}};
	key_names_insert_hash(matcher->keys, &entry->name, hash, &found);
	return entry;
}

static KeyEntry *
entry_of(const KeySlot *slot)
{
	return unconstify(KeyEntry *, (const KeyEntry *) slot->name);
}

/*
 * Room for something that stays as long as the matcher, in as few lines of the
 * cache as it can.
 */
void *
spm_matcher_room(SpmMatcher *matcher, Size size)
{
	char *place = matcher->room;

	if (size > ROOM_MOST)
		return MemoryContextAllocHuge(matcher->context, size);
	if ((uintptr_t) place % CACHE_LINE + size > CACHE_LINE)
		place = (char *) TYPEALIGN(CACHE_LINE, (uintptr_t) place);
	if (place == NULL || place + size > matcher->room_end)
	{
		place = MemoryContextAlloc(matcher->context, ROOM_SIZE);
		matcher->room_end = place + ROOM_SIZE;
		place = (char *) TYPEALIGN(CACHE_LINE, (uintptr_t) place);
	}
	matcher->room = place + MAXALIGN(size);
	return place;
}

static uint32
key_name_hash(const KeyName *name)
{
	return hash_combine(hash_bytes((const unsigned char *) name->text,
								   name->length),
						name->column);
}

static bool
key_name_equal(const KeyName *a, const KeyName *b)
{
	return a->column == b->column && a->length == b->length &&
		   memcmp(a->text, b->text, a->length) == 0;
}
