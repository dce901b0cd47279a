/*-------------------------------------------------------------------------
 *
 * rows.c
 *	  Reading rows of tables of schema salesperf without the executor.
 *
 * src/core/rows.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_am.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "core/catalog.h"
#include "core/rows.h"

/* Hand on the rows with some keys of an index, as the active snapshot shows. */
void
spm_read_rows(const char *table_name, const char *index_name, ScanKeyData *keys,
			  int count, SpmRowTaker take, void *state)
{
	Relation table =
		table_open(spm_relation_oid(table_name, false), AccessShareLock);
	TupleDesc row = RelationGetDescr(table);
	Datum *values = palloc(row->natts * sizeof(Datum));
	bool *nulls = palloc(row->natts * sizeof(bool));
	SysScanDesc scan = systable_beginscan(table,
										  spm_relation_oid(index_name, false),
										  true,
										  GetActiveSnapshot(),
										  count,
										  keys);
	HeapTuple tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		heap_deform_tuple(tuple, row, values, nulls);
		take(values, state);
	}
	systable_endscan(scan);
	table_close(table, NoLock);
	pfree(values);
	pfree(nulls);
}

/*
 * Hand on the rows at some places, as far as there are any that the active
 * snapshot shows.  They may be others than were there before.  Of a table that
 * is no heap none is.
 *
 * *blocks is how many the table had when a call before locked it, as it still
 * is, so that none of them has gone; or SPM_NOT_LOCKED, and it is set.
 */
void
spm_read_rows_at(Oid relation, BlockNumber *blocks,
				 const ItemPointerData *places, int count, SpmRowTaker take,
				 void *state)
{
	bool is_locked = *blocks != SPM_NOT_LOCKED;
	Relation table = table_open(relation, is_locked ? NoLock : AccessShareLock);
	TupleDesc columns = RelationGetDescr(table);
	Datum *values = palloc(columns->natts * sizeof(Datum));
	bool *nulls = palloc(columns->natts * sizeof(bool));

	if (!is_locked)
		*blocks = table->rd_rel->relam == HEAP_TABLE_AM_OID
					  ? RelationGetNumberOfBlocks(table)
					  : 0;
	for (int i = 0; i < count; i++)
	{
		HeapTupleData row = {.t_self = places[i]};
		Buffer buffer;

		if (ItemPointerGetBlockNumber(&row.t_self) < *blocks &&
			heap_fetch(table, GetActiveSnapshot(), &row, &buffer, false))
		{
			heap_deform_tuple(&row, columns, values, nulls);
			take(values, state);
			ReleaseBuffer(buffer);
		}
	}
	table_close(table, NoLock);
	pfree(values);
	pfree(nulls);
}

/* How many blocks a table has. */
BlockNumber
spm_count_blocks(const char *table_name)
{
	Relation table =
		table_open(spm_relation_oid(table_name, false), AccessShareLock);
	BlockNumber blocks = RelationGetNumberOfBlocks(table);

	table_close(table, NoLock);
	return blocks;
}

/*
 * Hand on each row that the active snapshot shows.  No rights are asked for,
 * and the lock is given back at the end.
 */
void
spm_scan_table(Oid relation, SpmSlotTaker take, void *state)
{
	Relation table = table_open(relation, AccessShareLock);
	TupleTableSlot *row = table_slot_create(table, NULL);
	TableScanDesc scan = table_beginscan(table, GetActiveSnapshot(), 0, NULL);

	while (table_scan_getnextslot(scan, ForwardScanDirection, row))
	{
		CHECK_FOR_INTERRUPTS();
		slot_getallattrs(row);
		take(row, state);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(row);
	table_close(table, AccessShareLock);
}
