/*-------------------------------------------------------------------------
 *
 * cycle.c
 *	  No unit is below itself on any day, and no product family below itself.
 *
 * Checked by constraint triggers, at commit unless asked for earlier.  The
 * check takes a lock that nothing else takes, kept to the end of the
 * transaction, and then looks at the whole table through the latest snapshot,
 * in every isolation level.  So of two transactions that make a cycle only
 * together, the second sees the first one's rows.
 *
 * As a unit has at most one parent a day, a cycle that exists on some day
 * also exists on the day when the last of its assignments begins.  So only
 * the first days of assignments are looked at, in order: what is reported is
 * the first day of the first cycle.
 *
 * src/org/cycle.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_class.h"
#include "commands/trigger.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/datetime.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "core/export.h"
#include "org/assignment_int.h"
#include "org/version.h"

SPM_FUNCTION_INFO_V1(spm_check_unit_parent);
SPM_FUNCTION_INFO_V1(spm_check_product_family);

/* How many codes of a cycle a message lists. */
#define SHOWN_CODES 10

typedef struct Member Member;

/* A member's owner from a day to a day. */
typedef struct Edge
{
	Member *member;
	Member *owner;
	DateADT valid_from;
	DateADT valid_to;
} Edge;

struct Member
{
	char *code;
	Edge *edges; /* by valid_from */
	int count;
	int walk; /* the last walk that came by */
};

typedef struct MemberSlot
{
	SpmCode code;
	Member *member;
	char status;
} MemberSlot;

#define SH_PREFIX members
#define SH_ELEMENT_TYPE MemberSlot
#define SH_KEY_TYPE SpmCode
#define SH_KEY code
#define SH_HASH_KEY(table, key) spm_code_hash(key)
#define SH_EQUAL(table, a, b) spm_code_equal(a, b)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* All assignments of a table. */
typedef struct Graph
{
	members_hash *members;
	Edge *edges;
	int count;
	int room;
} Graph;

/* A member that is below itself, and the first day when it is. */
typedef struct Cycle
{
	const Member *member;
	DateADT day;
} Cycle;

/* What was checked last, and is not to be checked again for each row. */
typedef struct Checked
{
	Oid relation;
	uint64 transaction;
	uint64 rollbacks;
	CommandId command;
} Checked;

static Checked last_checked;

static bool find_new_cycle(FunctionCallInfo fcinfo, SpmAssignmentTable table,
						   Cycle *cycle);
static bool checked_before(Oid relation);
static void load_graph(SpmAssignmentTable table, Graph *graph);
static void add_edge(const SpmAssignment *row, void *state);
static Member *find_member(Graph *graph, SpmCode code);
static int compare_edges(const void *a, const void *b);
static int compare_days(const void *a, const void *b);
static bool walk_days(Graph *graph, Cycle *cycle);
static Member *owner_on(const Member *member, DateADT day);
static const Member *lowest_of(const Member *member, DateADT day);
static char *list_codes(const Cycle *cycle);
static char *iso_date(DateADT day);

/* Constraint trigger of unit_parent. */
Datum
spm_check_unit_parent(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Cycle cycle;

	if (find_new_cycle(fcinfo, SPM_UNIT_PARENT, &cycle))
		ereport(ERROR,
				(errcode(ERRCODE_CHECK_VIOLATION),
				 errmsg("unit \"%s\" would be below itself on %s",
						cycle.member->code,
						iso_date(cycle.day)),
				 errdetail("From the bottom up on that day: %s.",
						   list_codes(&cycle)),
				 errhint("End one of these assignments before that day, or "
						 "enter another parent."),
				 errtableconstraint(trigger->tg_relation,
									trigger->tg_trigger->tgname)));
	return PointerGetDatum(NULL);
}

/* Constraint trigger of product_family. */
Datum
spm_check_product_family(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Cycle cycle;

	if (find_new_cycle(fcinfo, SPM_PRODUCT_FAMILY, &cycle))
		ereport(ERROR,
				(errcode(ERRCODE_CHECK_VIOLATION),
				 errmsg("product family \"%s\" would be below itself",
						cycle.member->code),
				 errdetail("From the bottom up: %s.", list_codes(&cycle)),
				 errhint("Enter another parent."),
				 errtableconstraint(trigger->tg_relation,
									trigger->tg_trigger->tgname)));
	return PointerGetDatum(NULL);
}

/*
 * Look for a cycle, unless this state was looked at for an earlier row.  The
 * increment of the command makes this transaction's rows visible, and marks
 * the state: a later change has another command.
 */
static bool
find_new_cycle(FunctionCallInfo fcinfo, SpmAssignmentTable table, Cycle *cycle)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Oid relation;
	MemoryContext context;
	MemoryContext caller_context;
	Graph graph;
	bool found;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("a check for cycles must be fired after a row")));
	relation = RelationGetRelid(trigger->tg_relation);
	CommandCounterIncrement();
	if (checked_before(relation))
		return false;
	LockDatabaseObject(RelationRelationId, relation, 0, ExclusiveLock);

	context = AllocSetContextCreate(CurrentMemoryContext,
									"salesperf cycle check",
									ALLOCSET_DEFAULT_SIZES);
	caller_context = MemoryContextSwitchTo(context);
	load_graph(table, &graph);
	found = walk_days(&graph, cycle);
	MemoryContextSwitchTo(caller_context);
	if (found)
		return true;
	MemoryContextDelete(context);
	last_checked.relation = relation;
	last_checked.transaction = spm_org_state()->transaction;
	last_checked.rollbacks = spm_org_state()->rollbacks;
	last_checked.command = GetCurrentCommandId(false);
	return false;
}

