-- Series of each set, and how good forecasts of them are.
CREATE EXTENSION salesperf CASCADE;

CREATE TABLE series (set text, id text, season integer, horizon integer, train numeric[], test float8[]);
CREATE TEMP TABLE file (id text, type text, season integer, horizon integer, start_year text, start_period text, n text, train text, test text);
CREATE FUNCTION pg_temp.load(directory text, name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE file;
    EXECUTE format('COPY file FROM %L CSV HEADER', directory || '/' || name || '.csv');
    INSERT INTO series
    SELECT name, f.id, f.season, f.horizon, string_to_array(f.train, ' ')::numeric[], string_to_array(f.test, ' ')::float8[] FROM file f;
END
$$;
SELECT pg_temp.load(:'dir', name) FROM unnest('{M3_monthly,M3_quarterly,M3_yearly,M3_other,ausretail_monthly,favorita_daily}'::text[]) name \g /dev/null
UPDATE series SET horizon = cardinality(test) WHERE cardinality(test) < horizon;
ANALYZE series;

CREATE TABLE sample AS
SELECT set, id, season, horizon, train, test
FROM (SELECT s.*, row_number() OVER (PARTITION BY set ORDER BY id) AS n, count(*) OVER (PARTITION BY set) AS total FROM series s) s
WHERE n % greatest(total / :sample, 1) = 0 AND n / greatest(total / :sample, 1) <= :sample;

-- The measures of the M competitions for each series of a set.
CREATE FUNCTION accuracy(relation regclass, set text, method text)
RETURNS TABLE (id text, smape float8, mase float8, coverage float8, msis float8) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT s.id, avg(CASE WHEN abs(a.y) + abs(f.forecast) > 0 THEN 200 * abs(a.y - f.forecast) / (abs(a.y) + abs(f.forecast)) ELSE 0 END),
            avg(abs(a.y - f.forecast)) / min(n.scale), avg((a.y BETWEEN f.lower AND f.upper)::integer::float8),
            avg(f.upper - f.lower + 40 * greatest(f.lower - a.y, 0) + 40 * greatest(a.y - f.upper, 0)) / min(n.scale)
        FROM %s s
        CROSS JOIN LATERAL (
            SELECT avg(abs(y - before))::float8 AS scale
            FROM (SELECT y, lag(y, s.season) OVER (ORDER BY i) AS before FROM unnest(s.train) WITH ORDINALITY u (y, i)) d
        ) n
        CROSS JOIN LATERAL salesperf.forecast(s.train, s.horizon, s.season, $2) f
        CROSS JOIN LATERAL (SELECT s.test[f.step] AS y) a
        WHERE s.set = $1
        GROUP BY s.id$query$, relation) USING set, method;
END
$$;
