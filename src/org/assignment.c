/*-------------------------------------------------------------------------
 *
 * assignment.c
 *	  Reading who belongs to whom.
 *
 * The tables are ordinary ones that setup() made.  They are scanned directly:
 * whoever writes an order or reads a figure needs no right on them, and a
 * look-up of one member costs a few microseconds.  Columns are found by name,
 * as a person may have added others; a primary key that is gone makes the
 * look-up slow, not wrong.
 *
 * src/org/assignment.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/skey.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "core/catalog.h"
#include "core/rows.h"
#include "org/assignment_int.h"

/* Names of a table and its columns; without dates, valid_from is NULL. */
typedef struct TableNames
{
	const char *table;
	const char *index;
	const char *member;
	const char *owner;
	const char *valid_from;
	const char *valid_to;
} TableNames;

/* An open table and the numbers of its columns. */
typedef struct OpenTable
{
	Relation relation;
	AttrNumber member;
	AttrNumber owner;
	AttrNumber valid_from;
	AttrNumber valid_to;
	Datum *values; /* of the row that is taken apart */
	bool *nulls;
} OpenTable;

static const TableNames table_names[] = {
	[SPM_UNIT_PARENT] = {"unit_parent",
						 "unit_parent_pkey",
						 "unit",
						 "parent",
						 "valid_from",
						 "valid_to"},
	[SPM_SELLER_UNIT] = {"seller_unit",
						 "seller_unit_pkey",
						 "seller",
						 "unit",
						 "valid_from",
						 "valid_to"},
	[SPM_PRODUCT_FAMILY] =
		{"product_family", "product_family_pkey", "code", "parent", NULL, NULL},
};

static void open_table(const TableNames *names, OpenTable *table);
static bool read_row(const OpenTable *table, HeapTuple tuple,
					 SpmAssignment *row);
static bool read_code(const OpenTable *table, AttrNumber column, SpmCode *code);
static DateADT read_date(const OpenTable *table, AttrNumber column,
						 DateADT missing);

/* Hand on the rows of one member, or all (NULL), in no particular order. */
void
spm_assignments_read(SpmAssignmentTable which, const SpmCode *member,
					 Snapshot snapshot, SpmAssignmentConsumer consume,
					 void *state)
{
	const TableNames *names = &table_names[which];
	OpenTable table;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple tuple;
	Oid index = InvalidOid;
	text *wanted = NULL;

	open_table(names, &table);
	if (member != NULL)
	{
		TupleDesc columns = RelationGetDescr(table.relation);

		wanted = cstring_to_text_with_len(member->text, member->length);
		ScanKeyEntryInitialize(&key,
							   0,
							   table.member,
							   BTEqualStrategyNumber,
							   InvalidOid,
							   TupleDescAttr(columns, table.member - 1)
								   ->attcollation,
							   F_TEXTEQ,
							   PointerGetDatum(wanted));
		index = spm_index_on(table.relation, names->index, &table.member, 1);
	}
	scan = systable_beginscan(table.relation,
							  index,
							  OidIsValid(index),
							  snapshot,
							  member ? 1 : 0,
							  &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		SpmAssignment row;

		CHECK_FOR_INTERRUPTS();
		if (read_row(&table, tuple, &row))
			consume(&row, state);
	}
	systable_endscan(scan);
	table_close(table.relation, NoLock);
	pfree(table.values);
	pfree(table.nulls);
	if (wanted != NULL)
		pfree(wanted);
}

/* How many blocks a table has. */
BlockNumber
spm_assignments_blocks(SpmAssignmentTable which)
{
	return spm_count_blocks(table_names[which].table);
}

/* Open a table; the lock is kept, as a query would. */
static void
open_table(const TableNames *names, OpenTable *table)
{
	Relation relation =
		table_open(spm_relation_oid(names->table, false), AccessShareLock);

	table->relation = relation;
	table->values =
		palloc(RelationGetNumberOfAttributes(relation) * sizeof(Datum));
	table->nulls =
		palloc(RelationGetNumberOfAttributes(relation) * sizeof(bool));
	table->member = spm_column_number(relation, names->member, TEXTOID);
	table->owner = spm_column_number(relation, names->owner, TEXTOID);
	table->valid_from = InvalidAttrNumber;
	table->valid_to = InvalidAttrNumber;
	if (names->valid_from == NULL)
		return;
	table->valid_from = spm_column_number(relation, names->valid_from, DATEOID);
	table->valid_to = spm_column_number(relation, names->valid_to, DATEOID);
}

/* Take a row apart; false if it assigns nothing. */
static bool
read_row(const OpenTable *table, HeapTuple tuple, SpmAssignment *row)
{
	heap_deform_tuple(tuple,
					  RelationGetDescr(table->relation),
					  table->values,
					  table->nulls);
	if (!read_code(table, table->member, &row->member) ||
		!read_code(table, table->owner, &row->owner))
		return false;
	row->valid_from = read_date(table, table->valid_from, DATEVAL_NOBEGIN);
	row->valid_to = read_date(table, table->valid_to, DATEVAL_NOEND);
	return true;
}

/* A code of the row, in place; false for NULL. */
static bool
read_code(const OpenTable *table, AttrNumber column, SpmCode *code)
{
	text *value;

	if (table->nulls[column - 1])
		return false;
	value = DatumGetTextPP(table->values[column - 1]);
	code->text = VARDATA_ANY(value);
	code->length = VARSIZE_ANY_EXHDR(value);
	return true;
}

/* A date; missing for NULL, and for a table without dates. */
static DateADT
read_date(const OpenTable *table, AttrNumber column, DateADT missing)
{
	if (column == InvalidAttrNumber || table->nulls[column - 1])
		return missing;
	return DatumGetDateADT(table->values[column - 1]);
}
