/*-------------------------------------------------------------------------
 *
 * direct_amount.c
 *	  The limits of amounts, tested without calling numeric's functions.
 *
 * A source's view asks of each amount whether it lies between two bounds
 * (mapping.c).  Nearly all amounts are so far from them that the first digits
 * tell.
 *
 * src/sale/direct_amount.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"

#include "core/decimal.h"
#include "sale/direct_amount.h"
#include "sale/mapping.h"

/* Of a digit group that stands for 10000^3 the limit has 999. */
#define LIMIT_WEIGHT 3
#define LIMIT_GROUP 999

static Node *bounded(Node *comparison, Oid function, const char *bound);
static bool is_number(Node *node, const char *number);
static Datum number_of(const char *text);

/* The amount that a condition asks whether it is in range, else NULL. */
Node *
spm_limited_amount(Node *condition)
{
	CoalesceExpr *either;
	BoolExpr *both;
	Node *amount;
	Const *otherwise;

	if (!IsA(condition, CoalesceExpr))
		return NULL;
	either = castNode(CoalesceExpr, condition);
	if (list_length(either->args) != 2 ||
		!IsA(linitial(either->args), BoolExpr) ||
		!IsA(lsecond(either->args), Const))
		return NULL;
	both = linitial_node(BoolExpr, either->args);
	otherwise = lsecond_node(Const, either->args);
	if (both->boolop != AND_EXPR || list_length(both->args) != 2 ||
		otherwise->constisnull || !DatumGetBool(otherwise->constvalue))
		return NULL;
	amount = bounded(linitial(both->args), F_NUMERIC_GE, "-" SPM_AMOUNT_LIMIT);
	return amount != NULL && equal(amount,
								   bounded(lsecond(both->args),
										   F_NUMERIC_LE,
										   SPM_AMOUNT_LIMIT))
			   ? amount
			   : NULL;
}

/* What is compared with a bound, NULL: it is another comparison. */
static Node *
bounded(Node *comparison, Oid function, const char *bound)
{
	OpExpr *operation;

	if (!IsA(comparison, OpExpr))
		return NULL;
	operation = castNode(OpExpr, comparison);
	set_opfuncid(operation);
	return operation->opfuncid == function &&
				   is_number(lsecond(operation->args), bound)
			   ? linitial(operation->args)
			   : NULL;
}

static bool
is_number(Node *node, const char *number)
{
	return IsA(node, Const) && !castNode(Const, node)->constisnull &&
		   DatumGetBool(DirectFunctionCall2(numeric_eq,
											castNode(Const, node)->constvalue,
											number_of(number)));
}

/* Is a known amount that is no small one within the limits? */
bool
spm_large_amount_is_within(const SpmAmount *amount)
{
	struct varlena *value =
		pg_detoast_datum_packed((struct varlena *) amount->value);
	SpmDigits digits;

	spm_digits_open(value, &digits);
	if (!digits.finite)
		return false;
	if (digits.weight < LIMIT_WEIGHT ||
		(digits.weight == LIMIT_WEIGHT &&
		 (int16) spm_digits_word(digits.digits) < LIMIT_GROUP))
		return true;
	return DatumGetBool(
		DirectFunctionCall2(numeric_le,
							DirectFunctionCall1(numeric_abs,
												NumericGetDatum(amount->value)),
							number_of(SPM_AMOUNT_LIMIT)));
}

static Datum
number_of(const char *text)
{
	return DirectFunctionCall3(numeric_in,
							   CStringGetDatum(text),
							   ObjectIdGetDatum(InvalidOid),
							   Int32GetDatum(-1));
}
