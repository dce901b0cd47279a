-- What a test of an ERP's tables asks after each step: is every figure what
-- plain SQL over those tables says?
--
-- Expects, in the first schema of search_path, view plain: the lines that
-- count, written without salesperf.  Where sellers share documents, view
-- credited has the same columns with a row per line and seller; their shares
-- are compared to 15 decimals.

SELECT to_regclass('credited') IS NULL AS one_seller, CASE WHEN to_regclass('credited') IS NULL THEN 1000 ELSE 15 END AS digits \gset
\if :one_seller
CREATE VIEW credited AS SELECT * FROM plain;
\endif

CREATE VIEW wrong_figure AS
SELECT t.name, salesperf.measure_figure(m.scope) AS figure, s.plain
FROM salesperf.target t
JOIN salesperf.target_measure m USING (target_id)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(CASE t.metric WHEN 'net' THEN l.net WHEN 'gross' THEN l.gross WHEN 'quantity' THEN l.quantity
                        ELSE l.net - l.cost END), 0) AS plain
    FROM (SELECT * FROM plain WHERE t.sellers IS NULL UNION ALL SELECT * FROM credited WHERE t.sellers IS NOT NULL) l
    WHERE l.sold_on BETWEEN t.starts_on AND t.ends_on
      AND (t.sources IS NULL OR l.source = ANY (t.sources))
      AND (t.sellers IS NULL OR l.seller = ANY (t.sellers))
      AND (t.customers IS NULL OR l.customer = ANY (t.customers))
      AND (t.products IS NULL OR l.product = ANY (t.products))
      AND (t.branches IS NULL OR l.branch = ANY (t.branches))
      AND (t.sale_types IS NULL OR l.sale_type = ANY (t.sale_types))) s
WHERE round(salesperf.measure_figure(m.scope), :digits) IS DISTINCT FROM round(s.plain, :digits);

-- Rows that view sale has and plain has not, and the other way round.
CREATE VIEW wrong_row AS
WITH expected AS (
    SELECT source, document, line, sold_on, customer, seller, product, branch, sale_type,
        round(quantity, 4) AS quantity, round(gross, 4) AS gross, round(net, 4) AS net, round(cost, 4) AS cost
    FROM plain
), shown AS (
    SELECT source, document, line, sold_on, customer, seller, product, branch, sale_type, quantity, gross, net, cost
    FROM salesperf.sale
    WHERE counts
)
(SELECT 'missing' AS what, e.* FROM expected e EXCEPT ALL SELECT 'missing', s.* FROM shown s)
UNION ALL
(SELECT 'too much', s.* FROM shown s EXCEPT ALL SELECT 'too much', e.* FROM expected e);

-- The states that measures are in, how many figures and rows are not what
-- plain SQL says, how many kept totals differ from their recomputation, and
-- all figures but those of targets whose name begins with a dot.
CREATE FUNCTION look(step text)
RETURNS TABLE (after text, state text, wrong_figures bigint, wrong_rows bigint, differing bigint, figures text)
LANGUAGE sql SET jit = off
AS $$
    SELECT step, (SELECT string_agg(DISTINCT s.state, ', ' ORDER BY s.state) FROM salesperf.measure_state s),
        (SELECT count(*) FROM wrong_figure), (SELECT count(*) FROM wrong_row), (SELECT count(*) FROM salesperf.verify_totals()),
        (SELECT string_agg(t.name || ' ' || coalesce(trim_scale(salesperf.measure_figure(m.scope))::text, 'not known'), ', ' ORDER BY t.target_id)
         FROM salesperf.target t JOIN salesperf.target_measure m USING (target_id) WHERE t.name NOT LIKE '.%')
$$;
