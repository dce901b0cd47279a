/*-------------------------------------------------------------------------
 *
 * partition.h
 *	  Partitioned tables of sources.
 *
 * src/sale/partition.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_PARTITION_H
#define SPM_SALE_PARTITION_H

#include "access/tupconvert.h"
#include "catalog/pg_class.h"
#include "nodes/pg_list.h"
#include "utils/relcache.h"

#include "sale/source.h"

/* A table of a source with its partitions, theirs too; an ordinary one alone. */
typedef struct SpmTree
{
	int count;
	Oid *tables; /* in order */
	Oid root;
	bool detaching; /* DETACH PARTITION CONCURRENTLY is under way */
} SpmTree;

/* Turns rows of a partition into rows of the table that a source names. */
typedef struct SpmRowMap
{
	Relation root;
	TupleConversionMap *map; /* NULL: they are the same */
	TupleTableSlot *slot;
} SpmRowMap;

extern bool spm_tree_inherits(const SpmTree *tree);
extern void spm_tree_load(SpmTree *tree, Oid root);
extern bool spm_tree_has(const SpmTree *tree, Oid table);
extern bool spm_is_foreign(Oid table);
extern void spm_partition_lock_ancestors(Relation partition);
extern void spm_row_map_open(SpmRowMap *map, Oid root, Relation partition);
extern void spm_row_map_close(SpmRowMap *map);
extern void spm_partition_adopt(SpmSource *source, List *created);
extern void spm_partition_take_over(SpmSource *source);
extern Oid spm_partition_foreign(const SpmSource *source);

/*
 * How many triggers a table has: INSERT, UPDATE, DELETE, TRUNCATE, and the one
 * for replicated rows, which a partitioned table has none of.
 */
static inline int
spm_trigger_count(char relkind)
{
	return relkind == RELKIND_PARTITIONED_TABLE ? 4 : 5;
}

/* A row as the table that the source names has it. */
static inline TupleTableSlot *
spm_row_map_apply(const SpmRowMap *map, TupleTableSlot *row)
{
	return map->map ? execute_attr_map_slot(map->map->attrMap, row, map->slot)
					: row;
}

#endif /* SPM_SALE_PARTITION_H */
