-- inlined
CREATE FUNCTION salesperf.agreement_reached(as_of date)
RETURNS TABLE (
    agreement_id bigint, customer text, scale integer, objective numeric, actual numeric, expected numeric, projected numeric,
    level integer, rate numeric, bonus numeric, next_threshold numeric, to_next numeric, projected_level integer, projected_bonus numeric, way numeric, likely_level integer, likely_bonus numeric)
LANGUAGE sql STABLE PARALLEL UNSAFE
AS $function$
    SELECT a.agreement_id, f.customer, d.scale, o.objective, f.actual,
        salesperf.expected_to_date(o.objective, a.starts_on, a.ends_on, d.day),
        o.projected,
        salesperf.tier_level(o.tiers, v.value),
        salesperf.tier_rate(o.tiers, v.value),
        pg_catalog.round(salesperf.tier_payout(o.tiers, v.value, f.base), d.scale),
        n.threshold,
        n.threshold OPERATOR(pg_catalog.-) f.actual,
        salesperf.tier_level(o.tiers, v.projected),
        pg_catalog.round(salesperf.tier_payout(o.tiers, v.projected, o.projected_base), d.scale),
        salesperf.tier_progress(o.tiers, v.value),
        salesperf.tier_level(o.tiers, l.value),
        pg_catalog.round(salesperf.tier_payout(o.tiers, l.value, l.base), d.scale)
    FROM salesperf.agreement a
    JOIN salesperf.agreement_figures(as_of) f
        ON f.agreement_id OPERATOR(pg_catalog.=) a.agreement_id AND (f.customer IS NULL) OPERATOR(pg_catalog.=) f.pooled
    CROSS JOIN (SELECT COALESCE(as_of, salesperf.today()) AS day, salesperf.bonus_scale() AS scale OFFSET 0) d
    CROSS JOIN LATERAL (
        SELECT a.tiers::salesperf.tiers AS tiers,
            COALESCE(a.objective, salesperf.tier_highest_threshold(a.tiers::salesperf.tiers)) AS objective,
            salesperf.project(f.actual, a.starts_on, a.ends_on, d.day) AS projected,
            salesperf.project(f.base, a.starts_on, a.ends_on, d.day) AS projected_base
        OFFSET 0
    ) o
    CROSS JOIN LATERAL (
        SELECT CASE WHEN a.tier_on OPERATOR(pg_catalog.=) 'amount' THEN f.actual
                    ELSE salesperf.share_of(f.actual, 100, o.objective) END AS value,
            CASE WHEN a.tier_on OPERATOR(pg_catalog.=) 'amount' THEN o.projected
                 ELSE salesperf.share_of(o.projected, 100, o.objective) END AS projected
        OFFSET 0
    ) v
    CROSS JOIN LATERAL (
        SELECT salesperf.tier_next_threshold(o.tiers, v.value)
            OPERATOR(pg_catalog.*) CASE WHEN a.tier_on OPERATOR(pg_catalog.=) 'amount' THEN 1
                                        ELSE 0.01 OPERATOR(pg_catalog.*) o.objective END AS threshold
        OFFSET 0
    ) n
    CROSS JOIN LATERAL (
        SELECT salesperf.open_share(a.starts_on, a.ends_on, d.day,
            CASE WHEN pg_catalog.cardinality(a.regions) OPERATOR(pg_catalog.=) 1 THEN a.regions[1] ELSE '' END) AS elapsed OFFSET 0
    ) s
    -- The objective is believed if it was entered, not if it is the highest
    -- threshold.
    CROSS JOIN LATERAL (
        SELECT CASE WHEN a.tier_on OPERATOR(pg_catalog.=) 'amount' THEN k.actual
                    ELSE salesperf.share_of(k.actual, 100, o.objective) END AS value, k.base
        FROM (
            SELECT salesperf.shown((salesperf.project_share(f.actual, s.elapsed, a.objective, NULL)).projected::numeric, 20) AS actual,
                salesperf.shown((salesperf.project_share(f.base, s.elapsed,
                    CASE WHEN COALESCE(a.base, a.metric) OPERATOR(pg_catalog.=) a.metric THEN a.objective END, NULL)).projected::numeric, 20) AS base
            OFFSET 0
        ) k
        OFFSET 0
    ) l
