CREATE FUNCTION salesperf.unit_path(unit text, as_of date)
RETURNS text[]
LANGUAGE C STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_unit_path';
COMMENT ON FUNCTION salesperf.unit_path(text, date) IS
'a unit and those above it on a day, up to the root; the unit alone where unit_parent says nothing';
REVOKE ALL ON FUNCTION salesperf.unit_path(text, date) FROM PUBLIC;

CREATE FUNCTION salesperf.seller_path(seller text, as_of date)
RETURNS text[]
LANGUAGE C STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_seller_path';
COMMENT ON FUNCTION salesperf.seller_path(text, date) IS
'the unit that a seller belongs to on a day and those above it, up to the root; empty where seller_unit says nothing';
REVOKE ALL ON FUNCTION salesperf.seller_path(text, date) FROM PUBLIC;

CREATE FUNCTION salesperf.org_changed()
RETURNS trigger
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'spm_org_changed';
COMMENT ON FUNCTION salesperf.org_changed() IS
'trigger of unit_parent, seller_unit and product_family: sessions must read assignments again; with argument attributes, of customer and product: attributes';
REVOKE ALL ON FUNCTION salesperf.org_changed() FROM PUBLIC;

CREATE FUNCTION salesperf.check_unit_parent()
RETURNS trigger
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'spm_check_unit_parent';
COMMENT ON FUNCTION salesperf.check_unit_parent() IS
'constraint trigger of unit_parent: no unit is below itself on any day';
REVOKE ALL ON FUNCTION salesperf.check_unit_parent() FROM PUBLIC;

CREATE FUNCTION salesperf.check_product_family()
RETURNS trigger
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'spm_check_product_family';
COMMENT ON FUNCTION salesperf.check_product_family() IS
'constraint trigger of product_family: no family is below itself';
REVOKE ALL ON FUNCTION salesperf.check_product_family() FROM PUBLIC;

CREATE FUNCTION salesperf.open_share(starts_on date, ends_on date, as_of date, region text)
RETURNS numeric
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 100
AS 'MODULE_PATHNAME', 'spm_open_share';
COMMENT ON FUNCTION salesperf.open_share(date, date, date, text) IS
'passed part of a period''s open days, as_of included, 0…1: without those of closed_day that are closed everywhere or in the region, '' for none; elapsed_share() where none is closed or all are';
REVOKE ALL ON FUNCTION salesperf.open_share(date, date, date, text) FROM PUBLIC;

CREATE FUNCTION salesperf.closed_days(region text, starts_on date, ends_on date)
RETURNS date[]
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN ARRAY(
        SELECT DISTINCT d.closed_on FROM salesperf.closed_day d
        WHERE d.region IN ('', closed_days.region) AND d.closed_on BETWEEN closed_days.starts_on AND closed_days.ends_on
        ORDER BY d.closed_on);
END
$function$;
COMMENT ON FUNCTION salesperf.closed_days(text, date, date) IS
'days of table closed_day from starts_on to ends_on, those of everywhere and of a region, in order; region NULL: of everywhere alone';
REVOKE ALL ON FUNCTION salesperf.closed_days(text, date, date) FROM PUBLIC;
