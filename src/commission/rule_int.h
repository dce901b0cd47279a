/*-------------------------------------------------------------------------
 *
 * rule_int.h
 *	  Commission rules, terms of single contracts and indicators, loaded.
 *
 * Rules are numbered by component and payee, then by falling priority: those
 * that compete for a credit stand together, the strongest first.  Indicators
 * are numbered after all rules.
 *
 * src/commission/rule_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_COMMISSION_RULE_INT_H
#define SPM_COMMISSION_RULE_INT_H

#include "nodes/pg_list.h"

#include "commission/bitmap_int.h"
#include "commission/place_int.h"
#include "sale/source.h"
#include "tier/tiers.h"

/* What a rate applies to; the first are amounts of a sale. */
typedef enum SpmBase
{
	SPM_BASE_QUANTITY = SPM_METRIC_QUANTITY,
	SPM_BASE_GROSS = SPM_METRIC_GROSS,
	SPM_BASE_NET = SPM_METRIC_NET,
	SPM_BASE_MARGIN = SPM_METRIC_MARGIN,
	SPM_BASE_REVENUE,
	SPM_BASE_AMOUNTS, /* so many are amounts */
	SPM_BASE_DOCUMENT = SPM_BASE_AMOUNTS,
	SPM_BASE_COUNT
} SpmBase;

/* What an indicator adds up; the first are SpmMetric. */
#define SPM_KPI_MARGIN_PERCENT SPM_METRIC_COUNT

typedef enum SpmTierBy
{
	SPM_TIER_BY_SALE,
	SPM_TIER_BY_DOCUMENT,
	SPM_TIER_BY_PERIOD,
	SPM_TIER_BY_KPI,
	SPM_TIER_BY_COUNT
} SpmTierBy;

typedef enum SpmEvery
{
	SPM_EVERY_MONTH,
	SPM_EVERY_QUARTER,
	SPM_EVERY_YEAR,
	SPM_EVERY_COUNT
} SpmEvery;

typedef enum SpmKpiOf
{
	SPM_KPI_OF_PAYEE,
	SPM_KPI_OF_SELLER,
	SPM_KPI_OF_OUTLET,
	SPM_KPI_OF_OFFICE,
	SPM_KPI_OF_COMPANY,
	SPM_KPI_OF_COUNT
} SpmKpiOf;

typedef enum SpmPayeeKind
{
	SPM_PAYEE_SELLER,
	SPM_PAYEE_UNIT,
	SPM_PAYEE_MANAGER
} SpmPayeeKind;

/* Rules of one component and payee, numbers first to end - 1. */
typedef struct SpmRuleGroup
{
	const char *component;
	const char *payee; /* as entered */
	SpmPayeeKind kind;
	const char *unit_kind; /* of the unit, or of the manager's; else NULL */
	int first;
	int end;
} SpmRuleGroup;

typedef struct SpmRule
{
	int64 rule_id; /* 0: a contract's term */
	int number;
	int group;
	DateADT valid_from;
	DateADT valid_to;
	SpmEvery every;
	SpmBase base;
	bool positive_only;
	SpmSchedule *schedule;
	SpmTierBy tier_by;
	int kpi; /* -1: none */
	SpmKpiOf kpi_of;
	Numeric cap; /* these four NULL: none */
	Numeric floor;
	Numeric min_amount;
	Numeric max_amount;
	bool of_revenue; /* which credits it pays */
	bool of_overlays;
	Datum condition; /* jsonpath; 0: none */
} SpmRule;

typedef struct SpmKpi
{
	const char *name;
	int number; /* among rules and indicators */
	int metric; /* SpmMetric or SPM_KPI_MARGIN_PERCENT */
	int months;
	bool attainment;
	bool by_sellers; /* counts the credits of sellers, overlays too */
	bool of_sellers; /* some rule asks for that of a seller, */
	bool of_units;	 /* of a unit */
} SpmKpi;

/* What dimensions there are beside the columns of a sale. */
enum
{
	SPM_DIMENSION_PARTNER_TYPE = SPM_KEY_COUNT,
	SPM_DIMENSION_COMPANY_FLAG,
	SPM_DIMENSION_COUNT
};

typedef struct SpmRules
{
	MemoryContext context;
	int rule_count;
	SpmRule *rules;
	int kpi_count;
	SpmKpi *kpis;
	int group_count;
	SpmRuleGroup *groups;
	int words; /* of bitmaps of rules and indicators */
	SpmDimension dimensions[SPM_DIMENSION_COUNT];
	SpmBitWord *conditional; /* rules with a condition */
	SpmBitWord *indicators;
	SpmBitWord *revenue; /* what may count credits that are no overlay */
	SpmBitWord *overlay; /* what may count overlays */
	bool attributes;	 /* some filter asks for those of customer, product */
	struct terms_hash *terms; /* NULL: there are none */
} SpmRules;

extern SpmRules *spm_rules_load(MemoryContext context, SpmOrg *org,
								DateADT from, DateADT to);
extern List *spm_terms_of(const SpmRules *rules, const char *source,
						  const char *document);

extern const char *const spm_base_names[SPM_BASE_COUNT];
extern const char *const spm_tier_by_names[SPM_TIER_BY_COUNT];

/* Is it the term of one contract? */
static inline bool
spm_rule_is_term(const SpmRule *rule)
{
	return rule->rule_id == 0;
}

#endif /* SPM_COMMISSION_RULE_INT_H */
