/*-------------------------------------------------------------------------
 *
 * kpi.c
 *	  Indicators of sellers and units over windows of months.
 *
 * A window ends with the month of a sale that is paid by it, so there are as
 * many as the run has months.  Each sale is added to the windows that it is
 * in.  A document counts once in each window, whatever its lines' months.
 *
 * Attainment compares the figure with the parts of targets that lie in the
 * window: by the target's months if it is spread over them, else by days.
 *
 * src/commission/kpi.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/memutils.h"

#include "commission/run_int.h"
#include "core/compat.h"
#include "core/decimal.h"
#include "core/exact.h"
#include "core/spi.h"

typedef struct WindowKey
{
	const char *owner;
	int kpi;
	int last_month;
	bool seller;
} WindowKey;

typedef struct Window
{
	WindowKey key;
	SpmSum sum;
	SpmSum net;		/* of margin_percent */
	Numeric target; /* NULL: none */
	int document;	/* the one that was counted last */
	uint32 hash;
	char status;
} Window;

static inline uint32
window_hash(WindowKey key)
{
	uint32 hash = murmurhash32((uint32) ((uintptr_t) key.owner >> 3));

	return hash_combine(hash,
						murmurhash32(key.kpi * 2 + key.seller +
									 (uint32) key.last_month * 4096));
}

static inline bool
window_equal(WindowKey a, WindowKey b)
{
	return a.owner == b.owner && a.kpi == b.kpi &&
		   a.last_month == b.last_month && a.seller == b.seller;
}

#define SH_PREFIX windows
#define SH_ELEMENT_TYPE Window
#define SH_KEY_TYPE WindowKey
#define SH_KEY key
#define SH_HASH_KEY(table, key) window_hash(key)
#define SH_EQUAL(table, a, b) window_equal(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(table, entry) (entry)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct SpmKpis
{
	MemoryContext context;
	const SpmRules *rules;
	int first_month; /* of those that windows end with */
	int last_month;
	windows_hash *windows;
};

/*
 * $1, $2: first and last day of the windows' last months.  The part of a
 * target up to a day is that of its months, if it has some, each by days.
 */
static const char targets_query[] =
	"WITH part AS ("
	" SELECT t.target_id, t.starts_on, t.ends_on, t.amount"
	" FROM salesperf.target t WHERE NOT EXISTS (SELECT FROM"
	" salesperf.target_month m WHERE m.target_id = t.target_id)"
	" UNION ALL"
	" SELECT t.target_id, GREATEST(m.month, t.starts_on),"
	" LEAST((m.month + interval '1 month')::date - 1, t.ends_on),"
	" t.amount * m.share FROM salesperf.target t"
	" JOIN salesperf.target_month m ON m.target_id = t.target_id)"
	" SELECT k.kpi, t.sellers IS NOT NULL,"
	" COALESCE(t.sellers[1], t.units[1]), w.ends_on,"
	" sum(salesperf.expected_to_date(p.amount, p.starts_on, p.ends_on,"
	" w.ends_on) - salesperf.expected_to_date(p.amount, p.starts_on,"
	" p.ends_on, w.starts_on - 1))"
	" FROM salesperf.kpi k"
	" JOIN salesperf.target t ON t.kpi = k.kpi"
	" JOIN part p ON p.target_id = t.target_id"
	" CROSS JOIN LATERAL (SELECT (m.m - (k.months - 1) * interval '1 month')"
	"::date AS starts_on, (m.m + interval '1 month')::date - 1 AS ends_on"
	" FROM generate_series($1::timestamp, $2::timestamp, '1 month') m (m)) w"
	" WHERE k.scale = 'attainment'"
	" AND (t.sellers IS NULL) <> (t.units IS NULL)"
	" AND cardinality(COALESCE(t.sellers, t.units)) = 1"
	" AND p.starts_on <= w.ends_on AND p.ends_on >= w.starts_on"
	" GROUP BY 1, 2, 3, 4";

static void load_targets(SpmKpis *kpis, SpmOrg *org);
static Window *window_of(SpmKpis *kpis, int kpi, SpmKpiOwner owner, int month);

/* Windows that end with the months from first to last. */
SpmKpis *
spm_kpis_create(MemoryContext context, const SpmRules *rules, SpmOrg *org,
				int first_month, int last_month)
{
	SpmKpis *kpis = MemoryContextAllocZero(context, sizeof(SpmKpis));

	kpis->context = context;
	kpis->rules = rules;
	kpis->first_month = first_month;
	kpis->last_month = last_month;
	kpis->windows = windows_create(context, 64, NULL);
	for (int i = 0; i < rules->kpi_count; i++)
		if (rules->kpis[i].attainment)
		{
			load_targets(kpis, org);
			break;
		}
	return kpis;
}

