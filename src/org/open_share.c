/*-------------------------------------------------------------------------
 *
 * open_share.c
 *	  The passed part of a period's open days.
 *
 * Closed days are read with the rights of the caller.
 *
 * src/org/open_share.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "core/export.h"
#include "core/spi.h"
#include "forecast/elapsed.h"
#include "org/open_share.h"

SPM_FUNCTION_INFO_V1(spm_open_share);

static SPIPlanPtr closed_plan = NULL;

static void read_closed(SpmArgs *args, int64 *closed, int64 *closed_passed);

/* open_share(starts_on, ends_on, as_of, region) → numeric */
Datum
spm_open_share(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(spm_open_share_of(PG_GETARG_DATEADT(0),
										PG_GETARG_DATEADT(1),
										PG_GETARG_DATEADT(2),
										PG_GETARG_TEXT_PP(3)));
}

/* The same, in the current memory context. */
Numeric
spm_open_share_of(DateADT starts_on, DateADT ends_on, DateADT as_of,
				  text *region)
{
	SpmElapsed elapsed = spm_elapsed(starts_on, ends_on, as_of);
	SpmArgs args = {4,
					{DATEOID, DATEOID, DATEOID, TEXTOID},
					{DateADTGetDatum(starts_on),
					 DateADTGetDatum(ends_on),
					 DateADTGetDatum(as_of),
					 PointerGetDatum(region)}};
	int64 closed;
	int64 closed_passed;

	read_closed(&args, &closed, &closed_passed);
	if (closed == 0 || closed == elapsed.days)
		return spm_part(int64_to_numeric(1), elapsed.passed, elapsed.days);
	return DatumGetNumeric(
		DirectFunctionCall2(numeric_div,
							NumericGetDatum(int64_to_numeric(elapsed.passed -
															 closed_passed)),
							NumericGetDatum(
								int64_to_numeric(elapsed.days - closed))));
}

/* Count the closed days of the period, and those of them that have passed. */
static void
read_closed(SpmArgs *args, int64 *closed, int64 *closed_passed)
{
	bool is_null;

	spm_spi_begin();
	if (closed_plan == NULL)
		closed_plan = spm_spi_keep(
			"SELECT pg_catalog.count(c.closed_on), pg_catalog.count(c.closed_on)"
			" FILTER (WHERE c.closed_on OPERATOR(pg_catalog.<=) $3)"
			" FROM (SELECT DISTINCT d.closed_on FROM salesperf.closed_day d"
			" WHERE d.closed_on OPERATOR(pg_catalog.>=) $1"
			" AND d.closed_on OPERATOR(pg_catalog.<=) $2"
			" AND (d.region OPERATOR(pg_catalog.=) ''"
			" OR d.region OPERATOR(pg_catalog.=) $4)) c",
			args);
	spm_spi_read_kept(closed_plan, args);
	*closed = DatumGetInt64(spm_spi_datum(0, 1, &is_null));
	*closed_passed = DatumGetInt64(spm_spi_datum(0, 2, &is_null));
	spm_spi_end();
}
