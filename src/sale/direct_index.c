/*-------------------------------------------------------------------------
 *
 * direct_index.c
 *	  Which tables are read without the executor, and by which index.
 *
 * src/sale/direct_index.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "core/catalog.h"
#include "core/compat.h"
#include "core/equality.h"
#include "sale/direct_load.h"

static int count_index_columns(const DirectTable *table, Relation index,
							   int *keys);

/* Is it an ordinary table, all columns stored, without row security? */
bool
spm_direct_is_readable(Oid table_oid)
{
	Relation table = table_open(table_oid, AccessShareLock);
	TupleDesc row = RelationGetDescr(table);
	bool readable = table->rd_rel->relkind == RELKIND_RELATION &&
					table->rd_rel->relam == HEAP_TABLE_AM_OID &&
					!table->rd_rel->relrowsecurity;

	for (int i = 0; i < row->natts; i++)
		readable &= !SPM_IS_VIRTUAL(TupleDescAttr(row, i));
	table_close(table, AccessShareLock);
	return readable;
}

/* Have rows of a table found by the value of a column. */
void
spm_direct_set_key(DirectTable *table, int key, AttrNumber column, Oid type,
				   Oid collation)
{
	table->columns[key] = column;
	table->collations[key] = collation;
	table->operators[key] = spm_equality_operator(type);
	fmgr_info_cxt(get_opcode(table->operators[key]),
				  &table->equal[key],
				  CurrentMemoryContext);
	table->by_bytes[key] = table->equal[key].fn_oid == F_TEXTEQ &&
						   spm_is_deterministic(collation);
}

/*
 * Find an index that begins with columns of the key, as many as possible.  A
 * unique one has to be over some of them and nothing else.
 */
bool
spm_direct_find_index(DirectTable *table, bool unique)
{
	Relation relation = table_open(table->table, AccessShareLock);
	ListCell *cell;

	foreach (cell, RelationGetIndexList(relation))
	{
		Relation index = index_open(lfirst_oid(cell), AccessShareLock);
		int keys[SPM_MAX_KEYS];
		int count = count_index_columns(table, index, keys);

		if (count > table->index_count &&
			(!unique ||
			 (index->rd_index->indisunique && index->rd_index->indimmediate &&
			  count == index->rd_index->indnkeyatts)))
		{
			table->index = RelationGetRelid(index);
			table->index_count = count;
			memcpy(table->index_keys, keys, sizeof(keys));
		}
		index_close(index, AccessShareLock);
		if (table->index_count == table->key_count)
			break;
	}
	table_close(relation, AccessShareLock);
	return table->index_count > 0;
}

/* How many of an index's first columns are columns of the key? */
static int
count_index_columns(const DirectTable *table, Relation index, int *keys)
{
	int count = 0;

	if (index->rd_rel->relam != BTREE_AM_OID || !index->rd_index->indisvalid ||
		index->rd_index->indcheckxmin ||
		RelationGetIndexPredicate(index) != NIL)
		return 0;
	while (count < Min(index->rd_index->indnkeyatts, SPM_MAX_KEYS))
	{
		int found = -1;

		for (int i = 0; i < table->key_count; i++)
			if (index->rd_index->indkey.values[count] == table->columns[i] &&
				index->rd_indcollation[count] == table->collations[i] &&
				get_op_opfamily_strategy(table->operators[i],
										 index->rd_opfamily[count]) ==
					BTEqualStrategyNumber)
				found = i;
		if (found < 0)
			break;
		keys[count++] = found;
	}
	return count;
}

/*
 * Have rows of one of our tables found by a text that no two of them share;
 * false if they can't be.
 */
bool
spm_direct_find_by_text(DirectTable *table, const char *name,
						const char *column)
{
	Relation relation;

	table->table = spm_relation_oid(name, false);
	if (!spm_direct_is_readable(table->table))
		return false;
	relation = table_open(table->table, AccessShareLock);
	table->key_count = 1;
	spm_direct_set_key(table,
					   0,
					   spm_column_number(relation, column, TEXTOID),
					   TEXTOID,
					   DEFAULT_COLLATION_OID);
	table_close(relation, AccessShareLock);
	return spm_direct_find_index(table, true);
}
