-- document_shares: who has which share of a document, by its splits.
SET search_path = salesperf, public;

-- All shares in one line: part/whole, + before an overlay, nobody as -.
CREATE FUNCTION pg_temp.told(sellers text[], percents numeric[], amounts numeric[], overlays boolean[], net numeric, own text)
RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s%s %s/%s', CASE WHEN s."overlay" THEN '+' END, coalesce(s.seller, '-'), s.part, s.whole), ', ' ORDER BY n)
    FROM salesperf.document_shares(sellers, percents, amounts, overlays, net, own) WITH ORDINALITY s (seller, part, whole, "overlay", n)
$$;

-- Worked out by hand; the derivation stands beside each.  Only those that
-- differ are listed.
CREATE TEMPORARY TABLE derived (sellers text[], percents numeric[], amounts numeric[], overlays boolean[], net numeric, own text, expected text, derivation text);
INSERT INTO derived VALUES
    -- no splits
    ('{}', '{}', '{}', '{}', 1000, 'o', 'o 100/100', 'all stays with the own seller'),
    ('{}', '{}', '{}', '{}', 1000, NULL, '- 100/100', 'or with nobody'),
    ('{}', '{}', '{}', '{}', NULL, 'o', 'o 100/100', 'whatever the net'),
    -- percents
    ('{a,b}', '{60,40}', '{NULL,NULL}', '{f,f}', 1000, 'o', 'a 60/100, b 40/100', 'the own seller has nothing'),
    ('{b,a}', '{40,60}', '{NULL,NULL}', '{f,f}', 1000, 'o', 'a 60/100, b 40/100', 'by seller'),
    ('{a,b}', '{60,30}', '{NULL,NULL}', '{f,f}', 1000, 'o', 'a 60/100, b 30/100, o 10/100', 'the own seller has what is left over'),
    ('{a,z}', '{60,30}', '{NULL,NULL}', '{f,f}', 1000, 'o', 'a 60/100, o 10/100, z 30/100', 'in its place'),
    ('{a,b}', '{60,30}', '{NULL,NULL}', '{f,f}', 1000, NULL, 'a 60/100, b 30/100, - 10/100', 'nobody is last'),
    ('{a,b}', '{33.333,33.3330}', '{NULL,NULL}', '{f,f}', NULL, 'o', 'a 33.333/100, b 33.333/100, o 33.334/100', 'exact; the net does not matter'),
    ('{a,b}', '{60,0}', '{NULL,NULL}', '{f,f}', 1000, 'o', 'a 60/100, o 40/100', 'a percent of 0 gives nothing'),
    ('{a}', '{0}', '{NULL}', '{f}', 1000, 'o', 'o 100/100', 'and is no equal share'),
    ('{a,b}', '{60,NULL}', '{NULL,NULL}', '{f,f}', 1000, 'o', 'a 60/100, o 40/100', 'without a figure beside one with a percent: nothing'),
    ('{a,b}', '{60,60}', '{NULL,NULL}', '{f,f}', 1000, 'o', 'a 60/120, b 60/120', 'above 100: scaled, nothing is left'),
    ('{a,b}', '{100,0.01}', '{NULL,NULL}', '{f,f}', 1000, 'o', 'a 100/100.01, b 0.01/100.01', 'if only just'),
    ('{a}', '{250}', '{NULL}', '{f}', 1000, 'o', 'a 250/250', 'one alone has all'),
    ('{Z,a,ä,"",B}', '{10,10,10,10,10}', '{NULL,NULL,NULL,NULL,NULL}', '{f,f,f,f,f}', 1, 'a b', ' 10/100, B 10/100, Z 10/100, a 10/100, a b 50/100, ä 10/100',
        'in C collation, whatever the database has; an empty code is one'),
    -- equal shares
    ('{a,b,c}', '{NULL,NULL,NULL}', '{NULL,NULL,NULL}', '{f,f,f}', 1000, 'o', 'a 1/3, b 1/3, c 1/3', 'no figures at all'),
    ('{a}', '{NULL}', '{NULL}', '{f}', 0, 'o', 'a 1/1', 'alone'),
    ('{a,a,b}', '{NULL,NULL,NULL}', '{NULL,NULL,NULL}', '{f,f,f}', 1000, 'o', 'a 2/3, b 1/3', 'twice is twice as much'),
    ('{a,NULL,b}', '{NULL,50,NULL}', '{NULL,NULL,NULL}', '{f,f,f}', 1000, 'o', 'a 1/2, b 1/2', 'a row that gives nothing does not count'),
    -- fixed amounts
    ('{a}', '{NULL}', '{300}', '{f}', 1000, 'o', 'a 30000/100000, o 70000/100000', '300 of 1000'),
    ('{a}', '{NULL}', '{300}', '{f}', -1000, 'o', 'a 30000/100000, o 70000/100000', 'a return mirrors it'),
    ('{a}', '{NULL}', '{-300}', '{f}', -1000, 'o', 'a 30000/100000, o 70000/100000', 'also if entered as one'),
    ('{a}', '{NULL}', '{-300}', '{f}', 1000, 'o', 'a 30000/100000, o 70000/100000', 'only the magnitude counts'),
    ('{a}', '{NULL}', '{1000}', '{f}', 1000, 'o', 'a 100000/100000', 'everything'),
    ('{a}', '{NULL}', '{1000.01}', '{f}', 1000, 'o', 'a 100000/100000', 'capped'),
    ('{a}', '{NULL}', '{0}', '{f}', 1000, 'o', 'o 100000/100000', 'an amount of 0'),
    ('{a}', '{NULL}', '{300}', '{f}', 0, 'o', 'o 100/100', 'of a net of 0: nothing'),
    ('{a}', '{NULL}', '{300}', '{f}', NULL, 'o', 'o 100/100', 'of a net that is not known: nothing'),
    ('{a}', '{NULL}', '{300}', '{f}', 'NaN', 'o', 'o 100/100', 'of a net that is no number: nothing'),
    ('{a}', '{NULL}', '{300}', '{f}', '-Infinity', 'o', 'o 100/100', 'of an infinite one: nothing'),
    ('{b,a}', '{NULL,NULL}', '{700,600}', '{f,f}', 1000, 'o', 'a 60000/100000, b 40000/100000', 'a first, by seller; b has what is left'),
    ('{c,b,a}', '{NULL,NULL,NULL}', '{1,700,600}', '{f,f,f}', 1000, 'o', 'a 60000/100000, b 40000/100000', 'nothing is left for c'),
    ('{a,b,a}', '{NULL,NULL,NULL}', '{300,500,400}', '{f,f,f}', 1000, 'o', 'a 70000/100000, b 30000/100000', 'a twice, before b'),
    ('{a,b}', '{NULL,NULL}', '{0.001,0.0005}', '{f,f}', 0.004, 'o', 'a 0.1/0.4, b 0.05/0.4, o 0.25/0.4', 'a small net'),
    -- percents and amounts
    ('{a,b}', '{60,NULL}', '{NULL,300}', '{f,f}', 1000, 'o', 'a 60000/100000, b 30000/100000, o 10000/100000', '60 % and 300 of 1000'),
    ('{b,a}', '{60,NULL}', '{NULL,300}', '{f,f}', 1000, 'o', 'a 30000/100000, b 60000/100000, o 10000/100000', 'the same the other way round'),
    ('{b,a}', '{80,NULL}', '{NULL,300}', '{f,f}', 1000, 'o', 'a 20000/100000, b 80000/100000', 'percents come before amounts'),
    ('{a,b}', '{60,NULL}', '{NULL,300}', '{f,f}', 0, 'o', 'a 60/100, o 40/100', 'without a net percents are left'),
    ('{a,b,c}', '{80,70,NULL}', '{NULL,NULL,300}', '{f,f,f}', 1000, 'o', 'a 80000/150000, b 70000/150000', 'scaled: nothing is left for an amount'),
    ('{a,a}', '{10,NULL}', '{NULL,50}', '{f,f}', 1000, 'o', 'a 15000/100000, o 85000/100000', 'added up: 10 % and 50 of 1000'),
    ('{a,b}', '{NULL,NULL}', '{300,NULL}', '{f,f}', 1000, 'o', 'a 30000/100000, o 70000/100000', 'without a figure beside an amount: nothing'),
    ('{a}', '{10}', '{500}', '{f}', 1000, 'o', 'a 10/100, o 90/100', 'both in one row: the percent'),
    -- overlays
    ('{a,b}', '{60,10}', '{NULL,NULL}', '{f,t}', 1000, 'o', 'a 60/100, o 40/100, +b 10/100', 'on top'),
    ('{b}', '{10}', '{NULL}', '{t}', 1000, 'o', 'o 100/100, +b 10/100', 'takes nothing off'),
    ('{b}', '{150}', '{NULL}', '{t}', 1000, 'o', 'o 100/100, +b 150/100', 'may be more than the whole, and is not scaled'),
    ('{b,c}', '{80,70}', '{NULL,NULL}', '{t,t}', 1000, NULL, '- 100/100, +b 80/100, +c 70/100', 'nobody, then overlays'),
    ('{a,b,c}', '{90,60,10}', '{NULL,NULL,NULL}', '{f,f,t}', 1000, 'o', 'a 90/150, b 60/150, +c 15/150', '10 % of the whole, which is 150'),
    ('{a,b,c}', '{NULL,NULL,10}', '{NULL,NULL,NULL}', '{f,f,t}', 1000, 'o', 'a 1/2, b 1/2, +c 0.2/2', 'on top of equal shares'),
    ('{b}', '{NULL}', '{300}', '{t}', 1000, 'o', 'o 100000/100000, +b 30000/100000', '300 of 1000'),
    ('{b}', '{NULL}', '{3000}', '{t}', -1000, 'o', 'o 100000/100000, +b 100000/100000', 'an amount is capped at the net'),
    ('{a,b}', '{NULL,NULL}', '{NULL,300}', '{f,t}', 1000, 'o', 'a 1000/1000, +b 300/1000', 'the rest has no figures'),
    ('{a,b}', '{60,NULL}', '{NULL,300}', '{f,t}', 0, 'o', 'a 60/100, o 40/100', 'of a net of 0: nothing'),
    ('{b,c}', '{NULL,NULL}', '{NULL,NULL}', '{t,t}', 1000, 'o', 'o 200/200, +b 100/200, +c 100/200', 'equal among themselves'),
    ('{a,b,c,d}', '{60,NULL,NULL,NULL}', '{NULL,NULL,NULL,NULL}', '{f,t,t,t}', 1000, 'o', 'a 180/300, o 120/300, +b 100/300, +c 100/300, +d 100/300', 'a third each'),
    ('{a,b,c}', '{NULL,NULL,NULL}', '{100,NULL,NULL}', '{f,t,t}', 1000, 'o', 'a 20000/200000, o 180000/200000, +b 100000/200000, +c 100000/200000', 'half each, beside an amount'),
    ('{b,c}', '{10,NULL}', '{NULL,NULL}', '{t,t}', 1000, 'o', 'o 100/100, +b 10/100', 'without a figure beside one with a percent: nothing'),
    ('{b,b}', '{10,NULL}', '{NULL,50}', '{t,t}', 1000, 'o', 'o 100000/100000, +b 15000/100000', 'added up'),
    ('{a}', '{40}', '{NULL}', '{NULL}', 1000, 'o', 'a 40/100, o 60/100', 'NULL is no overlay'),
    -- the own seller among the splits
    ('{a,o}', '{60,30}', '{NULL,NULL}', '{f,f}', 1000, 'o', 'a 60/100, o 40/100', 'added up with what is left'),
    ('{a,o}', '{60,30}', '{NULL,NULL}', '{f,t}', 1000, 'o', 'a 60/100, o 40/100, +o 30/100', 'an overlay stays apart'),
    ('{o,oo}', '{10,10}', '{NULL,NULL}', '{f,f}', 1000, 'o', 'o 90/100, oo 10/100', 'not one that begins alike'),
    -- rows that give nothing
    ('{NULL,a}', '{60,30}', '{NULL,NULL}', '{f,f}', 1000, 'o', 'a 30/100, o 70/100', 'no seller'),
    ('{a,b}', '{NaN,30}', '{NULL,NULL}', '{f,f}', 1000, 'o', 'b 30/100, o 70/100', 'NaN'),
    ('{a,b}', '{Infinity,30}', '{NULL,NULL}', '{f,f}', 1000, 'o', 'b 30/100, o 70/100', 'infinite'),
    ('{a,b}', '{-10,30}', '{NULL,NULL}', '{f,f}', 1000, 'o', 'b 30/100, o 70/100', 'a negative percent'),
    ('{a,b}', '{NULL,30}', '{NaN,NULL}', '{f,f}', 1000, 'o', 'b 30/100, o 70/100', 'NaN, and so the net is not needed'),
    ('{a,b}', '{NULL,30}', '{-Infinity,NULL}', '{f,f}', 1000, 'o', 'b 30/100, o 70/100', 'infinite'),
    ('{a,b}', '{20,30}', '{NaN,NULL}', '{f,f}', 1000, 'o', 'b 30/100, o 70/100', 'a good percent beside NaN');

