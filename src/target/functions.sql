CREATE FUNCTION salesperf.check_target_month()
RETURNS trigger
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'spm_check_target_month';
COMMENT ON FUNCTION salesperf.check_target_month() IS
'constraint trigger of target_month and target: shares of a target add up to 1, and its months are inside its period';
REVOKE ALL ON FUNCTION salesperf.check_target_month() FROM PUBLIC;

-- inlined into views, so that they read with the rights of their reader and
-- only the rows asked for
CREATE FUNCTION salesperf.target_scopes(as_of date)
RETURNS TABLE (target_id bigint, metric text, scope jsonb, cut boolean)
LANGUAGE sql STABLE PARALLEL UNSAFE
AS $function$
    SELECT t.target_id, t.metric,
        CASE WHEN as_of OPERATOR(pg_catalog.<) t.starts_on THEN NULL
             ELSE salesperf.measure_scope(t.metric, t.starts_on, LEAST(t.ends_on, as_of),
                sellers => t.sellers, units => t.units, customers => t.customers, sectors => t.sectors, regions => t.regions,
                segments => t.segments, products => t.products, brands => t.brands, families => t.families,
                branches => t.branches, sale_types => t.sale_types, sources => t.sources,
                exclude_customers => t.exclude_customers, exclude_products => t.exclude_products,
                exclude_brands => t.exclude_brands, exclude_families => t.exclude_families,
                exclude_branches => t.exclude_branches) END,
        COALESCE(as_of OPERATOR(pg_catalog.>=) t.starts_on AND as_of OPERATOR(pg_catalog.<) t.ends_on, false)
    FROM salesperf.target t
$function$;
COMMENT ON FUNCTION salesperf.target_scopes(date) IS
'scope of each target, up to and including a day, NULL before the period; as_of NULL: of its whole period; cut: the day ends it early, so that no total is kept';
REVOKE ALL ON FUNCTION salesperf.target_scopes(date) FROM PUBLIC;

-- So cheap because it is called once, when the first scope that a day cuts is
-- met.
CREATE FUNCTION salesperf.targets_computed(as_of date)
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 1
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    PERFORM FROM salesperf.measure_figures(ARRAY(SELECT s.scope FROM salesperf.target_scopes(as_of) s WHERE s.cut));
    RETURN true;
END
$function$;
COMMENT ON FUNCTION salesperf.targets_computed(date) IS
'computes in one pass the figures of all targets that a day cuts, so that measure_figure() finds them; true';
REVOKE ALL ON FUNCTION salesperf.targets_computed(date) FROM PUBLIC;

-- inlined
CREATE FUNCTION salesperf.target_figures(as_of date)
RETURNS TABLE (target_id bigint, actual numeric, scope jsonb)
LANGUAGE sql STABLE PARALLEL UNSAFE
AS $function$
    SELECT s.target_id, f.actual, f.scope
    FROM salesperf.target_scopes(as_of) s
    CROSS JOIN LATERAL (
        SELECT c.scope,
            CASE WHEN c.scope IS NULL THEN 0
                 WHEN NOT s.cut OR (SELECT salesperf.targets_computed(as_of))
                 THEN salesperf.measure_figure(c.scope) END AS actual
        FROM (SELECT s.scope OFFSET 0) c
        OFFSET 0
    ) f
$function$;
COMMENT ON FUNCTION salesperf.target_figures(date) IS
'actual of each target up to and including a day, 0 before its period, and the scope it is of; as_of NULL: of its whole period';
REVOKE ALL ON FUNCTION salesperf.target_figures(date) FROM PUBLIC;

-- inlined
CREATE FUNCTION salesperf.target_rows(as_of date)
RETURNS TABLE (
    target_id bigint, name text, metric text, starts_on date, ends_on date, status text, target numeric, actual numeric,
    attainment numeric, expected_to_date numeric, on_track boolean, indicator text, projected numeric, gap numeric, progress text,
    projected_low numeric, projected_high numeric, probability numeric)
