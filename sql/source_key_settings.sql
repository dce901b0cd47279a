-- The text form of a key does not depend on the session's settings: a row
-- written under one is taken back under another.
SET client_min_messages = warning;
CREATE SCHEMA keyset;
CREATE TABLE keyset.sale (doc float8, customer float8, seller real, product bytea, day date DEFAULT '2021-05-01', net numeric);
CREATE INDEX ON keyset.sale (doc);
SELECT salesperf.attach_source('keyset', 'keyset.sale', document => 'l.doc', sold_on => 'l.day', customer => 'l.customer',
    seller => 'l.seller', product => 'l.product', net => 'l.net');
INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sources, customers, sellers, products) VALUES
    (950501, 'keyset all', 'net', '2021-01-01', '2021-12-31', 1, '{keyset}', NULL, NULL, NULL),
    (950502, 'keyset float8', 'net', '2021-01-01', '2021-12-31', 1, '{keyset}', '{0.333333333333333,100000000000000000000}', NULL, NULL),
    (950503, 'keyset real', 'net', '2021-01-01', '2021-12-31', 1, '{keyset}', NULL, '{0.333333,-2.5}', NULL),
    (950504, 'keyset bytea', 'net', '2021-01-01', '2021-12-31', 1, '{keyset}', NULL, NULL, '{00ff5c41,""}');
CREATE VIEW keyset.figure AS
SELECT t.target_id, salesperf.measure_figure(m.scope) AS figure, s.state
FROM salesperf.target t JOIN salesperf.target_measure m USING (target_id) JOIN salesperf.measure_state s USING (target_id)
WHERE t.name LIKE 'keyset %' ORDER BY 1;
CREATE VIEW keyset.form AS
SELECT document, customer, seller, product FROM salesperf.sale WHERE source = 'keyset' ORDER BY net;
CREATE PROCEDURE keyset.fill() LANGUAGE sql AS $$
    INSERT INTO keyset.sale VALUES
        (1.0::float8 / 3, 1.0::float8 / 3, 1.0::real / 3, '\x00ff5c41', DEFAULT, 1),
        (1e20, 1e20, -2.5, '', DEFAULT, 10),
        (100, 1e-7, 100, 'A', DEFAULT, 100),
        (-0.0::float8, 'NaN', 'Infinity', NULL, DEFAULT, 1000)
$$;
\set short 'SET extra_float_digits = -10; SET bytea_output = escape;'
\set long 'SET extra_float_digits = 3; SET bytea_output = hex;'

-- Built of rows written under one, changed under the other.
:long
CALL keyset.fill();
SELECT * FROM keyset.form;
CALL salesperf.refresh_measures();
SELECT * FROM keyset.figure;
:short
SELECT * FROM keyset.form;
SELECT * FROM keyset.figure;
SELECT * FROM salesperf.verify_totals();
UPDATE keyset.sale SET net = net * 2;
SELECT * FROM keyset.figure;
SELECT * FROM salesperf.verify_totals();
:long
SELECT * FROM salesperf.verify_totals();
DELETE FROM keyset.sale WHERE net < 200;
SELECT * FROM keyset.figure;
:short
DELETE FROM keyset.sale;
SELECT * FROM keyset.figure;
CALL keyset.fill();
SELECT * FROM keyset.figure;
:long
SELECT * FROM salesperf.verify_totals();
UPDATE keyset.sale SET customer = -customer, seller = -seller, product = product || '\x00';
SELECT * FROM keyset.figure;
DELETE FROM keyset.sale;
SELECT * FROM keyset.figure;
-- Under a setting that changes within the transaction.
BEGIN;
CALL keyset.fill();
:short
SELECT * FROM keyset.figure;
DELETE FROM keyset.sale WHERE net IN (1, 10);
:long
SELECT * FROM keyset.figure;
COMMIT;
SELECT * FROM keyset.figure;
SELECT * FROM salesperf.verify_totals();
DELETE FROM keyset.sale;

-- A document whose key is bytea.
CREATE INDEX ON keyset.sale (product);
SELECT salesperf.attach_source('keyset', 'keyset.sale', document => 'l.product', sold_on => 'l.day', customer => 'l.customer',
    seller => 'l.seller', product => 'l.product', net => 'l.net');
CALL salesperf.refresh_measures();
:short
CALL keyset.fill();
SELECT document FROM salesperf.target_sales(950504) ORDER BY amount;
:long
SELECT document FROM salesperf.target_sales(950504) ORDER BY amount;
DELETE FROM keyset.sale WHERE product = '\x00ff5c41';
SELECT * FROM keyset.figure;
SELECT * FROM salesperf.verify_totals();

RESET extra_float_digits;
RESET bytea_output;
SELECT salesperf.detach_source('keyset');
DELETE FROM salesperf.target WHERE name LIKE 'keyset %';
DROP SCHEMA keyset CASCADE;
CALL salesperf.refresh_measures();