SELECT sellers, percents, amounts, overlays, net, own, expected, got, derivation
FROM (SELECT *, pg_temp.told(sellers, percents, amounts, overlays, net, own) AS got FROM derived) d
WHERE got IS DISTINCT FROM expected;
SELECT count(*) >= 60 AS enough FROM derived;

-- Nothing overflows, nothing is rounded.
SELECT * FROM document_shares('{a,b}', '{0.00000000000000000000000000000001,NULL}', '{NULL,0.000000000000000000000000000000000001}', '{f,f}',
    1000000000000000000000000000000000000000000.01, 'o');
-- Amounts times their share.
SELECT amount, part, whole, share_of(amount, part, whole) FROM (VALUES
    (100::numeric, 1::numeric, 3::numeric), (-100, 1, 3), (200, 1, 3), (0.00000000000000000001, 2, 3), (1e30, 60, 100), (19.99, 40, 100),
    (5, 0, 100), (0, 5, 100), (5, 1, 0), ('NaN', 1, 0), ('NaN', 1, 2), ('Infinity', 1, 2), ('-Infinity', 1, 2), ('Infinity', 0, 2),
    (NULL, 1, 2), (1, NULL, 2), (1, 1, NULL)) v (amount, part, whole);

-- Random documents against the definition, written down in another way:
-- shares as quotients, amounts one after the other.
SELECT setseed(0.25) IS NOT NULL AS seeded;
CREATE FUNCTION pg_temp.random_figure(chance float8, size float8)
RETURNS numeric LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN random() < chance THEN (ARRAY[round((random() * size)::numeric, 2), round((random() * size)::numeric, 0), 0])[1 + floor(random() * 2.2)::int] END
$$;
CREATE TEMPORARY TABLE document AS
SELECT i AS id, (ARRAY[round((random() * 1000)::numeric, 2), -round((random() * 1000)::numeric, 2), 250, 0, NULL])[1 + floor(random() * 3.4)::int] AS net,
    (ARRAY['a', 'b', 'c', 'o', NULL])[1 + floor(random() * 5)::int] AS own, random() < 0.7 AS with_percents, random() < 0.4 AS with_amounts,
    (ARRAY[30, 60, 200])[1 + floor(random() * 3)::int] AS size
