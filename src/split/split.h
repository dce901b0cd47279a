/*-------------------------------------------------------------------------
 *
 * split.h
 *	  Shares of an amount that add up to it, and who has which share of a
 *	  document.
 *
 * src/split/split.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_SPLIT_SPLIT_H
#define SPM_SPLIT_SPLIT_H

#include "utils/numeric.h"

/* Most decimals that parts may have. */
#define SPM_SPLIT_MAX_SCALE 18

/* What somebody has of a document: part / whole of it. */
typedef struct SpmShare
{
	const char *seller; /* not terminated; NULL: nobody */
	int length;
	Numeric part; /* above 0 */
	bool overlay; /* on top of the whole */
} SpmShare;

/*
 * What a document's splits give.  Sellers lie in the array they came from,
 * and are valid as long as that is.
 */
typedef struct SpmSplits
{
	int count;
	SpmShare *shares; /* one for a seller and kind; overlays last, by seller */
	Numeric whole;	  /* above 0 */
	Numeric rest;	  /* what is left for a line's own seller; 0 or more */
	bool by_net;	  /* they depend on the document's net */
	bool scaled;	  /* percents above 100 were scaled to 100 */
} SpmSplits;

extern void spm_split_by_weight(Numeric amount, const Numeric *weights,
								int count, int scale, Numeric *parts);

extern SpmSplits *spm_splits_parse(Datum sellers, Datum percents, Datum amounts,
								   Datum overlays, Numeric net);
extern int spm_splits_shares(const SpmSplits *splits, const char *seller,
							 int length, SpmShare *shares);
extern Numeric spm_share_amount(Numeric amount, Numeric part, Numeric whole);

#endif /* SPM_SPLIT_SPLIT_H */
