/*-------------------------------------------------------------------------
 *
 * progress.h
 *	  How far a refresh_measures() is, for other sessions.
 *
 * src/measure/progress.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_MEASURE_PROGRESS_H
#define SPM_MEASURE_PROGRESS_H

typedef enum SpmPhase
{
	SPM_PHASE_WAIT,
	SPM_PHASE_READ,
	SPM_PHASE_ENTER
} SpmPhase;

extern void spm_progress_begin(void);
extern void spm_progress_enter(SpmPhase phase, int builds);
extern void spm_progress_source(const char *name);
extern void spm_progress_sale(void);
extern void spm_progress_end(void);

#endif /* SPM_MEASURE_PROGRESS_H */
