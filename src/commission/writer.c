/*-------------------------------------------------------------------------
 *
 * writer.c
 *	  Inserting many rows into a table.
 *
 * As INSERT does, with constraints, indexes, row triggers, and the defaults of
 * columns that are not given; without a plan that fetches the rows from
 * somewhere.
 *
 * src/commission/writer.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "optimizer/optimizer.h"
#include "parser/parse_relation.h"
#include "rewrite/rewriteHandler.h"
#include "utils/rel.h"

#include "commission/writer_int.h"
#include "core/catalog.h"
#include "core/compat.h"

struct SpmWriter
{
	Relation table;
	EState *estate;
	ResultRelInfo *result;
	TupleTableSlot *slot;
	int count;
	AttrNumber *columns;  /* that are given */
	ExprState **defaults; /* of the others, by attribute; NULL: none */
};

static void open_result(SpmWriter *writer);
static void find_defaults(SpmWriter *writer);

/* Begin to insert rows with those columns, in the current memory context. */
SpmWriter *
spm_writer_open(const char *table, const char *const *columns, int count)
{
	SpmWriter *writer = palloc0(sizeof(SpmWriter));
	TupleDesc row;

	writer->table =
		table_open(spm_relation_oid(table, false), RowExclusiveLock);
	row = RelationGetDescr(writer->table);
	writer->count = count;
	writer->columns = palloc(count * sizeof(AttrNumber));
	for (int i = 0; i < count; i++)
	{
		writer->columns[i] = InvalidAttrNumber;
		for (int k = 0; k < row->natts; k++)
		{
			Form_pg_attribute attribute = TupleDescAttr(row, k);

			if (!attribute->attisdropped &&
				strcmp(NameStr(attribute->attname), columns[i]) == 0)
				writer->columns[i] = attribute->attnum;
		}
		if (writer->columns[i] == InvalidAttrNumber)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("column \"%s\" of table \"%s\" does not exist",
							columns[i],
							table)));
	}
	open_result(writer);
	find_defaults(writer);
	return writer;
}

static void
open_result(SpmWriter *writer)
{
	RangeTblEntry *entry = makeNode(RangeTblEntry);

	writer->estate = CreateExecutorState();
	entry->rtekind = RTE_RELATION;
	entry->relid = RelationGetRelid(writer->table);
	entry->relkind = writer->table->rd_rel->relkind;
	entry->rellockmode = RowExclusiveLock;
	SPM_INIT_RANGE_TABLE(writer->estate, entry);
	writer->result = makeNode(ResultRelInfo);
	InitResultRelInfo(writer->result, writer->table, 1, NULL, 0);
	ExecOpenIndices(writer->result, false);
	writer->estate->es_output_cid = GetCurrentCommandId(true);
	writer->slot = ExecInitExtraTupleSlot(writer->estate,
										  RelationGetDescr(writer->table),
										  &TTSOpsVirtual);
	AfterTriggerBeginQuery();
}

/* Prepare the defaults of columns that are not given. */
static void
find_defaults(SpmWriter *writer)
{
	TupleDesc row = RelationGetDescr(writer->table);

	writer->defaults = palloc0(row->natts * sizeof(ExprState *));
	for (int i = 0; i < row->natts; i++)
	{
		bool given = TupleDescAttr(row, i)->attisdropped ||
					 TupleDescAttr(row, i)->attgenerated != '\0';
		Expr *expression;

		for (int k = 0; k < writer->count; k++)
			given |= writer->columns[k] == i + 1;
		if (given)
			continue;
		expression = (Expr *) build_column_default(writer->table, i + 1);
		if (expression != NULL)
			writer->defaults[i] =
				ExecInitExpr(expression_planner(expression), NULL);
	}
}

/* Insert a row; values in the order of the columns given. */
void
spm_writer_put(SpmWriter *writer, const Datum *values, const bool *nulls)
{
	TupleTableSlot *slot = writer->slot;
	ExprContext *context = GetPerTupleExprContext(writer->estate);
	MemoryContext caller_context;

	ResetPerTupleExprContext(writer->estate);
	caller_context =
		MemoryContextSwitchTo(GetPerTupleMemoryContext(writer->estate));
	ExecClearTuple(slot);
	for (int i = 0; i < slot->tts_tupleDescriptor->natts; i++)
	{
		slot->tts_values[i] = (Datum) 0;
		slot->tts_isnull[i] = true;
		if (writer->defaults[i] != NULL)
			slot->tts_values[i] = ExecEvalExpr(writer->defaults[i],
											   context,
											   &slot->tts_isnull[i]);
	}
	for (int i = 0; i < writer->count; i++)
	{
		slot->tts_values[writer->columns[i] - 1] = values[i];
		slot->tts_isnull[writer->columns[i] - 1] = nulls[i];
	}
	ExecStoreVirtualTuple(slot);
	ExecSimpleRelationInsert(writer->result, writer->estate, slot);
	MemoryContextSwitchTo(caller_context);
}

/* The rows are there for the next command. */
void
spm_writer_close(SpmWriter *writer)
{
	AfterTriggerEndQuery(writer->estate);
	ExecCloseIndices(writer->result);
	ExecResetTupleTable(writer->estate->es_tupleTable, false);
	FreeExecutorState(writer->estate);
	table_close(writer->table, NoLock);
	CommandCounterIncrement();
}