FROM generate_series(1, 3000) i;
CREATE TEMPORARY TABLE split AS
SELECT d.id, n, (ARRAY['a', 'b', 'c', 'd', NULL])[1 + floor(random() * 4.1)::int] AS seller,
    pg_temp.random_figure(CASE WHEN with_percents THEN 0.7 ELSE 0 END, size) AS percent,
    pg_temp.random_figure(CASE WHEN with_amounts THEN 0.6 ELSE 0 END, 4 * size) AS amount, random() < 0.3 AS "overlay"
FROM document d, generate_series(1, d.id % 6) n;
UPDATE split SET amount = NULL WHERE percent IS NOT NULL;
UPDATE split SET percent = (ARRAY['NaN', '-1', 'Infinity'])[1 + id % 3]::numeric WHERE id % 40 = 7 AND n = 1;
UPDATE split SET amount = (ARRAY['NaN', '-70', 'Infinity'])[1 + id % 3]::numeric WHERE id % 40 = 9 AND n = 1 AND percent IS NULL;

CREATE FUNCTION pg_temp.arrays(wanted int, direction int, OUT sellers text[], OUT percents numeric[], OUT amounts numeric[], OUT overlays boolean[])
LANGUAGE sql AS $$
    SELECT coalesce(array_agg(s.seller ORDER BY direction * n), '{}'), coalesce(array_agg(s.percent ORDER BY direction * n), '{}'),
        coalesce(array_agg(s.amount ORDER BY direction * n), '{}'), coalesce(array_agg(s."overlay" ORDER BY direction * n), '{}')
    FROM split s WHERE s.id = wanted
