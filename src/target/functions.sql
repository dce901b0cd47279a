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

-- A filter has the place that it has in measure_scope().
CREATE FUNCTION salesperf.target_row(
    target_id bigint,
    name text,
    metric text,
    starts_on date,
    ends_on date,
    amount numeric,
    sellers text[],
    units text[],
    customers text[],
    sectors text[],
    regions text[],
    segments text[],
    products text[],
    brands text[],
    families text[],
    branches text[],
    sale_types text[],
    sources text[],
    exclude_customers text[],
    exclude_products text[],
    exclude_brands text[],
    exclude_families text[],
    exclude_branches text[],
    months date[],
    shares numeric[],
    as_of date,
    counted_to date)
RETURNS salesperf.target_row
LANGUAGE C STABLE PARALLEL UNSAFE COST 100
AS 'MODULE_PATHNAME', 'spm_target_row';
COMMENT ON FUNCTION salesperf.target_row(bigint, text, text, date, date, numeric, text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], date[], numeric[], date, date) IS
'row of target_performance of a target with these columns, and months with these shares, as if as_of were today, by the sales up to and including counted_to, NULL: by none; months or shares NULL: it has none; NULL where a column is NULL that cannot be';
REVOKE ALL ON FUNCTION salesperf.target_row(bigint, text, text, date, date, numeric, text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], date[], numeric[], date, date) FROM PUBLIC;

-- inlined
CREATE FUNCTION salesperf.target_rows(as_of date)
RETURNS SETOF salesperf.target_row
LANGUAGE sql STABLE PARALLEL UNSAFE
AS $function$
    SELECT t.target_id, t.name, t.metric, t.starts_on, t.ends_on, (c.r).status, (c.r).target, (c.r).actual,
        (c.r).attainment, (c.r).expected_to_date, (c.r).on_track, (c.r).indicator, (c.r).projected, (c.r).gap, (c.r).progress,
        (c.r).projected_low, (c.r).projected_high, (c.r).probability
    FROM salesperf.target t
    LEFT JOIN (
        SELECT m.target_id, pg_catalog.array_agg(m.month) AS months, pg_catalog.array_agg(m.share) AS shares
        FROM salesperf.target_month m
        GROUP BY m.target_id
    ) p ON p.target_id OPERATOR(pg_catalog.=) t.target_id
    -- computed once for all columns
    CROSS JOIN LATERAL (
        SELECT salesperf.target_row(t.target_id, t.name, t.metric, t.starts_on, t.ends_on, t.amount,
            t.sellers, t.units, t.customers, t.sectors, t.regions, t.segments, t.products, t.brands, t.families, t.branches,
            t.sale_types, t.sources, t.exclude_customers, t.exclude_products, t.exclude_brands, t.exclude_families, t.exclude_branches,
            p.months, p.shares, (SELECT COALESCE(as_of, salesperf.today())),
            CASE WHEN as_of OPERATOR(pg_catalog.<) t.starts_on THEN NULL
                 WHEN as_of OPERATOR(pg_catalog.<) t.ends_on THEN (SELECT as_of WHERE salesperf.targets_computed(as_of))
                 ELSE t.ends_on END) AS r
        OFFSET 0
    ) c
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
