/*-------------------------------------------------------------------------
 *
 * match.c
 *	  Which of many scopes count a sale.
 *
 * A sale's keys are looked up once; the scopes listed under them (matcher.c)
 * are tested by comparing numbers.
 *
 * A sale that is split counts once in scopes that do not filter by seller, and
 * in those that do with the shares of their sellers.
 *
 * Of the lines of a document that share seller, customer and day, as most do,
 * the first is tested for all, and what is left for the others.
 *
 * src/measure/match.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "measure/match_int.h"
#include "org/path.h"

/* Bits of all keys. */
#define ALL_KEYS (SPM_KEY_BIT(SPM_KEY_COUNT) - 1)

/* Those of which a sale has one at most. */
#define SINGLE_KEYS                                                            \
	(ALL_KEYS & ~(SPM_KEY_BIT(SPM_KEY_UNIT) | SPM_KEY_BIT(SPM_KEY_FAMILY)))

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

/*
 * Whose units the keys are: those of a document's lines are mostly the same.
 * No length: nobody's.
 */
static struct
{
	int length;
	char seller[NAMEDATALEN];
	DateADT day;
} units_of;

/* A scope that is met by keys that the lines of a document share. */
typedef struct Candidate
{
	int number;
	uint8 metric;
	bool decided; /* it filters by no other keys */
} Candidate;

/*
 * What the sale matched last shares with those of the next lines of its
 * document; matcher NULL: nothing.
 */
static struct
{
	const SpmMatcher *matcher;
	int scopes; /* how many it had: keys mean no more than they did */
	int count;
	int room;
	Candidate *candidates;
} header;

/* What a document adds to a scope that counts them. */
static const SpmAmount one = {.is_small = true, .scaled = 1};

static void match_line(Match *match);
static SpmKey take_first(uint32 *keys);
static bool find_other_keys(Match *match);
static void list_candidates(const Match *match);
static void list_candidates_of(const Match *match, const ScopeList *list,
							   int column, int place);
static void add_candidate(int number, uint8 metric, bool decided);
static void match_candidates(const Match *match);
static void find_all_keys(Match *match);
static void find_unlisted_keys(const Match *match);
static void find_keys_of_share(Match *match, const SpmShare *share);
static void find_keys(const Match *match);
static void find_families(const Match *match);
static void find_units(const Match *match);
static bool are_units_of(const Match *match, const char *seller, int length);
static void find_path(const Match *match, SpmKey column,
					  const SpmOrgPath *path);
static void find_key(const Match *match, SpmKey column);
static void add_key(const Match *match, SpmKey column, const char *text,
					int length);
static void match_lists(const Match *match);
static void match_list(const Match *match, const ScopeList *list, int column,
					   int place);
static const SpmAmount *amount_of(uint8 metric, const SpmSale *sale);
static bool is_listed_before(const NumberedScope *scope, const Match *match,
							 int column, int place);
static bool counts_whole(const NumberedScope *scope, const Match *match);
static bool counts_share(const NumberedScope *scope, const Match *match);
static bool fits_filters(const NumberedScope *scope, const Match *match,
						 uint32 columns);
static bool filters_by(const NumberedScope *scope, uint32 columns);
static bool names_any(const NumberedFilter *filter, const SaleKeys *keys,
					  int count);

/* Sales of another read, under another snapshot, begin. */
void
spm_matcher_begin(void)
{
	units_of.length = 0;
	header.matcher = NULL;
	for (int column = 0; column < SPM_KEY_COUNT; column++)
		sale_keys[column].count = 0;
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

	if (sale->shared != 0 && sale->share_count == 0)
	{
		match_line(&match);
		return;
	}
	header.matcher = NULL;
	find_all_keys(&match);
	match_lists(&match);
	for (int i = 0; i < sale->share_count; i++)
	{
		find_keys_of_share(&match, &sale->shares[i]);
		match_lists(&match);
	}
}

/* Match a line of a document, which shares keys with the others. */
static void
match_line(Match *match)
{
	const SpmMatcher *matcher = match->matcher;

	if (!match->sale->continues || header.matcher != matcher ||
		header.scopes != matcher->count || !find_other_keys(match))
	{
		header.matcher = NULL;
		find_all_keys(match);
		list_candidates(match);
		header.matcher = matcher;
		header.scopes = matcher->count;
	}
	match_candidates(match);
	for (uint32 own = ALL_KEYS & ~match->sale->shared; own != 0;)
	{
		SpmKey column = take_first(&own);

		for (int i = 0; i < match->keys[column].count; i++)
			match_list(match,
					   &match->keys[column].entries[i]->scopes,
					   column,
					   i);
	}
}

