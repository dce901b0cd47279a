-- CREATE EXTENSION does not look into function bodies.  This does: each member
-- is created once more, with checks, after setup() made the tables they name.
CREATE TEMP TABLE body AS
SELECT p.oid, p.oid::regprocedure::text AS name, NULL::text AS error
FROM pg_proc p
JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
WHERE e.extname = 'salesperf' AND p.prokind <> 'a';

SET check_function_bodies = on;
DO $$
DECLARE
    b record;
BEGIN
    FOR b IN SELECT oid, pg_get_functiondef(oid) AS definition FROM body LOOP
        BEGIN
            EXECUTE b.definition;
        EXCEPTION WHEN others THEN
            UPDATE body SET error = SQLERRM WHERE oid = b.oid;
        END;
    END LOOP;
END
$$;
RESET check_function_bodies;

SELECT count(*) > 0 AS has_functions FROM body;
SELECT name, error FROM body WHERE error IS NOT NULL ORDER BY name COLLATE "C";
