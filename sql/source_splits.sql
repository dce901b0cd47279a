-- One order, its team, its refund and its currency: every change moves figures
-- at once, and the kept totals are what the sources say.
CREATE SCHEMA spl;
CREATE TABLE spl.orders (name text PRIMARY KEY, day date, rep text, cur text, rate numeric);
CREATE TABLE spl.line (id int PRIMARY KEY, parent text, amount numeric, cost numeric);
CREATE INDEX ON spl.line (parent);
CREATE TABLE spl.team (id int PRIMARY KEY, parent text, kind text, rep text, percent numeric);
CREATE INDEX ON spl.team (parent);
CREATE TABLE spl.refund (id int PRIMARY KEY, doc text, day date, amount numeric);
CREATE INDEX ON spl.refund (doc);
SELECT salesperf.attach_source('spl', lines => 'spl.line', header => 'spl.orders', join_on => 'l.parent = h.name', document => 'h.name',
    line => 'l.id', sold_on => 'h.day', seller => 'h.rep', net => 'l.amount', cost => 'l.cost', currency => 'h.cur', rate => 'h.rate',
    splits => 'spl.team', split_on => $$s.parent = h.name AND s.kind = 'order'$$, split_seller => 's.rep', split_percent => 's.percent');
SELECT salesperf.attach_source('spl_refund', lines => 'spl.refund', joins => ARRAY['spl.orders o ON o.name = l.doc'], document => 'l.doc',
    line => $$'R' || l.id::text$$, sold_on => 'l.day', seller => 'o.rep', net => '-l.amount', quantity => '0', part_of => 'spl');
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sellers, sources) VALUES
    (950401, 'all', 'net', '2021-01-01', '2021-12-31', 100, NULL, '{spl}'), (950402, 'ann', 'net', '2021-01-01', '2021-12-31', 100, '{ann}', '{spl}'),
    (950403, 'bob', 'net', '2021-01-01', '2021-12-31', 100, '{bob}', '{spl}'), (950404, 'ann and bob', 'net', '2021-01-01', '2021-12-31', 100, '{ann,bob}', '{spl}'),
    (950405, 'margin of ann', 'margin', '2021-01-01', '2021-12-31', 100, '{ann}', '{spl}');
CALL salesperf.refresh_measures();
\set figures 'SELECT string_agg(t.name || \' \' || trim_scale(p.actual), \', \' ORDER BY t.target_id) AS figures, string_agg(DISTINCT s.state, \',\') AS state, (SELECT count(*) FROM salesperf.verify_totals()) AS wrong FROM salesperf.target t JOIN salesperf.target_performance p USING (target_id) JOIN salesperf.measure_state s USING (target_id) WHERE t.target_id BETWEEN 950401 AND 950405;'

INSERT INTO spl.orders VALUES ('S1', '2021-01-05', 'ann');
INSERT INTO spl.line VALUES (1, 'S1', 100, 40);
:figures
-- A team of the order; the other kind's rows are none of its splits.
INSERT INTO spl.team VALUES (1, 'S1', 'order', 'ann', 50), (2, 'S1', 'order', 'bob', 40), (3, 'S1', 'invoice', 'zoe', 100);
:figures
-- What percents leave over stays with the order's seller; above 100 they are scaled.
UPDATE spl.team SET percent = 80 WHERE id = 2;
:figures
SELECT finding, hint FROM salesperf.health WHERE object = 'source spl';
UPDATE spl.team SET rep = 'bob', percent = 10 WHERE id = 1;
UPDATE spl.team SET percent = NULL WHERE parent = 'S1';
:figures
UPDATE spl.team SET percent = 25 WHERE id = 2;
:figures
-- A refund belongs to the order, and is split as it is.
INSERT INTO spl.refund VALUES (7, 'S1', '2021-02-01', 40);
:figures
SELECT source, document, line, sold_on, seller, net, margin, share, overlay FROM salesperf.credit WHERE source = 'spl' ORDER BY line, seller;
-- Another seller of the order has what is left over, of the refund too.
UPDATE spl.orders SET rep = 'cid';
:figures
UPDATE spl.orders SET rep = 'ann';
-- Currencies: no rate, one for the day, one on the row.
UPDATE spl.orders SET cur = 'USD';
:figures
SELECT finding, hint FROM salesperf.health WHERE object = 'source spl';
INSERT INTO salesperf.exchange_rate VALUES ('USD', '2021-01-01', 0.5);
:figures
INSERT INTO salesperf.exchange_rate VALUES ('USD', '2021-01-05', 0.9), ('USD', '2021-01-06', 7);
:figures
UPDATE salesperf.exchange_rate SET valid_from = '2021-01-04' WHERE valid_from = '2021-01-06';
:figures
DELETE FROM salesperf.exchange_rate WHERE valid_from >= '2021-01-04';
UPDATE spl.orders SET rate = 2;
:figures
UPDATE spl.orders SET rate = 'NaN';
:figures
UPDATE spl.orders SET cur = NULL, rate = NULL;
-- The manager's splits win over the team's; an overlay comes on top.
INSERT INTO salesperf.order_split (source, document, seller, percent, overlay) VALUES ('spl', 'S1', 'bob', 10, true);
:figures
INSERT INTO salesperf.order_split (source, document, seller, percent) VALUES ('spl', 'S1', 'bob', 33.3);
:figures
-- A fixed amount of an order with lines of two sources is not followed: live, and exact.
UPDATE salesperf.order_split SET percent = NULL, amount = 15 WHERE NOT overlay;
:figures
SELECT finding FROM salesperf.health WHERE object LIKE 'source spl%' ORDER BY 1;
SELECT salesperf.detach_source('spl_refund');
CALL salesperf.refresh_measures();
:figures
-- With lines of one it is: as much as is sold, at most.
UPDATE spl.line SET amount = 300;
INSERT INTO spl.line VALUES (2, 'S1', 0.01, 0.01), (3, 'S1', 200, 50);
:figures
UPDATE spl.line SET amount = 4;
:figures
UPDATE spl.line SET amount = -40 WHERE id = 1;
:figures
SELECT document, line, seller, net, amount FROM salesperf.target_sales(950404) ORDER BY line, seller;
-- The order gets another number: it has other splits then, or none.
UPDATE salesperf.order_split SET document = 'S2';
:figures
UPDATE spl.orders SET name = 'S2';
UPDATE spl.line SET parent = 'S2';
:figures
DELETE FROM salesperf.order_split;
:figures
-- All at once, part of it rolled back, seen before it is committed.
BEGIN;
UPDATE spl.team SET parent = 'S2';
SAVEPOINT a;
INSERT INTO salesperf.order_split (source, document, seller, percent) VALUES ('spl', 'S2', 'bob', 100);
:figures
ROLLBACK TO a;
:figures
INSERT INTO spl.line VALUES (4, 'S2', 1000, 0);
COMMIT;
:figures
TRUNCATE spl.team;
:figures
CALL salesperf.refresh_measures();
:figures

-- Another reporting currency.
UPDATE spl.orders SET cur = 'USD';
UPDATE salesperf.setting SET value = 'USD' WHERE name = 'currency';
:figures
UPDATE salesperf.setting SET value = 'EUR' WHERE name = 'currency';
DELETE FROM salesperf.target WHERE target_id BETWEEN 950401 AND 950405;
DELETE FROM salesperf.exchange_rate;
SELECT salesperf.detach_source('spl');
CALL salesperf.refresh_measures();
SET client_min_messages = warning;
DROP SCHEMA spl CASCADE;
