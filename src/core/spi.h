/*-------------------------------------------------------------------------
 *
 * spi.h
 *	  Running SQL: every call of SPI goes through here.
 *
 * src/core/spi.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_CORE_SPI_H
#define SPM_CORE_SPI_H

#include "executor/spi.h"
#include "utils/snapshot.h"

typedef struct SpmArgs
{
	int count;
	Oid types[4];
	Datum values[4];
} SpmArgs;

extern void spm_spi_begin(void);
extern void spm_spi_end(void);
extern uint64 spm_spi_run(const char *query, const SpmArgs *args);
extern uint64 spm_spi_read(const char *query, const SpmArgs *args);
extern void spm_spi_utility(const char *script);
extern SPIPlanPtr spm_spi_keep(const char *query, int nargs, Oid *types);
extern void spm_spi_stream(SPIPlanPtr plan, Oid argument_type, Datum argument,
						   DestReceiver *receiver);
extern char *spm_spi_text(uint64 row, int column);
extern Datum spm_spi_datum(uint64 row, int column, bool *is_null);

#endif /* SPM_CORE_SPI_H */
