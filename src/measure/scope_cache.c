/*-------------------------------------------------------------------------
 *
 * scope_cache.c
 *	  Scopes of the targets that this session has read.
 *
 * Writing a scope takes longer than all else that a report does for a target.
 * It depends on nothing but the columns it is written from, so it is looked up
 * by their bytes and is never out of date.
 *
 * src/measure/scope_cache.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/array.h"
#include "utils/memutils.h"

#include "core/compat.h"
#include "measure/scope.h"

/* A session that reads more begins anew. */
#define MOST_MEMORY (8 * 1024 * 1024)

/* What a scope is written from, as bytes. */
typedef struct Columns
{
	int length;
	char *bytes;
} Columns;

typedef struct CachedScope
{
	Columns columns;
	uint32 hash;
	char status;
	Jsonb *scope;
} CachedScope;

static uint32 hash_columns(Columns columns);
static bool same_columns(Columns a, Columns b);

#define SH_PREFIX scopes
#define SH_ELEMENT_TYPE CachedScope
#define SH_KEY_TYPE Columns
#define SH_KEY columns
#define SH_HASH_KEY(table, key) hash_columns(key)
#define SH_EQUAL(table, a, b) same_columns(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(table, entry) ((entry)->hash)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

static scopes_hash *cache = NULL;
static MemoryContext cache_context = NULL;

static void remember(Columns columns, const Jsonb *scope);
static Columns columns_of(text *metric, DateADT starts_on, DateADT ends_on,
						  const NullableDatum *filters);
static void *copy(const void *bytes, Size length);
static char *append(char *end, const void *bytes, Size length);
static void make_room(void);

/* The scope that spm_scope_write() writes, in the current memory context. */
Jsonb *
spm_scope_known(text *metric, DateADT starts_on, DateADT ends_on,
				const NullableDatum *filters)
{
	Columns columns = columns_of(metric, starts_on, ends_on, filters);
	CachedScope *found = cache ? scopes_lookup(cache, columns) : NULL;
	Jsonb *scope;

	if (found != NULL)
		return copy(found->scope, VARSIZE(found->scope));
	scope = spm_scope_write(metric, starts_on, ends_on, filters);
	remember(columns, scope);
	return scope;
}

static void
remember(Columns columns, const Jsonb *scope)
{
	MemoryContext caller_context;
	CachedScope *entry;
	Jsonb *kept;
	bool found;

	make_room();
	caller_context = MemoryContextSwitchTo(cache_context);
	columns.bytes = copy(columns.bytes, columns.length);
	kept = copy(scope, VARSIZE(scope));
	MemoryContextSwitchTo(caller_context);
	entry = scopes_insert(cache, columns, &found);
	entry->scope = kept;
}

/*
 * The days, then the metric and each filter: its length, or -1 for NULL, and
 * what it holds.
 */
static Columns
columns_of(text *metric, DateADT starts_on, DateADT ends_on,
		   const NullableDatum *filters)
{
	struct varlena *values[1 + SPM_FILTER_COUNT] = {metric};
	DateADT days[] = {starts_on, ends_on};
	Size size = sizeof(days) + lengthof(values) * sizeof(int32);
	Columns columns;
	char *end;

	for (int i = 0; i < SPM_FILTER_COUNT; i++)
		if (!filters[i].isnull)
			values[1 + i] = PG_DETOAST_DATUM_PACKED(filters[i].value);
	for (int i = 0; i < lengthof(values); i++)
		size += values[i] ? VARSIZE_ANY_EXHDR(values[i]) : 0;
	columns.bytes = palloc(size);
	columns.length = size;
	end = append(columns.bytes, days, sizeof(days));
	for (int i = 0; i < lengthof(values); i++)
	{
		int32 length = values[i] ? VARSIZE_ANY_EXHDR(values[i]) : -1;

		end = append(end, &length, sizeof(length));
		if (length > 0)
			end = append(end, VARDATA_ANY(values[i]), length);
	}
	return columns;
}

static void *
copy(const void *bytes, Size length)
{
	return memcpy(palloc(length), bytes, length);
}

static char *
append(char *end, const void *bytes, Size length)
{
	memcpy(end, bytes, length);
	return end + length;
}

/* Make the cache, and empty it where it has become too large. */
static void
make_room(void)
{
	if (cache != NULL &&
		MemoryContextMemAllocated(cache_context, true) < MOST_MEMORY)
		return;
	cache = NULL;
	if (cache_context == NULL)
		cache_context = AllocSetContextCreate(CacheMemoryContext,
											  "salesperf scopes",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContextReset(cache_context);
	cache = scopes_create(cache_context, 256, NULL);
}

static uint32
hash_columns(Columns columns)
{
	return hash_bytes((unsigned char *) columns.bytes, columns.length);
}

static bool
same_columns(Columns a, Columns b)
{
	return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}
