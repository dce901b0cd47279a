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
