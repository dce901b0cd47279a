/*-------------------------------------------------------------------------
 *
 * guard.c
 *	  Running code whose errors must not fail the caller's transaction.
 *
 * src/core/guard.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "core/guard.h"

static bool must_be_thrown_on(int sqlstate);

/*
 * Run work(argument) in a subtransaction.  Returns NULL if it succeeded, else
 * the message of its error, palloc'd.  Cancellation, shutdown and lack of
 * memory are nobody's to swallow and are thrown on.
 */
char *
spm_guard(void (*work)(void *argument), void *argument)
{
	MemoryContext caller_context = CurrentMemoryContext;
	ResourceOwner caller_owner = CurrentResourceOwner;
	ErrorData *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(caller_context);
	PG_TRY();
	{
		work(argument);
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(caller_context);
		CurrentResourceOwner = caller_owner;
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(caller_context);
		error = CopyErrorData();
		FlushErrorState();

		/*
		 * Also when it is thrown on: a transaction that is committing can't
		 * be aborted with a subtransaction open.
		 */
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(caller_context);
		CurrentResourceOwner = caller_owner;
	}
	PG_END_TRY();
	if (error == NULL)
		return NULL;
	if (must_be_thrown_on(error->sqlerrcode))
		ReThrowError(error);
	return error->message;
}

static bool
must_be_thrown_on(int sqlstate)
{
	switch (ERRCODE_TO_CATEGORY(sqlstate))
	{
		case ERRCODE_OPERATOR_INTERVENTION:
		case ERRCODE_TRANSACTION_ROLLBACK:
			return true;
		default:
			return sqlstate == ERRCODE_OUT_OF_MEMORY ||
				   sqlstate == ERRCODE_STATEMENT_TOO_COMPLEX;
	}
}
