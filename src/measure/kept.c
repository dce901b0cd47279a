/*-------------------------------------------------------------------------
 *
 * kept.c
 *	  The builds that readers use, from report to report.
 *
 * Which builds are built is read under each reader's snapshot.  What they
 * count never changes, so that their scopes are read and numbered only when
 * a snapshot shows other builds than the one before.
 *
 * src/measure/kept.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "core/owner.h"
#include "core/spi.h"
#include "measure/kept.h"

/* The builds of the last report. */
static SpmBuildSet *readers_set = NULL;

static bool is_current(const SpmBuildSet *set);
static bool is_row(const SpmBuild *build, uint64 row);

/*
 * The builds that are built under the active snapshot.  They stay at least as
 * long as the transaction.
 */
SpmBuildSet *
spm_builds_of_readers(void)
{
	SpmBuildSet *set;

	if (readers_set != NULL && is_current(readers_set))
		return readers_set;
	set = spm_builds_load(SPM_BUILDS_BUILT, CurrentMemoryContext);
	if (readers_set != NULL)
		MemoryContextSetParent(readers_set->context, TopTransactionContext);
	MemoryContextSetParent(set->context, CacheMemoryContext);
	readers_set = set;
	return set;
}

/*
 * Does the active snapshot show these builds and no others?  The measure's id
 * tells builds apart that an extension made which was dropped since.
 */
static bool
is_current(const SpmBuildSet *set)
{
	SpmCaller caller;
	uint64 count;
	bool same;

	spm_become_extension_owner(&caller);
	spm_spi_begin();
	count = spm_spi_read("SELECT b.build_id, b.measure_id"
						 " FROM salesperf.build b"
						 " WHERE b.built_at IS NOT NULL AND NOT EXISTS ("
						 "SELECT FROM salesperf.invalidation i"
						 " WHERE b.build_id BETWEEN i.first_build"
						 " AND i.last_build)"
						 " ORDER BY b.build_id",
						 NULL);
	same = count == (uint64) set->count;
	for (uint64 row = 0; same && row < count; row++)
		same = is_row(&set->builds[row], row);
	spm_spi_end();
	spm_return_to(&caller);
	return same;
}

static bool
is_row(const SpmBuild *build, uint64 row)
{
	bool is_null;

	return build->build_id == DatumGetInt32(spm_spi_datum(row, 1, &is_null)) &&
		   build->measure_id == DatumGetInt64(spm_spi_datum(row, 2, &is_null));
}