/* Read what there is to attain. */
static void
load_targets(SpmKpis *kpis, SpmOrg *org)
{
	SpmArgs args = {2,
					{DATEOID, DATEOID},
					{DateADTGetDatum(spm_month_start(kpis->first_month)),
					 DateADTGetDatum(spm_month_start(kpis->last_month))}};
	uint64 count;

	spm_spi_begin();
	count = spm_spi_read(targets_query, &args);
	for (uint64 row = 0; row < count; row++)
	{
		char *name = spm_spi_text(row, 1);
		char *code = spm_spi_text(row, 3);
		bool is_null;
		SpmKpiOwner owner = {
			.seller = DatumGetBool(spm_spi_datum(row, 2, &is_null))};
		DateADT ends_on = DatumGetDateADT(spm_spi_datum(row, 4, &is_null));

		owner.code = owner.seller
						 ? spm_org_seller(org, code, strlen(code))->code
						 : spm_org_unit(org, code, strlen(code))->code;
		for (int i = 0; i < kpis->rules->kpi_count; i++)
			if (strcmp(kpis->rules->kpis[i].name, name) == 0)
			{
				Datum part = spm_spi_datum(row, 5, &is_null);
				MemoryContext caller_context =
					MemoryContextSwitchTo(kpis->context);

				window_of(kpis, i, owner, spm_month_of(ends_on))->target =
					DatumGetNumericCopy(part);
				MemoryContextSwitchTo(caller_context);
			}
	}
	spm_spi_end();
}

static Window *
window_of(SpmKpis *kpis, int kpi, SpmKpiOwner owner, int month)
{
	WindowKey key = {owner.code, kpi, month, owner.seller};
	bool found;
	Window *window = windows_insert(kpis->windows, key, &found);

	if (!found)
	{
		spm_sum_init(&window->sum);
		spm_sum_init(&window->net);
		window->target = NULL;
		window->document = 0;
	}
	return window;
}

/*
 * Add what a sale of a month adds.  amount NULL is not known and adds nothing;
 * net is needed for margin_percent alone.
 */
void
spm_kpis_add(SpmKpis *kpis, int kpi, SpmKpiOwner owner, int month, int document,
			 Numeric amount, Numeric net)
{
	const SpmKpi *known = &kpis->rules->kpis[kpi];
	MemoryContext caller_context = MemoryContextSwitchTo(kpis->context);
	int last = Min(month + known->months - 1, kpis->last_month);

	for (int end = Max(month, kpis->first_month); end <= last; end++)
	{
		Window *window = window_of(kpis, kpi, owner, end);

		if (known->metric == SPM_METRIC_DOCUMENTS)
		{
			if (window->document == document)
				continue;
			window->document = document;
		}
		if (amount != NULL)
			spm_sum_add(&window->sum, amount);
		if (known->metric == SPM_KPI_MARGIN_PERCENT && net != NULL)
			spm_sum_add(&window->net, net);
	}
	MemoryContextSwitchTo(caller_context);
}

/* The figure of the window that ends with a month. */
void
spm_kpis_get(SpmKpis *kpis, int kpi, SpmKpiOwner owner, int month,
			 SpmKpiFigure *figure)
{
	const SpmKpi *known = &kpis->rules->kpis[kpi];
	Window *window = window_of(kpis, kpi, owner, month);
	Numeric hundred = int64_to_numeric(100);

	figure->failure = NULL;
	figure->value = spm_pay_cleaned(spm_sum_result(&window->sum));
	if (known->metric == SPM_KPI_MARGIN_PERCENT)
	{
		Numeric net = spm_sum_result(&window->net);

		if (spm_exact_sign(net) == 0)
			figure->failure = "the net that the margin is a percentage of is 0";
		else
			figure->value =
				spm_exact_quotient(spm_exact_mul(figure->value, hundred), net);
	}
	if (known->attainment)
	{
		if (window->target == NULL)
			figure->failure = "no target is set for the indicator";
		else if (spm_exact_sign(window->target) == 0)
			figure->failure = "the target of the indicator is 0";
		else
			figure->value =
				spm_exact_quotient(spm_exact_mul(figure->value, hundred),
								   window->target);
	}
}
