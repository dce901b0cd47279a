/*-------------------------------------------------------------------------
 *
 * rule.c
 *	  Loading commission rules and the indicators that they ask for.
 *
 * src/commission/rule.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "commission/rule_load_int.h"
#include "core/spi.h"
#include "measure/scope.h"

/* Filters, as arguments of measure_scope(). */
#define FILTERS                                                                \
	"sellers => r.sellers, units => r.units, customers => r.customers,"        \
	" sectors => r.sectors, regions => r.regions, segments => r.segments,"     \
	" products => r.products, brands => r.brands, families => r.families,"     \
	" branches => r.branches, sale_types => r.sale_types,"                     \
	" sources => r.sources, exclude_customers => r.exclude_customers,"         \
	" exclude_products => r.exclude_products,"                                 \
	" exclude_brands => r.exclude_brands,"                                     \
	" exclude_families => r.exclude_families,"                                 \
	" exclude_branches => r.exclude_branches"
/* A scope needs a metric and days, which do not matter here. */
#define SCOPE                                                                       \
	"salesperf.measure_scope('net', date '2000-01-01', date '2000-01-01', " FILTERS \
	")"

enum
{
	RULE_ID = 1,
	RULE_COMPONENT,
	RULE_PAYEE,
	RULE_VALID_FROM,
	RULE_VALID_TO,
	RULE_EVERY,
	RULE_BASE,
	RULE_POSITIVE_ONLY,
	RULE_TIERS,
	RULE_TIER_BY,
	RULE_KPI,
	RULE_KPI_OF,
	RULE_CAP,
	RULE_FLOOR,
	RULE_MIN_AMOUNT,
	RULE_MAX_AMOUNT,
	RULE_CREDIT,
	RULE_CONDITION,
	RULE_PARTNER_TYPES,
	RULE_COMPANY_FLAGS,
	RULE_EXCLUDE_COMPANY_FLAGS,
	RULE_SCOPE
};

/* $1, $2: the days of the run. */
static const char rules_query[] =
	"SELECT r.rule_id, r.component, r.payee, r.valid_from,"
	" COALESCE(r.valid_to, 'infinity'), r.every, r.base, r.positive_only,"
	" r.tiers, r.tier_by, r.kpi, r.kpi_of, r.cap, r.floor, r.min_amount,"
	" r.max_amount, r.credit, r.condition::jsonpath, r.partner_types,"
	" r.company_flags, r.exclude_company_flags, " SCOPE
	" FROM salesperf.commission_rule r"
	" WHERE r.valid_from <= $2 AND COALESCE(r.valid_to, 'infinity') >= $1"
	" ORDER BY r.component COLLATE \"C\", r.payee COLLATE \"C\","
	" r.priority DESC, r.rule_id";

enum
{
	KPI_NAME = 1,
	KPI_METRIC,
	KPI_MONTHS,
	KPI_ATTAINMENT,
	KPI_SCOPE
};

static const char kpis_query[] =
	"SELECT r.kpi, r.metric, r.months, r.scale = 'attainment', " SCOPE
	" FROM salesperf.kpi r"
	" WHERE r.kpi IN (SELECT u.kpi FROM salesperf.commission_rule u"
	" WHERE u.valid_from <= $2 AND COALESCE(u.valid_to, 'infinity') >= $1)"
	" ORDER BY r.kpi COLLATE \"C\"";

const char *const spm_base_names[SPM_BASE_COUNT] = {
	[SPM_BASE_QUANTITY] = "quantity",
	[SPM_BASE_GROSS] = "gross",
	[SPM_BASE_NET] = "net",
	[SPM_BASE_MARGIN] = "margin",
	[SPM_BASE_REVENUE] = "revenue",
	[SPM_BASE_DOCUMENT] = "document",
};

const char *const spm_tier_by_names[SPM_TIER_BY_COUNT] = {
	[SPM_TIER_BY_SALE] = "sale",
	[SPM_TIER_BY_DOCUMENT] = "document",
	[SPM_TIER_BY_PERIOD] = "period",
	[SPM_TIER_BY_KPI] = "kpi",
};

static const char *const every_names[SPM_EVERY_COUNT] = {
	[SPM_EVERY_MONTH] = "month",
	[SPM_EVERY_QUARTER] = "quarter",
	[SPM_EVERY_YEAR] = "year",
};

