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
#include "lib/stringinfo.h"
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

static void append_columns(StringInfo bytes, text *metric, DateADT starts_on,
						   DateADT ends_on, const NullableDatum *filters);
static void append_value(StringInfo bytes, struct varlena *value);
static void make_room(void);

/* The scope that spm_scope_write() writes; it lasts until the next call. */
Jsonb *
spm_scope_known(text *metric, DateADT starts_on, DateADT ends_on,
				const NullableDatum *filters)
{
	StringInfoData bytes;
	Columns columns;
	CachedScope *found;
	MemoryContext caller_context;
	Jsonb *scope;
	bool exists;

	initStringInfo(&bytes);
	append_columns(&bytes, metric, starts_on, ends_on, filters);
	columns.length = bytes.len;
	columns.bytes = bytes.data;
	found = cache ? scopes_lookup(cache, columns) : NULL;
	if (found != NULL)
		return found->scope;
	scope = spm_scope_write(metric, starts_on, ends_on, filters);
	make_room();
	caller_context = MemoryContextSwitchTo(cache_context);
	columns.bytes = memcpy(palloc(bytes.len), bytes.data, bytes.len);
	scope = (Jsonb *) PG_DETOAST_DATUM_COPY(JsonbPGetDatum(scope));
	MemoryContextSwitchTo(caller_context);
	found = scopes_insert(cache, columns, &exists);
	found->scope = scope;
	return scope;
}

static void
append_columns(StringInfo bytes, text *metric, DateADT starts_on,
			   DateADT ends_on, const NullableDatum *filters)
{
	appendBinaryStringInfo(bytes, (char *) &starts_on, sizeof(DateADT));
	appendBinaryStringInfo(bytes, (char *) &ends_on, sizeof(DateADT));
	append_value(bytes, (struct varlena *) metric);
	for (int i = 0; i < SPM_FILTER_COUNT; i++)
		if (filters[i].isnull)
			appendStringInfoChar(bytes, 0);
		else
		{
			appendStringInfoChar(bytes, 1);
			append_value(bytes, PG_DETOAST_DATUM_PACKED(filters[i].value));
		}
}

static void
append_value(StringInfo bytes, struct varlena *value)
{
	int32 length = VARSIZE_ANY_EXHDR(value);

	appendBinaryStringInfo(bytes, (char *) &length, sizeof(length));
	appendBinaryStringInfo(bytes, VARDATA_ANY(value), length);
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