$$;
CREATE INDEX ON split (id);
CREATE TEMPORARY TABLE got AS
SELECT d.id, s.* FROM document d, pg_temp.arrays(d.id, 1) a, document_shares(a.sellers, a.percents, a.amounts, a.overlays, d.net, d.own) s;
CREATE TEMPORARY TABLE wanted AS
WITH usable AS (
    SELECT s.id, s."overlay", s.seller, s.percent, abs(s.amount) AS amount, abs(nullif(d.net, 0)) AS net,
        bool_or(s.percent IS NOT NULL OR s.amount IS NOT NULL) OVER document AS figures, count(*) OVER document AS rows,
        greatest(100, sum(s.percent) OVER document) AS percents
    FROM split s JOIN document d USING (id)
    WHERE s.seller IS NOT NULL AND coalesce(s.percent, 0) >= 0 AND coalesce(s.percent, 0) < 'Infinity' AND abs(coalesce(s.amount, 0)) < 'Infinity'
    WINDOW document AS (PARTITION BY s.id, s."overlay")
), settled AS (
    SELECT id, "overlay", seller, 1e30 * CASE WHEN figures THEN percent / CASE WHEN "overlay" THEN 100 ELSE percents END ELSE 1 / rows::numeric END AS share
    FROM usable
    WHERE percent IS NOT NULL OR NOT figures
    UNION ALL
    SELECT id, true, seller, 1e30 * least(amount, net) / net FROM usable WHERE "overlay" AND amount IS NOT NULL
), remaining AS (
    SELECT d.id, 1e30 - coalesce(sum(s.share), 0) AS share FROM document d LEFT JOIN settled s ON s.id = d.id AND NOT s."overlay" GROUP BY d.id
), fixed AS (
    SELECT u.id, u.seller, 1e30 * u.amount / u.net AS share, r.share AS most,
        sum(1e30 * u.amount / u.net) OVER (PARTITION BY u.id ORDER BY u.seller COLLATE "C", u.amount ROWS UNBOUNDED PRECEDING) AS running
    FROM usable u JOIN remaining r USING (id) WHERE NOT u."overlay" AND u.amount IS NOT NULL AND u.net IS NOT NULL
), share AS (
    SELECT id, "overlay", seller, share FROM settled
    UNION ALL
    SELECT id, false, seller, least(running, most) - least(running - share, most) FROM fixed
    UNION ALL
    SELECT d.id, false, d.own, r.share - least(r.share, coalesce((SELECT max(running) FROM fixed f WHERE f.id = d.id), 0))
    FROM document d JOIN remaining r USING (id)
)
SELECT id, "overlay", seller, sum(share) / 1e30 AS share FROM share GROUP BY 1, 2, 3 HAVING sum(share) > 1e10;
SELECT count(*) > 6000 AS many, count(*) FILTER (WHERE "overlay") > 1000 AS overlays, count(*) FILTER (WHERE whole > 100 AND whole < 1000) > 100 AS scaled,
    count(*) FILTER (WHERE seller IS NULL) > 100 AS nobody, count(*) FILTER (WHERE whole >= 1000) > 500 AS amounts FROM got;
