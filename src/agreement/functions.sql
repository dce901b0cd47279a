-- inlined into views, so that they read with the rights of their reader and
-- only the rows asked for
CREATE FUNCTION salesperf.agreement_scopes(as_of date)
RETURNS TABLE (agreement_id bigint, customer text, pooled boolean, metric text, base text, scope jsonb, base_scope jsonb, kept boolean)
LANGUAGE sql STABLE PARALLEL UNSAFE
AS $function$
    SELECT a.agreement_id, c.customer, a.pooled, a.metric, COALESCE(a.base, a.metric), s.scope,
        CASE WHEN a.base OPERATOR(pg_catalog.<>) a.metric
             THEN s.scope OPERATOR(pg_catalog.||) pg_catalog.jsonb_build_object('metric', a.base) ELSE s.scope END,
        a.state OPERATOR(pg_catalog.=) 'active' AND COALESCE(as_of OPERATOR(pg_catalog.>=) a.ends_on, true)
    FROM (
        SELECT p.agreement_id, NULL::pg_catalog.text, COALESCE(g.customers, ARRAY[]::pg_catalog.text[])
        FROM salesperf.agreement p
        LEFT JOIN (
            SELECT c.agreement_id, pg_catalog.array_agg(c.customer) AS customers
            FROM salesperf.agreement_customer c
            GROUP BY c.agreement_id
        ) g ON g.agreement_id OPERATOR(pg_catalog.=) p.agreement_id
        WHERE p.pooled
        UNION ALL
        SELECT c.agreement_id, c.customer, ARRAY[c.customer]
        FROM salesperf.agreement_customer c
    ) c (agreement_id, customer, customers)
    JOIN salesperf.agreement a ON a.agreement_id OPERATOR(pg_catalog.=) c.agreement_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN as_of OPERATOR(pg_catalog.<) a.starts_on THEN NULL
                    ELSE salesperf.measure_scope(a.metric, a.starts_on, LEAST(a.ends_on, as_of),
                    sellers => a.sellers, units => a.units, customers => c.customers, sectors => a.sectors, regions => a.regions,
                    segments => a.segments, products => a.products, brands => a.brands, families => a.families,
                    branches => a.branches, sale_types => a.sale_types, sources => a.sources,
                    exclude_customers => a.exclude_customers, exclude_products => a.exclude_products,
                    exclude_brands => a.exclude_brands, exclude_families => a.exclude_families,
                    exclude_branches => a.exclude_branches) END AS scope
        OFFSET 0
    ) s
$function$;
COMMENT ON FUNCTION salesperf.agreement_scopes(date) IS
'scopes of each agreement''s metric and base, up to and including a day, NULL before the period: a row for the pool of its customers, customer NULL, if it is pooled, and one for each customer; as_of NULL: of the whole period; kept: refresh_measures() keeps its total';
REVOKE ALL ON FUNCTION salesperf.agreement_scopes(date) FROM PUBLIC;

-- So cheap because it is called once, when the first scope that is not kept is
-- met.
CREATE FUNCTION salesperf.agreements_computed(as_of date)
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 1
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    PERFORM FROM salesperf.measure_figures(ARRAY(
        SELECT u.scope
        FROM salesperf.agreement_scopes(as_of) s
        CROSS JOIN LATERAL (VALUES (s.scope), (s.base_scope)) u (scope)
        WHERE NOT s.kept));
    RETURN true;
END
$function$;
COMMENT ON FUNCTION salesperf.agreements_computed(date) IS
'computes in one pass the figures of all agreements up to and including a day that are not kept, so that measure_figure() finds them; true';
REVOKE ALL ON FUNCTION salesperf.agreements_computed(date) FROM PUBLIC;

-- inlined
CREATE FUNCTION salesperf.agreement_figures(as_of date)
RETURNS TABLE (agreement_id bigint, customer text, pooled boolean, actual numeric, base numeric)
LANGUAGE sql STABLE PARALLEL UNSAFE
AS $function$
    SELECT s.agreement_id, s.customer, s.pooled, f.actual, f.base
    FROM salesperf.agreement_scopes(as_of) s
    CROSS JOIN LATERAL (
        SELECT CASE WHEN s.scope IS NULL THEN 0 WHEN r.ready THEN salesperf.measure_figure(s.scope) END AS actual,
            CASE WHEN s.scope IS NULL THEN 0 WHEN r.ready THEN salesperf.measure_figure(s.base_scope) END AS base
        FROM (SELECT s.kept OR (SELECT salesperf.agreements_computed(as_of)) OFFSET 0) r (ready)
        OFFSET 0
    ) f
$function$;
COMMENT ON FUNCTION salesperf.agreement_figures(date) IS
'actual and base of each agreement''s pool, customer NULL, and customers, up to and including a day, 0 before the period; as_of NULL: of the whole period';
REVOKE ALL ON FUNCTION salesperf.agreement_figures(date) FROM PUBLIC;

CREATE FUNCTION salesperf.bonus_scale()
RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN least(2, (SELECT c.minor_unit FROM salesperf.currency c WHERE c.code = salesperf.setting('currency')));
END
$function$;
COMMENT ON FUNCTION salesperf.bonus_scale() IS
'decimals that a bonus is rounded to: the minor unit of the reporting currency, 2 at most';
REVOKE ALL ON FUNCTION salesperf.bonus_scale() FROM PUBLIC;

CREATE FUNCTION salesperf.agreement_sales(agreement_id bigint, customer text DEFAULT NULL)
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
LANGUAGE sql STABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT s.*
    FROM salesperf.agreement_scopes(NULL) m, salesperf.measure_sales(m.scope) s
    WHERE m.agreement_id = $1 AND CASE WHEN $2 IS NULL THEN (m.customer IS NULL) = m.pooled ELSE m.customer = $2 END
    ORDER BY s.sold_on, s.source COLLATE "C", s.document COLLATE "C", s.line COLLATE "C"
$function$;
COMMENT ON FUNCTION salesperf.agreement_sales(bigint, text) IS
'the sales behind an agreement''s actual, or behind that of one of its customers, with the amount each adds, unrounded, in order of day, source, document, line; the caller needs SELECT on the sources'' tables, whose row security applies';
REVOKE ALL ON FUNCTION salesperf.agreement_sales(bigint, text) FROM PUBLIC;

CREATE FUNCTION salesperf.forecast_agreement(agreement_id bigint, horizon integer, method text DEFAULT 'auto', level float8 DEFAULT 0.95)
RETURNS TABLE (month date, forecast float8, lower float8, upper float8)
LANGUAGE sql STABLE STRICT PARALLEL UNSAFE ROWS 12 COST 100000
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT f.*
    FROM salesperf.forecast_months(
        ARRAY(SELECT s.scope FROM salesperf.agreement_scopes(NULL) s WHERE s.agreement_id = $1 AND (s.customer IS NULL) = s.pooled),
        ARRAY(SELECT s.scope FROM salesperf.agreement_scopes(NULL) s
              WHERE s.kept AND s.metric = (SELECT a.metric FROM salesperf.agreement a WHERE a.agreement_id = $1)), $2, $3, $4) f
    ORDER BY f.month
$function$;
COMMENT ON FUNCTION salesperf.forecast_agreement(bigint, integer, text, float8) IS
'forecast() of the actual of an agreement by month, from the whole months before the current one that it, or another active agreement of the same metric, customers and filters, has; no rows without such a month';
REVOKE ALL ON FUNCTION salesperf.forecast_agreement(bigint, integer, text, float8) FROM PUBLIC;