$function$;
COMMENT ON FUNCTION salesperf.agreement_reached(date) IS
'what each agreement''s pool, customer NULL, or, not pooled, each of its customers has reached, unrounded but for bonuses; thresholds in the unit of the metric; as_of NULL: today, with all sales of the period';
REVOKE ALL ON FUNCTION salesperf.agreement_reached(date) FROM PUBLIC;

-- inlined
CREATE FUNCTION salesperf.agreement_rows(as_of date)
RETURNS TABLE (
    agreement_id bigint, description text, metric text, starts_on date, ends_on date, status text, customers integer,
    objective numeric, actual numeric, expected_to_date numeric, on_track boolean, indicator text, projected numeric,
    level integer, bonus_rate numeric, bonus numeric, next_threshold numeric, to_next numeric,
    projected_level integer, projected_bonus numeric, progress text, likely_level integer, likely_bonus numeric)
LANGUAGE sql STABLE PARALLEL UNSAFE
AS $function$
    SELECT r.agreement_id, r.description, r.metric, r.starts_on, r.ends_on, e.status, r.customers,
        salesperf.shown(r.objective, 20)::numeric(24,4),
        salesperf.shown(r.actual, 20)::numeric(24,4),
        salesperf.shown(e.expected, 20)::numeric(24,4),
        e.on_track,
        CASE WHEN e.on_track THEN '▲' WHEN NOT e.on_track THEN '▼' ELSE '' END,
        salesperf.shown(salesperf.project(r.actual, r.starts_on, r.ends_on, r.day), 20)::numeric(24,4),
        r.level,
        salesperf.shown(r.rate, 6)::numeric(12,6),
        salesperf.shown(r.bonus, 18)::numeric(20,2),
        salesperf.shown(r.next_threshold, 20)::numeric(24,4),
        salesperf.shown(r.to_next, 20)::numeric(24,4),
        r.projected_level,
        salesperf.shown(r.projected_bonus, 18)::numeric(20,2),
        salesperf.progress_bar(CASE WHEN r.pooled THEN r.way ELSE r.actual OPERATOR(pg_catalog./) CASE WHEN r.objective OPERATOR(pg_catalog.<>) 0 THEN r.objective END END),
        r.likely_level,
        salesperf.shown(r.likely_bonus, 18)::numeric(20,2)
    FROM (
        -- A figure that is not known for one customer is not known for all.
        SELECT a.agreement_id, a.description, a.metric, a.starts_on, a.ends_on, a.state, a.pooled, d.day, COALESCE(n.customers, 0) AS customers,
            CASE WHEN a.pooled THEN pg_catalog.min(u.objective) ELSE COALESCE(pg_catalog.sum(u.objective), 0) END AS objective,
            CASE WHEN pg_catalog.count(u.actual) OPERATOR(pg_catalog.=) pg_catalog.count(u.agreement_id)
                 THEN COALESCE(pg_catalog.sum(u.actual), 0) END AS actual,
            CASE WHEN pg_catalog.count(u.bonus) OPERATOR(pg_catalog.=) pg_catalog.count(u.agreement_id)
                 THEN COALESCE(pg_catalog.sum(u.bonus), 0) END AS bonus,
            CASE WHEN d.day OPERATOR(pg_catalog.>=) a.starts_on
                  AND pg_catalog.count(u.projected_bonus) OPERATOR(pg_catalog.=) pg_catalog.count(u.agreement_id)
                 THEN COALESCE(pg_catalog.sum(u.projected_bonus), 0) END AS projected_bonus,
            CASE WHEN d.day OPERATOR(pg_catalog.>=) a.starts_on
                  AND pg_catalog.count(u.likely_bonus) OPERATOR(pg_catalog.=) pg_catalog.count(u.agreement_id)
                 THEN COALESCE(pg_catalog.sum(u.likely_bonus), 0) END AS likely_bonus,
            CASE WHEN a.pooled AND d.day OPERATOR(pg_catalog.>=) a.starts_on THEN pg_catalog.min(u.likely_level) END AS likely_level,
            CASE WHEN a.pooled THEN pg_catalog.min(u.level) END AS level,
            CASE WHEN a.pooled THEN pg_catalog.min(u.rate) END AS rate,
            CASE WHEN a.pooled THEN pg_catalog.min(u.next_threshold) END AS next_threshold,
            CASE WHEN a.pooled THEN pg_catalog.min(u.to_next) END AS to_next,
            CASE WHEN a.pooled THEN pg_catalog.min(u.projected_level) END AS projected_level,
            CASE WHEN a.pooled THEN pg_catalog.min(u.way) END AS way
        FROM salesperf.agreement a
        CROSS JOIN (SELECT COALESCE(as_of, salesperf.today()) AS day OFFSET 0) d
        LEFT JOIN (
            SELECT c.agreement_id, pg_catalog.count(*)::integer AS customers
            FROM salesperf.agreement_customer c
            GROUP BY c.agreement_id
        ) n ON n.agreement_id OPERATOR(pg_catalog.=) a.agreement_id
        LEFT JOIN salesperf.agreement_reached(as_of) u ON u.agreement_id OPERATOR(pg_catalog.=) a.agreement_id
        GROUP BY a.agreement_id, d.day, n.customers
    ) r
    CROSS JOIN LATERAL (
        SELECT x.status, x.expected,
            CASE WHEN x.status OPERATOR(pg_catalog.<>) ALL (ARRAY['draft', 'upcoming'])
                 THEN r.actual OPERATOR(pg_catalog.>=) x.expected END AS on_track
        FROM (
            SELECT CASE WHEN r.state OPERATOR(pg_catalog.=) 'draft' THEN 'draft'
                        ELSE salesperf.period_status(r.starts_on, r.ends_on, r.day) END AS status,
                salesperf.expected_to_date(r.objective, r.starts_on, r.ends_on, r.day) AS expected
            OFFSET 0
        ) x
        OFFSET 0
    ) e
