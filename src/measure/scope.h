/*-------------------------------------------------------------------------
 *
 * scope.h
 *	  What a measure counts: metric, period and filters.
 *
 * src/measure/scope.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_SCOPE_H
#define SPM_MEASURE_SCOPE_H

#include "utils/array.h"
#include "utils/jsonb.h"

#include "sale/source.h"

/* Keys that a filter names, in byte order. */
typedef struct SpmFilter
{
	bool given; /* false: any */
	int count;
	char **keys;
} SpmFilter;

typedef struct SpmScope
{
	SpmMetric metric;
	DateADT starts_on;
	DateADT ends_on;
	SpmFilter include[SPM_KEY_COUNT];
	SpmFilter exclude[SPM_KEY_COUNT];
} SpmScope;

/* The filters that measure_scope() takes. */
#define SPM_FILTER_COUNT 17

extern Jsonb *spm_scope_write(text *metric, DateADT starts_on, DateADT ends_on,
							  const NullableDatum *filters);
extern Jsonb *spm_scope_known(text *metric, DateADT starts_on, DateADT ends_on,
							  const NullableDatum *filters);
extern SpmScope *spm_scope_parse(Jsonb *text);
extern Jsonb **spm_scopes_of(ArrayType *array, int *count);
extern int64 spm_scope_id(Jsonb *text);
extern uint64 spm_scope_check(Jsonb *text);
extern bool spm_scope_equal(Jsonb *a, Jsonb *b);
extern bool spm_scope_filters(const SpmScope *scope, SpmKey column,
							  DateADT from, DateADT to);
extern bool spm_scope_may_count(const SpmScope *scope, const char *source);

#endif /* SPM_MEASURE_SCOPE_H */