/* The first of those keys whose bits are set; its bit is taken off. */
static SpmKey
take_first(uint32 *keys)
{
	SpmKey first = pg_rightmost_one_pos32(*keys);

	*keys &= *keys - 1;
	return first;
}

/* Find the keys that are the line's own; false: that loaded scopes. */
static bool
find_other_keys(Match *match)
{
	const SpmSale *sale = match->sale;
	const uint32 of_units = SPM_KEY_BIT(SPM_KEY_SELLER) |
							SPM_KEY_BIT(SPM_KEY_UNIT);

	for (uint32 own = SINGLE_KEYS & ~sale->shared; own != 0;)
	{
		SpmKey column = take_first(&own);

		if (match->matcher->filtered[column])
			find_key(match, column);
		else
			match->keys[column].count = 0;
	}
	if ((sale->shared & of_units) != of_units)
		find_units(match);
	if ((sale->shared & SPM_KEY_BIT(SPM_KEY_FAMILY)) == 0)
		find_families(match);
	return match->matcher->count == header.scopes;
}

/* List the scopes that may count all lines of the document. */
static void
list_candidates(const Match *match)
{
	header.count = 0;
	list_candidates_of(match, &match->matcher->unlisted, SPM_KEY_COUNT, 0);
	for (uint32 shared = match->sale->shared; shared != 0;)
	{
		SpmKey column = take_first(&shared);

		for (int i = 0; i < match->keys[column].count; i++)
			list_candidates_of(match,
							   &match->keys[column].entries[i]->scopes,
							   column,
							   i);
	}
}

/* Those of a list, as far as it can be told by the keys that lines share. */
static void
list_candidates_of(const Match *match, const ScopeList *list, int column,
				   int place)
{
	uint32 shared = match->sale->shared;
	const int *scopes = scopes_of(list);

	for (int i = 0; i < list->count; i++)
	{
		const NumberedScope *scope = &match->matcher->scopes[scopes[i]];

		if (fits_filters(scope, match, shared) &&
			(place == 0 || !is_listed_before(scope, match, column, place)))
			add_candidate(scopes[i],
						  scope->metric,
						  !filters_by(scope, ~shared));
	}
}

static void
add_candidate(int number, uint8 metric, bool decided)
{
	if (header.count == header.room)
	{
		Size size =
			mul_size(header.room = Max(64, header.room * 2), sizeof(Candidate));

		header.candidates = header.candidates
								? repalloc(header.candidates, size)
								: MemoryContextAlloc(TopMemoryContext, size);
	}
	header.candidates[header.count++] =
		(Candidate){.number = number, .metric = metric, .decided = decided};
}

/* Hand on those that count the line. */
static void
match_candidates(const Match *match)
{
	for (int i = 0; i < header.count; i++)
	{
		const Candidate *candidate = &header.candidates[i];
		const SpmAmount *amount = amount_of(candidate->metric, match->sale);

		if (spm_amount_is_known(amount) &&
			(candidate->decided ||
			 fits_filters(&match->matcher->scopes[candidate->number],
						  match,
						  ~match->sale->shared)))
			match->consume(candidate->number, amount, match->state);
	}
}

/*
 * Find the keys of a sale.  Some of them may be named by no filter that was
 * met so far, but by one of a scope that was loaded for another key of it.
 */
static void
find_all_keys(Match *match)
{
	int count = match->matcher->count;

	for (int i = 0;
		 match->matcher->load != NULL && i < match->sale->share_count;
		 i++)
		find_keys_of_share(match, &match->sale->shares[i]);
	match->share = NULL;
	find_keys(match);
	if (match->matcher->count > count)
		find_unlisted_keys(match);
}

/*
 * Find the keys of those columns again under which no scope is listed.  A key
 * of another has been met, whether a filter names it or not.
 */
static void
find_unlisted_keys(const Match *match)
{
	const SpmMatcher *matcher = match->matcher;

	for (int column = 0; column < SPM_KEY_COUNT; column++)
		if (matcher->filtered[column] && !matcher->listed[column] &&
			spm_key_is_single(column))
			find_key(match, column);
	if (!matcher->listed[SPM_KEY_UNIT])
	{
		units_of.length = 0;
		find_units(match);
	}
	if (!matcher->listed[SPM_KEY_FAMILY])
		find_families(match);
}

/* Have the seller and the units of a share in the place of the sale's. */
static void
find_keys_of_share(Match *match, const SpmShare *share)
{
	match->share = share;
	match->keys[SPM_KEY_SELLER].count = 0;
	add_key(match, SPM_KEY_SELLER, share->seller, share->length);
	find_units(match);
}

/* Find the entries of all keys that a sale has. */
static void
find_keys(const Match *match)
{
	for (int column = 0; column < SPM_KEY_COUNT; column++)
	{
		if (!match->matcher->filtered[column])
			match->keys[column].count = 0;
		else if (spm_key_is_single(column))
			find_key(match, column);
	}
	find_units(match);
	find_families(match);
}

