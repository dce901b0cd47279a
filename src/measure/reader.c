/*-------------------------------------------------------------------------
 *
 * reader.c
 *	  The scopes that somebody reads.
 *
 * src/measure/reader.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/datum.h"

#include "core/catalog.h"
#include "core/owner.h"
#include "core/spi.h"
#include "measure/reader.h"

/*
 * All scopes of view measure_reader under the active snapshot, a jsonb[] in
 * the current memory context.
 *
 * The view is read as its own owner: whoever could change it must not gain
 * the rights of the extension's owner by it.
 */
Datum
spm_reader_scopes(void)
{
	MemoryContext caller_context = CurrentMemoryContext;
	SpmCaller caller;
	MemoryContext spi_context;
	Datum scopes;
	bool is_null;

	spm_become(spm_relation_owner(spm_relation_oid("measure_reader", false)),
			   &caller);
	spm_spi_begin();
	spm_spi_read("SELECT ARRAY(SELECT DISTINCT r.scope"
				 " FROM salesperf.measure_reader r"
				 " WHERE r.scope IS NOT NULL)",
				 NULL);
	scopes = spm_spi_datum(0, 1, &is_null);
	spi_context = MemoryContextSwitchTo(caller_context);
	scopes = PointerGetDatum(PG_DETOAST_DATUM_COPY(scopes));
	MemoryContextSwitchTo(spi_context);
	spm_spi_end();
	spm_return_to(&caller);
	return scopes;
}