-- Each query lists violations, and there are none.
SELECT * FROM got g FULL JOIN wanted w ON (w.id, w."overlay") = (g.id, g."overlay") AND w.seller IS NOT DISTINCT FROM g.seller
WHERE g.id IS NULL OR w.id IS NULL OR abs(share_of(1, g.part, g.whole) - w.share) > 1e-15;
-- What is no overlay adds up to the whole, exactly.
SELECT id FROM got GROUP BY id HAVING sum(part) FILTER (WHERE NOT "overlay") IS DISTINCT FROM min(whole) OR min(whole) <> max(whole);
SELECT id FROM document WHERE id NOT IN (SELECT id FROM got);
SELECT id FROM got WHERE part <= 0 OR whole <= 0;
-- The order of the rows does not matter.
(SELECT * FROM got)
EXCEPT ALL
(SELECT d.id, s.* FROM document d, pg_temp.arrays(d.id, -1) a, document_shares(a.sellers, a.percents, a.amounts, a.overlays, d.net, d.own) s);
-- A return mirrors its sale.
(SELECT * FROM got)
EXCEPT ALL
(SELECT d.id, s.* FROM document d, pg_temp.arrays(d.id, 1) a, document_shares(a.sellers, a.percents, a.amounts, a.overlays, -d.net, d.own) s);

-- What is refused.
SELECT * FROM document_shares('{a}', '{10}', '{NULL,NULL}', '{f}', 1, 'o');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM document_shares('{a}', NULL, '{NULL}', '{f}', 1, 'o');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM document_shares('{a}', '{{10}}', '{NULL}', '{f}', 1, 'o');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM document_shares(NULL, '{10}', '{NULL}', '{f}', 1, 'o');
\echo :LAST_ERROR_SQLSTATE