static const char *const kpi_of_names[SPM_KPI_OF_COUNT] = {
	[SPM_KPI_OF_PAYEE] = "payee",
	[SPM_KPI_OF_SELLER] = "seller",
	[SPM_KPI_OF_OUTLET] = "outlet",
	[SPM_KPI_OF_OFFICE] = "office",
	[SPM_KPI_OF_COMPANY] = "company",
};

static const char *const kpi_metric_names[SPM_KPI_MARGIN_PERCENT + 1] = {
	[SPM_METRIC_QUANTITY] = "quantity",
	[SPM_METRIC_GROSS] = "gross",
	[SPM_METRIC_NET] = "net",
	[SPM_METRIC_MARGIN] = "margin",
	[SPM_METRIC_DOCUMENTS] = "documents",
	[SPM_KPI_MARGIN_PERCENT] = "margin_percent",
};

/* What asks for attributes that are not on the sale. */
static const SpmKey attribute_keys[] = {SPM_KEY_SECTOR,
										SPM_KEY_REGION,
										SPM_KEY_SEGMENT,
										SPM_KEY_BRAND,
										SPM_KEY_FAMILY};

static void read_kpi(SpmRules *rules, uint64 row);
static void read_rule(SpmRules *rules, SpmOrg *org, uint64 row);
static void read_conditions(SpmRules *rules, SpmRule *rule, uint64 row);
static int kpi_number(const SpmRules *rules, const char *name);
static void mark_owner(SpmRules *rules, const SpmRule *rule);
static void init_bitmaps(SpmRules *rules);
static SpmBitWord *new_bits(const SpmRules *rules);
static void filter(SpmRules *rules, int number, Jsonb *scope);
static void filter_by_array(SpmRules *rules, int number, int dimension,
							int column, uint64 row, bool exclude);
static void set_credits(SpmRules *rules, int number, bool revenue,
						bool overlay);
static int index_of(const char *name, const char *const *names, int count);
static char *text_column(uint64 row, int column);

/* Load what is valid on some days of a run, under the active snapshot. */
SpmRules *
spm_rules_load(MemoryContext context, SpmOrg *org, DateADT from, DateADT to)
{
	SpmArgs args = {2,
					{DATEOID, DATEOID},
					{DateADTGetDatum(from), DateADTGetDatum(to)}};
	SpmRules *rules = MemoryContextAllocZero(context, sizeof(SpmRules));
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	uint64 kpi_count;
	uint64 rule_count;

	rules->context = context;
	spm_spi_begin();
	rules->kpi_count = spm_spi_read(kpis_query, &args);
	kpi_count = rules->kpi_count;
	rules->kpis =
		MemoryContextAllocZero(context, Max(kpi_count, 1) * sizeof(SpmKpi));
	for (uint64 row = 0; row < kpi_count; row++)
		read_kpi(rules, row);
	rule_count = spm_spi_read(rules_query, &args);
	rules->rules =
		MemoryContextAllocZero(context, Max(rule_count, 1) * sizeof(SpmRule));
	rules->rule_count = rule_count;
	rules->words = (rule_count + kpi_count + SPM_BITS_PER_WORD - 1) /
				   SPM_BITS_PER_WORD;
	init_bitmaps(rules);
	for (uint64 row = 0; row < rule_count; row++)
		read_rule(rules, org, row);
	spm_spi_end();

	spm_spi_begin();
	spm_spi_read(kpis_query, &args);
	for (uint64 row = 0; row < kpi_count; row++)
	{
		bool is_null;

		filter(rules,
			   rules->kpis[row].number,
			   DatumGetJsonbP(spm_spi_datum(row, KPI_SCOPE, &is_null)));
	}
	spm_spi_end();
	for (int i = 0; i < rules->kpi_count; i++)
	{
		spm_bit_set(rules->indicators, rules->kpis[i].number);
		set_credits(rules,
					rules->kpis[i].number,
					true,
					rules->kpis[i].by_sellers || rules->kpis[i].of_sellers);
	}
	spm_terms_load(rules, org);
	for (int i = 0; i < lengthof(attribute_keys); i++)
		rules->attributes |= rules->dimensions[attribute_keys[i]].filtered;
	MemoryContextSwitchTo(caller_context);
	return rules;
}

