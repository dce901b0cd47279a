-- What refresh_measures() builds: all that somebody reads.  Drafts are left
-- out; their figures are computed when asked for.
CREATE OR REPLACE VIEW salesperf.measure_reader WITH (security_invoker = true) AS
SELECT t.measure_id, t.target_id, NULL::bigint AS agreement_id, t.metric, t.scope
FROM salesperf.target_measure t
UNION ALL
(SELECT DISTINCT ON (m.agreement_id, m.measure_id) m.measure_id, NULL::bigint AS target_id, m.agreement_id, m.metric, m.scope
FROM salesperf.agreement_measure m
JOIN salesperf.agreement a ON a.agreement_id = m.agreement_id
WHERE a.state = 'active'
ORDER BY m.agreement_id, m.measure_id);
COMMENT ON VIEW salesperf.measure_reader IS 'the measures of all targets and active agreements';
COMMENT ON COLUMN salesperf.measure_reader.measure_id IS 'id of the measure';
COMMENT ON COLUMN salesperf.measure_reader.target_id IS 'the target that reads it, or NULL';
COMMENT ON COLUMN salesperf.measure_reader.agreement_id IS 'the agreement that reads it, or NULL';
COMMENT ON COLUMN salesperf.measure_reader.metric IS 'what is added up';
COMMENT ON COLUMN salesperf.measure_reader.scope IS 'canonical scope of the measure';

CREATE OR REPLACE VIEW salesperf.measure_state WITH (security_invoker = true) AS
SELECT r.measure_id, r.target_id, r.agreement_id, r.metric,
    CASE WHEN b.build_id IS NULL THEN 'live'
         WHEN b.built_at IS NULL THEN 'counting' ELSE 'built' END AS state,
    b.built_at,
    coalesce(p.transactions, 0)::integer AS pending
FROM salesperf.measure_reader r
LEFT JOIN salesperf.measure m ON m.measure_id = r.measure_id AND m.scope = r.scope
LEFT JOIN salesperf.build b ON b.measure_id = m.measure_id
    AND NOT EXISTS (
        SELECT FROM salesperf.invalidation i
        WHERE b.build_id BETWEEN i.first_build AND i.last_build)
LEFT JOIN (
    SELECT d.build_id, count(DISTINCT (d.segment, d.place)) AS transactions
    FROM salesperf.pending d
    GROUP BY d.build_id) AS p ON p.build_id = b.build_id;
COMMENT ON VIEW salesperf.measure_state IS 'whether the total of each measure is kept';
COMMENT ON COLUMN salesperf.measure_state.measure_id IS 'id of the measure';
COMMENT ON COLUMN salesperf.measure_state.target_id IS 'the target that reads it, or NULL';
COMMENT ON COLUMN salesperf.measure_state.agreement_id IS 'the agreement that reads it, or NULL';
COMMENT ON COLUMN salesperf.measure_state.metric IS 'what is added up';
COMMENT ON COLUMN salesperf.measure_state.state IS 'live: computed when asked for; counting: being built; built: kept';
COMMENT ON COLUMN salesperf.measure_state.built_at IS 'since when it is kept';
COMMENT ON COLUMN salesperf.measure_state.pending IS 'transactions whose deltas wait to be folded';

CREATE OR REPLACE VIEW salesperf.measure_month WITH (security_invoker = true) AS
SELECT CASE WHEN count(*) = 1 THEN min(r.measure_id) END AS measure_id, r.target_id, r.agreement_id, r.metric, m.month,
    salesperf.shown(sum(m.actual), 20)::numeric(24,4) AS actual
FROM (
    SELECT t.measure_id, t.target_id, NULL::bigint AS agreement_id, t.metric, t.scope, true AS kept
    FROM salesperf.target_measure t
    UNION ALL
    SELECT salesperf.measure_id(s.scope) AS measure_id, NULL::bigint AS target_id, s.agreement_id, s.metric, s.scope, s.kept
    FROM salesperf.agreement_scopes(NULL) s
    WHERE (s.customer IS NULL) = s.pooled
) r
CROSS JOIN LATERAL (SELECT r.kept OR (SELECT salesperf.agreements_computed(NULL)) OFFSET 0) p (ready)
CROSS JOIN LATERAL salesperf.measure_months(CASE WHEN p.ready THEN r.scope END) m
GROUP BY r.target_id, r.agreement_id, r.metric, m.month;
COMMENT ON VIEW salesperf.measure_month IS 'actual of every target and agreement by calendar month, only months with sales';
COMMENT ON COLUMN salesperf.measure_month.measure_id IS 'id of the measure; NULL where several customers of an agreement that is not pooled are added up';
COMMENT ON COLUMN salesperf.measure_month.target_id IS 'the target, or NULL';
COMMENT ON COLUMN salesperf.measure_month.agreement_id IS 'the agreement, or NULL';
COMMENT ON COLUMN salesperf.measure_month.metric IS 'what is added up';
COMMENT ON COLUMN salesperf.measure_month.month IS 'first day of the month';
COMMENT ON COLUMN salesperf.measure_month.actual IS 'what counts in the month; a document is of the month of its first sale';

