/*-------------------------------------------------------------------------
 *
 * key_index_int.h
 *	  What follows for a column from a comparison of the key made of it.
 *
 * src/sale/key_index_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_KEY_INDEX_INT_H
#define SPM_SALE_KEY_INDEX_INT_H

#include "nodes/pathnodes.h"

/* A comparison of an expression over one table with what is not of it. */
typedef struct SpmComparison
{
	Node *key;
	Oid opno; /* with the key to its left */
	Node *value;
	bool is_array; /* key operator ANY (value) */
	Oid collation;
} SpmComparison;

extern bool spm_comparison_find(PlannerInfo *root, Expr *clause, Relids table,
								SpmComparison *comparison);
extern Node *spm_comparison_strip(Node *node);
extern Expr *spm_comparison_column(Node *node);
extern Expr *spm_comparison_call(const char *function, Oid type, List *args);

/* Both return conditions (Expr) that hold wherever the comparison does. */
extern List *spm_key_conditions(PlannerInfo *root,
								const SpmComparison *comparison);
extern List *spm_day_conditions(PlannerInfo *root,
								const SpmComparison *comparison);
extern bool spm_key_has_column(Node *key);

#endif /* SPM_SALE_KEY_INDEX_INT_H */
