/*-------------------------------------------------------------------------
 *
 * match_int.h
 *	  Scopes, numbered, and listed by the keys that their filters name.
 *
 * src/measure/match_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_MATCH_INT_H
#define SPM_MEASURE_MATCH_INT_H

#include "measure/match.h"

/* As processors mostly have it. */
#define CACHE_LINE 64

/* So many scopes of a list are kept in it. */
#define FEW_SCOPES 4

/* A growing list of scopes. */
typedef struct ScopeList
{
	int count;
	int room;
	union
	{
		int few[FEW_SCOPES];
		int *many; /* where room is greater */
	} scopes;
} ScopeList;

/* A key of one column, as filters name it. */
typedef struct KeyName
{
	const char *text;
	int length;
	SpmKey column;
} KeyName;

/* Its text is behind it: a short key takes one line of the cache. */
typedef struct KeyEntry
{
	KeyName name;
	int number;
	bool loaded; /* are all scopes listed that there are? */
	ScopeList scopes;
} KeyEntry;

/* A filter that was given: its keys by number, ascending. */
typedef struct NumberedFilter
{
	int count;
	uint8 column;
	bool exclude;
	union
	{
		int one;
		int *many; /* where there are more */
	} numbers;
} NumberedFilter;

/* How a scope counts a sale that is split. */
typedef enum Counting
{
	COUNTS_SALES,  /* whole, once */
	COUNTS_UNITS,  /* by the units of its sellers, if it names none itself */
	COUNTS_SELLERS /* the shares of sellers, overlays too */
} Counting;

/* Two take a line of the cache. */
typedef struct NumberedScope
{
	DateADT starts_on;
	DateADT ends_on;
	uint8 metric;
	uint8 counting;
	uint8 count;
	union
	{
		NumberedFilter one;
		NumberedFilter *many; /* where there are more */
	} filters;
} NumberedScope;

struct SpmMatcher
{
	MemoryContext context;
	struct key_names_hash *keys;
	int count;
	int expected; /* room for so many to begin with */
	int capacity;
	NumberedScope *scopes; /* where a line of the cache begins */
	void *scopes_chunk;	   /* what they are in */
	char *room;			   /* for entries, numbers and filters */
	char *room_end;
	ScopeList unlisted;			  /* scopes without an inclusive filter */
	bool filtered[SPM_KEY_COUNT]; /* by some scope */
	bool documents;				  /* some scope counts them */
	Numeric one;

	/* A scope that is found under a key need not be asked for that key. */
	bool trusts_lists;

	/* Where scopes are loaded as their keys are met; NULL: all are there. */
	SpmScopeLoader load;
	void *loader_state;
	ScopeList *loading;			/* what the loader lists */
	bool listed[SPM_KEY_COUNT]; /* some scope is under keys of that column */
};

extern void spm_matcher_create_keys(SpmMatcher *matcher, uint32 count);
extern KeyEntry *spm_matcher_find_key(const SpmMatcher *matcher, SpmKey column,
									  const char *text, int length);
extern KeyEntry *spm_matcher_add_key(SpmMatcher *matcher, SpmKey column,
									 const char *text, int length);
extern void *spm_matcher_room(SpmMatcher *matcher, Size size);
extern KeyEntry *spm_matcher_key(const SpmMatcher *matcher, SpmKey column,
								 const char *text, int length);
extern bool spm_numbers_have(const NumberedFilter *filter, int number);

static inline const int *
scopes_of(const ScopeList *list)
{
	return list->room > FEW_SCOPES ? list->scopes.many : list->scopes.few;
}

static inline const NumberedFilter *
filters_of(const NumberedScope *scope)
{
	return scope->count > 1 ? scope->filters.many : &scope->filters.one;
}

/* Does the filter name that key? */
static inline bool
filter_names(const NumberedFilter *filter, int number)
{
	if (filter->count > 1)
		return spm_numbers_have(filter, number);
	return filter->count == 1 && filter->numbers.one == number;
}

#endif /* SPM_MEASURE_MATCH_INT_H */
