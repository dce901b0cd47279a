-- Filters of agreements, one row for each that is not NULL.
-- inlined
CREATE FUNCTION salesperf.agreement_filters()
RETURNS TABLE (agreement_id bigint, filter text, kind text, excluding boolean, codes text[])
LANGUAGE sql STABLE PARALLEL UNSAFE
AS $function$
    SELECT a.agreement_id, f.filter, f.kind, f.excluding, f.codes
    FROM salesperf.agreement a
    CROSS JOIN LATERAL (VALUES
        ('sellers', 'seller', false, a.sellers), ('units', 'unit', false, a.units), ('sectors', 'sector', false, a.sectors),
        ('regions', 'region', false, a.regions), ('segments', 'segment', false, a.segments), ('products', 'product', false, a.products),
        ('brands', 'brand', false, a.brands), ('families', 'family', false, a.families), ('branches', 'branch', false, a.branches),
        ('sale_types', 'sale type', false, a.sale_types), ('sources', 'source', false, a.sources),
        ('exclude_customers', 'customer', true, a.exclude_customers), ('exclude_products', 'product', true, a.exclude_products),
        ('exclude_brands', 'brand', true, a.exclude_brands), ('exclude_families', 'family', true, a.exclude_families),
        ('exclude_branches', 'branch', true, a.exclude_branches)) f (filter, kind, excluding, codes)
    WHERE f.codes IS NOT NULL
$function$;
COMMENT ON FUNCTION salesperf.agreement_filters() IS
'filters of all agreements, a row for each that is not NULL: its name, the kind of its codes, and whether it excludes';
REVOKE ALL ON FUNCTION salesperf.agreement_filters() FROM PUBLIC;

CREATE FUNCTION salesperf.unknown_codes(agreement_id bigint)
RETURNS TABLE (filter text, kind text, code text)
LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH used AS (
        SELECT f.filter, f.kind, c.code
        FROM salesperf.agreement_filters() f
        CROSS JOIN LATERAL unnest(f.codes) c (code)
        WHERE f.agreement_id = unknown_codes.agreement_id
        UNION
        SELECT 'customers', 'customer', c.customer
        FROM salesperf.agreement_customer c
        WHERE c.agreement_id = unknown_codes.agreement_id
    ), known (kind, code) AS (
        SELECT 'customer', code FROM salesperf.customer
        UNION ALL SELECT 'sector', sector FROM salesperf.customer WHERE sector IS NOT NULL
        UNION ALL SELECT 'region', region FROM salesperf.customer WHERE region IS NOT NULL
        UNION ALL SELECT 'segment', segment FROM salesperf.customer WHERE segment IS NOT NULL
        UNION ALL SELECT 'product', code FROM salesperf.product
        UNION ALL SELECT 'brand', brand FROM salesperf.product WHERE brand IS NOT NULL
        UNION ALL SELECT 'family', family FROM salesperf.product WHERE family IS NOT NULL
        UNION ALL SELECT 'family', code FROM salesperf.product_family
        UNION ALL SELECT 'branch', code FROM salesperf.branch
        UNION ALL SELECT 'unit', code FROM salesperf.unit
        UNION ALL SELECT 'seller', code FROM salesperf.seller
        UNION ALL SELECT 'source', name FROM salesperf.source
    ), doubtful AS MATERIALIZED (
        SELECT u.filter, u.kind, u.code,
            CASE u.kind
                WHEN 'customer' THEN salesperf.measure_scope('documents', '0001-01-01', '9999-12-31', customers => ARRAY[u.code])
                WHEN 'product' THEN salesperf.measure_scope('documents', '0001-01-01', '9999-12-31', products => ARRAY[u.code])
                WHEN 'branch' THEN salesperf.measure_scope('documents', '0001-01-01', '9999-12-31', branches => ARRAY[u.code])
                WHEN 'unit' THEN salesperf.measure_scope('documents', '0001-01-01', '9999-12-31', units => ARRAY[u.code])
                WHEN 'seller' THEN salesperf.measure_scope('documents', '0001-01-01', '9999-12-31', sellers => ARRAY[u.code])
            END AS scope
        FROM used u
        WHERE EXISTS (SELECT FROM known k WHERE k.kind = u.kind)
          AND NOT EXISTS (SELECT FROM known k WHERE k.kind = u.kind AND k.code = u.code)
    )
    SELECT d.filter, d.kind, d.code
    FROM doubtful d
    LEFT JOIN salesperf.measure_figures(ARRAY(SELECT scope FROM doubtful WHERE scope IS NOT NULL)) f ON f.scope = d.scope
    GROUP BY d.filter, d.kind, d.code
    HAVING coalesce(max(f.actual), 0) = 0;