LANGUAGE sql STABLE PARALLEL UNSAFE
AS $function$
    SELECT t.target_id, t.name, t.metric, t.starts_on, t.ends_on, e.status,
        t.amount::numeric(24,4),
        salesperf.shown(f.actual, 20)::numeric(24,4),
        salesperf.shown(f.actual OPERATOR(pg_catalog./) CASE WHEN t.amount OPERATOR(pg_catalog.<>) 0 THEN t.amount END, 6)::numeric(12,6),
        salesperf.shown(e.expected, 20)::numeric(24,4),
        CASE WHEN e.status OPERATOR(pg_catalog.<>) 'upcoming' THEN f.actual OPERATOR(pg_catalog.>=) e.expected END,
        CASE WHEN e.status OPERATOR(pg_catalog.=) 'upcoming' OR f.actual IS NULL THEN ''
             WHEN f.actual OPERATOR(pg_catalog.>=) e.expected THEN '▲' ELSE '▼' END,
        salesperf.shown(salesperf.project(f.actual, t.starts_on, t.ends_on, e.day), 20)::numeric(24,4),
        salesperf.shown(t.amount OPERATOR(pg_catalog.-) f.actual, 20)::numeric(24,4),
        salesperf.progress_bar(f.actual OPERATOR(pg_catalog./) CASE WHEN t.amount OPERATOR(pg_catalog.<>) 0 THEN t.amount END),
        salesperf.shown(j.lower::numeric, 20)::numeric(24,4),
        salesperf.shown(j.upper::numeric, 20)::numeric(24,4),
        j.probability::numeric(12,6)
    FROM salesperf.target t
    JOIN salesperf.target_figures(as_of) f ON f.target_id OPERATOR(pg_catalog.=) t.target_id
    CROSS JOIN (SELECT COALESCE(as_of, salesperf.today()) AS day OFFSET 0) d
    LEFT JOIN (
        -- At most one month is running, so that one quotient is rounded.
        SELECT p.target_id, pg_catalog.sum(salesperf.expected_to_date(p.amount OPERATOR(pg_catalog.*) m.share,
            GREATEST(m.month, p.starts_on),
            LEAST((m.month OPERATOR(pg_catalog.+) interval '1 month')::pg_catalog.date OPERATOR(pg_catalog.-) 1, p.ends_on),
            COALESCE(as_of, (SELECT salesperf.today())))) AS expected,
            pg_catalog.sum(salesperf.expected_to_date(m.share,
            GREATEST(m.month, p.starts_on),
            LEAST((m.month OPERATOR(pg_catalog.+) interval '1 month')::pg_catalog.date OPERATOR(pg_catalog.-) 1, p.ends_on),
            COALESCE(as_of, (SELECT salesperf.today())))) AS share
        FROM salesperf.target p
        JOIN salesperf.target_month m ON m.target_id OPERATOR(pg_catalog.=) p.target_id
        GROUP BY p.target_id
    ) p ON p.target_id OPERATOR(pg_catalog.=) t.target_id
    CROSS JOIN LATERAL (
        SELECT d.day, salesperf.period_status(t.starts_on, t.ends_on, d.day) AS status,
            COALESCE(p.expected, salesperf.expected_to_date(t.amount, t.starts_on, t.ends_on, d.day)) AS expected
        OFFSET 0
    ) e
    LEFT JOIN (
        -- Many targets have the same period.
        SELECT x.starts_on, x.ends_on, x.region, salesperf.open_share(x.starts_on, x.ends_on, x.day, x.region) AS share
        FROM (
            SELECT DISTINCT q.starts_on, q.ends_on, CASE WHEN pg_catalog.cardinality(q.regions) OPERATOR(pg_catalog.=) 1 THEN q.regions[1] ELSE '' END AS region, n.day
            FROM salesperf.target q
            CROSS JOIN (SELECT COALESCE(as_of, salesperf.today()) AS day OFFSET 0) n
            WHERE n.day OPERATOR(pg_catalog.>=) q.starts_on AND n.day OPERATOR(pg_catalog.<=) q.ends_on
        ) x
    ) o ON o.starts_on OPERATOR(pg_catalog.=) t.starts_on AND o.ends_on OPERATOR(pg_catalog.=) t.ends_on
        AND o.region OPERATOR(pg_catalog.=) CASE WHEN pg_catalog.cardinality(t.regions) OPERATOR(pg_catalog.=) 1 THEN t.regions[1] ELSE '' END
    LEFT JOIN LATERAL salesperf.project_share(f.actual,
        CASE e.status WHEN 'active' THEN COALESCE(p.share, o.share) ELSE 1 END,
        t.amount, t.amount,
        CASE e.status WHEN 'active' THEN salesperf.measure_flow(f.scope, t.starts_on, t.ends_on, e.day) END) j
        ON e.status OPERATOR(pg_catalog.<>) 'upcoming'
