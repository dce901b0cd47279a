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
    FROM salesperf.agreement a
    CROSS JOIN LATERAL (
        SELECT NULL::pg_catalog.text, ARRAY(
            SELECT c.customer FROM salesperf.agreement_customer c
            WHERE c.agreement_id OPERATOR(pg_catalog.=) a.agreement_id)
        WHERE a.pooled
        UNION ALL
        SELECT c.customer, ARRAY[c.customer]
        FROM salesperf.agreement_customer c
        WHERE c.agreement_id OPERATOR(pg_catalog.=) a.agreement_id
    ) c (customer, customers)
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

-- inlined; all scopes that are not kept are computed in one pass when the
-- first of them is met
CREATE FUNCTION salesperf.agreement_figures(as_of date)
RETURNS TABLE (agreement_id bigint, customer text, pooled boolean, actual numeric, base numeric)
LANGUAGE sql STABLE PARALLEL UNSAFE
AS $function$
    SELECT s.agreement_id, s.customer, s.pooled, f.actual, f.base
    FROM salesperf.agreement_scopes(as_of) s
    CROSS JOIN LATERAL (
        SELECT CASE WHEN s.scope IS NULL THEN 0 WHEN r.ready THEN salesperf.measure_figure(s.scope) END AS actual,
            CASE WHEN s.scope IS NULL THEN 0 WHEN r.ready THEN salesperf.measure_figure(s.base_scope) END AS base
        FROM (SELECT s.kept OR (
            SELECT pg_catalog.count(*) OPERATOR(pg_catalog.>=) 0
            FROM salesperf.measure_figures(ARRAY(
                SELECT u.scope
                FROM salesperf.agreement_scopes(as_of) o
                CROSS JOIN LATERAL (VALUES (o.scope), (o.base_scope)) u (scope)
                WHERE NOT o.kept))) OFFSET 0) r (ready)
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
