/*-------------------------------------------------------------------------
 *
 * direct_load.h
 *	  A source's view, while it is taken apart for reading directly.
 *
 * src/sale/direct_load.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_DIRECT_LOAD_H
#define SPM_SALE_DIRECT_LOAD_H

#include "nodes/parsenodes.h"
#include "nodes/primnodes.h"

#include "sale/direct.h"

/* A source's view, while it is taken apart. */
typedef struct Loading
{
	const SpmSource *source;
	SpmDirect *direct;
	Query *query;
	int rtindexes[MAX_DIRECT_TABLES];
	Node *conditions[MAX_DIRECT_TABLES];
	int rate_rtindex; /* of the row with the factor; 0: there is none */
	int place_count;
	List *vars;			  /* the columns of the whole row */
	List *figure_columns; /* that amounts take */
	bool of_amounts;	  /* what is loaded: amounts, or whether they count */
	bool possible;
} Loading;

/* Variables of this number stand for the row of table setting. */
#define SETTING_RTINDEX 0

extern bool spm_direct_is_readable(Oid table_oid);
extern void spm_direct_set_key(DirectTable *table, int key, AttrNumber column,
							   Oid type, Oid collation);
extern bool spm_direct_find_index(DirectTable *table, bool unique);
extern bool spm_direct_find_by_text(DirectTable *table, const char *name,
									const char *column);

extern TargetEntry *spm_direct_column(const Loading *loading, const char *name);
extern bool spm_direct_is_of_header(const Loading *loading, Node *node);
extern ExprState *spm_direct_expression(Loading *loading, Node *expression);
extern void spm_direct_figure(Loading *loading, Node *expression,
							  SpmFigure *figure);
extern int spm_direct_place(Loading *loading, const Var *var);
extern int spm_direct_add_place(Loading *loading, const Var *var);
extern bool spm_direct_is_others(Oid function, void *state);

#endif /* SPM_SALE_DIRECT_LOAD_H */
