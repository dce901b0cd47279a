/*-------------------------------------------------------------------------
 *
 * kpi_int.h
 *	  Indicators of sellers and units over windows of months.
 *
 * src/commission/kpi_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_COMMISSION_KPI_INT_H
#define SPM_COMMISSION_KPI_INT_H

#include "commission/rule_int.h"

typedef struct SpmKpis SpmKpis;

/* Whose indicator: a seller's, or a unit's. */
typedef struct SpmKpiOwner
{
	bool seller;
	const char *code; /* the one pointer of the organisation */
} SpmKpiOwner;

/* An indicator's figure, or why there is none. */
typedef struct SpmKpiFigure
{
	Numeric value;
	const char *failure; /* NULL: value is set */
} SpmKpiFigure;

extern SpmKpis *spm_kpis_create(MemoryContext context, const SpmRules *rules,
								SpmOrg *org, int first_month, int last_month);
extern void spm_kpis_add(SpmKpis *kpis, int kpi, SpmKpiOwner owner, int month,
						 int document, Numeric amount, Numeric net);
extern void spm_kpis_get(SpmKpis *kpis, int kpi, SpmKpiOwner owner, int month,
						 SpmKpiFigure *figure);

#endif /* SPM_COMMISSION_KPI_INT_H */
