/*-------------------------------------------------------------------------
 *
 * dimension.c
 *	  Changes of customers, products and the organisation.
 *
 * They concern the measures that filter by what changed, and no others.
 *
 * src/measure/dimension.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "measure/dimension.h"
#include "measure/pending.h"
#include "sale/collect.h"

/* Which filters a change concerns. */
typedef struct Dimension
{
	int trace;
	SpmKey filter;
} Dimension;

static const Dimension dimensions[] = {
	{SPM_TRACE_CUSTOMER, SPM_KEY_SECTOR},
	{SPM_TRACE_CUSTOMER, SPM_KEY_REGION},
	{SPM_TRACE_CUSTOMER, SPM_KEY_SEGMENT},
	{SPM_TRACE_PRODUCT, SPM_KEY_BRAND},
	{SPM_TRACE_PRODUCT, SPM_KEY_FAMILY},
	{SPM_TRACE_SELLER, SPM_KEY_UNIT},
};

static const Dimension trees[] = {
	{SPM_TRACE_UNITS, SPM_KEY_UNIT},
	{SPM_TRACE_FAMILIES, SPM_KEY_FAMILY},
};

/* Bits of the shared traces that some build has to follow. */
uint32
spm_concerned_dimensions(const SpmBuildSet *set)
{
	uint32 concerned = 0;

	for (int i = 0; i < lengthof(dimensions); i++)
		if (spm_shared_trace(dimensions[i].trace) != NULL &&
			spm_matcher_filters(set->matcher, dimensions[i].filter))
			concerned |= 1U << dimensions[i].trace;
	return concerned;
}

/* Make builds unusable that filter by a tree which changed on their days. */
void
spm_invalidate_trees(const SpmBuildSet *set)
{
	for (int i = 0; i < lengthof(trees); i++)
	{
		const SpmTreeChange *tree = spm_shared_tree(trees[i].trace);

		for (int build = 0; tree->changed && build < set->count; build++)
			if (spm_matcher_scope_filters(set->matcher,
										  build,
										  trees[i].filter,
										  tree->from,
										  tree->to))
				spm_invalidate_build(set,
									 build,
									 "units or product families were moved");
	}
}

/* Does a scope filter by what this transaction changed? */
bool
spm_dimensions_concern(const SpmScope *scope)
{
	for (int i = 0; i < lengthof(dimensions); i++)
		if (spm_shared_trace(dimensions[i].trace) != NULL &&
			spm_scope_filters(scope,
							  dimensions[i].filter,
							  DATEVAL_NOBEGIN,
							  DATEVAL_NOEND))
			return true;
	for (int i = 0; i < lengthof(trees); i++)
	{
		const SpmTreeChange *tree = spm_shared_tree(trees[i].trace);

		if (tree->changed &&
			spm_scope_filters(scope, trees[i].filter, tree->from, tree->to))
			return true;
	}
	return false;
}
