-- What one would write by hand to keep totals.  Variable peer: "upsert" adds
-- to one shared row for each target, "delta" appends, and a procedure folds.
-- Both follow lines and receipts, not changes of an order's header.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE TABLE target_total (target_id int PRIMARY KEY, actual numeric NOT NULL) WITH (fillfactor = 50);
INSERT INTO target_total SELECT target_id, coalesce(actual, 0) FROM target LEFT JOIN kept_actual USING (target_id);

-- A statement trigger for each table and event; "lines" says which rows it
-- adds, "store" what it does with the sums.
CREATE FUNCTION follow(followed text, lines text, store text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    event text;
    rows text;
BEGIN
    FOREACH event IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
        EXECUTE format($q$SELECT concat_ws(' UNION ALL ', %1$s) FROM (SELECT %2$I('added', 1) AS plus, %2$I('removed', -1) AS minus) s$q$,
            CASE event WHEN 'insert' THEN 'plus' WHEN 'delete' THEN 'minus' ELSE 'plus, minus' END, lines) INTO rows;
        EXECUTE format('CREATE FUNCTION %I() RETURNS trigger LANGUAGE plpgsql AS $f$BEGIN ' || store || '; RETURN NULL; END$f$',
            followed || '_' || event, 'SELECT target_id, sum(amount) FROM (' || matched(rows) || ') x GROUP BY target_id ORDER BY target_id');
        EXECUTE format('CREATE TRIGGER total_%1$s AFTER %1$s ON %2$I REFERENCING %3$s FOR EACH STATEMENT EXECUTE FUNCTION %4$I()',
            event, followed, concat_ws(' ', CASE WHEN event <> 'delete' THEN 'NEW TABLE AS added' END,
                CASE WHEN event <> 'insert' THEN 'OLD TABLE AS removed' END), followed || '_' || event);
    END LOOP;
END $$;

SELECT :'peer' = 'upsert' AS is_upsert \gset
\if :is_upsert
CREATE VIEW now_actual AS SELECT * FROM target_total;
\set store 'INSERT INTO target_total AS t (target_id, actual) %2$s ON CONFLICT (target_id) DO UPDATE SET actual = t.actual + excluded.actual'
\else
CREATE TABLE target_delta (target_id int NOT NULL, actual numeric NOT NULL);
CREATE VIEW now_actual AS
SELECT target_id, sum(actual) AS actual FROM (SELECT * FROM target_total UNION ALL SELECT * FROM target_delta) x GROUP BY target_id;
CREATE PROCEDURE fold() LANGUAGE sql AS $$
WITH gone AS (DELETE FROM target_delta RETURNING *), added AS (SELECT target_id, sum(actual) AS actual FROM gone GROUP BY target_id)
UPDATE target_total t SET actual = t.actual + a.actual FROM added a WHERE a.target_id = t.target_id
$$;
\set store 'INSERT INTO target_delta (target_id, actual) %2$s'
\endif
SELECT follow('sale_order_line', 'order_lines', :'store'), follow('receipt', 'receipts', :'store') \g /dev/null
SELECT 'CREATE OR REPLACE VIEW report AS ' || report_on('now_actual') \gexec
VACUUM ANALYZE target_total;
