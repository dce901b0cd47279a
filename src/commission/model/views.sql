-- The lock's key says how far: see progress.c.
CREATE OR REPLACE VIEW salesperf.commission_progress WITH (security_invoker = true) AS
SELECT r.run_id, r.starts_on, r.ends_on,
    CASE WHEN r.finished_at IS NOT NULL THEN 'finished'
         WHEN l.state IS NOT NULL THEN 'running' ELSE 'interrupted' END AS state,
    CASE WHEN r.finished_at IS NULL
         THEN (ARRAY['waiting', 'reading', 'matching', 'paying', 'posting'])[(l.state >> 28)::integer] END AS phase,
    CASE WHEN r.finished_at IS NULL THEN (l.state & 268435455) * 1024 END AS rows_done,
    r.started_at, r.finished_at, r.sales, r.items, r.written, r.removed, r.exceptions
FROM salesperf.commission_run r
LEFT JOIN (
    SELECT k.classid::bigint AS run_id, max(k.objid::bigint) AS state
    FROM pg_locks k
    WHERE k.locktype = 'advisory' AND k.objsubid = 21329
      AND k.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
    GROUP BY k.classid
) l ON l.run_id = r.run_id;
COMMENT ON VIEW salesperf.commission_progress IS 'runs of calculate_commissions(), and how far one is that is under way';
COMMENT ON COLUMN salesperf.commission_progress.run_id IS 'key';
COMMENT ON COLUMN salesperf.commission_progress.starts_on IS 'first day asked for';
COMMENT ON COLUMN salesperf.commission_progress.ends_on IS 'last day asked for';
COMMENT ON COLUMN salesperf.commission_progress.state IS 'running, finished or interrupted';
COMMENT ON COLUMN salesperf.commission_progress.phase IS 'while it runs: waiting for another run, reading sales, matching them with rules, paying by period and kpi, posting items';
COMMENT ON COLUMN salesperf.commission_progress.rows_done IS 'while it runs: rows of the phase that are done, in thousands or so';
COMMENT ON COLUMN salesperf.commission_progress.started_at IS 'when it began';
COMMENT ON COLUMN salesperf.commission_progress.finished_at IS 'when it was done';
COMMENT ON COLUMN salesperf.commission_progress.sales IS 'sales that were read';
COMMENT ON COLUMN salesperf.commission_progress.items IS 'items of the periods';
COMMENT ON COLUMN salesperf.commission_progress.written IS 'items that were new or different';
COMMENT ON COLUMN salesperf.commission_progress.removed IS 'items that were taken away';
COMMENT ON COLUMN salesperf.commission_progress.exceptions IS 'credits that could not be computed';
