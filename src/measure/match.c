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
#include "org/path.h"

/* What customers and products say of a sale. */
static const SpmKey attributes[] = {SPM_KEY_SECTOR,
									SPM_KEY_REGION,
									SPM_KEY_SEGMENT,
									SPM_KEY_BRAND,
									SPM_KEY_FAMILY};

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

/* A filter that was given: its keys by number, ascending. */
typedef struct NumberedFilter
{
	SpmKey column;
	bool exclude;
	int count;
	int *numbers;
} NumberedFilter;

/* How a scope counts a sale that is split. */
typedef enum Counting
{
	COUNTS_SALES,  /* whole, once */
	COUNTS_UNITS,  /* by the units of its sellers, if it names none itself */
	COUNTS_SELLERS /* the shares of sellers, overlays too */
} Counting;

typedef struct NumberedScope
{
	SpmMetric metric;
	Counting counting;
	DateADT starts_on;
	DateADT ends_on;
	int count;
	NumberedFilter *filters;
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
	ScopeList unlisted;			  /* scopes without an inclusive filter */
	bool filtered[SPM_KEY_COUNT]; /* by some scope */
	bool documents;				  /* some scope counts them */
	Numeric one;
};

/* The keys of one column that a sale has, as far as filters name them. */
typedef struct SaleKeys
{
	int count;
	int room;
	KeyEntry **entries;
} SaleKeys;

/* What one sale is matched with. */
typedef struct Match
{
	const SpmMatcher *matcher;
	const SpmSale *sale;
	const SpmShare *share; /* NULL: the whole sale */
	SaleKeys *keys;
	SpmMatchConsumer consume;
	SpmCreditConsumer consume_credit;
	void *state;
} Match;

/* Room for the keys of the sale being matched, by column. */
static SaleKeys sale_keys[SPM_KEY_COUNT];

static void number_filters(SpmMatcher *matcher, const SpmScope *scope,
						   NumberedScope *numbered);
static void number_filter(SpmMatcher *matcher, const SpmFilter *filter,
						  NumberedFilter *numbered);
static KeyEntry *key_entry(SpmMatcher *matcher, SpmKey column, const char *text,
						   bool *found);
static int compare_numbers(const void *a, const void *b);
static void list_scope(SpmMatcher *matcher, const SpmScope *scope, int number);
static int most_selective(const SpmScope *scope);
static void append(ScopeList *list, int scope);
static void find_keys(const Match *match);
static void find_units(const Match *match);
static void find_path(const Match *match, SpmKey column,
					  const SpmOrgPath *path);
static void add_key(const Match *match, SpmKey column, const char *text,
					int length);
static void match_lists(const Match *match);
static void match_list(const Match *match, const ScopeList *list, int column,
					   int place);
static bool is_listed_before(const NumberedScope *scope, const Match *match,
							 int column, int place);
static bool counts_whole(const NumberedScope *scope, const Match *match);
static bool counts_share(const NumberedScope *scope, const Match *match);
static bool counts(const NumberedScope *scope, const Match *match);
static bool names_any(const NumberedFilter *filter, const SaleKeys *keys,
					  int count);
static bool contains(const NumberedFilter *filter, int number);

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
	numbered->counting = scope->include[SPM_KEY_SELLER].given ? COUNTS_SELLERS
						 : scope->include[SPM_KEY_UNIT].given ? COUNTS_UNITS
															  : COUNTS_SALES;
	numbered->starts_on = scope->starts_on;
	numbered->ends_on = scope->ends_on;
	matcher->documents |= scope->metric == SPM_METRIC_DOCUMENTS;
	number_filters(matcher, scope, numbered);
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

/* What its scopes need to know of sales. */
SpmNeeds
spm_matcher_needs(const SpmMatcher *matcher)
{
	SpmNeeds needs = {false, matcher->documents};

	for (int i = 0; i < lengthof(attributes); i++)
		needs.attributes |= matcher->filtered[attributes[i]];
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
	KeyEntry *entry = key_names_lookup(matcher->keys, name);

	for (int i = 0; i < scope->count; i++)
		if (scope->filters[i].column == SPM_KEY_SOURCE)
			return entry != NULL && contains(&scope->filters[i], entry->number);
	return true;
}

/*
 * Call consume for each scope that counts the sale, with what it adds; and
 * consume_credit for each that counts a share of it, with what that is of.
 * For a scope that counts documents it adds 1, and is called for each sale.
 */
void
spm_matcher_match(const SpmMatcher *matcher, const SpmSale *sale,
				  SpmMatchConsumer consume, SpmCreditConsumer consume_credit,
				  void *state)
{
	Match match =
		{matcher, sale, NULL, sale_keys, consume, consume_credit, state};

	find_keys(&match);
	match_lists(&match);
	for (int i = 0; i < sale->share_count; i++)
	{
		match.share = &sale->shares[i];
		match.keys[SPM_KEY_SELLER].count = 0;
		add_key(&match,
				SPM_KEY_SELLER,
				match.share->seller,
				match.share->length);
		find_units(&match);
		match_lists(&match);
	}
}

/* Find the entries of all keys that a sale has. */
static void
find_keys(const Match *match)
{
	const SpmSale *sale = match->sale;

	for (int column = 0; column < SPM_KEY_COUNT; column++)
	{
		match->keys[column].count = 0;
		if (column != SPM_KEY_UNIT && column != SPM_KEY_FAMILY &&
			match->matcher->filtered[column])
			add_key(match, column, sale->keys[column], sale->lengths[column]);
	}
	find_units(match);
	if (match->matcher->filtered[SPM_KEY_FAMILY] &&
		sale->keys[SPM_KEY_FAMILY] != NULL)
	{
		SpmOrgPath path;

		spm_path_of_family(sale->keys[SPM_KEY_FAMILY],
						   sale->lengths[SPM_KEY_FAMILY],
						   &path);
		find_path(match, SPM_KEY_FAMILY, &path);
	}
}

