-- Measures that somebody reads.  Nobody does on this floor; the modules above
-- put themselves in (src/report).
CREATE OR REPLACE VIEW salesperf.measure_reader WITH (security_invoker = true) AS
SELECT NULL::bigint AS measure_id, NULL::bigint AS target_id, NULL::bigint AS agreement_id,
    NULL::text AS metric, NULL::jsonb AS scope
WHERE false;