/* An indicator but for its filters, which need its number. */
static void
read_kpi(SpmRules *rules, uint64 row)
{
	SpmKpi *kpi = &rules->kpis[row];
	bool is_null;
	Jsonb *scope = DatumGetJsonbP(spm_spi_datum(row, KPI_SCOPE, &is_null));

	kpi->name =
		MemoryContextStrdup(rules->context, spm_spi_text(row, KPI_NAME));
	kpi->metric = index_of(spm_spi_text(row, KPI_METRIC),
						   kpi_metric_names,
						   lengthof(kpi_metric_names));
	kpi->months = DatumGetInt32(spm_spi_datum(row, KPI_MONTHS, &is_null));
	kpi->attainment =
		DatumGetBool(spm_spi_datum(row, KPI_ATTAINMENT, &is_null));
	kpi->by_sellers = spm_scope_parse(scope)->include[SPM_KEY_SELLER].given;
}

static void
init_bitmaps(SpmRules *rules)
{
	int count = rules->rule_count + rules->kpi_count;

	for (int i = 0; i < SPM_DIMENSION_COUNT; i++)
		spm_dimension_init(&rules->dimensions[i], rules->context, count);
	rules->conditional = new_bits(rules);
	rules->indicators = new_bits(rules);
	rules->revenue = new_bits(rules);
	rules->overlay = new_bits(rules);
	for (int i = 0; i < rules->kpi_count; i++)
		rules->kpis[i].number = rules->rule_count + i;
}

/* A bitmap without a bit set. */
static SpmBitWord *
new_bits(const SpmRules *rules)
{
	return MemoryContextAllocZero(rules->context,
								  Max(rules->words, 1) * sizeof(SpmBitWord));
}

static void
read_rule(SpmRules *rules, SpmOrg *org, uint64 row)
{
	SpmRule *rule = &rules->rules[row];
	char *credit = text_column(row, RULE_CREDIT);
	char *kpi = text_column(row, RULE_KPI);
	bool is_null;

	rule->rule_id = DatumGetInt64(spm_spi_datum(row, RULE_ID, &is_null));
	rule->number = row;
	rule->group = spm_rules_group(rules,
								  org,
								  text_column(row, RULE_COMPONENT),
								  text_column(row, RULE_PAYEE));
	rules->groups[rule->group].end = row + 1;
	rule->valid_from =
		DatumGetDateADT(spm_spi_datum(row, RULE_VALID_FROM, &is_null));
	rule->valid_to =
		DatumGetDateADT(spm_spi_datum(row, RULE_VALID_TO, &is_null));
	rule->every =
		index_of(text_column(row, RULE_EVERY), every_names, SPM_EVERY_COUNT);
	rule->base = spm_base_of(text_column(row, RULE_BASE));
	rule->positive_only =
		DatumGetBool(spm_spi_datum(row, RULE_POSITIVE_ONLY, &is_null));
	rule->schedule = spm_rules_schedule(rules, text_column(row, RULE_TIERS));
	rule->tier_by = index_of(text_column(row, RULE_TIER_BY),
							 spm_tier_by_names,
							 SPM_TIER_BY_COUNT);
	rule->kpi = kpi ? kpi_number(rules, kpi) : -1;
	rule->kpi_of =
		index_of(text_column(row, RULE_KPI_OF), kpi_of_names, SPM_KPI_OF_COUNT);
	rule->cap = spm_rules_amount(rules, row, RULE_CAP);
	rule->floor = spm_rules_amount(rules, row, RULE_FLOOR);
	rule->min_amount = spm_rules_amount(rules, row, RULE_MIN_AMOUNT);
	rule->max_amount = spm_rules_amount(rules, row, RULE_MAX_AMOUNT);
	rule->of_revenue = strcmp(credit, "overlay") != 0;
	rule->of_overlays = strcmp(credit, "revenue") != 0;
	set_credits(rules, rule->number, rule->of_revenue, rule->of_overlays);
	read_conditions(rules, rule, row);
	if (rule->kpi >= 0)
		mark_owner(rules, rule);
}

