/*-------------------------------------------------------------------------
 *
 * matcher.c
 *	  Scopes, numbered, and listed by the keys that their filters name.
 *
 * Every key that some filter names gets a number.  A scope is listed under
 * each key of one of its filters, the most selective one, or among those
 * without any.  So the cost of matching a sale grows with the scopes that
 * share a key with it, not with all.
 *
 * src/measure/matcher.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/memutils.h"

#include "measure/match_int.h"

/* Bits of spm_scope_uses(). */
#define USES_FILTER(column) (((uint32) 1) << (column))
#define USES_LIST(column) (((uint32) 1) << (SPM_KEY_COUNT + (column)))
#define USES_DOCUMENTS (((uint32) 1) << (2 * SPM_KEY_COUNT))

/* How many sales share a key of a column: few, more, a great part. */
static const int breadths[SPM_KEY_COUNT] = {
	[SPM_KEY_SELLER] = 0,
	[SPM_KEY_UNIT] = 1,
	[SPM_KEY_CUSTOMER] = 0,
	[SPM_KEY_SECTOR] = 1,
	[SPM_KEY_REGION] = 1,
	[SPM_KEY_SEGMENT] = 1,
	[SPM_KEY_PRODUCT] = 0,
	[SPM_KEY_BRAND] = 1,
	[SPM_KEY_FAMILY] = 1,
	[SPM_KEY_BRANCH] = 0,
	[SPM_KEY_SALE_TYPE] = 2,
	[SPM_KEY_SOURCE] = 2,
};

static uint32 key_name_hash(KeyName name);
static bool key_name_equal(KeyName a, KeyName b);

typedef struct KeySlot
{
	KeyName name;
	KeyEntry *entry;
	uint32 hash;
	char status;
} KeySlot;

#define SH_PREFIX key_names
#define SH_ELEMENT_TYPE KeySlot
#define SH_KEY_TYPE KeyName
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
static int implied_filter(const SpmMatcher *matcher, const SpmScope *scope);
static void number_filters(SpmMatcher *matcher, const SpmScope *scope,
						   NumberedScope *numbered);
static void number_filter(SpmMatcher *matcher, const SpmFilter *filter,
						  NumberedFilter *numbered);
static KeyEntry *key_entry(SpmMatcher *matcher, SpmKey column, const char *text,
						   int length);
static int compare_numbers(const void *a, const void *b);
static void list_scope(SpmMatcher *matcher, const SpmScope *scope, int number);
static void append(ScopeList *list, int scope);

/* A matcher without scopes, in a memory context of its own. */
SpmMatcher *
spm_matcher_create(MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent,
												  "salesperf matcher",
												  ALLOCSET_DEFAULT_SIZES);
	SpmMatcher *matcher = MemoryContextAllocZero(context, sizeof(SpmMatcher));
	MemoryContext caller_context;

	matcher->context = context;
	matcher->keys = key_names_create(context, 64, NULL);
	caller_context = MemoryContextSwitchTo(context);
	matcher->one = int64_to_numeric(1);
	MemoryContextSwitchTo(caller_context);
	return matcher;
}

void
spm_matcher_free(SpmMatcher *matcher)
{
	MemoryContextDelete(matcher->context);
}

/*
 * Scopes that are added from now on are met through the lists alone: what they
 * are listed by is neither tested again, nor known to be a filter of theirs.
 */
void
spm_matcher_trust_lists(SpmMatcher *matcher)
{
	matcher->trusts_lists = true;
}

/* Add a scope; returns its number, counted from 0. */
int
spm_matcher_add(SpmMatcher *matcher, const SpmScope *scope)
{
	int number = spm_matcher_add_later(matcher, scope);

	list_scope(matcher, scope, number);
	return number;
}

/*
 * Have scopes loaded when a key of theirs is met.  What they use of sales, as
 * spm_scope_uses() has it, has to be known of all.
 */
void
spm_matcher_load_later(SpmMatcher *matcher, uint32 uses, SpmScopeLoader load,
					   void *state)
{
	spm_matcher_trust_lists(matcher);
	matcher->load = load;
	matcher->loader_state = state;
	matcher->documents = (uses & USES_DOCUMENTS) != 0;
	for (int column = 0; column < SPM_KEY_COUNT; column++)
	{
		matcher->filtered[column] = (uses & USES_FILTER(column)) != 0;
		matcher->listed[column] = (uses & USES_LIST(column)) != 0;
	}
	load(SPM_KEY_COUNT, "", 0, state);
}

/* List it under a key, or under none if column is SPM_KEY_COUNT. */
void
spm_matcher_list(SpmMatcher *matcher, SpmKey column, const char *key,
				 int length, int number)
{
	MemoryContext caller_context = MemoryContextSwitchTo(matcher->context);

	append(column == SPM_KEY_COUNT
			   ? &matcher->unlisted
			   : &key_entry(matcher, column, key, length)->scopes,
		   number);
	MemoryContextSwitchTo(caller_context);
}