END
$function$;
COMMENT ON FUNCTION salesperf.unknown_codes(bigint) IS
'customers and codes in the filters of an agreement that their table does not list, if it lists any, and that no sale which counts has';
REVOKE ALL ON FUNCTION salesperf.unknown_codes(bigint) FROM PUBLIC;

CREATE FUNCTION salesperf.lower_tiers(tiers salesperf.tiers, unit numeric)
RETURNS TABLE (level integer, threshold numeric)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    form CONSTANT jsonb := salesperf.tiers_to_jsonb(tiers);
    reached jsonb := '[]';
    below salesperf.tiers;
BEGIN
    FOR level, threshold IN
        SELECT t.n, (t.tier ->> 'threshold')::numeric FROM jsonb_array_elements(form -> 'tiers') WITH ORDINALITY t (tier, n)
    LOOP
        reached := reached || jsonb_build_array((form -> 'tiers' -> (level - 1)) - 'above');
        IF below IS NOT NULL AND threshold > 0
            AND salesperf.tier_payout(salesperf.tiers_from_jsonb(form || jsonb_build_object('tiers', reached)), threshold, threshold * unit)
              < salesperf.tier_payout(below, threshold, threshold * unit)
        THEN
            RETURN NEXT;
        END IF;
        below := salesperf.tiers_from_jsonb(form || jsonb_build_object('tiers', reached));
    END LOOP;
END
$function$;
COMMENT ON FUNCTION salesperf.lower_tiers(salesperf.tiers, numeric) IS
'tiers that pay less at their threshold than the tier before would, where the base of a value is value * unit';
REVOKE ALL ON FUNCTION salesperf.lower_tiers(salesperf.tiers, numeric) FROM PUBLIC;

CREATE FUNCTION salesperf.overlapping_agreements(agreement_id bigint)
RETURNS TABLE (other bigint, customers text[])
LANGUAGE sql STABLE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT o.agreement_id, array_agg(c.customer ORDER BY c.customer COLLATE "C")
    FROM salesperf.agreement a
    JOIN salesperf.agreement_customer c ON c.agreement_id = a.agreement_id
    JOIN salesperf.agreement_customer d ON d.customer = c.customer AND d.agreement_id <> a.agreement_id
    JOIN salesperf.agreement o ON o.agreement_id = d.agreement_id
    WHERE a.agreement_id = $1 AND o.state = 'active' AND o.metric = a.metric
      AND o.starts_on <= a.ends_on AND a.starts_on <= o.ends_on
      -- What is below a unit or family may be in both, whatever their codes.
      AND NOT EXISTS (
        SELECT
        FROM salesperf.agreement_filters() f
        JOIN salesperf.agreement_filters() g ON g.kind = f.kind
        WHERE f.agreement_id = a.agreement_id AND g.agreement_id = o.agreement_id AND CASE
            WHEN f.excluding AND g.excluding THEN false
            WHEN f.excluding THEN g.codes <@ f.codes
            WHEN g.excluding THEN f.codes <@ g.codes
            ELSE f.kind NOT IN ('unit', 'family') AND NOT f.codes && g.codes END)
      AND NOT EXISTS (
        SELECT FROM salesperf.agreement_filters() f
        WHERE f.agreement_id IN (a.agreement_id, o.agreement_id) AND f.filter = 'exclude_customers' AND c.customer = ANY (f.codes))
    GROUP BY o.agreement_id