/* The units of the sale itself, or else of the seller of it or of a share. */
static void
find_units(const Match *match)
{
	const SpmSale *sale = match->sale;
	const char *seller = match->share ? match->share->seller
									  : sale->keys[SPM_KEY_SELLER];
	int length = match->share ? match->share->length
							  : sale->lengths[SPM_KEY_SELLER];
	SpmOrgPath path;

	match->keys[SPM_KEY_UNIT].count = 0;
	if (!match->matcher->filtered[SPM_KEY_UNIT])
		return;
	if (sale->keys[SPM_KEY_UNIT] != NULL)
		spm_path_of_unit(sale->keys[SPM_KEY_UNIT],
						 sale->lengths[SPM_KEY_UNIT],
						 sale->sold_on,
						 &path);
	else if (seller != NULL)
		spm_path_of_seller(seller, length, sale->sold_on, &path);
	else
		return;
	find_path(match, SPM_KEY_UNIT, &path);
}

static void
find_path(const Match *match, SpmKey column, const SpmOrgPath *path)
{
	for (int i = 0; i < path->count; i++)
		add_key(match, column, path->units[i]->code, path->units[i]->length);
}

/* Add the entry of a key, if some filter names it. */
static void
add_key(const Match *match, SpmKey column, const char *text, int length)
{
	SaleKeys *keys = &match->keys[column];
	KeyName name = {column, length, text};
	KeyEntry *entry = text ? key_names_lookup(match->matcher->keys, name)
						   : NULL;

	if (entry == NULL)
		return;
	if (keys->count == keys->room)
	{
		Size size = (keys->room = Max(8, keys->room * 2)) * sizeof(KeyEntry *);

		keys->entries = keys->entries
							? repalloc(keys->entries, size)
							: MemoryContextAlloc(TopMemoryContext, size);
	}
	keys->entries[keys->count++] = entry;
}

/* Test the scopes under each key of a sale, and those under none. */
static void
match_lists(const Match *match)
{
	match_list(match, &match->matcher->unlisted, SPM_KEY_COUNT, 0);
	for (int column = 0; column < SPM_KEY_COUNT; column++)
		for (int i = 0; i < match->keys[column].count; i++)
			match_list(match,
					   &match->keys[column].entries[i]->scopes,
					   column,
					   i);
}

/* Translate the filters of a scope. */
static void
number_filters(SpmMatcher *matcher, const SpmScope *scope,
			   NumberedScope *numbered)
{
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
	{
		bool found;

		numbered->numbers[i] =
			key_entry(matcher, numbered->column, filter->keys[i], &found)
				->number;
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
 * The column whose filter leaves the fewest sales: one of the first kind, of
 * these that with the fewest keys.
 */
static int
most_selective(const SpmScope *scope)
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

/*
 * Test the scopes of a list, and hand on those that count.  A scope that is
 * listed under several keys of a sale, as units above each other, is taken at
 * the first.
 */
static void
match_list(const Match *match, const ScopeList *list, int column, int place)
{
	for (int i = 0; i < list->count; i++)
	{
		int number = list->scopes[i];
		const NumberedScope *scope = &match->matcher->scopes[number];
		Numeric amount = scope->metric == SPM_METRIC_DOCUMENTS
							 ? match->matcher->one
							 : match->sale->amounts[scope->metric];

		if (amount == NULL || !counts(scope, match))
			continue;
		if (place > 0 && is_listed_before(scope, match, column, place))
			continue;
		if (counts_whole(scope, match))
			match->consume(number, amount, match->state);
		else if (counts_share(scope, match))
			match->consume_credit(number, amount, match->share, match->state);
	}
}

/* Does a scope under the key at that place stand under one before as well? */
static bool
is_listed_before(const NumberedScope *scope, const Match *match, int column,
				 int place)
{
	for (int i = 0; i < scope->count; i++)
		if (scope->filters[i].column == column && !scope->filters[i].exclude)
			return names_any(&scope->filters[i], &match->keys[column], place);
	return false;
}

/* Does the scope count this as a whole sale? */
static bool
counts_whole(const NumberedScope *scope, const Match *match)
{
	if (match->share != NULL)
		return false;
	if (match->sale->share_count == 0 || scope->counting == COUNTS_SALES)
		return true;
	return scope->counting == COUNTS_UNITS &&
		   match->sale->keys[SPM_KEY_UNIT] != NULL;
}

/* Does it count this as a share of one? */
static bool
counts_share(const NumberedScope *scope, const Match *match)
{
	if (match->share == NULL || scope->counting == COUNTS_SALES)
		return false;
	return scope->counting == COUNTS_SELLERS ||
		   (match->sale->keys[SPM_KEY_UNIT] == NULL && !match->share->overlay);
}

/* Do period and filters of the scope fit the sale? */
static bool
counts(const NumberedScope *scope, const Match *match)
{
	if (match->sale->sold_on < scope->starts_on ||
		match->sale->sold_on > scope->ends_on)
		return false;
	for (int i = 0; i < scope->count; i++)
	{
		const NumberedFilter *filter = &scope->filters[i];
		const SaleKeys *keys = &match->keys[filter->column];

		if (names_any(filter, keys, keys->count) == filter->exclude)
			return false;
	}
	return true;
}

/* Does the filter name one of the first keys? */
static bool
names_any(const NumberedFilter *filter, const SaleKeys *keys, int count)
{
	for (int i = 0; i < count; i++)
		if (contains(filter, keys->entries[i]->number))
			return true;
	return false;
}

/* Does the filter name that key? */
static bool
contains(const NumberedFilter *filter, int number)
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
