DO $pending$
DECLARE
    n integer;
    parts text[];
BEGIN
    FOR n IN 1..16 LOOP
        parts[n] := pg_catalog.format(
            'SELECT %1$s AS segment, p.ctid::text AS place, d.build_id, d.month, salesperf.shown(d.amount, 20)::numeric(24,4) AS amount'
            ' FROM salesperf.pending_%1$s p, salesperf.pending_deltas(p.deltas) d'
            ' WHERE EXISTS (SELECT FROM salesperf.pending_segment s WHERE s.segment = %1$s AND s.state IN (''current'', ''full''))', n);
    END LOOP;
    EXECUTE 'CREATE VIEW salesperf.pending WITH (security_invoker = true) AS ' || pg_catalog.array_to_string(parts, ' UNION ALL ');
END
$pending$;
COMMENT ON VIEW salesperf.pending IS 'deltas of committed transactions that are in no total yet';
COMMENT ON COLUMN salesperf.pending.segment IS 'number of the table that the transaction''s row is in';
COMMENT ON COLUMN salesperf.pending.place IS 'where there: one row is one transaction';
COMMENT ON COLUMN salesperf.pending.build_id IS 'the build';
COMMENT ON COLUMN salesperf.pending.month IS 'first day of the month';
COMMENT ON COLUMN salesperf.pending.amount IS 'what the transaction added, to four decimals';
