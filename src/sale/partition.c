/*-------------------------------------------------------------------------
 *
 * partition.c
 *	  Partitioned tables of sources.
 *
 * A statement fires the statement triggers of the table that it names and of
 * no other: the root of the tree, or whichever partition it is.  So each
 * table of the tree has them.  All keys are made of the root's rows.
 *
 * src/sale/partition.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "executor/executor.h"
#include "storage/lmgr.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "core/lock.h"
#include "core/owner.h"
#include "core/spi.h"
#include "sale/install.h"
#include "sale/partition.h"
#include "sale/source_int.h"

static List *add_members(List *members, Oid table, bool *detaching);
static void mapping_of(const SpmSource *source, SpmMapping *mapping);

/*
 * Fill in the tables of a tree, in the current memory context.  They are not
 * locked: whoever changes the tree sends an invalidation of its parent.
 */
void
spm_tree_load(SpmTree *tree, Oid root)
{
	List *members;
	ListCell *cell;

	tree->detaching = false;
	tree->root = root;
	members = add_members(NIL, root, &tree->detaching);
	list_sort(members, list_oid_cmp);
	tree->tables = palloc(list_length(members) * sizeof(Oid));
	tree->count = 0;
	foreach (cell, members)
		tree->tables[tree->count++] = lfirst_oid(cell);
}

/* Is the root itself a partition, or a table that inherits? */
bool
spm_tree_inherits(const SpmTree *tree)
{
	return has_superclass(tree->root);
}

/* Add a table and its partitions, one that is just being detached too. */
static List *
add_members(List *members, Oid table, bool *detaching)
{
	ListCell *cell;

	members = lappend_oid(members, table);
	if (get_rel_relkind(table) != RELKIND_PARTITIONED_TABLE)
		return members;
	foreach (cell,
			 find_inheritance_children_extended(table,
												false,
												NoLock,
												detaching,
												NULL))
		members = add_members(members, lfirst_oid(cell), detaching);
	return members;
}

/* Is a table of the tree?  Allocates nothing. */
bool
spm_tree_has(const SpmTree *tree, Oid table)
{
	int low = 0;
	int high = tree->count - 1;

	while (low <= high)
	{
		int middle = low + (high - low) / 2;

		if (tree->tables[middle] == table)
			return true;
		if (tree->tables[middle] < table)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return false;
}

/* Is it a foreign table, which cannot have our triggers? */
bool
spm_is_foreign(Oid table)
{
	return get_rel_relkind(table) == RELKIND_FOREIGN_TABLE;
}

/*
 * Lock what a partition is part of, as reading sales at commit does.  Who
 * writes to a partition directly has not locked it, and who alters the root
 * locks the partitions after it: they would wait for each other.  So it is
 * waited for briefly, an error after that.
 */
void
spm_partition_lock_ancestors(Relation partition)
{
	ListCell *cell;

	foreach (cell, get_partition_ancestors(RelationGetRelid(partition)))
	{
		int guc_level;

		if (ConditionalLockRelationOid(lfirst_oid(cell), AccessShareLock))
			continue;
		guc_level = NewGUCNestLevel();
		spm_lock_briefly();
		LockRelationOid(lfirst_oid(cell), AccessShareLock);
		AtEOXact_GUC(false, guc_level);
	}
}

/* Begin to turn rows of a table of the tree, locked, into rows of its root. */
void
spm_row_map_open(SpmRowMap *map, Oid root, Relation partition)
{
	memset(map, 0, sizeof(SpmRowMap));
	if (RelationGetRelid(partition) == root)
		return;
	map->root = table_open(root, AccessShareLock);
	map->map = convert_tuples_by_name(RelationGetDescr(partition),
									  RelationGetDescr(map->root));
	if (map->map != NULL)
		map->slot = MakeSingleTupleTableSlot(RelationGetDescr(map->root),
											 &TTSOpsVirtual);
}

void
spm_row_map_close(SpmRowMap *map)
{
	if (map->map != NULL)
	{
		ExecDropSingleTupleTableSlot(map->slot);
		free_conversion_map(map->map);
	}
	if (map->root != NULL)
		table_close(map->root, NoLock);
}

/*
 * Give the triggers to partitions that were just created.  They are empty, so
 * whatever was known of the source is still true.
 */
void
spm_partition_adopt(SpmSource *source, List *created)
{
	SpmMapping mapping;
	SpmCaller caller;

	mapping_of(source, &mapping);
	spm_become_extension_owner(&caller);
	spm_spi_begin();
	spm_install_on_partitions(&mapping, created);
	spm_spi_end();
	spm_return_to(&caller);
}

/*
 * Partitions were attached or detached: give the triggers to those that lack
 * them, and take them off tables that are no partitions any more, as far as
 * this transaction has them locked.
 */
void
spm_partition_take_over(SpmSource *source)
{
	SpmMapping mapping;
	SpmCaller caller;
	List *members = NIL;

	for (int role = 0; role < SPM_ROLE_COUNT; role++)
	{
		const SpmTree *tree = &source->cache->trees[role];

		for (int i = 0; i < tree->count; i++)
			if (spm_lock_is_held(tree->tables[i], ShareRowExclusiveLock))
				members = lappend_oid(members, tree->tables[i]);
	}
	mapping_of(source, &mapping);
	spm_become_extension_owner(&caller);
	spm_spi_begin();
	spm_install_on_partitions(&mapping, members);
	spm_install_drop_other_triggers(&mapping);
	spm_spi_end();
	spm_return_to(&caller);
}

/* A foreign partition of a source's tables; InvalidOid if there is none. */
Oid
spm_partition_foreign(const SpmSource *source)
{
	for (int role = 0; role < SPM_ROLE_COUNT; role++)
	{
		const SpmTree *tree = &source->cache->trees[role];

		for (int i = 0; i < tree->count; i++)
			if (spm_is_foreign(tree->tables[i]))
				return tree->tables[i];
	}
	return InvalidOid;
}

/* As much of the source's mapping as its triggers need. */
static void
mapping_of(const SpmSource *source, SpmMapping *mapping)
{
	memset(mapping, 0, sizeof(SpmMapping));
	mapping->name = pstrdup(source->name);
	if (strcmp(source->root, source->name) != 0)
		mapping->part_of = pstrdup(source->root);
	memcpy(mapping->tables, source->tables, sizeof(mapping->tables));
}
