-- What a transaction adds is packed into one row, exact whatever the amount.
CREATE SCHEMA pkd;
CREATE TABLE pkd.sale (id integer PRIMARY KEY, day date, seller text, net numeric);
SELECT salesperf.attach_source('pkd', lines => 'pkd.sale', document => 'l.id', sold_on => 'l.day', seller => 'l.seller', net => 'l.net');
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sellers)
SELECT 970000 + n, 'pkd ' || n, 'net', '4713-01-01 BC', '5874897-12-31', 1, CASE WHEN n > 0 THEN ARRAY['s' || n] END
FROM generate_series(0, 3) AS n;
CALL salesperf.refresh_measures();
CALL salesperf.fold();

-- The rows of all segments that are pending.
CREATE FUNCTION pkd.pending() RETURNS SETOF bytea LANGUAGE plpgsql AS $$
DECLARE
    n integer;
BEGIN
    FOR n IN SELECT segment FROM salesperf.pending_segment WHERE state IN ('current', 'full') LOOP
        RETURN QUERY EXECUTE format('SELECT deltas FROM salesperf.pending_%s', n);
    END LOOP;
END
$$;
-- The one row that is pending, but for its first build's id, against what was inserted.
CREATE FUNCTION pkd.packed() RETURNS TABLE (bytes integer, deltas bigint, wrong bigint) LANGUAGE sql AS $$
    WITH expected AS (
        SELECT b.build_id, s.day - EXTRACT(day FROM s.day)::integer + 1 AS month, trim_scale(sum(s.net)) AS amount
        FROM pkd.sale s
        JOIN salesperf.target_measure t ON t.target_id IN (970000, 970000 + substr(s.seller, 2)::integer)
        JOIN salesperf.build b ON b.measure_id = t.measure_id
        GROUP BY 1, 2 HAVING sum(s.net) <> 0
    ), packed AS (
        SELECT d.* FROM pkd.pending() AS p (deltas), salesperf.pending_deltas(p.deltas) AS d
    )
    SELECT (SELECT octet_length(p.deltas) FROM pkd.pending() AS p (deltas)) - (SELECT CASE WHEN min(build_id) < 128 THEN 1 ELSE 2 END FROM packed), (SELECT count(*) FROM packed),
        (SELECT count(*) FROM (TABLE expected EXCEPT TABLE packed) AS missing)
        + (SELECT count(*) FROM (TABLE packed EXCEPT TABLE expected) AS other)
$$;
CREATE PROCEDURE pkd.clear() LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM pkd.sale;
    COMMIT;
    CALL salesperf.fold();
END
$$;

INSERT INTO pkd.sale VALUES (1, '2021-05-05', 's1', 199.90), (2, '2021-05-31', 's2', -0.01), (3, '2021-06-01', 's3', 1e6);
SELECT * FROM pkd.packed();
SELECT name, actual FROM salesperf.target_performance WHERE name LIKE 'pkd %' ORDER BY 1;
CALL pkd.clear();

-- At the bounds of 64 bits, of the scaled integer, and beyond; few and many decimals.
CREATE PROCEDURE pkd.try(amounts numeric[]) LANGUAGE plpgsql AS $$
DECLARE
    factor integer;
    found record;
BEGIN
    FOREACH factor IN ARRAY '{1,-1}'::integer[] LOOP
        INSERT INTO pkd.sale SELECT n, '2021-05-05', 's1', factor * amounts[n] FROM generate_subscripts(amounts, 1) AS n;
        COMMIT;
        SELECT * INTO found FROM pkd.packed();
        RAISE NOTICE '% lines of %: % deltas, % bytes, % wrong, % totals differ', cardinality(amounts), factor * amounts[1],
            found.deltas, found.bytes, found.wrong, (SELECT count(*) FROM salesperf.verify_totals());
        CALL pkd.clear();
    END LOOP;
END
$$;
CALL pkd.try('{0.01}');
CALL pkd.try('{0.0001}');
CALL pkd.try('{0.00001}');
CALL pkd.try('{12e13}');
CALL pkd.try('{922337203685477.5807}');
CALL pkd.try('{922337203685477.5807, 0.0001}');
CALL pkd.try('{999999999999999.9999, 0.000000000000000009}');
CALL pkd.try('{1e-36}');
CALL pkd.try('{1e-37}');
CALL pkd.try('{1e-100}');
CALL pkd.try('{170, 1e-36}');
CALL pkd.try('{171, 1e-36}');
CALL pkd.try('{1e14, 1e-40}');
CALL pkd.try('{9e14, -9e14}');
CALL pkd.try(array_fill(9e14, ARRAY[11000]));

