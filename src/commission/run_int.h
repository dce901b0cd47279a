/*-------------------------------------------------------------------------
 *
 * run_int.h
 *	  One run: from sales to commission items.
 *
 * src/commission/run_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_COMMISSION_RUN_INT_H
#define SPM_COMMISSION_RUN_INT_H

#include "utils/jsonb.h"
#include "utils/tuplesort.h"
#include "utils/tuplestore.h"

#include "commission/kpi_int.h"
#include "commission/rule_int.h"

/* Sales are sorted into their documents by such rows. */
enum
{
	STAGED_DOCUMENT,
	STAGED_ROOT, /* these two are numbers of sources in order of name */
	STAGED_SOURCE,
	STAGED_LINE,
	STAGED_SOLD_ON,
	STAGED_SELLER,
	STAGED_UNIT,
	STAGED_QUANTITY,
	STAGED_GROSS,
	STAGED_NET,
	STAGED_MARGIN,
	STAGED_REVENUE,
	STAGED_BITS,
	STAGED_SALE, /* as jsonb, if a condition may look at it */
	STAGED_SPLIT_SELLERS,
	STAGED_SPLIT_PERCENTS,
	STAGED_SPLIT_AMOUNTS,
	STAGED_SPLIT_OVERLAYS,
	STAGED_SPLIT_NET,
	STAGED_COLUMNS
};

/* An item, in the order in which items are sorted. */
enum
{
	ITEM_DOCUMENT,
	ITEM_SOURCE,
	ITEM_LINE,
	ITEM_PERIOD_START,
	ITEM_COMPONENT,
	ITEM_RULE_ID,
	ITEM_PAYEE_KIND,
	ITEM_PAYEE,
	ITEM_SELLER,
	ITEM_AMOUNT,
	ITEM_BASE,
	ITEM_TIER_VALUE,
	ITEM_LEVEL,
	ITEM_RATE,
	ITEM_OUTLET,
	ITEM_OFFICE,
	ITEM_COMPANY,
	ITEM_PERIOD_END,
	ITEM_COMPARED,			 /* those above make an item what it is */
	ITEM_ID = ITEM_COMPARED, /* null: it is new */
	ITEM_SOLD_ON,
	ITEM_COLUMNS
};

typedef struct SpmPeriod
{
	DateADT starts_on;
	DateADT ends_on;
	bool open;
	bool calculated; /* before this run */
	bool wanted;	 /* its items are */
} SpmPeriod;

/* A sale of the document being worked on. */
typedef struct SpmLine
{
	Datum document;
	int root;
	int source;
	Datum line; /* 0: none */
	DateADT sold_on;
	const char *seller; /* not terminated; NULL: none */
	int seller_length;
	const char *unit;
	int unit_length;
	Numeric amounts[SPM_BASE_AMOUNTS]; /* NULL: not known */
	const SpmBitWord *bits; /* rules and indicators that its columns pass */
	Jsonb *sale;
	SpmSplits *splits; /* NULL: the document is not split */
} SpmLine;

/* What one seller has of a line. */
typedef struct SpmCredit
{
	const SpmLine *line;
	SpmSeller *seller; /* NULL: nobody */
	Numeric part;	   /* of whole; NULL: all */
	Numeric whole;
	bool overlay;
	SpmUnit *outlet;
	SpmUnit *office;
	SpmUnit *company;
} SpmCredit;

typedef struct SpmPayee
{
	const char *kind;
	const char *code;
	const char *partner_type;
} SpmPayee;

/* What a rule pays somebody on a credit: not yet how much. */
typedef struct SpmEarning
{
	const SpmRule *rule;
	SpmPayee payee;
	const SpmCredit *credit;
	Numeric base;
	SpmKpiOwner owner; /* code NULL: there is none */
	int part;		   /* of the document, by period */
} SpmEarning;

/* What is paid. */
typedef struct SpmPayment
{
	Numeric value; /* that selected the tier */
	int level;
	Numeric rate; /* NULL: a plain amount */
	Numeric amount;
} SpmPayment;

/* Where an item belongs; texts as datums, 0 for null. */
typedef struct SpmItemKey
{
	const SpmRule *rule;
	DateADT sold_on;
	int source;
	Datum document;
	Datum line;
	const char *payee_kind;
	const char *payee;
	const char *seller;
	const char *outlet;
	const char *office;
	const char *company;
} SpmItemKey;

struct SpmRuleTrace;

