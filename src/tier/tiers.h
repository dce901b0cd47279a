/*-------------------------------------------------------------------------
 *
 * tiers.h
 *	  Tier schedules: the type's contents, and their evaluation.
 *
 * src/tier/tiers.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_TIER_TIERS_H
#define SPM_TIER_TIERS_H

#include "core/decimal.h"
#include "utils/palloc.h"

#define SPM_TIERS_MAX 100

typedef enum SpmTierMode
{
	SPM_TIER_SLAB,
	SPM_TIER_GRADUATED,
	SPM_TIER_INTERPOLATED,
	SPM_TIER_EXCESS
} SpmTierMode;

/* A tier as the user wrote it. */
typedef struct SpmTierDef
{
	Numeric threshold;
	Numeric rate;  /* 8 for 8% */
	bool above;	   /* reached above the threshold, not at it */
	bool percent;  /* else rate is an amount */
	int character; /* where the tier starts in the text; 0: no text */
} SpmTierDef;

typedef struct SpmTierList
{
	SpmTierMode mode;
	int ntiers;
	SpmTierDef tiers[SPM_TIERS_MAX];
} SpmTierList;

/*
 * A tier ready to evaluate.  With x the base, v the value and percents as
 * fractions, the payout of whoever has reached it is
 *
 *	  fixed + x * (slope * v + offset) / v
 *
 * and, where x is v or offset is zero, slope * x + offset + fixed.  Between
 * two points of an interpolated schedule it is
 *
 *	  (rate * span + rise * (v - threshold)) / span
 *
 * as an amount or as a percent of x.
 */
typedef struct SpmTier
{
	SpmTierDef def;
	Numeric slope;
	Numeric offset;
	Numeric fixed;
	bool flat;	  /* offset is zero */
	Numeric span; /* to the next threshold; NULL: nothing to interpolate */
	Numeric rise; /* of the rate over the span */

	/* The same figures scaled alike, to the schedule's rate_groups. */
	bool small; /* they are there */
	int64 threshold_scaled;
	int64 rate_scaled;
	int64 slope_scaled;
	int64 offset_scaled;
	int64 fixed_scaled;
	int64 span_scaled;
	int64 rise_scaled;
} SpmTier;

/*
 * A schedule ready to evaluate.  A threshold T at scale groups is kept as
 * bound 2T, or 2T + 1 where it must be exceeded, so that one comparison with
 * a value's key tells whether it is reached.
 */
typedef struct SpmSchedule
{
	SpmTierMode mode;
	int ntiers;
	bool mirrors; /* no negative threshold: returns mirror sales */
	bool narrow;  /* the bounds fit; else thresholds are compared */
	int groups;
	int128 *bounds;
	int64 *small_bounds; /* the same in 64 bits; NULL: they do not fit */
	int rate_groups;
	SpmTier *tiers;
} SpmSchedule;

/* What a schedule says about one value and base. */
typedef struct SpmTierCase
{
	const SpmSchedule *schedule;
	Numeric value;		 /* negated if mirrored */
	Numeric base;		 /* the same */
	bool same;			 /* base is value */
	bool mirrored;		 /* the payout is to be negated */
	int level;			 /* 0 below the first threshold */
	const SpmTier *tier; /* the one reached; NULL at level 0 */
} SpmTierCase;

/* The same of a row whose value and base are not copied. */
typedef struct SpmTierRow
{
	SpmDigits value;
	SpmDigits base;
	bool same;
	bool mirrored;
	int level;
	const SpmTier *tier;
} SpmTierRow;

/* Schedules seen by a query, compiled once each. */
typedef struct SpmScheduleCache SpmScheduleCache;

typedef struct SpmScheduleEntry
{
	SpmSchedule *schedule;
	int number;			   /* in the order they came, from 0 */
	struct varlena *datum; /* a copy, not toasted */
	uint32 hash;
} SpmScheduleEntry;

/* tiers_parse.c: text and its meaning */
extern const char *const spm_tier_mode_names[];
extern void spm_tiers_parse(const char *text, SpmTierList *list);
extern void spm_tiers_check(const SpmTierList *list);
extern char *spm_tiers_format(const SpmTierList *list);

/* tiers_io.c: the datum */
extern struct varlena *spm_tiers_pack(const SpmTierList *list);
extern void spm_tiers_unpack(struct varlena *datum, SpmTierList *list);

/* schedule.c: compiled schedules */
extern SpmSchedule *spm_schedule_compile(struct varlena *datum);
extern int spm_schedule_level(const SpmSchedule *schedule,
							  const SpmDigits *digits, Numeric value);

/* schedule_cache.c */
extern SpmScheduleCache *spm_schedule_cache_create(MemoryContext parent,
												   int limit);
extern SpmScheduleEntry *spm_schedule_cache_find(SpmScheduleCache *cache,
												 Datum datum);

/* scaled.c: figures of rows, in integers */
extern void spm_row_open(SpmTierRow *row, const SpmSchedule *schedule,
						 struct varlena *value, struct varlena *base);
extern bool spm_row_payout(const SpmTierRow *row, const SpmSchedule *schedule,
						   int128 *payout, int *groups);

/* Whether the payout is slope * base + offset + fixed. */
static inline bool
spm_row_is_linear(const SpmTierRow *row)
{
	return row->tier->span == NULL && (row->same || row->tier->flat);
}

/* evaluate.c: figures in numerics */
extern void spm_case_open(SpmTierCase *it, const SpmSchedule *schedule,
						  Numeric value, Numeric base);
extern Numeric spm_case_payout(const SpmTierCase *it);
extern Numeric spm_case_rate(const SpmTierCase *it);
extern void spm_require_finite(const SpmDigits *digits, const char *argument);

#endif /* SPM_TIER_TIERS_H */
