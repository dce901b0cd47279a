/*-------------------------------------------------------------------------
 *
 * compat.h
 *	  The one place that knows PostgreSQL versions.
 *
 * src/core/compat.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_CORE_COMPAT_H
#define SPM_CORE_COMPAT_H

#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 190000
#error "salesperf supports PostgreSQL 15 to 18"
#endif

#if PG_VERSION_NUM >= 160000
#include "storage/relfilelocator.h"
#else
#include "storage/relfilenode.h"
#endif

/* d952373a98 split it off postgres.h. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* 18 made it a prefix. */
#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#endif

/* RelationData: since when, in this transaction, a table has new storage. */
#if PG_VERSION_NUM >= 160000
#define SPM_NEW_STORAGE_SUBID(relation)                                        \
	((relation)->rd_firstRelfilelocatorSubid)
#else
#define SPM_NEW_STORAGE_SUBID(relation) ((relation)->rd_firstRelfilenodeSubid)
#endif

/* Which file a table is in. */
#if PG_VERSION_NUM >= 160000
#define SPM_LOCATOR(relation) ((relation)->rd_locator)
typedef RelFileLocator SpmFile;
#else
#define SPM_LOCATOR(relation) ((relation)->rd_node)
typedef RelFileNode SpmFile;
#endif

/* The status of a session, by its place from 1 on: 16 renamed it. */
#if PG_VERSION_NUM >= 160000
#define SPM_BACKEND_STATUS(place) pgstat_get_local_beentry_by_index(place)
#else
#define SPM_BACKEND_STATUS(place) pgstat_fetch_stat_local_beentry(place)
#endif

/* May the user execute a function? */
#if PG_VERSION_NUM >= 160000
#define SPM_MAY_EXECUTE(function)                                              \
	(object_aclcheck(ProcedureRelationId,                                      \
					 (function),                                               \
					 GetUserId(),                                              \
					 ACL_EXECUTE) == ACLCHECK_OK)
#else
#define SPM_MAY_EXECUTE(function)                                              \
	(pg_proc_aclcheck((function), GetUserId(), ACL_EXECUTE) == ACLCHECK_OK)
#endif

/* Begin to read a table by an index; 18 can count how often that is done. */
#if PG_VERSION_NUM >= 180000
#define spm_index_beginscan(table, index, snapshot, count)                     \
	index_beginscan((table), (index), (snapshot), NULL, (count), 0)
#else
#define spm_index_beginscan(table, index, snapshot, count)                     \
	index_beginscan((table), (index), (snapshot), (count), 0)
#endif

/* The same by an index alone: no row is fetched. */
#if PG_VERSION_NUM >= 180000
#define spm_index_beginscan_alone(index, snapshot, count)                      \
	index_beginscan_bitmap((index), (snapshot), NULL, (count))
#else
#define spm_index_beginscan_alone(index, snapshot, count)                      \
	index_beginscan_bitmap((index), (snapshot), (count))
#endif

/* A tuple without a header; 18 can leave room before it. */
#if PG_VERSION_NUM >= 180000
#define spm_form_minimal_tuple(row, values, nulls)                             \
	heap_form_minimal_tuple((row), (values), (nulls), 0)
#else
#define spm_form_minimal_tuple(row, values, nulls)                             \
	heap_form_minimal_tuple((row), (values), (nulls))
#endif

/* A generated column that no row holds: 18 has such. */
#if PG_VERSION_NUM >= 180000
#define SPM_IS_VIRTUAL(attribute)                                              \
	((attribute)->attgenerated == ATTRIBUTE_GENERATED_VIRTUAL)
#else
#define SPM_IS_VIRTUAL(attribute) false
#endif

/*
 * A range table of one entry: a61b1f7482 keeps permissions beside it, and
 * cbc127917e wants to know which relations are there.
 */
#if PG_VERSION_NUM >= 180000
#define SPM_INIT_RANGE_TABLE(estate, entry)                                    \
	do                                                                         \
	{                                                                          \
		List *permissions_ = NIL;                                              \
                                                                               \
		(void) addRTEPermissionInfo(&permissions_, (entry));                   \
		ExecInitRangeTable((estate),                                           \
						   list_make1(entry),                                  \
						   permissions_,                                       \
						   bms_make_singleton(1));                             \
	} while (0)
#elif PG_VERSION_NUM >= 160000
#define SPM_INIT_RANGE_TABLE(estate, entry)                                    \
	do                                                                         \
	{                                                                          \
		List *permissions_ = NIL;                                              \
                                                                               \
		(void) addRTEPermissionInfo(&permissions_, (entry));                   \
		ExecInitRangeTable((estate), list_make1(entry), permissions_);         \
	} while (0)
#else
#define SPM_INIT_RANGE_TABLE(estate, entry)                                    \
	ExecInitRangeTable((estate), list_make1(entry))
#endif

/*
 * The first minor release whose transition tables and security can be relied
 * on: that of 2026-11-12.
 */
#if PG_VERSION_NUM < 160000
#define SPM_LEAST_SERVER_VERSION 150020
#define SPM_LEAST_SERVER_NAME "15.20"
#endif

#endif /* SPM_CORE_COMPAT_H */
