/*-------------------------------------------------------------------------
 *
 * direct_figure.h
 *	  Amounts of a line, worked out as integers where they are small.
 *
 * src/sale/direct_figure.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_DIRECT_FIGURE_H
#define SPM_SALE_DIRECT_FIGURE_H

#include "core/amount.h"
#include "nodes/execnodes.h"
#include "nodes/pg_list.h"

/* An amount as an expression over the whole row. */
typedef struct SpmFigure
{
	ExprState *state; /* NULL: has no value */
	struct FigureNode
		*root; /* the same, for small amounts; NULL: it can't be had so */
} SpmFigure;

extern struct FigureNode *spm_figure_load(Node *expression, List **columns);
extern void spm_figures_begin(void);
extern bool spm_figure_is_within(const SpmFigure *figure,
								 ExprContext *econtext);
extern void spm_figure_run(const SpmFigure *figure, ExprContext *econtext,
						   SpmAmount *amount);

#endif /* SPM_SALE_DIRECT_FIGURE_H */
