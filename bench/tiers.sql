-- Amounts to pay on, and the schedules in every form that is measured.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE EXTENSION salesperf CASCADE;
SELECT setseed(0.1) \g /dev/null

CREATE TABLE line AS
SELECT i AS line_id, round(((1 + floor(10 * r1)) * (5 + 495 * r2))::numeric, 2) AS net, 1 + i % 20 AS schedule_id
FROM (SELECT i, random() AS r1, random() AS r2 FROM generate_series(1, :rows) i) x;

-- One schedule as a table, and twenty.
CREATE TABLE tier (tier_no int PRIMARY KEY, lo numeric NOT NULL, rate numeric NOT NULL);
INSERT INTO tier VALUES (1, 0, 0), (2, 100, 0.01), (3, 500, 0.02), (4, 1000, 0.035), (5, 2500, 0.05);
CREATE INDEX ON tier (lo);
CREATE TABLE schedule_tier (schedule_id int, tier_no int, lo numeric NOT NULL, rate numeric NOT NULL, PRIMARY KEY (schedule_id, tier_no));
INSERT INTO schedule_tier SELECT s, tier_no, lo + s * (tier_no > 1)::int, rate FROM tier, generate_series(1, 20) s;
CREATE INDEX ON schedule_tier (schedule_id, lo);
CREATE TABLE schedule (schedule_id int PRIMARY KEY, tiers salesperf.tiers NOT NULL);
INSERT INTO schedule
SELECT schedule_id, string_agg(lo || ': ' || 100 * rate || '%', ', ' ORDER BY tier_no)::salesperf.tiers
FROM schedule_tier GROUP BY schedule_id;

CREATE FUNCTION pay_case(net numeric) RETURNS numeric LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF net >= 2500 THEN RETURN net * 0.05;
    ELSIF net >= 1000 THEN RETURN net * 0.035;
    ELSIF net >= 500 THEN RETURN net * 0.02;
    ELSIF net >= 100 THEN RETURN net * 0.01;
    END IF;
    RETURN 0;
END $$;
CREATE FUNCTION pay_query(schedule int, net numeric) RETURNS numeric LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN net * (SELECT t.rate FROM schedule_tier t WHERE t.schedule_id = schedule AND t.lo <= net ORDER BY t.lo DESC LIMIT 1);
END $$;
VACUUM ANALYZE;
