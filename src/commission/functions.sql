CREATE FUNCTION salesperf.commission_periods(from_day date, to_day date)
RETURNS TABLE (starts_on date, ends_on date, state text, calculated_at timestamptz, entered boolean)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    at_day date := from_day;
    known record;
    last_before date;
    first_after date;
BEGIN
    WHILE at_day <= to_day LOOP
        SELECT p.* INTO known FROM salesperf.commission_period p
        WHERE p.starts_on <= at_day AND p.ends_on >= at_day;
        IF FOUND THEN
            starts_on := known.starts_on;
            ends_on := known.ends_on;
            state := known.state;
            calculated_at := known.calculated_at;
            entered := true;
        ELSE
            SELECT max(p.ends_on) INTO last_before FROM salesperf.commission_period p WHERE p.ends_on < at_day;
            SELECT min(p.starts_on) INTO first_after FROM salesperf.commission_period p WHERE p.starts_on > at_day;
            starts_on := greatest(date_trunc('month', at_day)::date, last_before + 1);
            ends_on := least((date_trunc('month', at_day) + interval '1 month')::date - 1, first_after - 1);
            state := 'open';
            calculated_at := NULL;
            entered := false;
        END IF;
        RETURN NEXT;
        at_day := ends_on + 1;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION salesperf.commission_periods(date, date) IS
'periods that have days from one to another: as entered, else calendar months, cut by those that were entered';
REVOKE ALL ON FUNCTION salesperf.commission_periods(date, date) FROM PUBLIC;

-- Neither SET nor SECURITY DEFINER: it commits.  It acts as the owner of the
-- tables inside each transaction.
CREATE PROCEDURE salesperf.calculate_commissions(starts_on date, ends_on date)
LANGUAGE C
AS 'MODULE_PATHNAME', 'spm_calculate_commissions';
COMMENT ON PROCEDURE salesperf.calculate_commissions(date, date) IS
'compute the commission items of all open periods that have days from one to another, as wholes, and enter what differs from the items that are there; one at a time; an interrupted run changes nothing';
REVOKE ALL ON PROCEDURE salesperf.calculate_commissions(date, date) FROM PUBLIC;

CREATE FUNCTION salesperf.commission_explain(source text, document text)
RETURNS TABLE (
    period_start date, sold_on date, item_source text, line text, seller text, component text, payee_kind text, payee text,
    rule_id bigint, matched boolean, reason text, base_kind text, base numeric, tier_by text, kpi text, kpi_from date, kpi_to date,
    tier_value numeric, level integer, rate numeric, cap numeric, floor numeric, amount numeric)
LANGUAGE C STABLE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'spm_commission_explain';
COMMENT ON FUNCTION salesperf.commission_explain(text, text) IS
'how the commissions of a document come about, computed now: one row for each item, and for each rule that does not pay a credit, with the reason';
REVOKE ALL ON FUNCTION salesperf.commission_explain(text, text) FROM PUBLIC;

CREATE FUNCTION salesperf.commission_preview(document jsonb)
RETURNS TABLE (
    period_start date, line text, seller text, component text, payee_kind text, payee text, outlet text, office text, company text,
    rule_id bigint, base numeric, tier_value numeric, level integer, rate numeric, amount numeric, reason text)
LANGUAGE C STABLE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'spm_commission_preview';
COMMENT ON FUNCTION salesperf.commission_preview(jsonb) IS
'items that a hypothetical document would get, besides all that was sold; nothing is entered. Members: sold_on, customer, seller, unit, product, branch, sale_type, quantity, gross, net, margin, revenue, currency, attributes, source, and lines, an array of objects with the same for each line';
REVOKE ALL ON FUNCTION salesperf.commission_preview(jsonb) FROM PUBLIC;

CREATE FUNCTION salesperf.commission_matches(starts_on date, ends_on date)
RETURNS TABLE (rule_id bigint, sales bigint)
LANGUAGE C STABLE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'spm_commission_matches';
COMMENT ON FUNCTION salesperf.commission_matches(date, date) IS
'how many credits of sales from one day to another pass the filters of each rule, whether a stronger one pays or not; amounts and conditions are not looked at';
REVOKE ALL ON FUNCTION salesperf.commission_matches(date, date) FROM PUBLIC;
