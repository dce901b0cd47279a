CREATE FUNCTION salesperf.attach_source(
    name text,
    lines text,
    header text DEFAULT NULL,
    join_on text DEFAULT NULL,
    document text DEFAULT NULL,
    line text DEFAULT NULL,
    sold_on text DEFAULT NULL,
    customer text DEFAULT NULL,
    seller text DEFAULT NULL,
    unit text DEFAULT NULL,
    product text DEFAULT NULL,
    branch text DEFAULT NULL,
    sale_type text DEFAULT NULL,
    quantity text DEFAULT NULL,
    gross text DEFAULT NULL,
    net text DEFAULT NULL,
    cost text DEFAULT NULL,
    revenue text DEFAULT NULL,
    counts text DEFAULT NULL,
    attributes text DEFAULT NULL)
RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'spm_attach_source';
COMMENT ON FUNCTION salesperf.attach_source(text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text) IS
'make a table, or a header/line pair, a source of sales: its name, the tables, how they join, and immutable SQL expressions over a line, alias l, and its header, alias h; document, sold_on and net are required; called again it changes the mapping';
REVOKE ALL ON FUNCTION salesperf.attach_source(text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text) FROM PUBLIC;

CREATE FUNCTION salesperf.detach_source(name text)
RETURNS void
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'spm_detach_source';
COMMENT ON FUNCTION salesperf.detach_source(text) IS
'take the triggers off a source''s table and its sales out of all figures';
REVOKE ALL ON FUNCTION salesperf.detach_source(text) FROM PUBLIC;

CREATE FUNCTION salesperf.restore_sources()
RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'spm_restore_sources';
COMMENT ON FUNCTION salesperf.restore_sources() IS
'create the views and triggers of all rows of source again; for setup()';
REVOKE ALL ON FUNCTION salesperf.restore_sources() FROM PUBLIC;

-- Not executable by PUBLIC: who may execute it could, by a trigger on a table
-- of their own, turn measures live.  Firing it needs no right.
CREATE FUNCTION salesperf.collect_changes()
RETURNS trigger
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'spm_collect_changes';
COMMENT ON FUNCTION salesperf.collect_changes() IS
'trigger of attached tables: note the documents that a statement touched';
REVOKE ALL ON FUNCTION salesperf.collect_changes() FROM PUBLIC;

CREATE FUNCTION salesperf.describe_sale_view()
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    GRANT SELECT ON salesperf.sale TO salesperf_reader;
    COMMENT ON VIEW salesperf.sale IS 'the lines of all sources in canonical form; amounts with four decimals, NULL where out of range';
    COMMENT ON COLUMN salesperf.sale.source IS 'name of the source';
    COMMENT ON COLUMN salesperf.sale.document IS 'the order, invoice or contract, unique within its source';
    COMMENT ON COLUMN salesperf.sale.line IS 'key of the row within its document';
    COMMENT ON COLUMN salesperf.sale.sold_on IS 'day of the sale';
    COMMENT ON COLUMN salesperf.sale.customer IS 'key of the customer';
    COMMENT ON COLUMN salesperf.sale.seller IS 'key of the seller';
    COMMENT ON COLUMN salesperf.sale.unit IS 'key of the unit, where the sale names one';
    COMMENT ON COLUMN salesperf.sale.product IS 'key of the product';
    COMMENT ON COLUMN salesperf.sale.branch IS 'key of the branch';
    COMMENT ON COLUMN salesperf.sale.sale_type IS 'new, existing, renewal, other, or what the source says';
    COMMENT ON COLUMN salesperf.sale.quantity IS 'quantity of the line';
    COMMENT ON COLUMN salesperf.sale.gross IS 'before discounts, without tax';
    COMMENT ON COLUMN salesperf.sale.net IS 'after discounts, without tax';
    COMMENT ON COLUMN salesperf.sale.cost IS 'cost of the line, NULL where not known';
    COMMENT ON COLUMN salesperf.sale.margin IS 'net - cost, NULL where the cost is not known';
    COMMENT ON COLUMN salesperf.sale.revenue IS 'paid by the operator';
    COMMENT ON COLUMN salesperf.sale.currency IS 'currency of the sale, NULL: the reporting currency';
    COMMENT ON COLUMN salesperf.sale.counts IS 'whether figures count the line';
    COMMENT ON COLUMN salesperf.sale.attributes IS 'anything else the source maps';
