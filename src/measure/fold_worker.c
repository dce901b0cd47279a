/*-------------------------------------------------------------------------
 *
 * fold_worker.c
 *	  Folding in the background when much is pending.
 *
 * Whoever appends to a segment that has grown over salesperf.fold_threshold
 * starts a background worker once it has committed.  Nothing has to be
 * preloaded.  The worker folds and ends; if somebody else is folding or
 * building it ends at once.  Where no worker can be started CALL fold() does
 * the same, and readers add what is pending.
 *
 * src/measure/fold_worker.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/lock.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"

#include "core/catalog.h"
#include "core/spi.h"
#include "measure/fold.h"
#include "measure/segment.h"

/* Segments after which the threshold doubles with each that is in use. */
#define PLENTY 10

/* A segment that stays too large starts a worker every so many blocks. */
#define BLOCKS_BETWEEN_WORKERS 16

extern PGDLLEXPORT void spm_fold_worker_main(Datum database);

static int fold_threshold; /* in kB */
static bool is_suggested = false;

static void end_transaction(XactEvent event, void *argument);
static void start_worker(void);
static void fold_once(void);

/* Define the setting, and start following commits. */
void
spm_fold_worker_init(void)
{
	DefineCustomIntVariable("salesperf.fold_threshold",
							"Size of pending deltas from which on a background "
							"worker folds them.",
							"-1 starts no worker.",
							&fold_threshold,
							2048,
							-1,
							MAX_KILOBYTES,
							PGC_SUSET,
							GUC_UNIT_KB,
							NULL,
							NULL,
							NULL);
	MarkGUCPrefixReserved("salesperf");
	RegisterXactCallback(end_transaction, NULL);
}

/*
 * Have a worker started when this transaction has committed, if the row that
 * it appended is the first of a block far enough on.  Where an old snapshot
 * keeps many segments from being emptied they have to last longer.
 */
void
spm_fold_suggest(const ItemPointerData *place, int used)
{
	int64 blocks;

	if (fold_threshold < 0 ||
		ItemPointerGetOffsetNumber(place) != FirstOffsetNumber)
		return;
	blocks = (int64) fold_threshold * 1024 / BLCKSZ;
	if (used > PLENTY)
		blocks <<= Min(used, SPM_SEGMENT_COUNT) - PLENTY;
	if (ItemPointerGetBlockNumber(place) >= blocks &&
		(ItemPointerGetBlockNumber(place) - blocks) % BLOCKS_BETWEEN_WORKERS ==
			0)
		is_suggested = true;
}

static void
end_transaction(XactEvent event, void *argument)
{
	bool start = is_suggested && event == XACT_EVENT_COMMIT &&
				 IsUnderPostmaster;

	switch (event)
	{
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PREPARE:
			is_suggested = false;
			break;
		default:
			break;
	}
	if (start)
		start_worker();
}

/* It must not fail: the transaction has committed. */
static void
start_worker(void)
{
	BackgroundWorker worker = {
		.bgw_name = "salesperf fold",
		.bgw_type = "salesperf fold",
		.bgw_flags = BGWORKER_SHMEM_ACCESS |
					 BGWORKER_BACKEND_DATABASE_CONNECTION,
		.bgw_start_time = BgWorkerStart_RecoveryFinished,
		.bgw_restart_time = BGW_NEVER_RESTART,
		.bgw_library_name = "salesperf",
		.bgw_function_name = "spm_fold_worker_main",
		.bgw_main_arg = ObjectIdGetDatum(MyDatabaseId),
	};

	(void) RegisterDynamicBackgroundWorker(&worker, NULL);
}

/*
 * Entry of the worker.  It connects as the bootstrap superuser, as the
 * extension's owner may not be allowed to log in, and runs nothing but
 * spm_fold(), which acts as that owner.
 */
void
spm_fold_worker_main(Datum database)
{
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnectionByOid(DatumGetObjectId(database),
											  InvalidOid,
											  0);
	SetConfigOption("default_transaction_isolation",
					"read committed",
					PGC_SUSET,
					PGC_S_OVERRIDE);
	SetConfigOption("default_transaction_read_only",
					"off",
					PGC_SUSET,
					PGC_S_OVERRIDE);
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	pgstat_report_activity(STATE_RUNNING, "CALL salesperf.fold()");
	fold_once();
	CommitTransactionCommand();
	pgstat_report_activity(STATE_IDLE, NULL);
}

/* Fold, unless the extension is gone or somebody else is at work. */
static void
fold_once(void)
{
	Oid build = spm_relation_oid("build", true);
	LOCKTAG tag;

	if (!OidIsValid(build) ||
		!OidIsValid(spm_relation_oid("pending_segment", true)))
		return;
	SET_LOCKTAG_RELATION(tag, MyDatabaseId, build);
	if (LockAcquire(&tag, SPM_BUILDER_LOCK, true, true) ==
		LOCKACQUIRE_NOT_AVAIL)
		return;
	SPI_connect_ext(SPI_OPT_NONATOMIC);
	spm_fold();
	SPI_finish();
	(void) LockRelease(&tag, SPM_BUILDER_LOCK, true);
}