$function$;
COMMENT ON FUNCTION salesperf.target_rows(date) IS
'what target_performance shows; as_of NULL: today, with all sales of each period';
REVOKE ALL ON FUNCTION salesperf.target_rows(date) FROM PUBLIC;

CREATE FUNCTION salesperf.target_performance(as_of date)
RETURNS TABLE (
    target_id bigint, name text, metric text, starts_on date, ends_on date, status text, target numeric, actual numeric,
    attainment numeric, expected_to_date numeric, on_track boolean, indicator text, projected numeric, gap numeric, progress text,
    projected_low numeric, projected_high numeric, probability numeric)
LANGUAGE sql STABLE STRICT PARALLEL UNSAFE ROWS 1000 COST 10000
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT * FROM salesperf.target_rows($1)
$function$;
COMMENT ON FUNCTION salesperf.target_performance(date) IS
'view target_performance as if a day were today: actual is of the sales up to and including it, by what is known now; columns, rounding and meaning as in the view';
REVOKE ALL ON FUNCTION salesperf.target_performance(date) FROM PUBLIC;

CREATE FUNCTION salesperf.target_sales(target_id bigint)
RETURNS TABLE (
    source text,
    document text,
    line text,
    sold_on date,
    customer text,
    seller text,
    product text,
    branch text,
    sale_type text,
    quantity numeric,
    gross numeric,
    net numeric,
    margin numeric,
    amount numeric)
LANGUAGE sql STABLE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT s.*
    FROM salesperf.target_measure m, salesperf.measure_sales(m.scope) s
    WHERE m.target_id = $1
    ORDER BY s.sold_on, s.source COLLATE "C", s.document COLLATE "C", s.line COLLATE "C"
$function$;
COMMENT ON FUNCTION salesperf.target_sales(bigint) IS
'the sales behind a target''s actual with the amount each adds, unrounded, in order of day, source, document, line; the caller needs SELECT on the sources'' tables, whose row security applies';
REVOKE ALL ON FUNCTION salesperf.target_sales(bigint) FROM PUBLIC;

CREATE FUNCTION salesperf.forecast_target(target_id bigint, horizon integer, method text DEFAULT 'auto', level float8 DEFAULT 0.95)
RETURNS TABLE (month date, forecast float8, lower float8, upper float8)
LANGUAGE sql STABLE STRICT PARALLEL UNSAFE ROWS 12 COST 100000
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT f.*
    FROM salesperf.forecast_months(
        ARRAY(SELECT s.scope FROM salesperf.target_scopes(NULL) s WHERE s.target_id = $1),
        ARRAY(SELECT s.scope FROM salesperf.target_scopes(NULL) s
              WHERE s.metric = (SELECT t.metric FROM salesperf.target t WHERE t.target_id = $1)), $2, $3, $4) f
    ORDER BY f.month
$function$;
COMMENT ON FUNCTION salesperf.forecast_target(bigint, integer, text, float8) IS
'forecast() of the actual of a target by month, from the whole months before the current one that it, or another target of the same metric and filters, has; so a target of each year makes a long history; no rows without such a month';
REVOKE ALL ON FUNCTION salesperf.forecast_target(bigint, integer, text, float8) FROM PUBLIC;