END
$function$;
COMMENT ON FUNCTION salesperf.describe_sale_view() IS
'rights and comments of view sale; for attach_source()';
REVOKE ALL ON FUNCTION salesperf.describe_sale_view() FROM PUBLIC;

CREATE FUNCTION salesperf.source_is_followed(name text)
RETURNS boolean
LANGUAGE C STABLE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'spm_source_followed';
COMMENT ON FUNCTION salesperf.source_is_followed(text) IS
'whether a source has its view, and all that changes its tables fires its triggers';
REVOKE ALL ON FUNCTION salesperf.source_is_followed(text) FROM PUBLIC;

-- Whoever reads view sale executes the functions below.  They read nothing.
CREATE FUNCTION salesperf.use_source_indexes()
RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_use_source_indexes';
COMMENT ON FUNCTION salesperf.use_source_indexes() IS
'true; for view sale, so that the indexes of attached tables serve its keys';
GRANT EXECUTE ON FUNCTION salesperf.use_source_indexes() TO PUBLIC;

CREATE FUNCTION salesperf.key_bigint(key text)
RETURNS bigint
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_key_bigint';
COMMENT ON FUNCTION salesperf.key_bigint(text) IS
'an integer from the text that a sale has as its key; NULL if it is the key of none';
GRANT EXECUTE ON FUNCTION salesperf.key_bigint(text) TO PUBLIC;

CREATE FUNCTION salesperf.key_bigint(keys text[])
RETURNS bigint[]
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_key_bigint_array';
COMMENT ON FUNCTION salesperf.key_bigint(text[]) IS
'the same for each key; without those that are of none';
GRANT EXECUTE ON FUNCTION salesperf.key_bigint(text[]) TO PUBLIC;

CREATE FUNCTION salesperf.key_numeric(key text)
RETURNS numeric
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_key_numeric';
COMMENT ON FUNCTION salesperf.key_numeric(text) IS
'a number without trailing zeros from the text that a sale has as its key; NULL if it is the key of none';
GRANT EXECUTE ON FUNCTION salesperf.key_numeric(text) TO PUBLIC;

CREATE FUNCTION salesperf.key_numeric(keys text[])
RETURNS numeric[]
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_key_numeric_array';
COMMENT ON FUNCTION salesperf.key_numeric(text[]) IS
'the same for each key; without those that are of none';
GRANT EXECUTE ON FUNCTION salesperf.key_numeric(text[]) TO PUBLIC;

CREATE FUNCTION salesperf.key_uuid(key text)
RETURNS uuid
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_key_uuid';
COMMENT ON FUNCTION salesperf.key_uuid(text) IS
'a uuid from the text that a sale has as its key; NULL if it is the key of none';
GRANT EXECUTE ON FUNCTION salesperf.key_uuid(text) TO PUBLIC;

CREATE FUNCTION salesperf.key_uuid(keys text[])
RETURNS uuid[]
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_key_uuid_array';
COMMENT ON FUNCTION salesperf.key_uuid(text[]) IS
'the same for each key; without those that are of none';
GRANT EXECUTE ON FUNCTION salesperf.key_uuid(text[]) TO PUBLIC;

CREATE FUNCTION salesperf.day_bound(day date, hours integer)
RETURNS timestamp
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_day_bound';
COMMENT ON FUNCTION salesperf.day_bound(date, integer) IS
'so many hours after the begin of a day; infinite beyond the range of timestamps';
GRANT EXECUTE ON FUNCTION salesperf.day_bound(date, integer) TO PUBLIC;

CREATE FUNCTION salesperf.day_bound_utc(day date, hours integer)
RETURNS timestamp with time zone
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_day_bound';
COMMENT ON FUNCTION salesperf.day_bound_utc(date, integer) IS
'the same in UTC; infinite beyond the range of timestamps';
GRANT EXECUTE ON FUNCTION salesperf.day_bound_utc(date, integer) TO PUBLIC;
