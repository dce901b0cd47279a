-- Who belongs to whom: what the tables of the organisation accept and refuse.
SET search_path = salesperf, public;
CREATE FUNCTION pg_temp.refusal(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text; constraint_name text;
BEGIN
    EXECUTE statement;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, constraint_name = CONSTRAINT_NAME, message = MESSAGE_TEXT;
    RETURN state || ' ' || coalesce(nullif(constraint_name, ''), message);
END $$;
\pset format unaligned
\pset tuples_only

-- What setup() enters into new tables.
SELECT string_agg(kind, ' ' ORDER BY kind) FROM unit_kind;
SELECT minor_unit, count(*) > 0 AS some, string_agg(code, ' ' ORDER BY code) FILTER (WHERE code IN ('EUR', 'JPY', 'TND', 'USD'))
FROM currency GROUP BY minor_unit ORDER BY minor_unit;
-- It enters nothing into tables that hold something.
DELETE FROM currency WHERE code = 'ZMW';
DELETE FROM unit_kind WHERE kind = 'region';
INSERT INTO unit_kind (kind) VALUES ('kiosk');
SELECT setup();
SELECT (SELECT count(*) FROM currency WHERE code = 'ZMW'), (SELECT string_agg(kind, ' ' ORDER BY kind) FROM unit_kind);

-- Units have a known kind; codes need not be known anywhere.
INSERT INTO unit (code, kind) VALUES ('k', 'kiosk');
SELECT pg_temp.refusal($$INSERT INTO unit (code, kind) VALUES ('x', 'stall')$$);
SELECT pg_temp.refusal($$DELETE FROM unit_kind WHERE kind = 'kiosk'$$);
UPDATE unit_kind SET kind = 'stand' WHERE kind = 'kiosk';
SELECT code, kind FROM unit;
INSERT INTO product (code, family) VALUES ('p', 'nowhere');

-- Periods of one unit or seller do not overlap, not even by a day.
INSERT INTO unit_parent VALUES ('o', 'c', '2026-01-01', '2026-03-31'), ('o', 'd', '2026-04-01', NULL);
INSERT INTO seller_unit VALUES ('s', 'o', '2026-01-01', '2026-03-31'), ('s', 'u', '2026-05-01', NULL);
INSERT INTO unit_flag VALUES ('o', 'vip', '2026-01-01', '2026-03-31'), ('o', 'test', '2026-01-01', NULL);
INSERT INTO unit_manager VALUES ('o', 's', '2026-01-01', '2026-03-31'), ('o', 't', '2026-01-01', NULL);
SELECT n, pg_temp.refusal(statement) FROM (VALUES
    (1, $$INSERT INTO unit_parent VALUES ('o', 'e', '2026-03-31', '2026-03-31')$$),
    (2, $$INSERT INTO unit_parent VALUES ('o', 'e', '2025-12-01', '2026-01-01')$$),
    (3, $$INSERT INTO unit_parent VALUES ('o', 'e', '2030-01-01', NULL)$$),
    (4, $$INSERT INTO unit_parent VALUES ('o', 'c', '2025-01-01', NULL)$$),
    (5, $$UPDATE unit_parent SET valid_to = NULL WHERE parent = 'c'$$),
    (6, $$INSERT INTO seller_unit VALUES ('s', 'v', '2026-02-01', '2026-02-01')$$),
    (7, $$INSERT INTO seller_unit VALUES ('s', 'v', '2026-04-01', '2026-05-01')$$),
    (8, $$INSERT INTO unit_flag VALUES ('o', 'vip', '2026-03-31', NULL)$$),
    (9, $$INSERT INTO unit_manager VALUES ('o', 's', '2026-03-01', NULL)$$),
    (10, $$INSERT INTO unit_parent VALUES ('o', 'e', '2026-01-01', NULL)$$),
    -- a day after, in the gap, another flag, another manager
    (11, $$INSERT INTO seller_unit VALUES ('s', 'v', '2026-04-01', '2026-04-30')$$),
    (12, $$INSERT INTO unit_parent VALUES ('o', 'e', '2025-12-31', '2025-12-31')$$),
    (13, $$INSERT INTO unit_flag VALUES ('o', 'vip', '2026-04-01', NULL), ('o', 'at_risk', '2026-02-01', NULL)$$),
    (14, $$INSERT INTO unit_manager VALUES ('o', 'u', '2026-03-01', NULL)$$),
    -- periods in order, and finite
    (20, $$INSERT INTO unit_parent VALUES ('q', 'c', '2026-02-01', '2026-01-31')$$),
    (21, $$INSERT INTO unit_parent VALUES ('q', 'c', '-infinity', NULL)$$),
    (22, $$INSERT INTO unit_parent VALUES ('q', 'c', '2026-02-01', 'infinity')$$),
    (23, $$INSERT INTO unit_parent VALUES ('q', 'c', NULL, '2026-02-01')$$),
    (24, $$INSERT INTO seller_unit VALUES ('q', 'c', '2026-02-01', '2026-01-31')$$),
    (25, $$INSERT INTO unit_flag VALUES ('q', 'vip', '2026-02-01', '2026-01-31')$$),
    (26, $$INSERT INTO unit_manager VALUES ('q', 's', '2026-02-01', '2026-01-31')$$),
    (27, $$INSERT INTO unit (code, kind, active_from, active_to) VALUES ('q', 'team', '2026-02-01', '2026-01-31')$$),
    (28, $$INSERT INTO unit (code, kind, active_to) VALUES ('q', 'team', 'infinity')$$),
    (29, $$INSERT INTO seller (code, authorised_from, authorised_to) VALUES ('q', '2026-02-01', '2026-01-31')$$),
    (30, $$INSERT INTO seller (code, authorised_from) VALUES ('q', '-infinity')$$),
    -- currencies and rates
    (40, $$INSERT INTO exchange_rate VALUES ('USD', '2026-01-01', 0)$$),
    (41, $$INSERT INTO exchange_rate VALUES ('USD', '2026-01-01', -1)$$),
    (42, $$INSERT INTO exchange_rate VALUES ('USD', '2026-01-01', 'NaN')$$),
    (43, $$INSERT INTO exchange_rate VALUES ('USD', '2026-01-01', 'Infinity')$$),
    (44, $$INSERT INTO exchange_rate VALUES ('USD', 'infinity', 1)$$),
    (45, $$INSERT INTO exchange_rate VALUES ('QQQ', '2026-01-01', 1)$$),
    (46, $$INSERT INTO currency VALUES ('usd', 2)$$),
    (47, $$INSERT INTO currency VALUES ('QQQ', -1)$$),
    (48, $$INSERT INTO exchange_rate VALUES ('USD', '2026-01-01', 0.92)$$)
) AS tried (n, statement) ORDER BY n;
-- A period is closed before the next one begins; one transaction is enough.
BEGIN;
UPDATE seller_unit SET valid_to = '2026-06-14' WHERE seller = 's' AND valid_to IS NULL;
INSERT INTO seller_unit VALUES ('s', 'w', '2026-06-15', NULL);
COMMIT;
-- Repeated entry of the same row can be let pass.
INSERT INTO seller_unit VALUES ('s', 'w', '2026-06-15', NULL) ON CONFLICT DO NOTHING;
SELECT unit, valid_from, valid_to FROM seller_unit WHERE seller = 's' ORDER BY valid_from;

DELETE FROM exchange_rate;
DELETE FROM unit_manager;
DELETE FROM unit_flag;
DELETE FROM seller_unit;
DELETE FROM unit_parent;
DELETE FROM product;
DELETE FROM unit;
DELETE FROM unit_kind;
DELETE FROM currency;
SELECT setup();
SELECT (SELECT count(*) FROM unit_kind) AS kinds, (SELECT count(*) FROM currency WHERE code = 'ZMW') AS back;
