-- Roles are of the whole cluster: another database may have made them.
DO $roles$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['salesperf_reader', 'salesperf_rep', 'salesperf_manager', 'salesperf_admin']
    LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
        END IF;
    END LOOP;
END
$roles$;
DO $membership$
BEGIN
    IF NOT pg_has_role('salesperf_manager', 'salesperf_reader', 'MEMBER') THEN
        GRANT salesperf_reader TO salesperf_manager;
    END IF;
    IF NOT pg_has_role('salesperf_admin', 'salesperf_manager', 'MEMBER') THEN
        GRANT salesperf_manager TO salesperf_admin;
    END IF;
END
$membership$;
COMMENT ON ROLE salesperf_reader IS 'salesperf: reads figures, targets and agreements';
COMMENT ON ROLE salesperf_rep IS 'salesperf: a seller';
COMMENT ON ROLE salesperf_manager IS 'salesperf: enters targets and agreements';
COMMENT ON ROLE salesperf_admin IS 'salesperf: changes settings, builds and folds measures';
