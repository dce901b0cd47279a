CREATE FUNCTION salesperf.check_payee(payee text)
RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT payee = 'seller' OR EXISTS (
        SELECT FROM salesperf.unit_kind k WHERE payee IN (k.kind, 'manager:' || k.kind))
$function$;
COMMENT ON FUNCTION salesperf.check_payee(text) IS
'whether somebody can be paid by that name: seller, a kind of unit, or manager:<kind of unit>';
REVOKE ALL ON FUNCTION salesperf.check_payee(text) FROM PUBLIC;

CREATE FUNCTION salesperf.codes_below(tree text, codes jsonb)
RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $function$
    WITH RECURSIVE below AS (
        SELECT c.code FROM jsonb_array_elements_text(codes) c (code)
        UNION
        SELECT t.code
        FROM below b
        JOIN (SELECT p.unit AS code, p.parent FROM salesperf.unit_parent p WHERE tree = 'units'
              UNION ALL
              SELECT f.code, f.parent FROM salesperf.product_family f WHERE tree = 'families') t ON t.parent = b.code
    )
    SELECT array_agg(code) FROM below
$function$;
COMMENT ON FUNCTION salesperf.codes_below(text, jsonb) IS
'units or families, and all that were ever below them';
REVOKE ALL ON FUNCTION salesperf.codes_below(text, jsonb) FROM PUBLIC;

CREATE FUNCTION salesperf.commission_rules_overlap(a jsonb, b jsonb)
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    filter text;
    pair jsonb;
BEGIN
    IF a->>'credit' <> 'any' AND b->>'credit' <> 'any' AND a->>'credit' <> b->>'credit' THEN
        RETURN false;
    END IF;
    IF (a->>'valid_from')::date > coalesce((b->>'valid_to')::date, 'infinity')
        OR (b->>'valid_from')::date > coalesce((a->>'valid_to')::date, 'infinity') THEN
        RETURN false;
    END IF;
    IF a->>'base' = b->>'base' AND (
            (a->>'min_amount')::numeric > (b->>'max_amount')::numeric
            OR (b->>'min_amount')::numeric > (a->>'max_amount')::numeric) THEN
        RETURN false;
    END IF;
    FOREACH filter IN ARRAY ARRAY['sellers', 'customers', 'sectors', 'regions', 'segments', 'products', 'brands', 'branches', 'sale_types', 'sources', 'partner_types'] LOOP
        IF jsonb_typeof(a->filter) = 'array' AND jsonb_typeof(b->filter) = 'array'
            AND NOT (a->filter) ?| ARRAY(SELECT jsonb_array_elements_text(b->filter)) THEN
            RETURN false;
        END IF;
    END LOOP;
    FOREACH filter IN ARRAY ARRAY['units', 'families'] LOOP
        IF jsonb_typeof(a->filter) = 'array' AND jsonb_typeof(b->filter) = 'array'
            AND NOT salesperf.codes_below(filter, a->filter) && salesperf.codes_below(filter, b->filter) THEN
            RETURN false;
        END IF;
    END LOOP;
    -- What one asks for the other excludes.
    FOREACH pair IN ARRAY ARRAY[jsonb_build_array(a, b), jsonb_build_array(b, a)] LOOP
        FOREACH filter IN ARRAY ARRAY['customers', 'products', 'brands', 'branches', 'company_flags'] LOOP
            IF jsonb_typeof(pair->0->filter) = 'array' AND jsonb_typeof(pair->1->('exclude_' || filter)) = 'array'
                AND (pair->1->('exclude_' || filter)) @> (pair->0->filter) THEN
                RETURN false;
            END IF;
        END LOOP;
        IF jsonb_typeof(pair->0->'families') = 'array' AND jsonb_typeof(pair->1->'exclude_families') = 'array'
            AND ARRAY(SELECT jsonb_array_elements_text(pair->0->'families'))
                <@ salesperf.codes_below('families', pair->1->'exclude_families') THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN true;
END
$function$;
COMMENT ON FUNCTION salesperf.commission_rules_overlap(jsonb, jsonb) IS
'whether a sale may match two commission rules of one component and payee, given as rows: false if a filter, the days or the amounts rule it out; conditions are not looked at';
REVOKE ALL ON FUNCTION salesperf.commission_rules_overlap(jsonb, jsonb) FROM PUBLIC;