$function$;
COMMENT ON FUNCTION salesperf.overlapping_agreements(bigint) IS
'active agreements that can count the same sales for the same metric, and of which customers: periods overlap, and no filter keeps them apart';
REVOKE ALL ON FUNCTION salesperf.overlapping_agreements(bigint) FROM PUBLIC;

CREATE FUNCTION salesperf.check_agreement(agreement_id bigint)
RETURNS TABLE (severity text, finding text, hint text)
LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE ROWS 10 COST 10000
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    a record;
    by_percent boolean;
    schedule salesperf.tiers;
    customers integer;
    days integer;
    highest numeric;
BEGIN
    SELECT * INTO a FROM salesperf.agreement g WHERE g.agreement_id = check_agreement.agreement_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('agreement %s does not exist', agreement_id);
    END IF;
    by_percent := a.tier_on = 'objective_percent';
    schedule := a.tiers::salesperf.tiers;
    days := a.ends_on - a.starts_on + 1;
    highest := salesperf.tier_highest_threshold(schedule) * CASE WHEN by_percent THEN 0.01 * a.objective ELSE 1 END;
    SELECT count(*) INTO customers FROM salesperf.agreement_customer c WHERE c.agreement_id = check_agreement.agreement_id;

    RETURN QUERY
    SELECT 'warning', 'it has no customers', 'Enter them into table agreement_customer.' WHERE customers = 0
    UNION ALL
    SELECT 'warning', format('filter %s is empty, so that nothing counts', f.filter), 'Set it to NULL if anything is to count.'
    FROM salesperf.agreement_filters() f
    WHERE f.agreement_id = check_agreement.agreement_id AND NOT f.excluding AND cardinality(f.codes) = 0
    UNION ALL
    SELECT 'warning', format('filters %s and %s leave nothing that counts', f.filter, e.filter), 'Take from one of them what the other is to decide.'
    FROM salesperf.agreement_filters() f
    JOIN salesperf.agreement_filters() e ON e.agreement_id = f.agreement_id AND e.kind = f.kind AND e.excluding
    WHERE f.agreement_id = check_agreement.agreement_id AND NOT f.excluding AND cardinality(f.codes) > 0 AND f.codes <@ e.codes
    UNION ALL
    SELECT 'warning', format('customer "%s" is in it, and excluded by its filter', c.customer), 'Take it out of table agreement_customer, or out of exclude_customers.'
    FROM salesperf.agreement_customer c
    WHERE c.agreement_id = check_agreement.agreement_id AND c.customer = ANY (a.exclude_customers)
    UNION ALL
    SELECT 'notice', format('%s "%s" of filter %s is not listed, and was never sold to, by or in', u.kind, u.code, u.filter), 'Correct the code if it is a mistake.'
    FROM salesperf.unknown_codes(agreement_id) u
    UNION ALL
    SELECT 'warning', format('tier %s pays less at %s than the tier before', l.level, trim_scale(l.threshold)), 'A higher tier usually pays more.'
    FROM salesperf.lower_tiers(schedule, CASE WHEN by_percent THEN 0.01 * a.objective ELSE 1 END) l
    WHERE coalesce(a.base, a.metric) = a.metric OR NOT (
        jsonb_path_exists(salesperf.tiers_to_jsonb(schedule), '$.tiers[*].percent')
        AND jsonb_path_exists(salesperf.tiers_to_jsonb(schedule), '$.tiers[*].amount'))
    UNION ALL
    SELECT 'warning', 'no tier pays anything', 'Enter rates or amounts.'
    WHERE NOT EXISTS (
        SELECT FROM jsonb_array_elements(salesperf.tiers_to_jsonb(schedule) -> 'tiers') t (tier)
        WHERE coalesce(t.tier -> 'percent', t.tier -> 'amount') <> '0')
    UNION ALL
    SELECT 'warning', format('the highest tier begins at %s percent of the objective', trim_scale(salesperf.tier_highest_threshold(schedule))),
        'Thresholds are percents; set tier_on to amount if they are amounts.'
    WHERE by_percent AND salesperf.tier_highest_threshold(schedule) > 500
    UNION ALL
    SELECT 'notice', format('who reaches the objective of %s reaches no tier that pays', trim_scale(a.objective)), 'Lower the thresholds, or raise the objective.'
    WHERE salesperf.tier_payout(schedule, CASE WHEN by_percent THEN 100 ELSE a.objective END, 1) = 0 AND (by_percent OR a.objective > 0)
    UNION ALL
    SELECT 'warning', format('percents apply to %s, which is no money', coalesce(a.base, a.metric)), 'Set base to gross, net or margin.'
    WHERE coalesce(a.base, a.metric) IN ('quantity', 'documents')
      AND jsonb_path_exists(salesperf.tiers_to_jsonb(schedule), '$.tiers[*].percent')
    UNION ALL
    SELECT 'warning', format('it can count the same sales as agreement %s "%s": %s', o.agreement_id, o.description,
            array_to_string(v.customers[:10], ', ') || CASE WHEN cardinality(v.customers) > 10 THEN ', …' ELSE '' END),
        'Change customers, period or filters if a sale is to count once.'
    FROM salesperf.overlapping_agreements(agreement_id) v
    JOIN salesperf.agreement o ON o.agreement_id = v.other
    UNION ALL
    SELECT 'notice', 'its period is over', 'No sale of today changes it.' WHERE a.ends_on < salesperf.today()
    UNION ALL
    SELECT 'notice', 'it is a draft whose period has begun', 'Set its state to active.' WHERE a.state = 'draft' AND a.starts_on <= salesperf.today();

    -- As many days before, and those together with the period.
    IF customers > 0 AND a.starts_on - days >= date '0001-01-01' THEN
        RETURN QUERY
        WITH earlier AS MATERIALIZED (
            SELECT s.scope || jsonb_build_object('starts_on', a.starts_on - days, 'ends_on', a.starts_on - 1) AS scope,
                s.scope || jsonb_build_object('starts_on', a.starts_on - days, 'metric', 'documents') AS ever
            FROM salesperf.agreement_scopes(NULL) s
            WHERE s.agreement_id = check_agreement.agreement_id AND (s.customer IS NULL) = s.pooled
        ), figure AS MATERIALIZED (
            SELECT f.scope, f.actual
            FROM salesperf.measure_figures(ARRAY(SELECT u FROM earlier e, unnest(ARRAY[e.scope, e.ever]) u)) f
        ), sold AS (
            SELECT max(f.actual) FILTER (WHERE f.scope = e.scope) AS most, max(f.actual) FILTER (WHERE f.scope = e.ever) AS documents
            FROM earlier e, figure f
        )
        SELECT 'notice', format('no sale counts in its period, nor in the %s days before', days), 'Look at its filters and customers.'
        FROM sold WHERE documents = 0
        UNION ALL
        SELECT 'notice', format('the highest tier begins at %s, more than ten times the %s of the %s days before',
                trim_scale(highest), trim_scale(round(most, 2)), days), 'Look whether it can be reached.'
        FROM sold WHERE most > 0 AND highest > 10 * most;
    END IF;
END
$function$;
COMMENT ON FUNCTION salesperf.check_agreement(bigint) IS
'what to look at before an agreement is activated; it refuses nothing, but 22023 if there is no such agreement; warnings: no customers; an empty filter; filters that leave nothing; a customer that is in it and excluded; a higher tier that pays less; no tier that pays; a highest threshold above 500 percent of the objective; percents of a quantity or of documents; another active agreement that can count the same sales of the same customers for the same metric, unless periods or filters keep them apart; notices: a code that its table does not list and no sale has; an objective that reaches no tier that pays; a period that is over; a draft whose period has begun; no sale that counts in the period or as many days before; a highest threshold above ten times what was sold in as many days before';
REVOKE ALL ON FUNCTION salesperf.check_agreement(bigint) FROM PUBLIC;
