/*-------------------------------------------------------------------------
 *
 * builds.c
 *	  The measures that totals are kept of.
 *
 * Which builds there are is read under the active snapshot, so that every
 * reader finds the builds, totals and deltas of one moment.  Writers keep
 * their set from commit to commit: a change of builds is announced by an
 * invalidation of relation build, sent before the builder looks for writers
 * that may not know it.
 *
 * src/measure/builds.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/inval.h"
#include "utils/memutils.h"

#include "core/catalog.h"
#include "core/owner.h"
#include "core/spi.h"
#include "measure/builds.h"

static void read_builds(SpmBuildSet *set, SpmBuildState state);
static void add_build(SpmBuildSet *set, uint64 row);
static void forget_writers_set(Datum argument, Oid relation);

static const char *const state_conditions[] = {
	[SPM_BUILDS_KNOWN] = "true",
	[SPM_BUILDS_COUNTING] = "b.built_at IS NULL",
	[SPM_BUILDS_BUILT] = "b.built_at IS NOT NULL",
};

/*
 * Beyond this a writer forgets the builds that it has met; those without an
 * inclusive filter, which every sale meets, are not counted.
 */
#define MEMORY_LIMIT (16 * 1024 * 1024)
static Size memory_limit;

/* The writers' set, whether it is current, and what it was read from. */
static SpmBuildSet *writers_set = NULL;
static bool writers_set_valid = false;
static bool following = false;
static Oid build_relation = InvalidOid;

/* The builds in that state under the active snapshot. */
SpmBuildSet *
spm_builds_load(SpmBuildState state, MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent,
												  "salesperf builds",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	SpmBuildSet *set = palloc0(sizeof(SpmBuildSet));
	SpmCaller caller;

	set->context = context;
	set->matcher = spm_matcher_create(context);
	spm_become_extension_owner(&caller);
	spm_spi_begin();
	read_builds(set, state);
	spm_spi_end();
	spm_return_to(&caller);
	set->any = set->count > 0;
	MemoryContextSwitchTo(caller_context);
	return set;
}

/* Index of a build in the set, -1 if it is not there. */
int
spm_builds_find(const void *builds, int32 build_id)
{
	const SpmBuildSet *set = builds;
	int low = 0;
	int high = set->count - 1;

	while (low <= high)
	{
		int middle = low + (high - low) / 2;

		if (set->builds[middle].build_id == build_id)
			return middle;
		if (set->builds[middle].build_id < build_id)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return -1;
}

/*
 * The builds that a writer books for, who will look for some keys.  NULL: they
 * have to be read anew.
 */
SpmBuildSet *
spm_builds_current(uint64 probes)
{
	if (writers_set_valid &&
		(MemoryContextMemAllocated(writers_set->context, true) > memory_limit ||
		 spm_builds_are_met(writers_set, probes)))
		writers_set_valid = false;
	return writers_set_valid ? writers_set : NULL;
}

/* The same, read under the active snapshot and kept. */
SpmBuildSet *
spm_builds_of_writers(uint64 probes)
{
	const uint64 all_probes =
		probes + (writers_set ? spm_builds_probes(writers_set) : 0);
	SpmBuildSet *set;

	if (!following)
		CacheRegisterRelcacheCallback(forget_writers_set, (Datum) 0);
	following = true;
	build_relation = spm_relation_oid("build", false);
	writers_set_valid = true;
	PG_TRY();
	{
		set = spm_builds_to_meet(CurrentMemoryContext, true, all_probes);
	}
	PG_CATCH();
	{
		writers_set_valid = false;
		PG_RE_THROW();
	}
	PG_END_TRY();
	if (writers_set != NULL)
		MemoryContextDelete(writers_set->context);
	MemoryContextSetParent(set->context, CacheMemoryContext);
	writers_set = set;
	memory_limit = MEMORY_LIMIT + MemoryContextMemAllocated(set->context, true);
	return set;
}

/* Tell all sessions, when this transaction commits, to read builds anew. */
void
spm_builds_changed(void)
{
	CacheInvalidateRelcacheByRelid(spm_relation_oid("build", false));
}

static void
forget_writers_set(Datum argument, Oid relation)
{
	if (!OidIsValid(relation) || relation == build_relation)
		writers_set_valid = false;
}

/* Fill a set, whose context is current. */
static void
read_builds(SpmBuildSet *set, SpmBuildState state)
{
	MemoryContext spi_context;
	uint64 count = spm_spi_read(
		psprintf("SELECT b.build_id, b.measure_id, m.scope"
				 " FROM salesperf.build b"
				 " JOIN salesperf.measure m ON m.measure_id = b.measure_id"
				 " WHERE %s AND NOT EXISTS ("
				 "SELECT FROM salesperf.invalidation i"
				 " WHERE b.build_id BETWEEN i.first_build AND i.last_build)"
				 " ORDER BY b.build_id",
				 state_conditions[state]),
		NULL);

	spi_context = MemoryContextSwitchTo(set->context);
	set->builds =
		MemoryContextAllocHuge(set->context,
							   mul_size(Max(count, 1), sizeof(SpmBuild)));
	for (uint64 row = 0; row < count; row++)
		add_build(set, row);
	MemoryContextSwitchTo(spi_context);
}

static void
add_build(SpmBuildSet *set, uint64 row)
{
	SpmBuild *build = &set->builds[set->count++];
	bool is_null;

	build->build_id = DatumGetInt32(spm_spi_datum(row, 1, &is_null));
	build->measure_id = DatumGetInt64(spm_spi_datum(row, 2, &is_null));
	build->scope = DatumGetJsonbPCopy(spm_spi_datum(row, 3, &is_null));
	spm_matcher_add(set->matcher, spm_scope_parse(build->scope));
}
