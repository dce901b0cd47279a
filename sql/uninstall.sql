-- Dropping the extension takes its code and derived tables, and nothing that
-- a person entered.
INSERT INTO salesperf.setting (name, value) VALUES ('currency', 'CHF')
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

SET client_min_messages = warning;
DROP EXTENSION salesperf CASCADE;
RESET client_min_messages;

SELECT count(*) AS functions_left
FROM pg_proc
WHERE pronamespace = 'salesperf'::regnamespace;

SELECT value FROM salesperf.setting WHERE name = 'currency';

-- It can be installed again, over what is left.
SET client_min_messages = warning;
CREATE EXTENSION salesperf CASCADE;
SELECT salesperf.setup();
SELECT value FROM salesperf.setting WHERE name = 'currency';
DROP EXTENSION salesperf CASCADE;
RESET client_min_messages;