-- A large amount and one of many decimals in rows of their own.
INSERT INTO pkd.sale VALUES (1, '2021-05-05', 's1', 1e-36);
INSERT INTO pkd.sale VALUES (2, '2021-05-05', 's1', 9e14);
INSERT INTO pkd.sale VALUES (3, '2021-06-05', 's1', -9e14);
INSERT INTO pkd.sale VALUES (4, '2021-06-05', 's1', 5e14);
SELECT salesperf.measure_figure(scope) AS figure FROM salesperf.target_measure WHERE target_id = 970001;
SELECT * FROM salesperf.verify_totals();
CALL salesperf.fold();
SELECT salesperf.measure_figure(scope) AS figure FROM salesperf.target_measure WHERE target_id = 970001;
SELECT * FROM salesperf.verify_totals();
CALL pkd.clear();

-- Months at the bounds of dates, in one row.
INSERT INTO pkd.sale VALUES (1, '4713-01-01 BC', 's1', 1), (2, '0001-12-31 BC', 's1', 2), (3, '1999-12-31', 's1', 3), (4, '2000-01-31', 's1', 4),
    (5, '5874897-12-31', 's1', 5), (6, '0001-01-01', 's2', 6);
SELECT * FROM pkd.packed();
SELECT d.month, d.amount FROM pkd.pending() AS p (deltas), salesperf.pending_deltas(p.deltas) AS d
JOIN salesperf.build b USING (build_id) JOIN salesperf.target_measure t USING (measure_id) WHERE t.target_id = 970001 ORDER BY 1;
CALL pkd.clear();

-- Thousands of deltas.
INSERT INTO pkd.sale SELECT n, '2000-01-01'::date + 30 * (n / 3), 's' || 1 + n % 3, n * 1.5 - 4000 FROM generate_series(1, 6000) AS n;
SELECT bytes BETWEEN 1 AND 60000 AS small, deltas > 3000 AS many, wrong FROM pkd.packed();
SELECT * FROM salesperf.verify_totals();
CALL salesperf.fold();
SELECT * FROM salesperf.verify_totals();

-- Bytes that are not deltas are refused, wherever they end.
SELECT * FROM salesperf.pending_deltas('\x');
SELECT * FROM salesperf.pending_deltas(NULL);
SELECT * FROM salesperf.pending_deltas('\x0182c601018002c701');
CREATE FUNCTION pkd.decoded(deltas bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT count(*) FROM salesperf.pending_deltas(deltas));
EXCEPTION WHEN OTHERS THEN
    RETURN sqlstate;
END
$$;
SELECT b AS bytes, pkd.decoded(b) AS decoded
FROM unnest('{
    "\\x01", "\\x0180", "\\x008002", "\\x018080", "\\x01a402", "\\x01a502",
    "\\x01ff00", "\\x01ff05aabbccddee", "\\x01ff080000000000000000", "\\x01ff09000000000000000000", "\\x01ff0800010000000023282711",
    "\\xffffffff078002", "\\x80808080088002", "\\x0100feffffff0f02", "\\x0100ffffffff0f02", "\\x010080808080808080808080808080808080808002",
    "\\x0180ffffffffffffffffffffffffffffffffffff03", "\\x0180ffffffffffffffffffffffffffffffffffff07", "\\x0181ffffffffffffffffffffffffffffffffffff03"
}'::bytea[]) AS b;
SELECT count(*) AS tried, count(*) FILTER (WHERE d.decoded ~ '^\d$|^22P03$') AS told
FROM generate_series(1, 20000) AS n, LATERAL (SELECT pkd.decoded(substr(decode(md5(n::text), 'hex'), 1, n % 16)) AS decoded) AS d;

SELECT salesperf.detach_source('pkd');
DELETE FROM salesperf.target WHERE name LIKE 'pkd %';
DROP SCHEMA pkd CASCADE;
CALL salesperf.refresh_measures();
