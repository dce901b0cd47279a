-- What the starter tables refuse, and that splits of a document are 100
-- percent at most, checked at commit.
SET search_path = salesperf, public;

-- Each check once: the error's code and the constraint, whose name says the
-- column.
CREATE FUNCTION pg_temp.refusal(statement text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    constraint_name text;
    column_name text;
BEGIN
    EXECUTE statement;
    RAISE EXCEPTION USING ERRCODE = '0A001';
EXCEPTION
    WHEN SQLSTATE '0A001' THEN
        RETURN 'accepted';
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS constraint_name = CONSTRAINT_NAME, column_name = COLUMN_NAME;
        RETURN sqlstate || ' ' || coalesce(nullif(constraint_name, ''), column_name);
END
$$;
INSERT INTO sales_order (order_no) VALUES ('S1');
INSERT INTO contract (contract_no) VALUES ('C1');
SELECT status FROM sales_order UNION ALL SELECT status FROM contract;
CREATE TEMPORARY TABLE attempt (n integer GENERATED ALWAYS AS IDENTITY, relation text, columns text, given text);
INSERT INTO attempt (relation, columns, given) VALUES
    ('sales_order', 'order_no', $$'S1'$$),
    ('sales_order', 'order_no', 'NULL'),
    ('sales_order', 'order_no, status', $$'S2', NULL$$),
    ('sales_order', 'order_no, ordered_on', $$'S2', 'infinity'$$),
    ('sales_order', 'order_no, ordered_on', $$'S2', '-infinity'$$),
    ('sales_order', 'order_no, currency', $$'S2', 'eur'$$),
    ('sales_order', 'order_no, currency', $$'S2', ''$$),
    ('sales_order', 'order_no, currency', $$'S2', E'EUR\n'$$),
    ('sales_order', 'order_no, ordered_on, currency, status, sale_type', $$'S2', '2026-01-31', 'EUR', 'of my own', 'web'$$),
    ('order_line', 'order_no, line_no', $$'S9', 1$$),
    ('order_line', 'order_no, line_no', $$'S1', NULL$$),
    ('order_line', 'order_no, line_no', $$'S1', 1$$),
    ('order_line', 'order_no, line_no, quantity', $$'S1', 1, 'NaN'$$),
    ('order_line', 'order_no, line_no, quantity', $$'S1', 1, 'Infinity'$$),
    ('order_line', 'order_no, line_no, gross', $$'S1', 1, 1e15$$),
    ('order_line', 'order_no, line_no, gross', $$'S1', 1, '-Infinity'$$),
    ('order_line', 'order_no, line_no, net', $$'S1', 1, 'NaN'$$),
    ('order_line', 'order_no, line_no, net', $$'S1', 1, -1e15$$),
    ('order_line', 'order_no, line_no, net', $$'S1', 1, -999999999999999.9999$$),
    ('order_line', 'order_no, line_no, cost', $$'S1', 1, 'NaN'$$),
    ('contract', 'contract_no', $$'C1'$$),
    ('contract', 'contract_no, signed_on', $$'C2', 'infinity'$$),
    ('contract', 'contract_no, sale_type', $$'C2', 'web'$$),
    ('contract', 'contract_no, sale_type', $$'C2', 'renewal'$$),
    ('contract', 'contract_no, currency', $$'C2', 'EURO'$$),
    ('contract', 'contract_no, status', $$'C2', NULL$$),
    ('contract_line', 'contract_no, line_no', $$'C9', 1$$),
    ('contract_line', 'contract_no, line_no, quantity', $$'C1', 1, 'NaN'$$),
    ('contract_line', 'contract_no, line_no, gross', $$'C1', 1, 'NaN'$$),
    ('contract_line', 'contract_no, line_no, net', $$'C1', 1, 'NaN'$$),
    ('contract_line', 'contract_no, line_no, cost', $$'C1', 1, 'NaN'$$),
    ('contract_line', 'contract_no, line_no, revenue', $$'C1', 1, 'NaN'$$),
    ('contract_line', 'contract_no, line_no, net, revenue', $$'C1', 1, -5, 0.01$$),
    ('order_split', 'document, seller, percent', $$'S1', 'ann', 50$$),
    ('order_split', 'source, seller, percent', $$'order', 'ann', 50$$),
    ('order_split', 'source, document, percent', $$'order', 'S1', 50$$),
    ('order_split', 'source, document, seller', $$'order', 'S1', 'ann'$$),
    ('order_split', 'source, document, seller, percent, amount', $$'order', 'S1', 'ann', 50, 50$$),
    ('order_split', 'source, document, seller, percent', $$'order', 'S1', 'ann', -1$$),
    ('order_split', 'source, document, seller, percent', $$'order', 'S1', 'ann', 'NaN'$$),
    ('order_split', 'source, document, seller, percent', $$'order', 'S1', 'ann', 'Infinity'$$),
    ('order_split', 'source, document, seller, amount', $$'order', 'S1', 'ann', -1$$),
    ('order_split', 'source, document, seller, amount', $$'order', 'S1', 'ann', 'NaN'$$),
    ('order_split', 'source, document, seller, amount', $$'order', 'S1', 'ann', 1e15$$),
    ('order_split', 'source, document, seller, percent, overlay', $$'order', 'S1', 'ann', 50, NULL$$),
    ('order_split', 'source, document, seller, amount, overlay', $$'order', 'S1', 'ann', 0, true$$),
    ('sale_status', 'status', $$'won'$$),
    ('sale_status', 'status, counts', $$'done', false$$);
SELECT relation, columns, given, pg_temp.refusal(format('INSERT INTO salesperf.%I (%s) VALUES (%s)', relation, columns, given)) AS outcome
FROM attempt ORDER BY n;

-- Lines go with their header, and may come before it in a transaction that
-- says so.
INSERT INTO order_line (order_no, line_no, net) VALUES ('S1', 1, 10);
UPDATE sales_order SET order_no = 'S2' WHERE order_no = 'S1';
SELECT order_no, line_no, net FROM order_line;
DELETE FROM sales_order;
SELECT count(*) FROM order_line;
BEGIN;
SET CONSTRAINTS salesperf.contract_line_contract_no_fkey DEFERRED;
INSERT INTO contract_line (contract_no, line_no, net) VALUES ('C3', 1, 10);
INSERT INTO contract (contract_no) VALUES ('C3');
COMMIT;
DELETE FROM contract;
SELECT count(*) FROM contract_line;

-- Percents of a document.
INSERT INTO order_split (source, document, seller, percent) VALUES ('odoo', 'S00001', 'ann', 60), ('odoo', 'S00001', 'bob', 60);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO order_split (source, document, seller, percent) VALUES ('odoo', 'S00001', 'ann', 60.00), ('odoo', 'S00001', 'bob', 40);
INSERT INTO order_split (source, document, seller, percent) VALUES ('odoo', 'S00001', 'Cid', 0.01);
-- Not those of another document or source, overlays, or amounts.
INSERT INTO order_split (source, document, seller, percent, amount, overlay) VALUES
    ('odoo', 'S00002', 'ann', 60, NULL, false), ('sap', 'S00001', 'ann', 60, NULL, false), ('odoo', 'S00001', 'cid', 70, NULL, true),
    ('odoo', 'S00001', 'cid', NULL, 5000, false), ('odoo', 'S00001', 'cid', 0, NULL, false);
-- Changed, moved from one document to another, made no overlay any more.
UPDATE order_split SET percent = percent + 1 WHERE source = 'odoo' AND document = 'S00001' AND seller = 'bob';
UPDATE order_split SET document = 'S00001' WHERE source = 'odoo' AND document = 'S00002';
UPDATE order_split SET source = 'odoo' WHERE source = 'sap';
UPDATE order_split SET overlay = false WHERE overlay;
UPDATE order_split SET percent = 41, amount = NULL WHERE amount IS NOT NULL;
UPDATE order_split SET document = 'S00002' WHERE source = 'odoo' AND document = 'S00001' AND seller = 'bob';
UPDATE order_split SET percent = percent / 2 WHERE document = 'S00001' AND seller = 'ann';
SELECT source, document, seller, percent, amount, overlay FROM order_split ORDER BY split_id;
-- Listed up to ten.
INSERT INTO order_split (source, document, seller, percent) SELECT 'odoo', 'S00003', 's' || i, 9 FROM generate_series(10, 22) i;

-- Checked at commit: on the way there may be more.
BEGIN;
UPDATE order_split SET percent = 100 WHERE source = 'odoo' AND document = 'S00002' AND seller = 'ann';
UPDATE order_split SET percent = 0 WHERE source = 'odoo' AND document = 'S00002' AND seller = 'bob';
COMMIT;
BEGIN;
DELETE FROM order_split WHERE source = 'odoo' AND document = 'S00002';
INSERT INTO order_split (source, document, seller, percent) VALUES ('odoo', 'S00002', 'dan', 100);
COMMIT;
BEGIN;
INSERT INTO order_split (source, document, seller, percent) VALUES ('odoo', 'S00002', 'eve', 100);
DELETE FROM order_split WHERE source = 'odoo' AND document = 'S00002' AND seller = 'dan';
COMMIT;
SELECT seller, percent FROM order_split WHERE source = 'odoo' AND document = 'S00002' ORDER BY seller;

-- Or when asked for; again after each change, after another document, and
-- after a rollback.
BEGIN;
SET CONSTRAINTS salesperf.order_split_percents IMMEDIATE;
INSERT INTO order_split (source, document, seller, percent) VALUES ('x', '1', 'ann', 60);
SAVEPOINT s;
INSERT INTO order_split (source, document, seller, percent) VALUES ('x', '1', 'bob', 60);
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
INSERT INTO order_split (source, document, seller, percent) VALUES ('x', '2', 'ann', 60);
INSERT INTO order_split (source, document, seller, percent) VALUES ('x', '1', 'bob', 40);
INSERT INTO order_split (source, document, seller, percent) VALUES ('x', '3', 'ann', 60);
SAVEPOINT s;
INSERT INTO order_split (source, document, seller, percent) VALUES ('x', '2', 'bob', 41);
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
INSERT INTO order_split (source, document, seller, percent) VALUES ('x', '3', 'bob', 1);
COMMIT;
SELECT document, seller, percent FROM order_split WHERE source = 'x' ORDER BY document, seller;
-- What a savepoint hid from the check comes back with the rollback.
BEGIN;
INSERT INTO order_split (source, document, seller, percent) VALUES ('x', '3', 'cid', 99);
SAVEPOINT s;
DELETE FROM order_split WHERE source = 'x' AND document = '3' AND seller = 'ann';
SET CONSTRAINTS salesperf.order_split_percents IMMEDIATE;
ROLLBACK TO s;
COMMIT;
\echo :LAST_ERROR_SQLSTATE

-- Many documents, many rows of one.
INSERT INTO order_split (source, document, seller, percent) SELECT 'many', i % 5000, 's' || i, 25 FROM generate_series(1, 20000) i;
INSERT INTO order_split (source, document, seller, percent) SELECT 'one', '1', 's' || i, 0.01 FROM generate_series(1, 10000) i;
INSERT INTO order_split (source, document, seller, percent) SELECT 'many', i % 5000, 's' || i, CASE i WHEN 4321 THEN 0.001 ELSE 0 END FROM generate_series(1, 5000) i;
\echo :LAST_ERROR_SQLSTATE
-- Without its index, and with a column more.
ALTER TABLE order_split ADD COLUMN remark text, ADD COLUMN entered_by text;
ALTER TABLE order_split DROP COLUMN remark;
DROP INDEX order_split_document_idx;
INSERT INTO order_split (source, document, seller, percent) VALUES ('one', '1', 'ann', 0.001);
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE order_split DROP COLUMN entered_by;
SELECT setup();

-- The function is for its trigger only.
CREATE TABLE public.order_split_wrong (a int);
CREATE TRIGGER wrong AFTER DELETE ON public.order_split_wrong FOR EACH ROW EXECUTE FUNCTION check_order_split();
CREATE TRIGGER wrong2 AFTER INSERT ON public.order_split_wrong FOR EACH ROW EXECUTE FUNCTION check_order_split();
INSERT INTO public.order_split_wrong VALUES (1);
DROP TRIGGER wrong2 ON public.order_split_wrong;
INSERT INTO public.order_split_wrong VALUES (1);
DELETE FROM public.order_split_wrong;
DROP TABLE public.order_split_wrong;

DELETE FROM order_split;