$function$;
COMMENT ON FUNCTION salesperf.agreement_rows(date) IS
'what agreement_performance shows; as_of NULL: today, with all sales of each period';
REVOKE ALL ON FUNCTION salesperf.agreement_rows(date) FROM PUBLIC;

-- inlined
CREATE FUNCTION salesperf.agreement_customer_rows(as_of date)
RETURNS TABLE (
    agreement_id bigint, description text, customer text, customer_name text, metric text, starts_on date, ends_on date, status text,
    objective numeric, actual numeric, expected_to_date numeric, on_track boolean, indicator text, projected numeric,
    level integer, bonus_rate numeric, bonus numeric, next_threshold numeric, to_next numeric,
    projected_level integer, projected_bonus numeric, progress text)
LANGUAGE sql STABLE PARALLEL UNSAFE
AS $function$
    SELECT a.agreement_id, a.description, u.customer, n.name, a.metric, a.starts_on, a.ends_on, e.status,
        salesperf.shown(u.objective, 20)::numeric(24,4),
        salesperf.shown(u.actual, 20)::numeric(24,4),
        salesperf.shown(u.expected, 20)::numeric(24,4),
        e.on_track,
        CASE WHEN e.on_track THEN '▲' WHEN NOT e.on_track THEN '▼' ELSE '' END,
        salesperf.shown(salesperf.project(u.actual, a.starts_on, a.ends_on, d.day), 20)::numeric(24,4),
        u.level,
        salesperf.shown(u.rate, 6)::numeric(12,6),
        salesperf.shown(u.bonus, 18)::numeric(20,2),
        salesperf.shown(u.next_threshold, 20)::numeric(24,4),
        salesperf.shown(u.to_next, 20)::numeric(24,4),
        u.projected_level,
        salesperf.shown(u.projected_bonus, 18)::numeric(20,2),
        salesperf.progress_bar(u.way)
    FROM salesperf.agreement a
    CROSS JOIN (SELECT COALESCE(as_of, salesperf.today()) AS day OFFSET 0) d
    JOIN (
        SELECT r.agreement_id, r.customer, r.objective, r.actual, r.actual AS judged, r.expected, r.level, r.rate, r.bonus,
            r.next_threshold, r.to_next, r.projected_level, r.projected_bonus, r.way
        FROM salesperf.agreement_reached(as_of) r
        WHERE r.customer IS NOT NULL
        UNION ALL
        SELECT r.agreement_id, c.customer, r.objective, c.actual, r.actual, r.expected, r.level, r.rate, c.bonus,
            r.next_threshold, r.to_next, r.projected_level, c.projected_bonus, r.way
        FROM salesperf.agreement_reached(as_of) r
        JOIN (
            SELECT f.agreement_id, pg_catalog.array_agg(f.customer ORDER BY f.customer COLLATE pg_catalog."C") AS customers,
                pg_catalog.array_agg(f.actual ORDER BY f.customer COLLATE pg_catalog."C") AS actuals,
                CASE WHEN pg_catalog.count(f.base) OPERATOR(pg_catalog.=) pg_catalog.count(*)
                     THEN pg_catalog.array_agg(f.base ORDER BY f.customer COLLATE pg_catalog."C") END AS bases
            FROM salesperf.agreement_figures(as_of) f
            WHERE f.customer IS NOT NULL AND f.pooled
            GROUP BY f.agreement_id
        ) w ON w.agreement_id OPERATOR(pg_catalog.=) r.agreement_id
        CROSS JOIN LATERAL ROWS FROM (
            pg_catalog.unnest(w.customers), pg_catalog.unnest(w.actuals),
            pg_catalog.unnest(salesperf.split_by_weight(r.bonus, w.bases, r.scale)),
            pg_catalog.unnest(salesperf.split_by_weight(r.projected_bonus, w.bases, r.scale))
        ) AS c (customer, actual, bonus, projected_bonus)
        WHERE r.customer IS NULL
    ) u ON u.agreement_id OPERATOR(pg_catalog.=) a.agreement_id
    LEFT JOIN salesperf.customer n ON n.code OPERATOR(pg_catalog.=) u.customer
    CROSS JOIN LATERAL (
        SELECT x.status,
            CASE WHEN x.status OPERATOR(pg_catalog.<>) ALL (ARRAY['draft', 'upcoming'])
                 THEN u.judged OPERATOR(pg_catalog.>=) u.expected END AS on_track
        FROM (SELECT CASE WHEN a.state OPERATOR(pg_catalog.=) 'draft' THEN 'draft'
                          ELSE salesperf.period_status(a.starts_on, a.ends_on, d.day) END AS status OFFSET 0) x
        OFFSET 0
    ) e
