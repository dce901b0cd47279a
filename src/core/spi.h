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

#define SPM_MAX_ARGS 4

typedef struct SpmArgs
{
	int count;
	Oid types[SPM_MAX_ARGS];
	Datum values[SPM_MAX_ARGS];
} SpmArgs;

extern void spm_spi_begin(void);
extern void spm_spi_end(void);
extern uint64 spm_spi_run(const char *query, const SpmArgs *args);
extern uint64 spm_spi_read(const char *query, const SpmArgs *args);
extern void spm_spi_utility(const char *script);
extern SPIPlanPtr spm_spi_prepare(const char *query, const SpmArgs *args);
extern SPIPlanPtr spm_spi_keep(const char *query, const SpmArgs *args);
extern SPIPlanPtr spm_spi_keep_parallel(const char *query, const SpmArgs *args);
extern void spm_spi_stream(SPIPlanPtr plan, const SpmArgs *args,
						   DestReceiver *receiver);
extern uint64 spm_spi_read_kept(SPIPlanPtr plan, const SpmArgs *args);
extern char *spm_spi_text(uint64 row, int column);
extern Datum spm_spi_datum(uint64 row, int column, bool *is_null);

#endif /* SPM_CORE_SPI_H */
