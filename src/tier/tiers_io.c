/*-------------------------------------------------------------------------
 *
 * tiers_io.c
 *	  Type tiers: input, output, equality and hashing.
 *
 * A datum holds a version byte and the schedule's text in its one written
 * form, so equal schedules are equal bytes, a value takes no more room than
 * it has on paper, and nothing in it has to be trusted: all that enters goes
 * through the parser.  Evaluation compiles a schedule once per query
 * (schedule_cache.c), so rows do not pay for the text.
 *
 * The binary form is the same: the version byte, then the text.
 *
 * src/tier/tiers_io.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "libpq/pqformat.h"

#include "core/export.h"
#include "tier/tiers.h"

#define TIERS_VERSION 1

SPM_FUNCTION_INFO_V1(spm_tiers_in);
SPM_FUNCTION_INFO_V1(spm_tiers_out);
SPM_FUNCTION_INFO_V1(spm_tiers_recv);
SPM_FUNCTION_INFO_V1(spm_tiers_send);
SPM_FUNCTION_INFO_V1(spm_tiers_eq);
SPM_FUNCTION_INFO_V1(spm_tiers_ne);
SPM_FUNCTION_INFO_V1(spm_tiers_hash);
SPM_FUNCTION_INFO_V1(spm_tiers_hash_extended);

static char *text_of(struct varlena *datum);
static bool same_bytes(struct varlena *a, struct varlena *b);

/* tiers_in(cstring) returns tiers */
Datum
spm_tiers_in(PG_FUNCTION_ARGS)
{
	SpmTierList list;

	spm_tiers_parse(PG_GETARG_CSTRING(0), &list);
	PG_RETURN_POINTER(spm_tiers_pack(&list));
}

/* tiers_out(tiers) returns cstring */
Datum
spm_tiers_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(text_of(PG_GETARG_VARLENA_PP(0)));
}

/* tiers_recv(internal) returns tiers */
Datum
spm_tiers_recv(PG_FUNCTION_ARGS)
{
	StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
	int version = pq_getmsgbyte(message);
	SpmTierList list;
	char *text;
	int length;

	if (version != TIERS_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("unsupported version %d of type %s in binary form",
						version,
						"tiers"),
				 errdetail("The only version is %d.", TIERS_VERSION)));
	text = pq_getmsgtext(message, message->len - message->cursor, &length);
	if (strlen(text) != length)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid zero byte in type %s in binary form",
						"tiers")));
	spm_tiers_parse(text, &list);
	PG_RETURN_POINTER(spm_tiers_pack(&list));
}

/* tiers_send(tiers) returns bytea */
Datum
spm_tiers_send(PG_FUNCTION_ARGS)
{
	char *text = text_of(PG_GETARG_VARLENA_PP(0));
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendbyte(&message, TIERS_VERSION);
	pq_sendtext(&message, text, strlen(text));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/* tiers_eq(tiers, tiers) returns boolean */
Datum
spm_tiers_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(
		same_bytes(PG_GETARG_VARLENA_PP(0), PG_GETARG_VARLENA_PP(1)));
}

/* tiers_ne(tiers, tiers) returns boolean */
Datum
spm_tiers_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(
		!same_bytes(PG_GETARG_VARLENA_PP(0), PG_GETARG_VARLENA_PP(1)));
}

/* tiers_hash(tiers) returns integer */
Datum
spm_tiers_hash(PG_FUNCTION_ARGS)
{
	struct varlena *datum = PG_GETARG_VARLENA_PP(0);

	return hash_any((unsigned char *) VARDATA_ANY(datum),
					VARSIZE_ANY_EXHDR(datum));
}

/* tiers_hash_extended(tiers, bigint) returns bigint */
Datum
spm_tiers_hash_extended(PG_FUNCTION_ARGS)
{
	struct varlena *datum = PG_GETARG_VARLENA_PP(0);

	return hash_any_extended((unsigned char *) VARDATA_ANY(datum),
							 VARSIZE_ANY_EXHDR(datum),
							 PG_GETARG_INT64(1));
}

/* The datum of a checked list, palloc'd. */
struct varlena *
spm_tiers_pack(const SpmTierList *list)
{
	char *text = spm_tiers_format(list);
	Size size = VARHDRSZ + 1 + strlen(text);
	struct varlena *datum = palloc(size);

	SET_VARSIZE(datum, size);
	*VARDATA(datum) = TIERS_VERSION;
	memcpy(VARDATA(datum) + 1, text, size - VARHDRSZ - 1);
	pfree(text);
	return datum;
}

/* The list that a datum holds; the datum must not be toasted. */
void
spm_tiers_unpack(struct varlena *datum, SpmTierList *list)
{
	spm_tiers_parse(text_of(datum), list);
}

/* The schedule's text in a datum, palloc'd. */
static char *
text_of(struct varlena *datum)
{
	int size = VARSIZE_ANY_EXHDR(datum);

	if (size < 1 || *VARDATA_ANY(datum) != TIERS_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored value of type %s has an unsupported version",
						"tiers")));
	return pnstrdup(VARDATA_ANY(datum) + 1, size - 1);
}

/* Whether two datums hold the same schedule. */
static bool
same_bytes(struct varlena *a, struct varlena *b)
{
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		   memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}
