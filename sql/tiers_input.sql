-- Type tiers: what is accepted, how it is written, what is refused and how.
SET search_path = salesperf, public;
\pset format unaligned
\pset tuples_only

-- Accepted texts and their one written form, which is accepted back.
SELECT input, input::tiers, input::tiers::text::tiers = input::tiers AS back
FROM (VALUES
    ('0: 5%, 5000: 8%, 10000: 12%'),
    ('slab; 0: 5%'),
    ('SLAB;0:5%'),
    ('graduated; 0: 1%, 1000: 2%'),
    (E' \t\n interpolated ;  0 : 1 % ,\n1000 : 2 % '),
    ('excess;1000:5%'),
    ('0: 50, 1000: 125.50'),
    ('0: 5%, >5000: 8%'),
    ('5000: 5%, > 5000: 8%'),
    ('-1000: -5%, -0.5: 0, +0.250: 250%'),
    ('00010.500: 007.5000%, 011: -0'),
    ('.5: .25%'),
    ('123456789012345678901234567890.123456789: 0.000000000000000001%')
) AS given (input);

-- A hundred tiers are accepted; they need some 1.3 kB of a row.
SELECT 'graduated; ' || string_agg(format('%s: %s%%', i * 1000, i / 10.0), ', ' ORDER BY i) AS hundred
FROM generate_series(0, 99) i \gset
SELECT tier_level(:'hundred', 1e9), length(:'hundred'::tiers::text), pg_column_size(:'hundred'::tiers);

-- What is refused.
CREATE FUNCTION pg_temp.refusal(input text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text;
BEGIN
    RETURN 'accepted: ' || input::salesperf.tiers;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(E'\n  ', state || ' ' || message, nullif(detail, ''), nullif(hint, ''));
END $$;

SELECT pg_temp.refusal(input) FROM (VALUES
    (1, ''),
    (2, 'graduated'),
    (3, 'graduated;'),
    (4, 'gradual; 0: 1%'),
    (5, 'slab: 0: 1%'),
    (6, '0'),
    (7, '0 5%'),
    (8, '0:'),
    (9, '0: x'),
    (10, '0: 5%,'),
    (11, '0: 5% 5000: 8%'),
    (12, '0: 5; 5000: 8'),
    (13, '5,000: 8%'),
    (14, '0: 1%, 5000: 1,250.00'),
    (15, '0: 5%%'),
    (16, '>=0: 5%'),
    (17, '<0: 5%'),
    (18, '0.: 5%'),
    (19, '1e3: 5%'),
    (20, 'NaN: 5%'),
    (21, '0: Infinity'),
    (22, '0: 5%, −100: 8%'),
    (23, '0: 5 €'),
    (24, 'Größe; 0: 1%'),
    (25, '0: 5%, 5000: 8%, 5000: 9%'),
    (26, '0: 5%, >5000: 8%, 5000.0: 9%'),
    (27, '5000: 8%, 0: 5%'),
    (28, 'interpolated; 0: 1%, 100: 5, 200: 3%'),
    (29, 'interpolated; 0: 1, 100: 5%'),
    (30, '--5: 1%'),
    (31, '5: 1% ; excess'),
    (32, '0: 5%, 1' || repeat('0', 100) || ': 8%'),
    (33, '0: 0.' || repeat('0', 100) || '1'),
    (34, '0: ' || repeat('7', 1001)),
    (35, 'x' || repeat(' 0: 5%,', 50))
) AS bad (n, input) ORDER BY n;
SELECT pg_temp.refusal(:'hundred' || ', 100000: 1%');

-- jsonb: a plain form both ways.
SELECT 'graduated; 0: 1%, >1000.50: -20'::tiers::jsonb;
SELECT input::tiers::jsonb::tiers::text = input FROM unnest(ARRAY[
    '0: 5%, 5000: 8%', 'interpolated; -1: 0.5, >2.25: 100', 'excess; 1000: 250%']) input;
SELECT '{"tiers": [{"threshold": 0.00, "percent": 5.0}, {"threshold": 7, "amount": 1}]}'::jsonb::tiers;

CREATE FUNCTION pg_temp.json_refusal(input jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text;
BEGIN
    RETURN 'accepted: ' || (input::salesperf.tiers)::text;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(E'\n  ', state || ' ' || message, nullif(detail, ''));
END $$;

SELECT pg_temp.json_refusal(input) FROM (VALUES
    (1, '5'::jsonb),
    (2, '[]'),
    (3, '{}'),
    (4, '{"tiers": []}'),
    (5, '{"tiers": {}}'),
    (6, '{"tiers": 7}'),
    (7, '{"tiers": [7]}'),
    (8, '{"tiers": [[]]}'),
    (9, '{"mode": "gradual", "tiers": [{"threshold": 0, "percent": 5}]}'),
    (10, '{"mode": null, "tiers": [{"threshold": 0, "percent": 5}]}'),
    (11, '{"tiers": [{"threshold": 0}]}'),
    (12, '{"tiers": [{"percent": 5}]}'),
    (13, '{"tiers": [{"threshold": 0, "percent": 5}, {"threshold": "9", "percent": 5}]}'),
    (14, '{"tiers": [{"threshold": 0, "percent": 5, "amount": 5}]}'),
    (15, '{"tiers": [{"threshold": 0, "percent": 5, "above": 1}]}'),
    (16, '{"tiers": [{"threshold": 0, "rate": 5}]}'),
    (17, '{"note": 1, "tiers": [{"threshold": 0, "percent": 5}]}'),
    (18, '{"tiers": [{"threshold": 0, "percent": 5}, {"threshold": 0, "percent": 6}]}'),
    (19, '{"mode": "interpolated", "tiers": [{"threshold": 0, "percent": 5}, {"threshold": 1, "amount": 6}]}'),
    (20, '{"tiers": [{"threshold": 1e200, "percent": 5}]}')
) AS bad (n, input) ORDER BY n;
SELECT pg_temp.json_refusal(jsonb_build_object('tiers', jsonb_agg(jsonb_build_object('threshold', i, 'percent', 1))))
FROM generate_series(0, 100) i;
