/*-------------------------------------------------------------------------
 *
 * document_lock.c
 *	  Keeping two transactions from booking one document at a time.
 *
 * What a line adds depends on its header, on the splits of its document and
 * on rows that are looked up for it.  So of two transactions, one that adds a
 * line and one that changes what it depends on, the second to book must see
 * what the first has done.  Each locks the documents it touched, to its end,
 * before it takes the snapshot that it looks through: in SHARE mode where it
 * touched lines alone, so that several may add lines to one document, in
 * EXCLUSIVE mode where it touched header or splits, or where documents are
 * counted.  The rows of the ERP's tables are not locked.
 *
 * As PostgreSQL locks a table before its rows, so is the source locked before
 * its documents, in a mode that says what for.  Who can't name documents
 * locks the source alone: it traces them later, they are too many, or their
 * shares depend on all their lines.
 *
 * Where lines of another source are split as the documents are, a first line
 * of a document, or its last, changes what those add.  So there whoever
 * touches a document is alone with it, and in the source with lines of others.
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

/* Modes of a lock on a source. */
#define READS_DOCUMENTS RowShareLock
#define CHANGES_DOCUMENTS RowExclusiveLock
#define READS_ALL ShareLock
#define CHANGES_ALL ExclusiveLock

/* What the locks of one source are listed for. */
typedef struct Listing
{
	SpmDocumentLocks *locks;
	uint32 source;
	bool exclusive;
} Listing;

static void list_source(SpmDocumentLocks *locks, const SpmTouched *touched);
static LOCKMODE source_mode(const SpmTouched *touched);
static void note_exclusive(SpmKeyEntry *entry, void *state);
static void list_document(SpmKeyEntry *entry, void *state);
static void add(SpmDocumentLocks *locks, uint32 source, uint32 key,
				LOCKMODE mode);
static uint32 name_hash(const char *name);
static int compare_locks(const void *a, const void *b);
static void merge_locks(SpmDocumentLocks *locks);
static LOCKMODE stronger(LOCKMODE a, LOCKMODE b);
static void fill_tag(LOCKTAG *tag, const SpmDocumentLock *lock);

/* The locks for what was touched, in the order to take them in. */
SpmDocumentLocks *
spm_list_document_locks(List *touched_sources)
{
	SpmDocumentLocks *locks = palloc0(sizeof(SpmDocumentLocks));
	ListCell *cell;

	foreach (cell, touched_sources)
		list_source(locks, lfirst(cell));
	if (locks->count > 1)
		qsort(locks->locks,
			  locks->count,
			  sizeof(SpmDocumentLock),
			  compare_locks);
	merge_locks(locks);
	return locks;
}

/* Take them up to the first that is to be waited for; false if there is one. */
bool
spm_try_lock_documents(SpmDocumentLocks *locks)
{
	for (; locks->held < locks->count; locks->held++)
	{
		LOCKTAG tag;

		fill_tag(&tag, &locks->locks[locks->held]);
		if (LockAcquire(&tag, locks->locks[locks->held].mode, false, true) ==
			LOCKACQUIRE_NOT_AVAIL)
			return false;
	}
	return true;
}

/* Take the others; an error if that takes too long. */
void
spm_lock_documents(SpmDocumentLocks *locks)
{
	int guc_level = NewGUCNestLevel();

	spm_set_locally("lock_timeout", psprintf("%d", LOCK_TIMEOUT_MS));
	for (; locks->held < locks->count; locks->held++)
	{
		LOCKTAG tag;

		fill_tag(&tag, &locks->locks[locks->held]);
		(void) LockAcquire(&tag, locks->locks[locks->held].mode, false, false);
	}
	AtEOXact_GUC(false, guc_level);
}

/* Give them back, before anything was booked. */
void
spm_unlock_documents(const SpmDocumentLocks *locks)
{
	for (int i = 0; i < locks->count; i++)
	{
		LOCKTAG tag;

		fill_tag(&tag, &locks->locks[i]);
		(void) LockRelease(&tag, locks->locks[i].mode, false);
	}
}

/*
 * The locks for one source.  Documents of a flat table need none of their own
 * unless it has splits, or they are counted: nothing else is there that their
 * lines depend on.
 */
