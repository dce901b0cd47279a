/*-------------------------------------------------------------------------
 *
 * collect.h
 *	  The documents that the current transaction touched.
 *
 * src/sale/collect.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SALE_COLLECT_H
#define SPM_SALE_COLLECT_H

#include "nodes/pg_list.h"

#include "core/room.h"
#include "sale/keyset.h"

/* What a transaction touched of one source. */
typedef struct SpmTouched
{
	char *source;
	char *root;		  /* the source whose documents these are */
	bool uncountable; /* why is set: more than can be listed */
	char *why;
	bool has_header;
	bool has_splits;	/* a table of its own by which documents are split */
	bool unique;		/* no two rows share a document's key */
	bool fixed_amounts; /* a document was met whose shares depend on its net */
	bool strays;		/* lines without a header were met */
	bool distinct;		/* some measure counts documents */
	uint32 dimensions;	/* bits of the shared traces to follow */
	bool has_parts;		/* lines of other sources are split as these are */
	struct SpmTouched *whole; /* that source's, where such lines follow it */
	SpmKeySet *documents;
	SpmRoom change_room;  /* for their changes */
	uint64 direct_number; /* the SpmDirect that they were taken by */
	int change_count;
	SubTransactionId changed_in; /* the last in which one was noted */
	bool read_all;				 /* documents have to be read all the same */
	SpmKeySet **traces; /* by kind, what leads to more of them; NULL: nothing */
} SpmTouched;

/* A tree of units or families that the transaction changed. */
typedef struct SpmTreeChange
{
	bool changed;
	DateADT from;
	DateADT to;
} SpmTreeChange;

extern void spm_collect_init(void);
extern List *spm_touched_sources(void);
extern uint64 spm_touched_statements(void);
extern bool spm_touched_anything(const SpmTouched *touched);
extern const SpmKeySet *spm_touched_trace(const SpmTouched *touched, int trace);
extern bool spm_touched_has_traces(const SpmTouched *touched);
extern bool spm_touched_is_led(const SpmTouched *touched);
extern bool spm_touched_has_key(const SpmTouched *touched,
								const SpmSource *source);
extern int spm_touched_keys(const SpmTouched *touched, SpmKeyFilter filter,
							Datum *arrays);
extern bool spm_touched_is_old(const SpmKeyEntry *entry);
extern void spm_touched_add(SpmTouched *touched, Datum *key);
extern SpmTouched *spm_touched_source(const char *name, const char *root);
extern void spm_touched_prepare(SpmTouched *touched, SpmSource *source);
extern void spm_touched_give_up(SpmTouched *touched, const char *why);
extern SpmKeySet *spm_shared_trace(int trace);
extern SpmKeyEntry *spm_shared_note(int trace, const SpmKeyTypes *types,
									Datum *key);
extern const SpmTreeChange *spm_shared_tree(int trace);
extern void spm_shared_note_tree(int trace, DateADT from, DateADT to);
extern bool spm_shared_anything(void);
extern bool spm_shared_trees_changed(void);
extern SpmKeyEntry *spm_touched_note(SpmTouched *touched, int trace,
									 const SpmKeyTypes *types, Datum *key);

#endif /* SPM_SALE_COLLECT_H */