/* What a scope uses of sales, as bits. */
uint32
spm_scope_uses(const SpmScope *scope)
{
	uint32 uses = scope->metric == SPM_METRIC_DOCUMENTS ? USES_DOCUMENTS : 0;
	int listed = spm_scope_listed_by(scope);

	for (int column = 0; column < SPM_KEY_COUNT; column++)
		if (scope->include[column].given || scope->exclude[column].count > 0)
			uses |= USES_FILTER(column);
	return listed == SPM_KEY_COUNT ? uses : uses | USES_LIST(listed);
}

/* Add a scope that is not listed yet. */
int
spm_matcher_add_later(SpmMatcher *matcher, const SpmScope *scope)
{
	MemoryContext caller_context = MemoryContextSwitchTo(matcher->context);
	NumberedScope *numbered;

	if (matcher->count == matcher->capacity)
	{
		Size size;

		matcher->capacity = Max(64, matcher->capacity * 2);
		size = mul_size(matcher->capacity, sizeof(NumberedScope));
		matcher->scopes = matcher->scopes
							  ? repalloc_huge(matcher->scopes, size)
							  : MemoryContextAllocHuge(matcher->context, size);
	}
	numbered = &matcher->scopes[matcher->count];
	numbered->metric = scope->metric;
	numbered->counting = scope->include[SPM_KEY_SELLER].given ? COUNTS_SELLERS
						 : scope->include[SPM_KEY_UNIT].given ? COUNTS_UNITS
															  : COUNTS_SALES;
	numbered->starts_on = scope->starts_on;
	numbered->ends_on = scope->ends_on;
	matcher->documents |= scope->metric == SPM_METRIC_DOCUMENTS;
	number_filters(matcher, scope, numbered);
	MemoryContextSwitchTo(caller_context);
	return matcher->count++;
}

/* How many scopes there are. */
int
spm_matcher_count(const SpmMatcher *matcher)
{
	return matcher->count;
}

/* What its scopes need to know of sales. */
SpmNeeds
spm_matcher_needs(const SpmMatcher *matcher)
{
	SpmNeeds needs = {.documents = matcher->documents};

	needs.customers = matcher->filtered[SPM_KEY_SECTOR] ||
					  matcher->filtered[SPM_KEY_REGION] ||
					  matcher->filtered[SPM_KEY_SEGMENT];
	needs.products = matcher->filtered[SPM_KEY_BRAND] ||
					 matcher->filtered[SPM_KEY_FAMILY];
	return needs;
}

/* What a scope adds up. */
SpmMetric
spm_matcher_metric(const SpmMatcher *matcher, int number)
{
	return matcher->scopes[number].metric;
}

/* What a document adds to a scope that counts them. */
Numeric
spm_matcher_one(const SpmMatcher *matcher)
{
	return matcher->one;
}

/* Does some scope filter by that? */
bool
spm_matcher_filters(const SpmMatcher *matcher, SpmKey column)
{
	return matcher->filtered[column];
}

/* Does a scope filter by that, and hold on some of those days? */
bool
spm_matcher_scope_filters(const SpmMatcher *matcher, int number, SpmKey column,
						  DateADT from, DateADT to)
{
	const NumberedScope *scope = &matcher->scopes[number];

	if (scope->starts_on > to || scope->ends_on < from)
		return false;
	for (int i = 0; i < scope->count; i++)
		if (scope->filters[i].column == column)
			return true;
	return false;
}

/* Can sales of that source count in a scope? */
bool
spm_matcher_may_count(const SpmMatcher *matcher, int number, const char *source)
{
	const NumberedScope *scope = &matcher->scopes[number];
	KeyName name = {SPM_KEY_SOURCE, strlen(source), source};
	KeySlot *slot = key_names_lookup(matcher->keys, name);

	for (int i = 0; i < scope->count; i++)
		if (scope->filters[i].column == SPM_KEY_SOURCE)
			return slot != NULL &&
				   spm_filter_names(&scope->filters[i], slot->entry->number);
	return true;
}

/* The entry of a key that some filter names, else NULL. */
KeyEntry *
spm_matcher_key(const SpmMatcher *matcher, SpmKey column, const char *text,
				int length)
{
	KeyName name = {column, length, text};
	KeySlot *slot = text ? key_names_lookup(matcher->keys, name) : NULL;
	KeyEntry *entry = slot ? slot->entry : NULL;

	if (text == NULL || matcher->load == NULL || !matcher->listed[column] ||
		(entry != NULL && entry->loaded))
		return entry;
	return load_key(unconstify(SpmMatcher *, matcher), column, text, length);
}

/* Make the entry of a key with all scopes that are listed under it. */
static KeyEntry *
load_key(SpmMatcher *matcher, SpmKey column, const char *text, int length)
{
	KeyEntry *entry = key_entry(matcher, column, text, length);

	/* What a load listed that was broken off is listed again. */
	entry->scopes.count = 0;
	matcher->load(column, text, length, matcher->loader_state);
	entry->loaded = true;
	return entry;
}

/* Has a sale one key of that column at most? */
bool
spm_key_is_single(SpmKey column)
{
	return column != SPM_KEY_UNIT && column != SPM_KEY_FAMILY;
}

/*
 * The column of a filter that need not be tested, since a sale has the key that
 * the scope is met by.  Where it has several the first counts.
 */
