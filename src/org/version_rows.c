/*-------------------------------------------------------------------------
 *
 * version_rows.c
 *	  Reading table org_version.
 *
 * src/org/version_rows.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "storage/bufmgr.h"
#include "storage/predicate.h"
#include "utils/inval.h"
#include "utils/rel.h"

#include "core/catalog.h"
#include "core/compat.h"
#include "org/version_rows.h"

/* The page of org_version, when it had but one with room for more. */
static struct
{
	bool known;
	SpmFile file;
	Buffer buffer;
	XLogRecPtr lsn;
} only_page;
static Oid watched[6];
static bool watching = false; /* are they known? */

static bool read_only_page(Snapshot snapshot, SpmOrgVersion *version);
static void read_page(Relation relation, Buffer buffer, Snapshot snapshot,
					  SpmOrgVersion *version);
static void add_row(const SpmOrgChange *change, SpmOrgVersion *version);
static void watch_tables(void);

/* The changes that a snapshot shows. */
SpmOrgVersion
spm_org_read_version(Snapshot snapshot)
{
	SpmOrgVersion version = {.count = {0}};
	Relation relation;

	if (read_only_page(snapshot, &version))
		return version;
	watch_tables();
	relation = table_open(watched[0], AccessShareLock);
	spm_org_read_rows(relation, snapshot, &version);
	table_close(relation, NoLock);
	return version;
}

/*
 * Every order asks, so neither is the table opened nor the file's length asked
 * for: add up the rows of a page that is known to be the only one.  It still is
 * if nothing was written to it since: there was room for a row then, so that
 * none can have been put elsewhere.  Who wrote the table anew had it locked, so
 * no row is in the new one before its invalidation was sent.
 */
static bool
read_only_page(Snapshot snapshot, SpmOrgVersion *version)
{
	Page page;
	bool same;

	AcceptInvalidationMessages();
	if (!only_page.known || IsolationIsSerializable() ||
		!ReadRecentBuffer(only_page.file, MAIN_FORKNUM, 0, only_page.buffer))
		return false;
	LockBuffer(only_page.buffer, BUFFER_LOCK_SHARE);
	page = BufferGetPage(only_page.buffer);
	same = PageGetLSN(page) == only_page.lsn;
	if (same)
		read_page(NULL, only_page.buffer, snapshot, version);
	UnlockReleaseBuffer(only_page.buffer);
	return same;
}

/*
 * Add up the rows of a page that are visible; relation NULL: nobody minds
 * conflicts.
 */
static void
read_page(Relation relation, Buffer buffer, Snapshot snapshot,
		  SpmOrgVersion *version)
{
	Page page = BufferGetPage(buffer);

	for (OffsetNumber i = FirstOffsetNumber; i <= PageGetMaxOffsetNumber(page);
		 i = OffsetNumberNext(i))
	{
		ItemId item = PageGetItemId(page, i);
		HeapTupleData tuple = {
			.t_tableOid = relation ? RelationGetRelid(relation) : watched[0]};
		bool visible;

		if (!ItemIdIsNormal(item))
			continue;
		tuple.t_data = (HeapTupleHeader) PageGetItem(page, item);
		tuple.t_len = ItemIdGetLength(item);
		ItemPointerSet(&tuple.t_self, BufferGetBlockNumber(buffer), i);
		visible = HeapTupleSatisfiesVisibility(&tuple, snapshot, buffer);
		if (relation != NULL)
			HeapCheckForSerializableConflictOut(visible,
												relation,
												&tuple,
												buffer,
												snapshot);
		if (visible)
			add_row((SpmOrgChange *) GETSTRUCT(&tuple), version);
	}
}

/*
 * Of too many sources the first are kept, and whether one is any.  Parts that
 * another version of the library knows are none of ours.
 */
static void
add_row(const SpmOrgChange *change, SpmOrgVersion *version)
{
	int source = change->part - SPM_ORG_SOURCE_PARTS;
	uint64 number;

	if (change->part < 0 || change->part >= SPM_ORG_PARTS)
		return;
	number = version->count[change->part]++;
	if (source >= 0 &&
		(number < SPM_ORG_MAX_SOURCES || change->change == InvalidOid))
		version->sources[source][Min(number, SPM_ORG_MAX_SOURCES - 1)] =
			change->change;
	version->sum[change->part] += (uint64) change->change;
}

/* Add up all rows that are visible, and note whether one page has them. */
void
spm_org_read_rows(Relation relation, Snapshot snapshot, SpmOrgVersion *version)
{
	BlockNumber blocks = RelationGetNumberOfBlocks(relation);

	PredicateLockRelation(relation, snapshot);
	only_page.known = false;
	for (BlockNumber block = 0; block < blocks; block++)
	{
		Buffer buffer = ReadBuffer(relation, block);

		LockBuffer(buffer, BUFFER_LOCK_SHARE);
		read_page(relation, buffer, snapshot, version);
		if (blocks == 1 && watching && !relation->rd_createSubid &&
			!SPM_NEW_STORAGE_SUBID(relation) &&
			PageGetHeapFreeSpace(BufferGetPage(buffer)) > BLCKSZ / 2 &&
			RelationGetNumberOfBlocks(relation) == 1)
		{
			only_page.known = true;
			only_page.file = SPM_LOCATOR(relation);
			only_page.buffer = buffer;
			only_page.lsn = PageGetLSN(BufferGetPage(buffer));
		}
		UnlockReleaseBuffer(buffer);
	}
}

/*
 * A relation was defined anew, or truncated; InvalidOid: any was.  Is it one of
 * those that the rows are about?
 */
bool
spm_org_rows_forget(Oid relation)
{
	for (int i = 0; i < lengthof(watched); i++)
		if (relation == InvalidOid || relation == watched[i])
		{
			watching = false;
			only_page.known = false;
			return true;
		}
	return false;
}

/* Remember which tables the rows are about. */
static void
watch_tables(void)
{
	static const char *const names[] = {"org_version",
										"unit_parent",
										"seller_unit",
										"product_family",
										"customer",
										"product"};

	StaticAssertStmt(lengthof(names) == lengthof(watched), "one for each");
	if (watching)
		return;
	for (int i = 0; i < lengthof(watched); i++)
		watched[i] = spm_relation_oid(names[i], false);
	watching = true;
}