CREATE OR REPLACE VIEW salesperf.refresh_progress WITH (security_invoker = true) AS
SELECT r.pid, r.phase, r.source, r.sales_read, r.builds, r.started_at
FROM salesperf.refreshing_sessions() r;
COMMENT ON VIEW salesperf.refresh_progress IS 'how far a refresh_measures() is that runs now';
COMMENT ON COLUMN salesperf.refresh_progress.pid IS 'the session that runs it, as in pg_stat_activity';
COMMENT ON COLUMN salesperf.refresh_progress.phase IS 'waiting for writers, reading sales or entering totals';
COMMENT ON COLUMN salesperf.refresh_progress.source IS 'the source that is being read, or NULL';
COMMENT ON COLUMN salesperf.refresh_progress.sales_read IS 'sales read so far, of all sources';
COMMENT ON COLUMN salesperf.refresh_progress.builds IS 'measures that are being built; 0 before they are known';
COMMENT ON COLUMN salesperf.refresh_progress.started_at IS 'when it was called';

CREATE OR REPLACE VIEW salesperf.health WITH (security_invoker = true) AS
SELECT CASE WHEN i.source IS NULL THEN 'notice' ELSE 'warning' END AS severity,
    coalesce('source ' || i.source, 'sources') AS object,
    'measures turned live: ' || i.reason AS finding,
    CASE WHEN i.source IS NULL THEN 'Run CALL salesperf.refresh_measures().'
         ELSE 'Look at the source, then run CALL salesperf.refresh_measures().' END AS hint
FROM (SELECT DISTINCT source, reason FROM salesperf.invalidation) i
UNION ALL
SELECT 'warning', 'source ' || s.name, 'its sales cannot be read: its view is gone, or its table',
    'Attach the source again, or detach it.'
FROM salesperf.source s
WHERE to_regclass('salesperf.source_' || s.name) IS NULL
UNION ALL
SELECT 'warning', 'source ' || s.name, 'changes cannot be followed: a table is a partition, inherits or is unlogged, or its triggers are disabled or not as attach_source() made them',
    'Run SELECT salesperf.setup(), then CALL salesperf.refresh_measures().'
FROM salesperf.source s
WHERE to_regclass('salesperf.source_' || s.name) IS NOT NULL AND NOT salesperf.source_is_followed(s.name)
UNION ALL
SELECT 'warning', 'source ' || f.source,
    CASE f.finding
        WHEN 'amount' THEN 'lines that do not count, as an amount is not finite or too large: ' || f.number || ', one in document ' || f.example
        WHEN 'rate' THEN 'lines that do not count, as no exchange rate is known for their day: ' || f.number || coalesce(', one in ' || f.example, '')
        WHEN 'cost' THEN 'lines without cost, left out of margins: ' || f.number || ', one in document ' || f.example
        WHEN 'scaled' THEN 'documents split by more than 100 percent, scaled to 100: ' || f.number || ', one is ' || f.example
        WHEN 'split' THEN 'splits that give nothing, as they lack a seller or a finite share: ' || f.number || coalesce(', one of ' || f.example, '')
        ELSE 'its sales cannot be read: ' || f.example END,
    CASE f.finding
        WHEN 'amount' THEN 'Correct the amounts in the source.'
        WHEN 'rate' THEN 'Enter the rate into table exchange_rate.'
        WHEN 'cost' THEN 'Enter the cost in the source.'
        WHEN 'scaled' THEN 'Correct the percents in the source.'
        WHEN 'split' THEN 'Correct the splits in the source.'
        ELSE 'Correct the source, or attach it again.' END
FROM salesperf.source_findings() f
JOIN salesperf.source s ON s.name = f.source COLLATE "C"
WHERE (f.finding <> 'cost' OR s.cost IS NOT NULL)
    AND (f.finding <> 'unreadable' OR to_regclass('salesperf.source_' || s.name) IS NOT NULL)
UNION ALL
SELECT 'warning', 'source ' || o.source,
    'documents that do not count, as table sale_status lacks their status ' || o.status || ': ' || count(*),
    'Enter the status into table sale_status.'
FROM (SELECT 'order' AS source, status FROM salesperf.sales_order
      UNION ALL
      SELECT 'contract' AS source, status FROM salesperf.contract) o
WHERE NOT EXISTS (SELECT FROM salesperf.sale_status t WHERE t.status = o.status)
GROUP BY o.source, o.status
UNION ALL
SELECT f.severity, f.object, f.finding, f.hint
FROM salesperf.commission_findings() f
UNION ALL
SELECT 'notice', 'measures',
    count(*) || ' of ' || (SELECT count(*) FROM salesperf.measure_reader) || ' measures are computed when asked for',
    'Run CALL salesperf.refresh_measures() to keep their totals.'
FROM salesperf.measure_state s
WHERE s.state <> 'built'
HAVING count(*) > 0
UNION ALL
SELECT 'warning', 'pending deltas', 'cannot be folded, as a transaction has been writing, or prepared, for more than a minute',
    'Look for prepared transactions in pg_prepared_xacts, then run CALL salesperf.fold().'
FROM salesperf.pending_segment s
WHERE s.state = 'full' AND s.changed_at < now() - interval '1 minute'
HAVING count(*) > 0
UNION ALL
SELECT 'warning', 'pending deltas', 'cannot be folded, as an old snapshot needs those that were',
    'Look in pg_stat_activity, pg_replication_slots and pg_prepared_xacts for what holds backend_xmin back, then run CALL salesperf.fold().'
WHERE NOT EXISTS (SELECT FROM salesperf.pending_segment s WHERE s.state IN ('empty', 'full'));
COMMENT ON VIEW salesperf.health IS 'what somebody should look at; no rows: nothing';
COMMENT ON COLUMN salesperf.health.severity IS 'warning: look now; notice: figures are exact, but slower';
COMMENT ON COLUMN salesperf.health.object IS 'what it is about';
COMMENT ON COLUMN salesperf.health.finding IS 'what was found';
COMMENT ON COLUMN salesperf.health.hint IS 'what to do';