static int
implied_filter(const SpmMatcher *matcher, const SpmScope *scope)
{
	int column = spm_scope_listed_by(scope);

	if (!matcher->trusts_lists || column == SPM_KEY_COUNT ||
		!spm_key_is_single(column))
		return SPM_KEY_COUNT;
	return column;
}

/* Translate the filters of a scope. */
static void
number_filters(SpmMatcher *matcher, const SpmScope *scope,
			   NumberedScope *numbered)
{
	int implied = implied_filter(matcher, scope);

	numbered->count = 0;
	for (int column = 0; column < SPM_KEY_COUNT; column++)
		numbered->count += scope->include[column].given +
						   (scope->exclude[column].count > 0);
	numbered->filters = numbered->count > 0
							? palloc(numbered->count * sizeof(NumberedFilter))
							: NULL;
	numbered->count = 0;
	for (int column = 0; column < SPM_KEY_COUNT; column++)
		for (int exclude = 0; exclude <= 1; exclude++)
		{
			const SpmFilter *filter = exclude ? &scope->exclude[column]
											  : &scope->include[column];
			NumberedFilter *next = &numbered->filters[numbered->count];

			if (!filter->given || (exclude && filter->count == 0))
				continue;
			matcher->filtered[column] = true;
			if (!exclude && column == implied)
				continue;
			next->column = column;
			next->exclude = exclude;
			number_filter(matcher, filter, next);
			numbered->count++;
		}
}

/* Translate a filter's keys into numbers. */
static void
number_filter(SpmMatcher *matcher, const SpmFilter *filter,
			  NumberedFilter *numbered)
{
	numbered->count = filter->count;
	numbered->numbers = NULL;
	if (filter->count == 0)
		return;
	numbered->numbers = palloc(filter->count * sizeof(int));
	for (int i = 0; i < filter->count; i++)
		numbered->numbers[i] = key_entry(matcher,
										 numbered->column,
										 filter->keys[i],
										 strlen(filter->keys[i]))
								   ->number;
	qsort(numbered->numbers, numbered->count, sizeof(int), compare_numbers);
}

/* The entry of a key, made if there is none. */
static KeyEntry *
key_entry(SpmMatcher *matcher, SpmKey column, const char *text, int length)
{
	KeyName name = {column, length, text};
	int number = matcher->keys->members;
	bool found;
	KeySlot *slot = key_names_insert(matcher->keys, name, &found);

	if (!found)
	{
		char *copy = MemoryContextAlloc(matcher->context, length + 1);

		memcpy(copy, text, length);
		slot->name.text = copy;
		slot->entry =
			MemoryContextAllocZero(matcher->context, sizeof(KeyEntry));
		slot->entry->number = number;
	}
	return slot->entry;
}

static int
compare_numbers(const void *a, const void *b)
{
	int left = *(const int *) a;
	int right = *(const int *) b;

	return (left > right) - (left < right);
}

/* List a scope where sales that it may count will find it. */
static void
list_scope(SpmMatcher *matcher, const SpmScope *scope, int number)
{
	int column = spm_scope_listed_by(scope);

	if (column == SPM_KEY_COUNT)
		spm_matcher_list(matcher, column, NULL, 0, number);
	else
		for (int i = 0; i < scope->include[column].count; i++)
		{
			const char *key = scope->include[column].keys[i];

			spm_matcher_list(matcher, column, key, strlen(key), number);
		}
}

/*
 * The column whose filter leaves the fewest sales: one of the first kind, of
 * these that with the fewest keys.  SPM_KEY_COUNT: none is given.
 */
int
spm_scope_listed_by(const SpmScope *scope)
{
	int best = SPM_KEY_COUNT;

	for (int column = 0; column < SPM_KEY_COUNT; column++)
	{
		if (!scope->include[column].given)
			continue;
		if (best == SPM_KEY_COUNT || breadths[column] < breadths[best] ||
			(breadths[column] == breadths[best] &&
			 scope->include[column].count < scope->include[best].count))
			best = column;
	}
	return best;
}

static void
append(ScopeList *list, int scope)
{
	if (list->count == list->capacity)
	{
		list->capacity = Max(4, list->capacity * 2);
		list->scopes =
			list->scopes ? repalloc(list->scopes, list->capacity * sizeof(int))
						 : palloc(list->capacity * sizeof(int));
	}
	list->scopes[list->count++] = scope;
}

/* Does the filter name that key? */
bool
spm_filter_names(const NumberedFilter *filter, int number)
{
	if (filter->count == 0)
		return false;
	if (filter->count == 1)
		return filter->numbers[0] == number;
	return bsearch(&number,
				   filter->numbers,
				   filter->count,
				   sizeof(int),
				   compare_numbers) != NULL;
}

static uint32
key_name_hash(KeyName name)
{
	return hash_combine(hash_bytes((const unsigned char *) name.text,
								   name.length),
						name.column);
}

static bool
key_name_equal(KeyName a, KeyName b)
{
	return a.column == b.column && a.length == b.length &&
		   memcmp(a.text, b.text, a.length) == 0;
}
