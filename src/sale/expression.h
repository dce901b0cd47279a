/*-------------------------------------------------------------------------
 *
 * expression.h
 *	  Expressions over the rows of a source's tables.
 *
 * src/sale/expression.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_EXPRESSION_H
#define SPM_SALE_EXPRESSION_H

#include "nodes/nodes.h"
#include "nodes/parsenodes.h"

#include "sale/mapping.h"

/* Sets of tables that an expression may use. */
#define SPM_ROLE_BIT(role) (1U << (role))
#define SPM_ROW_ROLES (~SPM_ROLE_BIT(SPM_ROLE_SPLITS))

extern Node *spm_expression_analyse(const SpmMapping *mapping, uint32 roles,
									const char *argument, const char *text);
extern Node *spm_expression_join_condition(const SpmMapping *mapping,
										   uint32 roles, const char *text);
extern JoinExpr *spm_expression_parse_join(const char *text);
extern SpmRole spm_expression_role(const SpmMapping *mapping, uint32 roles,
								   int varno);
extern void spm_expression_refuse_mutable(const char *argument,
										  const char *text, Node *node);

#endif /* SPM_SALE_EXPRESSION_H */
