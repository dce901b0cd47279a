/*-------------------------------------------------------------------------
 *
 * reader.h
 *	  The scopes that somebody reads.
 *
 * src/measure/reader.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_READER_H
#define SPM_MEASURE_READER_H

extern Datum spm_reader_scopes(void);

#endif /* SPM_MEASURE_READER_H */
