#!/usr/bin/env bash
#
# Every object says what it is (\dt+, \df+, \d+): each member of the extension,
# each object that setup() creates, and each column of a view.  Indexes and
# constraints are told by their definition.

# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"
use_postgres
scripts/packages.sh build
scripts/build.sh
scratch
cluster_init "$tmp" fsync=off
cluster_start "$tmp"

session() { cluster_run "$tmp" psql -X -q -A -t -v ON_ERROR_STOP=1 -d postgres; }

session <<'SQL'
SET client_min_messages = warning;
CREATE EXTENSION salesperf CASCADE;
SELECT salesperf.setup() \g /dev/null
SQL

# Row types, array types and what a table makes for itself hang on their owner
# ("auto" and "internal" dependencies) and are nothing of their own.
objects() {
    session <<'SQL'
WITH member AS (
    SELECT d.classid, d.objid
    FROM pg_depend d
    JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
    WHERE e.extname = 'salesperf' AND d.deptype = 'e'
      AND d.classid NOT IN ('pg_opfamily'::regclass, 'pg_amop'::regclass, 'pg_amproc'::regclass)
), made AS (
    SELECT 'pg_class'::regclass AS classid, oid AS objid FROM pg_class
    WHERE relnamespace = 'salesperf'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    UNION ALL
    SELECT 'pg_proc'::regclass, oid FROM pg_proc WHERE pronamespace = 'salesperf'::regnamespace
    UNION ALL
    SELECT 'pg_type'::regclass, oid FROM pg_type
    WHERE typnamespace = 'salesperf'::regnamespace AND typrelid = 0 AND typelem = 0
    UNION ALL
    SELECT 'pg_trigger'::regclass, t.oid FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'salesperf'::regnamespace AND NOT t.tgisinternal
    UNION ALL
    SELECT 'pg_policy'::regclass, p.oid FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    WHERE c.relnamespace = 'salesperf'::regnamespace
), object AS (
    SELECT m.classid, m.objid, 0 AS objsubid
    FROM (TABLE member UNION TABLE made) m
    WHERE NOT EXISTS (
        SELECT FROM pg_depend d
        WHERE d.classid = m.classid AND d.objid = m.objid AND d.deptype = 'i'
          AND d.refclassid <> 'pg_rewrite'::regclass)
    UNION
    SELECT 'pg_class'::regclass, a.attrelid, a.attnum
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'salesperf'::regnamespace AND c.relkind IN ('v', 'm')
      AND a.attnum > 0 AND NOT a.attisdropped
)
SELECT coalesce(d.description IS NULL, false), pg_describe_object(o.classid, o.objid, o.objsubid)
FROM object o
LEFT JOIN pg_description d ON d.classoid = o.classid AND d.objoid = o.objid AND d.objsubid = o.objsubid
ORDER BY 2;
SQL
}

while IFS='|' read -r missing name; do
    look_at
    [ "$missing" = f ] || complain "$name" "has no comment"
done < <(objects)
finish objects