/* The family of the sale's product, and those above. */
static void
find_families(const Match *match)
{
	const SpmSale *sale = match->sale;
	SpmOrgPath path;

	match->keys[SPM_KEY_FAMILY].count = 0;
	if (!match->matcher->filtered[SPM_KEY_FAMILY] ||
		sale->keys[SPM_KEY_FAMILY] == NULL)
		return;
	spm_path_of_family(sale->keys[SPM_KEY_FAMILY],
					   sale->lengths[SPM_KEY_FAMILY],
					   &path);
	find_path(match, SPM_KEY_FAMILY, &path);
}

/* Find the entry of the one key of a column, mostly that of the sale before. */
static void
find_key(const Match *match, SpmKey column)
{
	SaleKeys *keys = &match->keys[column];
	const char *text = match->sale->keys[column];
	int length = match->sale->lengths[column];

	if (keys->count > 0 && text != NULL &&
		keys->entries[0]->name.length == length &&
		memcmp(keys->entries[0]->name.text, text, length) == 0)
		return;
	keys->count = 0;
	add_key(match, column, text, length);
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

	if (are_units_of(match, seller, length))
		return;
	match->keys[SPM_KEY_UNIT].count = 0;
	units_of.length = 0;
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
	if (sale->keys[SPM_KEY_UNIT] == NULL && length <= NAMEDATALEN)
	{
		memcpy(units_of.seller, seller, length);
		units_of.length = length;
		units_of.day = sale->sold_on;
	}
}

/* Are the keys that are there those of this seller's units? */
static bool
are_units_of(const Match *match, const char *seller, int length)
{
	return units_of.length > 0 && seller != NULL && units_of.length == length &&
		   units_of.day == match->sale->sold_on &&
		   match->sale->keys[SPM_KEY_UNIT] == NULL &&
		   memcmp(units_of.seller, seller, length) == 0;
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
	KeyEntry *entry = spm_matcher_key(match->matcher, column, text, length);

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

/*
 * Test the scopes of a list, and hand on those that count.  A scope that is
 * listed under several keys of a sale, as units above each other, is taken at
 * the first.
 */
static void
match_list(const Match *match, const ScopeList *list, int column, int place)
{
	const int *scopes = scopes_of(list);

	for (int i = 0; i < list->count; i++)
	{
		int number = scopes[i];
		const NumberedScope *scope = &match->matcher->scopes[number];
		const SpmAmount *amount = amount_of(scope->metric, match->sale);

		if (!spm_amount_is_known(amount) ||
			!fits_filters(scope, match, ALL_KEYS))
			continue;
		if (place > 0 && is_listed_before(scope, match, column, place))
			continue;
		if (counts_whole(scope, match))
			match->consume(number, amount, match->state);
		else if (counts_share(scope, match))
			match->consume_credit(number, amount, match->share, match->state);
	}
}

/* What a sale adds to a scope that counts it. */
static const SpmAmount *
amount_of(uint8 metric, const SpmSale *sale)
{
	return metric == SPM_METRIC_DOCUMENTS ? &one : &sale->amounts[metric];
}

/* Does a scope under the key at that place stand under one before as well? */
static bool
is_listed_before(const NumberedScope *scope, const Match *match, int column,
				 int place)
{
	const NumberedFilter *filters = filters_of(scope);

	for (int i = 0; i < scope->count; i++)
		if (filters[i].column == column && !filters[i].exclude)
			return names_any(&filters[i], &match->keys[column], place);
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

/* Do period and filters of the scope by some columns fit the sale? */
static bool
fits_filters(const NumberedScope *scope, const Match *match, uint32 columns)
{
	if (match->sale->sold_on < scope->starts_on ||
		match->sale->sold_on > scope->ends_on)
		return false;
	for (int i = 0; i < scope->count; i++)
	{
		const NumberedFilter *filter = &filters_of(scope)[i];
		const SaleKeys *keys = &match->keys[filter->column];

		if ((columns & SPM_KEY_BIT(filter->column)) != 0 &&
			names_any(filter, keys, keys->count) == filter->exclude)
			return false;
	}
	return true;
}

/* Does the scope filter by one of some columns? */
static bool
filters_by(const NumberedScope *scope, uint32 columns)
{
	for (int i = 0; i < scope->count; i++)
		if ((columns & SPM_KEY_BIT(filters_of(scope)[i].column)) != 0)
			return true;
	return false;
}

/* Does the filter name one of the first keys? */
static bool
names_any(const NumberedFilter *filter, const SaleKeys *keys, int count)
{
	for (int i = 0; i < count; i++)
		if (filter_names(filter, keys->entries[i]->number))
			return true;
	return false;
}