/* Was the table checked in this state of the transaction? */
static bool
checked_before(Oid relation)
{
	return last_checked.relation == relation &&
		   last_checked.transaction == spm_org_state()->transaction &&
		   last_checked.rollbacks == spm_org_state()->rollbacks &&
		   last_checked.command == GetCurrentCommandId(false);
}

/* Read all assignments of a table as of now. */
static void
load_graph(SpmAssignmentTable table, Graph *graph)
{
	Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());

	graph->members = members_create(CurrentMemoryContext, 1024, NULL);
	graph->edges = NULL;
	graph->count = 0;
	graph->room = 0;
	spm_assignments_read(table, NULL, snapshot, add_edge, graph);
	UnregisterSnapshot(snapshot);

	if (graph->count == 0)
		return;
	qsort(graph->edges, graph->count, sizeof(Edge), compare_edges);
	for (int i = graph->count - 1; i >= 0; i--)
	{
		graph->edges[i].member->edges = &graph->edges[i];
		graph->edges[i].member->count++;
	}
}

/* Keep a row as it is read. */
static void
add_edge(const SpmAssignment *row, void *state)
{
	Graph *graph = state;
	Edge *edge;

	if (graph->count == graph->room)
	{
		graph->room = Max(1024, 2 * graph->room);
		graph->edges =
			graph->edges
				? repalloc_huge(graph->edges,
								mul_size(graph->room, sizeof(Edge)))
				: MemoryContextAllocHuge(CurrentMemoryContext,
										 mul_size(graph->room, sizeof(Edge)));
	}
	edge = &graph->edges[graph->count++];
	edge->member = find_member(graph, row->member);
	edge->owner = find_member(graph, row->owner);
	edge->valid_from = row->valid_from;
	edge->valid_to = row->valid_to;
}

/* The member of a code, made if there is none. */
static Member *
find_member(Graph *graph, SpmCode code)
{
	bool found;
	MemberSlot *slot = members_insert(graph->members, code, &found);

	if (!found)
	{
		slot->member = palloc0(sizeof(Member));
		slot->member->code = pnstrdup(code.text, code.length);
		slot->code.text = slot->member->code;
	}
	return slot->member;
}

/* By member, in any order, then by first day. */
static int
compare_edges(const void *a, const void *b)
{
	const Edge *left = a;
	const Edge *right = b;

	if (left->member != right->member)
		return left->member < right->member ? -1 : 1;
	return (left->valid_from > right->valid_from) -
		   (left->valid_from < right->valid_from);
}

/* By first day, then by member's code. */
static int
compare_days(const void *a, const void *b)
{
	const Edge *left = *(Edge *const *) a;
	const Edge *right = *(Edge *const *) b;

	if (left->valid_from != right->valid_from)
		return left->valid_from < right->valid_from ? -1 : 1;
	return strcmp(left->member->code, right->member->code);
}

/*
 * Look for a cycle on each day when an assignment begins.  On one day nobody
 * is walked over twice: walks of the day are numbered from first_walk on.
 */
static bool
walk_days(Graph *graph, Cycle *cycle)
{
	Edge **edges =
		MemoryContextAllocHuge(CurrentMemoryContext,
							   mul_size(graph->count + 1, sizeof(Edge *)));
	int first_walk = 1;
	int walk = 0;

	for (int i = 0; i < graph->count; i++)
		edges[i] = &graph->edges[i];
	qsort(edges, graph->count, sizeof(Edge *), compare_days);
	for (int i = 0; i < graph->count; i++)
	{
		DateADT day = edges[i]->valid_from;
		Member *member = edges[i]->member;

		CHECK_FOR_INTERRUPTS();
		if (i > 0 && edges[i - 1]->valid_from != day)
			first_walk = walk + 1;
		walk++;
		while (member != NULL && member->walk < first_walk)
		{
			member->walk = walk;
			member = owner_on(member, day);
		}
		if (member != NULL && member->walk == walk)
		{
			cycle->member = lowest_of(member, day);
			cycle->day = day;
			return true;
		}
	}
	return false;
}

/* The owner on a day, NULL if there is none. */
static Member *
owner_on(const Member *member, DateADT day)
{
	int low = 0;
	int high = member->count;

	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (member->edges[middle].valid_from <= day)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || member->edges[low - 1].valid_to < day)
		return NULL;
	return member->edges[low - 1].owner;
}

/* The member of a cycle with the lowest code: the one to name. */
static const Member *
lowest_of(const Member *member, DateADT day)
{
	const Member *lowest = member;

	for (const Member *next = owner_on(member, day); next != member;
		 next = owner_on(next, day))
		if (strcmp(next->code, lowest->code) < 0)
			lowest = next;
	return lowest;
}

/* The codes of a cycle, from its named member round to it again. */
static char *
list_codes(const Cycle *cycle)
{
	const Member *member = cycle->member;
	StringInfoData list;
	int count = 0;

	initStringInfo(&list);
	do
	{
		if (count < SHOWN_CODES)
			appendStringInfo(&list, "\"%s\", ", member->code);
		else if (count == SHOWN_CODES)
			appendStringInfoString(&list, "..., ");
		count++;
		member = owner_on(member, cycle->day);
	} while (member != cycle->member);
	appendStringInfo(&list, "\"%s\"", member->code);
	return list.data;
}

/* A date as in ISO 8601, whatever DateStyle says. */
static char *
iso_date(DateADT day)
{
	char *text = palloc(MAXDATELEN + 1);
	struct pg_tm tm;

	if (DATE_NOT_FINITE(day))
	{
		EncodeSpecialDate(day, text);
		return text;
	}
	memset(&tm, 0, sizeof(tm));
	j2date(day + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
	EncodeDateOnly(&tm, USE_ISO_DATES, text);
	return text;
}
