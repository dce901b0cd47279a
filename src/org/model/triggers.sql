DO $org$
DECLARE
    org_table text;
BEGIN
    FOREACH org_table IN ARRAY ARRAY['unit_parent', 'seller_unit', 'product_family'] LOOP
        EXECUTE format($triggers$
            CREATE OR REPLACE TRIGGER org_changes
                BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON salesperf.%1$I
                FOR EACH STATEMENT EXECUTE FUNCTION salesperf.org_changed();
            COMMENT ON TRIGGER org_changes ON salesperf.%1$I IS 'sessions must read assignments again';
            CREATE OR REPLACE TRIGGER org_changed
                AFTER INSERT OR UPDATE OR DELETE ON salesperf.%1$I
                FOR EACH ROW EXECUTE FUNCTION salesperf.org_changed();
            COMMENT ON TRIGGER org_changed ON salesperf.%1$I IS 'sessions must read assignments again, also where replication changes rows';
            CREATE OR REPLACE TRIGGER org_truncated
                AFTER TRUNCATE ON salesperf.%1$I
                FOR EACH STATEMENT EXECUTE FUNCTION salesperf.org_changed();
            COMMENT ON TRIGGER org_truncated ON salesperf.%1$I IS 'sessions must read assignments again';
            ALTER TABLE salesperf.%1$I
                ENABLE ALWAYS TRIGGER org_changes,
                ENABLE ALWAYS TRIGGER org_changed,
                ENABLE ALWAYS TRIGGER org_truncated;
            $triggers$, org_table);
    END LOOP;
END
$org$;

-- What follows a statement notes it too (collect_changes); a reader in between must not keep what may be taken back.
DO $attributes$
DECLARE
    attributed text;
BEGIN
    FOREACH attributed IN ARRAY ARRAY['customer', 'product'] LOOP
        EXECUTE format($triggers$
            CREATE OR REPLACE TRIGGER org_changes
                BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON salesperf.%1$I
                FOR EACH STATEMENT EXECUTE FUNCTION salesperf.org_changed('attributes');
            COMMENT ON TRIGGER org_changes ON salesperf.%1$I IS 'sessions must read attributes again';
            ALTER TABLE salesperf.%1$I ENABLE ALWAYS TRIGGER org_changes;
            $triggers$, attributed);
    END LOOP;
END
$attributes$;

-- A constraint trigger cannot be replaced.
DO $cycle$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_trigger
        WHERE tgrelid = 'salesperf.unit_parent'::regclass AND tgname = 'unit_parent_no_cycle')
    THEN
        CREATE CONSTRAINT TRIGGER unit_parent_no_cycle
            AFTER INSERT OR UPDATE ON salesperf.unit_parent
            DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION salesperf.check_unit_parent();
    END IF;
    IF NOT EXISTS (
        SELECT FROM pg_trigger
        WHERE tgrelid = 'salesperf.product_family'::regclass AND tgname = 'product_family_no_cycle')
    THEN
        CREATE CONSTRAINT TRIGGER product_family_no_cycle
            AFTER INSERT OR UPDATE ON salesperf.product_family
            DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION salesperf.check_product_family();
    END IF;
END
$cycle$;
COMMENT ON TRIGGER unit_parent_no_cycle ON salesperf.unit_parent IS 'no unit is below itself on any day; checked at commit';
COMMENT ON TRIGGER product_family_no_cycle ON salesperf.product_family IS 'no family is below itself; checked at commit';
