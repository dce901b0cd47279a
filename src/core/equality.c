/*-------------------------------------------------------------------------
 *
 * equality.c
 *	  How values of a type are told apart by default.
 *
 * A session that asks the type cache for the first time has it look through
 * the operator classes of an access method, which takes longer than to note a
 * statement.  The types that most keys have, whose operator classes PostgreSQL
 * comes with, need not be asked for.
 *
 * src/core/equality.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "core/equality.h"

/* pg_operator.h has no name for it. */
#define INT8_EQUAL_OPERATOR 410

static SpmEquality known[] = {
	{.type = INT4OID,
	 .operator= Int4EqualOperator,
	 .equal_function = F_INT4EQ,
	 .hash_function = F_HASHINT4,
	 .length = sizeof(int32),
	 .by_value = true,
	 .align = TYPALIGN_INT},
	{.type = INT8OID,
	 .operator= INT8_EQUAL_OPERATOR,
	 .equal_function = F_INT8EQ,
	 .hash_function = F_HASHINT8,
	 .length = sizeof(int64),
	 .by_value = FLOAT8PASSBYVAL,
	 .align = TYPALIGN_DOUBLE},
	{.type = TEXTOID,
	 .operator= TextEqualOperator,
	 .equal_function = F_TEXTEQ,
	 .hash_function = F_HASHTEXT,
	 .length = -1,
	 .by_value = false,
	 .align = TYPALIGN_INT},
};

static FmgrInfo equal_calls[lengthof(known)];
static FmgrInfo hash_calls[lengthof(known)];

/* That of a type which need not be looked up; NULL: of any other. */
const SpmEquality *
spm_known_equality(Oid type)
{
	for (int i = 0; i < lengthof(known); i++)
	{
		if (known[i].type != type)
			continue;
		if (known[i].hash == NULL)
		{
			fmgr_info_cxt(known[i].equal_function,
						  &equal_calls[i],
						  TopMemoryContext);
			fmgr_info_cxt(known[i].hash_function,
						  &hash_calls[i],
						  TopMemoryContext);
			known[i].equal = &equal_calls[i];
			known[i].hash = &hash_calls[i];
		}
		return &known[i];
	}
	return NULL;
}

/* The operator alone, of any type; InvalidOid: it has none. */
Oid
spm_equality_operator(Oid type)
{
	const SpmEquality *equality = spm_known_equality(type);

	return equality
		? equality->operator: lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr;
}

/*
 * Are texts equal by a collation only if they are to the byte?  A database's own
 * can be no other, so it is not looked up.
 */
bool
spm_is_deterministic(Oid collation)
{
	return collation == DEFAULT_COLLATION_OID || collation == C_COLLATION_OID ||
		   get_collation_isdeterministic(collation);
}