typedef struct SpmRun
{
	MemoryContext context;
	MemoryContext document_context; /* reset after each document */
	SpmRules *rules;
	SpmOrg *org;
	SpmKpis *kpis;
	int period_count; /* in order */
	SpmPeriod *periods;
	DateADT from; /* first and last day of those wanted */
	DateADT to;
	DateADT read_from; /* and of the sales that they depend on */
	DateADT read_to;
	int source_count; /* in order of name */
	const char **sources;
	Datum *source_names; /* as text */
	int *roots;			 /* the source whose documents those of each are */
	int scale;			 /* decimals of an amount */
	Numeric one;
	Datum earned;		  /* kind of the items */
	const char *document; /* items of this one alone are wanted; NULL: all */
	const char *source;
	bool alone;	 /* no other document is read */
	bool lonely; /* nothing depends on others */

	TupleDesc staged_row;
	Tuplesortstate *staged;
	TupleDesc deferred_row;
	Tuplesortstate *deferred;
	TupleDesc item_row;
	Tuplesortstate *items;
	TupleTableSlot *staged_slot;
	TupleTableSlot *deferred_slot;
	TupleTableSlot *item_slot;
	TupleDesc exception_row;
	Tuplestorestate *exceptions;
	int64 *paid;	  /* sales by rule and period */
	SpmBitWord *bits; /* of the sale or credit being matched */
	SpmBitWord *sale_bits;
	SpmBitWord **day_bits; /* what may count a sale of a day */

	int64 sale_count;
	int64 item_count;
	int64 exception_count;
	int document_number;
	struct SpmRuleTrace *trace; /* NULL: nobody asks why */
	void (*progress)(int32 run_id, const char *phase, int64 done);
	int32 run_id;
} SpmRun;

/* run.c */
/* The most days that one run is asked for. */
#define SPM_RUN_MAX_DAYS 3653

extern SpmRun *spm_run_create(MemoryContext context, DateADT from, DateADT to,
							  bool closed_too);
extern void spm_run_want_spans(SpmRun *run);
extern void spm_run_read(SpmRun *run);
extern void spm_run_compute(SpmRun *run);
extern void spm_run_end(SpmRun *run);
extern void spm_run_prepare_days(SpmRun *run);
extern const SpmPeriod *spm_run_period(const SpmRun *run, DateADT day);
extern int spm_run_part(const SpmRun *run, DateADT day);
extern void spm_run_tick(SpmRun *run, const char *phase, int64 done);
extern bool spm_run_wants(const SpmRun *run, int source, Datum document);

/* stage.c */
extern void spm_stage_begin(SpmRun *run);
extern void spm_stage_read(SpmRun *run);
extern const SpmBitWord *spm_stage_day_bits(SpmRun *run, DateADT day);
extern void spm_stage_sale(SpmRun *run, int source, const SpmSale *sale,
						   TupleTableSlot *row);

/* document.c */
extern void spm_document_pay(SpmRun *run, SpmLine **lines, int count);

/* condition.c */
extern Jsonb *spm_sale_as_jsonb(const SpmSale *sale, TupleTableSlot *row);
extern bool spm_condition_holds(Datum condition, Jsonb *sale, char **error);

/* pay.c */
extern Numeric spm_pay_cleaned(Numeric amount);
extern Numeric spm_pay_rounded(Numeric amount, int scale);
extern void spm_pay(const SpmRule *rule, Numeric value, Numeric base, int scale,
					SpmPayment *payment);
extern Numeric spm_pay_limited(const SpmRule *rule, Numeric amount,
							   bool may_lift);

/* defer.c: what can be paid only when all sales were read */
extern void spm_defer_begin(SpmRun *run);
extern void spm_defer(SpmRun *run, const SpmEarning *earning);
extern void spm_defer_pay(SpmRun *run);

/* span.c */
extern int spm_span_of(SpmEvery every, DateADT day);
extern DateADT spm_span_start(SpmEvery every, int span);
extern int spm_month_of(DateADT day);
extern DateADT spm_month_start(int month);

/* item.c */
extern Tuplesortstate *spm_items_sort(TupleDesc row);
extern void spm_items_begin(SpmRun *run);
extern void spm_item_put(SpmRun *run, const SpmItemKey *key, Numeric base,
						 const SpmPayment *payment);
extern void spm_item_key(SpmItemKey *key, const SpmEarning *earning);

/* exception.c */
extern void spm_exceptions_begin(SpmRun *run);
extern void spm_exception_put(SpmRun *run, const SpmItemKey *key,
							  const char *component, const char *payee,
							  const char *reason);

#endif /* SPM_COMMISSION_RUN_INT_H */
