/*-------------------------------------------------------------------------
 *
 * writer_int.h
 *	  Inserting many rows into a table.
 *
 * src/commission/writer_int.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_COMMISSION_WRITER_INT_H
#define SPM_COMMISSION_WRITER_INT_H

typedef struct SpmWriter SpmWriter;

extern SpmWriter *spm_writer_open(const char *table, const char *const *columns,
								  int count);
extern void spm_writer_put(SpmWriter *writer, const Datum *values,
						   const bool *nulls);
extern void spm_writer_close(SpmWriter *writer);

#endif /* SPM_COMMISSION_WRITER_INT_H */
