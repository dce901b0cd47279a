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

#include "utils/memutils.h"

#include "measure/match_int.h"

/* Bits of spm_scope_uses(). */
#define USES_FILTER(column) (((uint32) 1) << (column))
#define USES_LIST(column) (((uint32) 1) << (SPM_KEY_COUNT + (column)))
#define USES_DOCUMENTS (((uint32) 1) << (2 * SPM_KEY_COUNT))

/* There is room for so many scopes, and keys, to begin with. */
#define FEW 64

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

static int implied_filter(const SpmMatcher *matcher, const SpmScope *scope);
static void number_filters(SpmMatcher *matcher, const SpmScope *scope,
						   NumberedScope *numbered);
static void keep_filters(SpmMatcher *matcher, const NumberedFilter *filters,
						 NumberedScope *numbered);
static void number_filter(SpmMatcher *matcher, const SpmFilter *filter,
						  NumberedFilter *numbered);
static void grow_scopes(SpmMatcher *matcher);
static int compare_numbers(const void *a, const void *b);
static void list_scope(SpmMatcher *matcher, const SpmScope *scope, int number);
static void append(SpmMatcher *matcher, ScopeList *list, int scope);

/* A matcher without scopes, in a memory context of its own. */
SpmMatcher *
spm_matcher_create(MemoryContext parent)
{
	return spm_matcher_create_for(parent, FEW, FEW);
}

/* The same with room for about so many scopes, and keys that they name. */
SpmMatcher *
spm_matcher_create_for(MemoryContext parent, int scopes, uint32 keys)
{
	MemoryContext context = AllocSetContextCreate(parent,
												  "salesperf matcher",
												  ALLOCSET_DEFAULT_SIZES);
	SpmMatcher *matcher = MemoryContextAllocZero(context, sizeof(SpmMatcher));
	MemoryContext caller_context;

	matcher->context = context;
	matcher->expected = scopes;
	spm_matcher_create_keys(matcher, keys);
	caller_context = MemoryContextSwitchTo(context);
	matcher->one = int64_to_numeric(1);
	matcher->unlisted.room = FEW_SCOPES;
	MemoryContextSwitchTo(caller_context);
	spm_matcher_begin();
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
	matcher->loading = &matcher->unlisted;
	load(SPM_KEY_COUNT, "", 0, state);
}

/* List a scope under the key that the loader was called for, or under none. */
void
spm_matcher_list_loaded(SpmMatcher *matcher, int number)
{
	append(matcher, matcher->loading, number);
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
	NumberedScope *numbered;

	if (matcher->count == matcher->capacity)
		grow_scopes(matcher);
	numbered = &matcher->scopes[matcher->count];
	numbered->metric = scope->metric;
	numbered->counting = scope->include[SPM_KEY_SELLER].given ? COUNTS_SELLERS
						 : scope->include[SPM_KEY_UNIT].given ? COUNTS_UNITS
															  : COUNTS_SALES;
	numbered->starts_on = scope->starts_on;
	numbered->ends_on = scope->ends_on;
	matcher->documents |= scope->metric == SPM_METRIC_DOCUMENTS;
	number_filters(matcher, scope, numbered);
	return matcher->count++;
}

/* Make room for more scopes, two of which take a line of the cache. */
static void
grow_scopes(SpmMatcher *matcher)
{
	int capacity = Max(matcher->expected, matcher->capacity * 2);
	Size size = mul_size(capacity, sizeof(NumberedScope));
	void *chunk =
		MemoryContextAllocHuge(matcher->context, add_size(size, CACHE_LINE));
	NumberedScope *scopes =
		(NumberedScope *) TYPEALIGN(CACHE_LINE, (uintptr_t) chunk);

	StaticAssertStmt(CACHE_LINE % sizeof(NumberedScope) == 0,
					 "no scope is in two lines of the cache");
	if (matcher->scopes_chunk != NULL)
	{
		memcpy(scopes, matcher->scopes, matcher->count * sizeof(NumberedScope));
		pfree(matcher->scopes_chunk);
	}
	matcher->scopes = scopes;
	matcher->scopes_chunk = chunk;
	matcher->capacity = capacity;
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
		if (filters_of(scope)[i].column == column)
			return true;
	return false;
}

/* Can sales of that source count in a scope? */
bool
spm_matcher_may_count(const SpmMatcher *matcher, int number, const char *source)
{
	const NumberedScope *scope = &matcher->scopes[number];
	const NumberedFilter *filters = filters_of(scope);
	const KeyEntry *entry =
		spm_matcher_find_key(matcher, SPM_KEY_SOURCE, source, strlen(source));

	for (int i = 0; i < scope->count; i++)
		if (filters[i].column == SPM_KEY_SOURCE)
			return entry != NULL && filter_names(&filters[i], entry->number);
	return true;
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
	NumberedFilter filters[2 * SPM_KEY_COUNT];

	numbered->count = 0;
	for (int column = 0; column < SPM_KEY_COUNT; column++)
		for (int exclude = 0; exclude <= 1; exclude++)
		{
			const SpmFilter *filter = exclude ? &scope->exclude[column]
											  : &scope->include[column];
			NumberedFilter *next = &filters[numbered->count];

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
	keep_filters(matcher, filters, numbered);
}

/* Keep the filters of a scope, whose count is there. */
static void
keep_filters(SpmMatcher *matcher, const NumberedFilter *filters,
			 NumberedScope *numbered)
{
	Size size = numbered->count * sizeof(NumberedFilter);

	if (numbered->count > 1)
	{
		numbered->filters.many = spm_matcher_room(matcher, size);
		memcpy(numbered->filters.many, filters, size);
	}
	else if (numbered->count == 1)
		numbered->filters.one = filters[0];
}

/* Translate a filter's keys into numbers. */
static void
number_filter(SpmMatcher *matcher, const SpmFilter *filter,
			  NumberedFilter *numbered)
{
	int *numbers = &numbered->numbers.one;

	numbered->count = filter->count;
	if (filter->count > 1)
		numbers = numbered->numbers.many =
			spm_matcher_room(matcher, mul_size(filter->count, sizeof(int)));
	for (int i = 0; i < filter->count; i++)
		numbers[i] = spm_matcher_add_key(matcher,
										 numbered->column,
										 filter->keys[i],
										 strlen(filter->keys[i]))
						 ->number;
	if (filter->count > 1)
		qsort(numbers, filter->count, sizeof(int), compare_numbers);
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
		append(matcher, &matcher->unlisted, number);
	else
		for (int i = 0; i < scope->include[column].count; i++)
		{
			const char *key = scope->include[column].keys[i];

			append(matcher,
				   &spm_matcher_add_key(matcher, column, key, strlen(key))
						->scopes,
				   number);
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
append(SpmMatcher *matcher, ScopeList *list, int scope)
{
	int *scopes = unconstify(int *, scopes_of(list));

	if (list->count == list->room)
	{
		Size size = mul_size(list->room, 2 * sizeof(int));

		if (list->room > FEW_SCOPES)
			scopes = repalloc_huge(scopes, size);
		else
			scopes = memcpy(MemoryContextAlloc(matcher->context, size),
							list->scopes.few,
							sizeof(list->scopes.few));
		list->scopes.many = scopes;
		list->room *= 2;
	}
	scopes[list->count++] = scope;
}

/* Does a filter of several keys name that one? */
bool
spm_numbers_have(const NumberedFilter *filter, int number)
{
	return bsearch(&number,
				   filter->numbers.many,
				   filter->count,
				   sizeof(int),
				   compare_numbers) != NULL;
}