static void
list_source(SpmDocumentLocks *locks, const SpmTouched *touched)
{
	Listing listing = {locks,
					   name_hash(touched->source),
					   touched->has_parts || touched->distinct};
	LOCKMODE mode;

	if (touched->uncountable || !spm_touched_anything(touched))
		return;
	mode = source_mode(touched);
	add(locks, name_hash(touched->root), 0, mode);
	locks->locks[locks->count - 1].view = spm_source_view(touched->root);
	if (mode != READS_ALL && mode != CHANGES_ALL &&
		(touched->has_header || touched->has_splits || touched->distinct))
		spm_keyset_each(touched->documents, list_document, &listing);
}

static LOCKMODE
source_mode(const SpmTouched *touched)
{
	bool is_part = strcmp(touched->source, touched->root) != 0;
	bool exclusive = touched->distinct || touched->has_parts;

	if (spm_touched_has_traces(touched) || touched->fixed_amounts)
		return CHANGES_ALL;
	spm_keyset_each(touched->documents, note_exclusive, &exclusive);
	if (spm_keyset_count(touched->documents) > MAX_DOCUMENT_LOCKS)
		return exclusive ? CHANGES_ALL : READS_ALL;
	if (is_part && spm_keyset_count(touched->documents) > 0)
		return exclusive ? CHANGES_ALL : READS_ALL;
	return exclusive ? CHANGES_DOCUMENTS : READS_DOCUMENTS;
}

static void
note_exclusive(SpmKeyEntry *entry, void *state)
{
	*(bool *) state |= entry->exclusive;
}

static void
list_document(SpmKeyEntry *entry, void *state)
{
	Listing *listing = state;

	add(listing->locks,
		listing->source,
		Max(entry->hash, 1),
		entry->exclusive || listing->exclusive ? ExclusiveLock : ShareLock);
}

static void
add(SpmDocumentLocks *locks, uint32 source, uint32 key, LOCKMODE mode)
{
	if (locks->count == locks->capacity)
	{
		locks->capacity = Max(16, locks->capacity * 2);
		locks->locks =
			locks->locks
				? repalloc(locks->locks,
						   mul_size(locks->capacity, sizeof(SpmDocumentLock)))
				: palloc(mul_size(locks->capacity, sizeof(SpmDocumentLock)));
	}
	locks->locks[locks->count].source = source;
	locks->locks[locks->count].key = key;
	locks->locks[locks->count].view = InvalidOid;
	locks->locks[locks->count++].mode = mode;
}

static uint32
name_hash(const char *name)
{
	return hash_bytes((const unsigned char *) name, strlen(name));
}

static int
compare_locks(const void *a, const void *b)
{
	const SpmDocumentLock *left = a;
	const SpmDocumentLock *right = b;

	if (left->source != right->source)
		return left->source < right->source ? -1 : 1;
	if (left->key != right->key)
		return left->key < right->key ? -1 : 1;
	return 0;
}

/* One lock for each key: who took a second one on top could deadlock. */
static void
merge_locks(SpmDocumentLocks *locks)
{
	int count = 0;

	for (int i = 0; i < locks->count; i++)
	{
		SpmDocumentLock *last = count > 0 ? &locks->locks[count - 1] : NULL;

		if (last != NULL && compare_locks(last, &locks->locks[i]) == 0)
			last->mode = stronger(last->mode, locks->locks[i].mode);
		else
			locks->locks[count++] = locks->locks[i];
	}
	locks->count = count;
}

/* The weakest mode that does what both do. */
static LOCKMODE
stronger(LOCKMODE a, LOCKMODE b)
{
	if ((a == CHANGES_DOCUMENTS && b == READS_ALL) ||
		(a == READS_ALL && b == CHANGES_DOCUMENTS))
		return CHANGES_ALL;
	return Max(a, b);
}

/*
 * A source is locked by its view: nobody else locks that but readers, and who
 * alters the source.  Each session has such locks of its own, as long as no
 * strong one is taken, while others would all go through one in shared memory.
 */
static void
fill_tag(LOCKTAG *tag, const SpmDocumentLock *lock)
{
	if (OidIsValid(lock->view))
	{
		SET_LOCKTAG_RELATION(*tag, MyDatabaseId, lock->view);
		return;
	}
	SET_LOCKTAG_ADVISORY(*tag,
						 MyDatabaseId,
						 lock->source,
						 lock->key,
						 LOCK_CLASS);
}
