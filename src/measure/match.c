/*-------------------------------------------------------------------------
 *
 * match.c
 *	  Which of many scopes count a sale.
 *
 * Every key that some filter names gets a number.  A scope is listed under
 * each key of one of its filters, the most selective one, or among those
 * without any.  A sale's keys are looked up once; what is listed under them
 * is tested by comparing numbers.  So the cost of a sale grows with the
 * scopes that share a key with it, not with all.
 *
 * A sale that is split counts once in scopes that do not filter by seller, and
 * in those that do with the shares of their sellers.
 *
 * src/measure/match.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/memutils.h"

#include "measure/match.h"

/* No filter names the key that a sale has. */
#define NO_KEY (-1)

/* A growing list of scopes. */
typedef struct ScopeList
{
	int count;
	int capacity;
	int *scopes;
} ScopeList;

/* A key of one column, as filters name it. */
typedef struct KeyName
{
	SpmKey column;
	int length;
	const char *text;
} KeyName;

typedef struct KeyEntry
{
	KeyName name;
	int number;
	ScopeList scopes;
	uint32 hash;
	char status;
} KeyEntry;

/* A filter's keys by number, ascending. */
typedef struct NumberedFilter
{
	bool given;
	int count;
	int *numbers;
} NumberedFilter;

typedef struct NumberedScope
{
	SpmMetric metric;
	DateADT starts_on;
	DateADT ends_on;
	NumberedFilter include[SPM_KEY_COUNT];
	NumberedFilter exclude[SPM_KEY_COUNT];
} NumberedScope;

static uint32 key_name_hash(KeyName name);
static bool key_name_equal(KeyName a, KeyName b);

#define SH_PREFIX key_names
#define SH_ELEMENT_TYPE KeyEntry
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

struct SpmMatcher
{
	MemoryContext context;
	key_names_hash *keys;
	int count;
	int capacity;
	NumberedScope *scopes;
	ScopeList unlisted; /* scopes without an inclusive filter */
};

/* What one sale is matched with. */
typedef struct Match
{
	const SpmMatcher *matcher;
	const SpmSale *sale;
	const SpmShare *share; /* NULL: the whole sale */
	KeyEntry *entries[SPM_KEY_COUNT];
	SpmMatchConsumer consume;
	SpmCreditConsumer consume_credit;
	void *state;
} Match;

static void number_filter(SpmMatcher *matcher, SpmKey column,
						  const SpmFilter *filter, NumberedFilter *numbered);
static KeyEntry *key_entry(SpmMatcher *matcher, SpmKey column, const char *text,
						   bool *found);
static int compare_numbers(const void *a, const void *b);
static void list_scope(SpmMatcher *matcher, const SpmScope *scope, int number);
static int most_selective(const SpmScope *scope);
static void append(ScopeList *list, int scope);
static KeyEntry *find_entry(const SpmMatcher *matcher, SpmKey column,
							const char *text, int length);
static void match_lists(const Match *match);
static void match_list(const Match *match, const ScopeList *list);
static bool counts(const NumberedScope *scope, const Match *match);
static bool contains(const NumberedFilter *filter, int number);

/* A matcher without scopes, in a memory context of its own. */
SpmMatcher *
spm_matcher_create(MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent,
												  "salesperf matcher",
												  ALLOCSET_DEFAULT_SIZES);
	SpmMatcher *matcher = MemoryContextAllocZero(context, sizeof(SpmMatcher));

	matcher->context = context;
	matcher->keys = key_names_create(context, 64, NULL);
	return matcher;
}

void
spm_matcher_free(SpmMatcher *matcher)
{
	MemoryContextDelete(matcher->context);
}

/* Add a scope; returns its number, counted from 0. */
int
spm_matcher_add(SpmMatcher *matcher, const SpmScope *scope)
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
	numbered->starts_on = scope->starts_on;
	numbered->ends_on = scope->ends_on;
	for (int column = 0; column < SPM_KEY_COUNT; column++)
	{
		number_filter(matcher,
					  column,
					  &scope->include[column],
					  &numbered->include[column]);
		number_filter(matcher,
					  column,
					  &scope->exclude[column],
					  &numbered->exclude[column]);
	}
	list_scope(matcher, scope, matcher->count);
	MemoryContextSwitchTo(caller_context);
	return matcher->count++;
}

/* How many scopes there are. */
int
spm_matcher_count(const SpmMatcher *matcher)
{
	return matcher->count;
}

/* Can sales of that source count in a scope? */
bool
spm_matcher_may_count(const SpmMatcher *matcher, int number, const char *source)
{
	const NumberedFilter *filter =
		&matcher->scopes[number].include[SPM_KEY_SOURCE];
	KeyName name = {SPM_KEY_SOURCE, strlen(source), source};
	KeyEntry *entry = key_names_lookup(matcher->keys, name);

	return !filter->given || contains(filter, entry ? entry->number : NO_KEY);
}

/*
 * Call consume for each scope that counts the sale, with what it adds; and
 * consume_credit for each that counts a share of it, with what that is of.
 */
