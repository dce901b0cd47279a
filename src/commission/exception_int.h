/*-------------------------------------------------------------------------
 *
 * exception_int.h
 *	  Rows of exceptions, as table commission_exception has them.
 *
 * src/commission/exception_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_COMMISSION_EXCEPTION_INT_H
#define SPM_COMMISSION_EXCEPTION_INT_H

#include "commission/run_int.h"

enum
{
	EXCEPTION_PERIOD_START,
	EXCEPTION_SOURCE,
	EXCEPTION_DOCUMENT,
	EXCEPTION_LINE,
	EXCEPTION_SELLER,
	EXCEPTION_COMPONENT,
	EXCEPTION_PAYEE_KIND,
	EXCEPTION_PAYEE,
	EXCEPTION_RULE_ID,
	EXCEPTION_REASON,
	EXCEPTION_COLUMNS
};

#endif /* SPM_COMMISSION_EXCEPTION_INT_H */