CREATE FUNCTION salesperf.check_commission_rule()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    other bigint;
BEGIN
    IF NOT salesperf.check_payee(new.payee) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation',
            MESSAGE = format('unrecognized payee "%s"', new.payee),
            DETAIL = format('Commission rule %s names it.', new.rule_id),
            HINT = 'A payee is seller, a kind of table unit_kind, or manager: and such a kind.',
            SCHEMA = 'salesperf', TABLE = 'commission_rule', COLUMN = 'payee';
    END IF;
    -- One at a time, so that neither of two overlooks the other.
    PERFORM pg_advisory_xact_lock(hashtextextended('salesperf.commission_rule', 0));
    SELECT r.rule_id INTO other
    FROM salesperf.commission_rule r
    WHERE r.rule_id <> new.rule_id AND r.component = new.component AND r.payee = new.payee AND r.priority = new.priority
        AND salesperf.commission_rules_overlap(to_jsonb(new), to_jsonb(r))
    ORDER BY r.rule_id
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'exclusion_violation',
            MESSAGE = format('commission rules %s and %s have the same priority and may match the same sale', other, new.rule_id),
            DETAIL = format('Both are of component "%s" and payee "%s" with priority %s.', new.component, new.payee, new.priority),
            HINT = 'Give one of them another priority, or filters that rule the other out.',
            SCHEMA = 'salesperf', TABLE = 'commission_rule', COLUMN = 'priority';
    END IF;
    RETURN NULL;
END
$function$;
COMMENT ON FUNCTION salesperf.check_commission_rule() IS
'constraint trigger of commission_rule: the payee exists; no two rules of equal priority may match the same sale';
REVOKE ALL ON FUNCTION salesperf.check_commission_rule() FROM PUBLIC;

CREATE FUNCTION salesperf.check_contract_term()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF NOT salesperf.check_payee(new.payee) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation',
            MESSAGE = format('unrecognized payee "%s"', new.payee),
            DETAIL = format('A term of document "%s" of source "%s" names it.', new.document, new.source),
            HINT = 'A payee is seller, a kind of table unit_kind, or manager: and such a kind.',
            SCHEMA = 'salesperf', TABLE = 'contract_term', COLUMN = 'payee';
    END IF;
    RETURN NULL;
END
$function$;
COMMENT ON FUNCTION salesperf.check_contract_term() IS
'constraint trigger of contract_term: the payee exists';
REVOKE ALL ON FUNCTION salesperf.check_contract_term() FROM PUBLIC;

CREATE FUNCTION salesperf.check_commission_period()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    gap record;
BEGIN
    SELECT p.ends_on + 1 AS first_day, p.next_start - 1 AS last_day INTO gap
    FROM (SELECT c.ends_on, lead(c.starts_on) OVER (ORDER BY c.starts_on) AS next_start
          FROM salesperf.commission_period c) p
    WHERE p.next_start > p.ends_on + 1
    ORDER BY 1
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation',
            MESSAGE = format('commission periods leave a gap from %s to %s', gap.first_day, gap.last_day),
            HINT = 'Enter the period between as well, in the same statement, or after SET CONSTRAINTS ALL DEFERRED.',
            SCHEMA = 'salesperf', TABLE = 'commission_period', COLUMN = 'starts_on';
    END IF;
    RETURN NULL;
END
$function$;
COMMENT ON FUNCTION salesperf.check_commission_period() IS
'constraint trigger of commission_period: a period begins when the one before it ends';
REVOKE ALL ON FUNCTION salesperf.check_commission_period() FROM PUBLIC;

CREATE FUNCTION salesperf.commission_findings()
RETURNS TABLE (severity text, object text, finding text, hint text)
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT 'notice', 'commission rules of ' || g.component || ' for ' || g.payee,
        'no rule is valid from ' || lower(g.days) || ' to ' || upper(g.days) - 1,
        'Enter a rule for these days, if sales are to be paid.'
    FROM (
        SELECT v.component, v.payee, unnest(datemultirange(daterange(v.first_day, v.last_day, '[]')) - v.valid) AS days
        FROM (SELECT r.component, r.payee, min(r.valid_from) AS first_day,
                  nullif(max(coalesce(r.valid_to, 'infinity')), 'infinity') AS last_day,
                  range_agg(daterange(r.valid_from, r.valid_to, '[]')) AS valid
              FROM salesperf.commission_rule r
              GROUP BY r.component, r.payee) v
    ) g
    UNION ALL
    SELECT 'notice', 'commission rule ' || r.rule_id,
        'it never paid a sale in the periods computed from ' || u.first_period || ' on',
        'Compare its filters with commission_matches(), and its priority with that of other rules.'
    FROM salesperf.commission_rule r
    JOIN (SELECT c.rule_id, min(c.period_start) AS first_period, sum(c.sales) AS sales
          FROM salesperf.commission_rule_use c
          GROUP BY c.rule_id) u ON u.rule_id = r.rule_id
    WHERE u.sales = 0
    UNION ALL
    SELECT 'warning', 'commissions of the period from ' || x.period_start,
        'credits that could not be computed: ' || count(*) || ', one in document ' || min(x.document),
        'Look at table commission_exception, correct rules, targets or sales, and call calculate_commissions() again.'
    FROM salesperf.commission_exception x
    GROUP BY x.period_start
$function$;
COMMENT ON FUNCTION salesperf.commission_findings() IS
'what to look at about commissions, as rows of view health: gaps in the validity of rules, rules that never pay, exceptions';
REVOKE ALL ON FUNCTION salesperf.commission_findings() FROM PUBLIC;
