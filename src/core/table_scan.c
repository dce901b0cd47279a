/*-------------------------------------------------------------------------
 *
 * table_scan.c
 *	  Reading all rows of a table below the executor.
 *
 * For salesperf's own tables, whose columns the caller knows by place.
 *
 * src/core/table_scan.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "miscadmin.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "core/table_scan.h"

/*
 * Hand on each row that the active snapshot shows.  No rights are asked for,
 * and the lock is given back at the end.
 */
void
spm_scan_table(Oid relation, SpmRowTaker take, void *state)
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
