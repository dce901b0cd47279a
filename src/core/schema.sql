\echo Use "CREATE EXTENSION salesperf CASCADE" to load this file. \quit

-- A schema of this name that somebody else made could hold functions that
-- take the place of ours: refuse it.
DO $guard$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_catalog.pg_namespace n
        JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) n.nspowner
        WHERE n.nspname OPERATOR(pg_catalog.=) 'salesperf'
          AND (r.rolsuper OR r.rolname OPERATOR(pg_catalog.=) current_user))
    THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege',
            MESSAGE = 'schema "salesperf" is owned by another role',
            DETAIL = 'Its owner could replace functions of the extension.',
            HINT = 'Drop or rename the schema, or change its owner after looking at what it holds.';
    END IF;
    IF EXISTS (
        SELECT FROM pg_catalog.pg_proc p
        WHERE p.pronamespace OPERATOR(pg_catalog.=) 'salesperf'::pg_catalog.regnamespace)
    THEN
        RAISE EXCEPTION USING
            ERRCODE = 'duplicate_function',
            MESSAGE = 'schema "salesperf" already holds functions',
            DETAIL = 'They could take the place of functions of the extension.',
            HINT = 'Drop them before creating the extension.';
    END IF;
END
$guard$;