void
spm_matcher_match(const SpmMatcher *matcher, const SpmSale *sale,
				  SpmMatchConsumer consume, SpmCreditConsumer consume_credit,
				  void *state)
{
	Match match = {matcher, sale, NULL, {NULL}, consume, consume_credit, state};

	for (int column = 0; column < SPM_KEY_COUNT; column++)
		match.entries[column] = find_entry(matcher,
										   column,
										   sale->keys[column],
										   sale->lengths[column]);
	match_lists(&match);
	for (int i = 0; i < sale->share_count; i++)
	{
		match.share = &sale->shares[i];
		match.entries[SPM_KEY_SELLER] = find_entry(matcher,
												   SPM_KEY_SELLER,
												   match.share->seller,
												   match.share->length);
		match_lists(&match);
	}
}

/* The entry of a key that some filter names, else NULL. */
static KeyEntry *
find_entry(const SpmMatcher *matcher, SpmKey column, const char *text,
		   int length)
{
	KeyName name = {column, length, text};

	return text ? key_names_lookup(matcher->keys, name) : NULL;
}

/* Test the scopes under each key of a sale, and those under none. */
static void
match_lists(const Match *match)
{
	match_list(match, &match->matcher->unlisted);
	for (int column = 0; column < SPM_KEY_COUNT; column++)
		if (match->entries[column] != NULL)
			match_list(match, &match->entries[column]->scopes);
}

/* Translate a filter's keys into numbers. */
static void
number_filter(SpmMatcher *matcher, SpmKey column, const SpmFilter *filter,
			  NumberedFilter *numbered)
{
	numbered->given = filter->given;
	numbered->count = filter->count;
	numbered->numbers = NULL;
	if (filter->count == 0)
		return;
	numbered->numbers = palloc(filter->count * sizeof(int));
	for (int i = 0; i < filter->count; i++)
	{
		bool found;

		numbered->numbers[i] =
			key_entry(matcher, column, filter->keys[i], &found)->number;
	}
	qsort(numbered->numbers, numbered->count, sizeof(int), compare_numbers);
}

/* The entry of a key, made if there is none. */
static KeyEntry *
key_entry(SpmMatcher *matcher, SpmKey column, const char *text, bool *found)
{
	KeyName name = {column, strlen(text), text};
	int number = matcher->keys->members;
	KeyEntry *entry = key_names_insert(matcher->keys, name, found);

	if (!*found)
	{
		entry->name.text = pstrdup(text);
		entry->number = number;
		memset(&entry->scopes, 0, sizeof(ScopeList));
	}
	return entry;
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
	int column = most_selective(scope);

	if (column == SPM_KEY_COUNT)
	{
		append(&matcher->unlisted, number);
		return;
	}
	for (int i = 0; i < scope->include[column].count; i++)
	{
		bool found;

		append(&key_entry(matcher,
						  column,
						  scope->include[column].keys[i],
						  &found)
					->scopes,
			   number);
	}
}

/*
 * The column whose filter leaves the fewest sales: by the number of keys
 * among sellers, customers, products and branches, any other after them.
 */
static int
most_selective(const SpmScope *scope)
{
	int best = SPM_KEY_COUNT;

	for (int column = 0; column < SPM_KEY_COUNT; column++)
	{
		if (!scope->include[column].given)
			continue;
		if (best == SPM_KEY_COUNT ||
			(column <= SPM_KEY_BRANCH &&
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

/*
 * Test the scopes of a list, and hand on those that count: of a sale that is
 * split those with a filter by seller count the shares alone.
 */
static void
match_list(const Match *match, const ScopeList *list)
{
	bool split = match->sale->share_count > 0;

	for (int i = 0; i < list->count; i++)
	{
		int number = list->scopes[i];
		const NumberedScope *scope = &match->matcher->scopes[number];
		Numeric amount = match->sale->amounts[scope->metric];
		bool by_seller = scope->include[SPM_KEY_SELLER].given;

		if (amount == NULL || (split && by_seller != (match->share != NULL)) ||
			!counts(scope, match))
			continue;
		if (match->share == NULL)
			match->consume(number, amount, match->state);
		else
			match->consume_credit(number, amount, match->share, match->state);
	}
}

/* Does the scope count the sale? */
static bool
counts(const NumberedScope *scope, const Match *match)
{
	if (match->sale->sold_on < scope->starts_on ||
		match->sale->sold_on > scope->ends_on)
		return false;
	for (int column = 0; column < SPM_KEY_COUNT; column++)
	{
		const KeyEntry *entry = match->entries[column];
		int number = entry ? entry->number : NO_KEY;

		if (scope->include[column].given &&
			!contains(&scope->include[column], number))
			return false;
		if (scope->exclude[column].count > 0 &&
			contains(&scope->exclude[column], number))
			return false;
	}
	return true;
}

/* Does the filter name that key? */
static bool
contains(const NumberedFilter *filter, int number)
{
	if (number == NO_KEY || filter->count == 0)
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
