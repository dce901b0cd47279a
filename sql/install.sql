-- The extension installs into its own schema, with what it needs.
SET client_min_messages = warning;
CREATE EXTENSION salesperf CASCADE;
RESET client_min_messages;

SELECT e.extname, n.nspname, e.extrelocatable
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname = 'salesperf';

-- The schema is not a member: dropping the extension must leave what a person
-- entered into it.
SELECT count(*) AS schemas_owned
FROM pg_depend d
JOIN pg_extension e ON e.oid = d.refobjid
WHERE e.extname = 'salesperf'
  AND d.refclassid = 'pg_extension'::regclass
  AND d.classid = 'pg_namespace'::regclass
  AND d.deptype = 'e';

-- A second time is refused.
CREATE EXTENSION salesperf;

-- The tables a person writes to are ordinary ones.  Repeating setup() changes
-- nothing.
SELECT salesperf.setup();
CREATE TEMP TABLE before AS
SELECT oid FROM pg_class WHERE relnamespace = 'salesperf'::regnamespace;
SELECT salesperf.setup();

SELECT count(*) FILTER (WHERE b.oid IS NULL) AS made_again,
       count(*) FILTER (WHERE c.oid IS NULL) AS gone
FROM before b
FULL JOIN (SELECT oid FROM pg_class WHERE relnamespace = 'salesperf'::regnamespace) c ON c.oid = b.oid;
