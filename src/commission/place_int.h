/*-------------------------------------------------------------------------
 *
 * place_int.h
 *	  Where in the organisation a credit belongs, and who is paid there.
 *
 * src/commission/place_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_COMMISSION_PLACE_INT_H
#define SPM_COMMISSION_PLACE_INT_H

#include "utils/date.h"

/* A flag, a manager or a partner type that somebody has for a time. */
typedef struct SpmUnitSpan
{
	const char *what;
	DateADT from;
	DateADT to; /* the last day */
} SpmUnitSpan;

typedef struct SpmUnitSpans
{
	int count;
	int room;
	SpmUnitSpan *spans;
} SpmUnitSpans;

/* One that no table lists has a code and nothing else. */
typedef struct SpmUnit
{
	const char *code;
	int length;
	const char *kind;		  /* one pointer for each kind; NULL: not known */
	const char *partner_type; /* where no span says otherwise */
	SpmUnitSpans partner_types;
	bool follows; /* its past commissions go with it to a new company */
	bool moved;
	DateADT moved_on; /* the last time until today */
	SpmUnitSpans flags;
	SpmUnitSpans managers;
} SpmUnit;

typedef struct SpmSeller
{
	const char *code;
	int length;
	const char *partner_type; /* where no span says otherwise */
	SpmUnitSpans partner_types;
} SpmSeller;

/* Units and sellers, as they are needed; one pointer for each. */
typedef struct SpmOrg SpmOrg;

/* The units of a credit, the lowest first, and the nearest of three kinds. */
typedef struct SpmPlace
{
	int count;
	SpmUnit **units;
	SpmUnit *outlet;
	SpmUnit *office;
	SpmUnit *company;
} SpmPlace;

extern SpmOrg *spm_org_load(MemoryContext context);
extern const char *spm_org_kind(SpmOrg *org, const char *kind);
extern SpmUnit *spm_org_unit(SpmOrg *org, const char *code, int length);
extern SpmSeller *spm_org_seller(SpmOrg *org, const char *code, int length);
extern void spm_place_find(SpmOrg *org, const char *unit, int unit_length,
						   const SpmSeller *seller, DateADT day,
						   SpmPlace *place);
extern const char *spm_partner_type_on(const char *partner_type,
									   const SpmUnitSpans *spans, DateADT day);
extern SpmUnit *spm_place_unit(const SpmOrg *org, const SpmPlace *place,
							   const char *kind);

/* Does the span cover a day? */
static inline bool
spm_unit_span_covers(const SpmUnitSpan *span, DateADT day)
{
	return span->from <= day && day <= span->to;
}

#endif /* SPM_COMMISSION_PLACE_INT_H */