/* Take what a sale and its payee must be for the rule. */
static void
read_conditions(SpmRules *rules, SpmRule *rule, uint64 row)
{
	bool is_null;
	Datum datum = spm_spi_datum(row, RULE_CONDITION, &is_null);

	if (!is_null)
	{
		MemoryContext caller_context = MemoryContextSwitchTo(rules->context);

		rule->condition = PointerGetDatum(PG_DETOAST_DATUM_COPY(datum));
		MemoryContextSwitchTo(caller_context);
		spm_bit_set(rules->conditional, rule->number);
	}
	filter(rules,
		   rule->number,
		   DatumGetJsonbP(spm_spi_datum(row, RULE_SCOPE, &is_null)));
	filter_by_array(rules,
					row,
					SPM_DIMENSION_PARTNER_TYPE,
					RULE_PARTNER_TYPES,
					row,
					false);
	filter_by_array(rules,
					row,
					SPM_DIMENSION_COMPANY_FLAG,
					RULE_COMPANY_FLAGS,
					row,
					false);
	filter_by_array(rules,
					row,
					SPM_DIMENSION_COMPANY_FLAG,
					RULE_EXCLUDE_COMPANY_FLAGS,
					row,
					true);
}

/* Note whose indicator a rule asks for. */
static void
mark_owner(SpmRules *rules, const SpmRule *rule)
{
	SpmKpi *kpi = &rules->kpis[rule->kpi];

	if (rule->kpi_of == SPM_KPI_OF_SELLER ||
		(rule->kpi_of == SPM_KPI_OF_PAYEE &&
		 rules->groups[rule->group].kind != SPM_PAYEE_UNIT))
		kpi->of_sellers = true;
	else
		kpi->of_units = true;
}

static int
kpi_number(const SpmRules *rules, const char *name)
{
	for (int i = 0; i < rules->kpi_count; i++)
		if (strcmp(rules->kpis[i].name, name) == 0)
			return i;
	elog(ERROR, "indicator \"%s\" was not loaded", name);
	return -1;
}

/* Which credits a rule or indicator may count. */
static void
set_credits(SpmRules *rules, int number, bool revenue, bool overlay)
{
	if (revenue)
		spm_bit_set(rules->revenue, number);
	if (overlay)
		spm_bit_set(rules->overlay, number);
}

/* Enter the filters of a rule or indicator. */
static void
filter(SpmRules *rules, int number, Jsonb *scope)
{
	SpmScope *parsed = spm_scope_parse(scope);

	for (int i = 0; i < SPM_KEY_COUNT; i++)
	{
		if (parsed->include[i].given)
			spm_dimension_filter(&rules->dimensions[i],
								 number,
								 parsed->include[i].keys,
								 parsed->include[i].count,
								 false);
		if (parsed->exclude[i].given)
			spm_dimension_filter(&rules->dimensions[i],
								 number,
								 parsed->exclude[i].keys,
								 parsed->exclude[i].count,
								 true);
	}
}

/* Enter a filter that scopes do not have. */
static void
filter_by_array(SpmRules *rules, int number, int dimension, int column,
				uint64 row, bool exclude)
{
	bool is_null;
	Datum array = spm_spi_datum(row, column, &is_null);
	Datum *keys;
	int count;

	if (is_null)
		return;
	deconstruct_array(DatumGetArrayTypeP(array),
					  TEXTOID,
					  -1,
					  false,
					  TYPALIGN_INT,
					  &keys,
					  NULL,
					  &count);
	for (int i = 0; i < count; i++)
		keys[i] = CStringGetDatum(TextDatumGetCString(keys[i]));
	spm_dimension_filter(&rules->dimensions[dimension],
						 number,
						 (char **) keys,
						 count,
						 exclude);
}

/* Which base a name means. */
SpmBase
spm_base_of(const char *name)
{
	return index_of(name, spm_base_names, SPM_BASE_COUNT);
}

/* The number of a name that a constraint admits. */
static int
index_of(const char *name, const char *const *names, int count)
{
	for (int i = 0; i < count; i++)
		if (names[i] != NULL && strcmp(names[i], name) == 0)
			return i;
	ereport(ERROR,
			(errcode(ERRCODE_CHECK_VIOLATION),
			 errmsg("unrecognized word \"%s\" in a commission rule", name),
			 errhint("Run SELECT salesperf.setup(), which restores missing "
					 "constraints.")));
	return 0;
}

static char *
text_column(uint64 row, int column)
{
	return spm_spi_text(row, column);
}
