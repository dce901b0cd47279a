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
	int number;
	bool loaded; /* are all scopes listed that there are? */
	ScopeList scopes;
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

struct SpmMatcher
{
	MemoryContext context;
	struct key_names_hash *keys;
	int count;
	int capacity;
	NumberedScope *scopes;
	ScopeList unlisted;			  /* scopes without an inclusive filter */
	bool filtered[SPM_KEY_COUNT]; /* by some scope */
	bool documents;				  /* some scope counts them */
	Numeric one;

	/* A scope that is found under a key need not be asked for that key. */
	bool trusts_lists;

	/* Where scopes are loaded as their keys are met; NULL: all are there. */
	SpmScopeLoader load;
	void *loader_state;
	bool listed[SPM_KEY_COUNT]; /* some scope is under keys of that column */
};

extern KeyEntry *spm_matcher_key(const SpmMatcher *matcher, SpmKey column,
								 const char *text, int length);
extern bool spm_filter_names(const NumberedFilter *filter, int number);

#endif /* SPM_MEASURE_MATCH_INT_H */
