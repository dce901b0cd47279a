CREATE FUNCTION salesperf.attach_source(
    name text,
    lines text,
    header text DEFAULT NULL,
    join_on text DEFAULT NULL,
    joins text[] DEFAULT NULL,
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
    currency text DEFAULT NULL,
    rate text DEFAULT NULL,
    counts text DEFAULT NULL,
    attributes text DEFAULT NULL,
    part_of text DEFAULT NULL,
    splits text DEFAULT NULL,
    split_on text DEFAULT NULL,
    split_seller text DEFAULT NULL,
    split_percent text DEFAULT NULL,
    split_amount text DEFAULT NULL)
RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'spm_attach_source';
COMMENT ON FUNCTION salesperf.attach_source(text, text, text, text, text[], text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text) IS
'make a table, or a header/line pair, a source of sales: its name, the tables, how they join, rows looked up for a sale, and immutable SQL expressions over a line, alias l, its header, alias h, and these rows; document, sold_on and net are required; part_of names the source whose documents the lines belong to; splits is a table, alias s, by which documents are split; called again it changes the mapping';
REVOKE ALL ON FUNCTION salesperf.attach_source(text, text, text, text, text[], text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text) FROM PUBLIC;

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

CREATE FUNCTION salesperf.describe_sale_views()
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    descriptions CONSTANT jsonb := jsonb_build_object(
        'source', 'name of the source whose document it is',
        'document', 'the order, invoice or contract, unique within its source',
        'line', 'key of the row within its document',
        'sold_on', 'day of the sale',
        'customer', 'key of the customer',
        'seller', 'key of the seller',
        'unit', 'key of the unit, where the sale names one',
        'product', 'key of the product',
        'branch', 'key of the branch',
        'sale_type', 'new, existing, renewal, other, or what the source says',
        'quantity', 'quantity of the line',
        'gross', 'before discounts, without tax, in the reporting currency',
        'net', 'after discounts, without tax, in the reporting currency',
        'cost', 'cost of the line in the reporting currency, NULL where not known',
        'margin', 'net - cost, NULL where the cost is not known',
        'revenue', 'paid by the operator, in the reporting currency',
        'currency', 'currency of the sale, NULL: the reporting currency',
        'counts', 'whether figures count the line',
        'attributes', 'anything else the source maps',
        'flaw', 'what keeps a line from counting that should: amount or rate',
        'share', 'share of the line, 0.3 for 30 percent',
        'overlay', 'whether the share is on top of the line, for a supporting role',
        'percent', 'percent of the document',
        'amount', 'fixed amount of the document''s net',
        'key', 'what a change is traced by, in its own type');
    shown record;
BEGIN
    FOR shown IN
        SELECT c.oid::regclass AS view_name, a.attname, descriptions ->> (CASE WHEN a.attname ~ '_(key|own)_[1-9]$' THEN 'key' ELSE a.attname END) AS description
        FROM (SELECT 'sale' AS name UNION ALL SELECT 'credit'
              UNION ALL SELECT 'source_' || s.name FROM salesperf.source s
              UNION ALL SELECT 'split_' || s.name FROM salesperf.source s) v
        JOIN pg_class c ON c.relnamespace = 'salesperf'::regnamespace AND c.relname = v.name
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE col_description(c.oid, a.attnum) IS NULL
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', shown.view_name, shown.attname, shown.description);
    END LOOP;
    GRANT SELECT ON salesperf.sale, salesperf.credit TO salesperf_reader;
    COMMENT ON VIEW salesperf.sale IS 'the lines of all sources in canonical form; amounts with four decimals, NULL where out of range';
    COMMENT ON VIEW salesperf.credit IS 'the lines of all sources once for each seller who is credited with a share of them; amounts are shares';
    COMMENT ON COLUMN salesperf.credit.seller IS 'key of the seller who is credited; NULL: nobody';
END
$function$;
COMMENT ON FUNCTION salesperf.describe_sale_views() IS
'rights and comments of the views of sales; for attach_source()';
REVOKE ALL ON FUNCTION salesperf.describe_sale_views() FROM PUBLIC;

CREATE FUNCTION salesperf.source_is_followed(name text)
RETURNS boolean
LANGUAGE C STABLE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'spm_source_followed';
COMMENT ON FUNCTION salesperf.source_is_followed(text) IS
'whether a source has its view, and all that changes its tables fires its triggers';
REVOKE ALL ON FUNCTION salesperf.source_is_followed(text) FROM PUBLIC;

CREATE FUNCTION salesperf.check_order_split()
RETURNS trigger
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'spm_check_order_split';
COMMENT ON FUNCTION salesperf.check_order_split() IS
'constraint trigger of order_split: percents of a document''s rows that are no overlay are 100 at most';
REVOKE ALL ON FUNCTION salesperf.check_order_split() FROM PUBLIC;

CREATE FUNCTION salesperf.source_findings()
RETURNS TABLE (source text, finding text, number bigint, example text)
LANGUAGE C STABLE PARALLEL UNSAFE ROWS 10 COST 100000
AS 'MODULE_PATHNAME', 'spm_source_findings';
COMMENT ON FUNCTION salesperf.source_findings() IS
'what is wrong with the sales of each source, over all of them whoever asks: finding is amount or rate (lines that do not count), cost (lines without one), scaled (documents split by more than 100 percent), split (splits that give nothing) or unreadable, with how many there are and one of them';
REVOKE ALL ON FUNCTION salesperf.source_findings() FROM PUBLIC;

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
