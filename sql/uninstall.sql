-- Dropping the extension takes its code and derived tables, and nothing else.
SET client_min_messages = warning;
DROP EXTENSION salesperf CASCADE;
RESET client_min_messages;

SELECT count(*) AS functions_left
FROM pg_proc
WHERE pronamespace = 'salesperf'::regnamespace;

SELECT count(*) AS schemas_left
FROM pg_namespace
WHERE nspname = 'salesperf';

-- It can be installed again, over what is left.
SET client_min_messages = warning;
CREATE EXTENSION salesperf CASCADE;
DROP EXTENSION salesperf CASCADE;
RESET client_min_messages;
