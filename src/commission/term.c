/*-------------------------------------------------------------------------
 *
 * term.c
 *	  Loading the terms of single contracts, and what they share with rules.
 *
 * src/commission/term.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "commission/rule_load_int.h"
#include "core/compat.h"
#include "core/spi.h"

/* The terms of one document. */
typedef struct TermEntry
{
	const char *key; /* source, a byte that neither has, document */
	List *terms;	 /* of SpmRule */
	uint32 hash;
	char status;
} TermEntry;

static inline uint32
term_hash(const char *key)
{
	return hash_bytes((const unsigned char *) key, strlen(key));
}

#define SH_PREFIX terms
#define SH_ELEMENT_TYPE TermEntry
#define SH_KEY_TYPE const char *
#define SH_KEY key
#define SH_HASH_KEY(table, key) term_hash(key)
#define SH_EQUAL(table, a, b) (strcmp(a, b) == 0)
#define SH_STORE_HASH
#define SH_GET_HASH(table, entry) (entry)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

enum
{
	TERM_SOURCE = 1,
	TERM_DOCUMENT,
	TERM_COMPONENT,
	TERM_PAYEE,
	TERM_BASE,
	TERM_TIERS,
	TERM_CAP,
	TERM_FLOOR
};

static const char terms_query[] =
	"SELECT t.source, t.document, t.component, t.payee, t.base, t.tiers,"
	" t.cap, t.floor FROM salesperf.contract_term t"
	" ORDER BY t.component COLLATE \"C\", t.payee COLLATE \"C\"";

static SpmRule *read_term(SpmRules *rules, SpmOrg *org, uint64 row);
static char *term_key(const char *source, const char *document);

/* Load all terms. */
void
spm_terms_load(SpmRules *rules, SpmOrg *org)
{
	uint64 count;

	spm_spi_begin();
	count = spm_spi_read(terms_query, NULL);
	if (count > 0)
		rules->terms = terms_create(rules->context, count, NULL);
	for (uint64 row = 0; row < count; row++)
	{
		SpmRule *term = read_term(rules, org, row);
		MemoryContext caller_context = MemoryContextSwitchTo(rules->context);
		char *key = term_key(spm_spi_text(row, TERM_SOURCE),
							 spm_spi_text(row, TERM_DOCUMENT));
		bool found;
		TermEntry *entry = terms_insert(rules->terms, key, &found);

		if (!found)
			entry->terms = NIL;
		entry->terms = lappend(entry->terms, term);
		MemoryContextSwitchTo(caller_context);
	}
	spm_spi_end();
}

static SpmRule *
read_term(SpmRules *rules, SpmOrg *org, uint64 row)
{
	SpmRule *term = MemoryContextAllocZero(rules->context, sizeof(SpmRule));

	term->group = spm_rules_group(rules,
								  org,
								  spm_spi_text(row, TERM_COMPONENT),
								  spm_spi_text(row, TERM_PAYEE));
	term->number = -1;
	term->base = spm_base_of(spm_spi_text(row, TERM_BASE));
	term->schedule = spm_rules_schedule(rules, spm_spi_text(row, TERM_TIERS));
	term->tier_by = SPM_TIER_BY_DOCUMENT;
	term->kpi = -1;
	term->cap = spm_rules_amount(rules, row, TERM_CAP);
	term->floor = spm_rules_amount(rules, row, TERM_FLOOR);
	term->of_revenue = true;
	return term;
}

static char *
term_key(const char *source, const char *document)
{
	return psprintf("%s\001%s", source, document);
}

/* The terms of a document, NIL if there are none. */
List *
spm_terms_of(const SpmRules *rules, const char *source, const char *document)
{
	TermEntry *entry;
	char *key;

	if (rules->terms == NULL)
		return NIL;
	key = term_key(source, document);
	entry = terms_lookup(rules->terms, key);
	pfree(key);
	return entry ? entry->terms : NIL;
}

/* The group of a component and payee, made if there is none. */
int
spm_rules_group(SpmRules *rules, SpmOrg *org, const char *component,
				const char *payee)
{
	static const char manager[] = "manager:";
	MemoryContext caller_context;
	SpmRuleGroup *group;
	int count = rules->group_count;

	for (int i = count - 1; i >= 0; i--)
		if (strcmp(rules->groups[i].component, component) == 0 &&
			strcmp(rules->groups[i].payee, payee) == 0)
			return i;
	caller_context = MemoryContextSwitchTo(rules->context);
	if (count == 0)
		rules->groups = palloc(sizeof(SpmRuleGroup));
	else
		rules->groups =
			repalloc(rules->groups, (count + 1) * sizeof(SpmRuleGroup));
	group = &rules->groups[count];
	memset(group, 0, sizeof(SpmRuleGroup));
	group->component = pstrdup(component);
	group->payee = pstrdup(payee);
	group->first = count > 0 ? rules->groups[count - 1].end : 0;
	group->end = group->first;
	if (strcmp(payee, "seller") == 0)
		group->kind = SPM_PAYEE_SELLER;
	else if (strncmp(payee, manager, strlen(manager)) == 0)
	{
		group->kind = SPM_PAYEE_MANAGER;
		group->unit_kind = spm_org_kind(org, payee + strlen(manager));
	}
	else
	{
		group->kind = SPM_PAYEE_UNIT;
		group->unit_kind = spm_org_kind(org, payee);
	}
	MemoryContextSwitchTo(caller_context);
	return rules->group_count++;
}

/* A schedule from its text. */
SpmSchedule *
spm_rules_schedule(const SpmRules *rules, const char *tiers)
{
	MemoryContext caller_context = MemoryContextSwitchTo(rules->context);
	SpmTierList *list = palloc(sizeof(SpmTierList));
	SpmSchedule *schedule;

	spm_tiers_parse(tiers, list);
	schedule = spm_schedule_compile(spm_tiers_pack(list));
	pfree(list);
	MemoryContextSwitchTo(caller_context);
	return schedule;
}

/* A numeric column of the last result, NULL for null. */
Numeric
spm_rules_amount(const SpmRules *rules, uint64 row, int column)
{
	bool is_null;
	Datum datum = spm_spi_datum(row, column, &is_null);
	MemoryContext caller_context;
	Numeric amount;

	if (is_null)
		return NULL;
	caller_context = MemoryContextSwitchTo(rules->context);
	amount = DatumGetNumericCopy(datum);
	MemoryContextSwitchTo(caller_context);
	return amount;
}
