/*-------------------------------------------------------------------------
 *
 * document_lock.c
 *	  Keeping two transactions from booking one document at a time.
 *
 * What a line adds depends on its header.  So of two transactions, one that
 * adds a line and one that changes the header, the second to book must see
 * what the first has done.  Each locks the documents it touched, to its end,
 * before it takes the snapshot that it looks through: in SHARE mode where it
 * touched lines alone, so that several may add lines to one document, in
 * EXCLUSIVE mode where it touched the header.  The rows of the ERP's tables
 * are not locked.
 *
 * All locks are taken at commit, in one order, and nothing is waited for
 * after the last of them: they can't deadlock among themselves.
 *
 * src/measure/document_lock.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "utils/guc.h"

#include "core/owner.h"
#include "measure/document_lock.h"
#include "sale/collect.h"

/* Sets our locks apart from pg_advisory_lock(), which uses 1 and 2. */
#define LOCK_CLASS 0x5350

/* With more documents than this a transaction locks the whole source. */
#define MAX_DOCUMENT_LOCKS 1000

/* How long a lock is waited for before the order commits without it. */
#define LOCK_TIMEOUT_MS 10000

/* A lock to take; key 0 stands for the source. */
typedef struct DocumentLock
{
	uint32 source;
	uint32 key;
	LOCKMODE mode;
} DocumentLock;

static int list_locks(const SpmTouched *touched, DocumentLock *locks);
static int compare_locks(const void *a, const void *b);
static void limit_waiting(void);
static void take(const DocumentLock *lock);

/*
 * Lock the touched documents of all sources with headers.  An error if that
 * takes too long.
 */
void
spm_lock_documents(List *touched_sources)
{
	int guc_level = NewGUCNestLevel();
	int capacity = 0;
	int count = 0;
	DocumentLock *locks;
	ListCell *cell;

	foreach (cell, touched_sources)
		capacity += spm_touched_count(lfirst(cell)) + 1;
	locks = palloc(mul_size(capacity, sizeof(DocumentLock)));
	foreach (cell, touched_sources)
		count += list_locks(lfirst(cell), locks + count);
	qsort(locks, count, sizeof(DocumentLock), compare_locks);

	limit_waiting();
	for (int i = 0; i < count; i++)
		take(&locks[i]);
	AtEOXact_GUC(false, guc_level);
	pfree(locks);
}

/*
 * The locks for one source: the source in SHARE mode and each document; or,
 * for many documents, the source in EXCLUSIVE mode alone.  None for a flat
 * table.
 */
static int
list_locks(const SpmTouched *touched, DocumentLock *locks)
{
	uint32 source = hash_bytes((const unsigned char *) touched->source,
							   strlen(touched->source));
	SpmTouchedDocument *documents;
	int count;

	if (touched->uncountable || spm_touched_count(touched) == 0)
		return 0;
	documents = palloc(
		mul_size(spm_touched_count(touched), sizeof(SpmTouchedDocument)));
	count = spm_touched_list(touched, documents);
	if (count == 0)
		return 0;
	locks[0].source = source;
	locks[0].key = 0;
	locks[0].mode = count > MAX_DOCUMENT_LOCKS ? ExclusiveLock : ShareLock;
	if (count > MAX_DOCUMENT_LOCKS)
		return 1;
	for (int i = 0; i < count; i++)
	{
		locks[i + 1].source = source;
		locks[i + 1].key = Max(documents[i].hash, 1);
		locks[i + 1].mode = documents[i].header ? ExclusiveLock : ShareLock;
	}
	return count + 1;
}

/* By source, key, stronger mode first: then the weaker is had already. */
static int
compare_locks(const void *a, const void *b)
{
	const DocumentLock *left = a;
	const DocumentLock *right = b;

	if (left->source != right->source)
		return left->source < right->source ? -1 : 1;
	if (left->key != right->key)
		return left->key < right->key ? -1 : 1;
	return right->mode - left->mode;
}

/* Let no lock be waited for longer than LOCK_TIMEOUT_MS. */
static void
limit_waiting(void)
{
	if (LockTimeout > 0 && LockTimeout <= LOCK_TIMEOUT_MS)
		return;
	spm_set_locally("lock_timeout", psprintf("%d", LOCK_TIMEOUT_MS));
}

static void
take(const DocumentLock *lock)
{
	LOCKTAG tag;

	SET_LOCKTAG_ADVISORY(tag,
						 MyDatabaseId,
						 lock->source,
						 lock->key,
						 LOCK_CLASS);
	(void) LockAcquire(&tag, lock->mode, false, false);
}
