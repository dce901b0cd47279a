-- A constraint trigger cannot be replaced.
DO $profile$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_trigger
        WHERE tgrelid = 'salesperf.target_month'::regclass AND tgname = 'target_month_profile')
    THEN
        CREATE CONSTRAINT TRIGGER target_month_profile
            AFTER INSERT OR UPDATE OR DELETE ON salesperf.target_month
            DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION salesperf.check_target_month();
    END IF;
    IF NOT EXISTS (
        SELECT FROM pg_trigger
        WHERE tgrelid = 'salesperf.target'::regclass AND tgname = 'target_profile')
    THEN
        CREATE CONSTRAINT TRIGGER target_profile
            AFTER UPDATE ON salesperf.target
            DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW WHEN (new.starts_on <> old.starts_on OR new.ends_on <> old.ends_on)
            EXECUTE FUNCTION salesperf.check_target_month();
    END IF;
END
$profile$;
COMMENT ON TRIGGER target_month_profile ON salesperf.target_month IS 'shares of a target add up to 1, and its months are inside its period; checked at commit';
COMMENT ON TRIGGER target_profile ON salesperf.target IS 'months of a target''s profile are inside its period; checked at commit';