$function$;
COMMENT ON FUNCTION salesperf.agreement_customer_rows(date) IS
'what agreement_customer_performance shows; as_of NULL: today, with all sales of each period';
REVOKE ALL ON FUNCTION salesperf.agreement_customer_rows(date) FROM PUBLIC;

CREATE FUNCTION salesperf.agreement_performance(as_of date)
RETURNS TABLE (
    agreement_id bigint, description text, metric text, starts_on date, ends_on date, status text, customers integer,
    objective numeric, actual numeric, expected_to_date numeric, on_track boolean, indicator text, projected numeric,
    level integer, bonus_rate numeric, bonus numeric, next_threshold numeric, to_next numeric,
    projected_level integer, projected_bonus numeric, progress text, likely_level integer, likely_bonus numeric)
LANGUAGE sql STABLE STRICT PARALLEL UNSAFE ROWS 1000 COST 10000
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT * FROM salesperf.agreement_rows($1)
$function$;
COMMENT ON FUNCTION salesperf.agreement_performance(date) IS
'view agreement_performance as if a day were today: actual is of the sales up to and including it, by what is known now; columns, rounding and meaning as in the view';
REVOKE ALL ON FUNCTION salesperf.agreement_performance(date) FROM PUBLIC;

CREATE FUNCTION salesperf.agreement_customer_performance(as_of date)
RETURNS TABLE (
    agreement_id bigint, description text, customer text, customer_name text, metric text, starts_on date, ends_on date, status text,
    objective numeric, actual numeric, expected_to_date numeric, on_track boolean, indicator text, projected numeric,
    level integer, bonus_rate numeric, bonus numeric, next_threshold numeric, to_next numeric,
    projected_level integer, projected_bonus numeric, progress text)
LANGUAGE sql STABLE STRICT PARALLEL UNSAFE ROWS 1000 COST 10000
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT * FROM salesperf.agreement_customer_rows($1)
$function$;
COMMENT ON FUNCTION salesperf.agreement_customer_performance(date) IS
'view agreement_customer_performance as if a day were today: actual is of the sales up to and including it, by what is known now; columns, rounding and meaning as in the view';
REVOKE ALL ON FUNCTION salesperf.agreement_customer_performance(date) FROM PUBLIC;
