-- A constraint trigger cannot be replaced.
DO $percents$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_trigger
        WHERE tgrelid = 'salesperf.order_split'::regclass AND tgname = 'order_split_percents')
    THEN
        CREATE CONSTRAINT TRIGGER order_split_percents
            AFTER INSERT OR UPDATE ON salesperf.order_split
            DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW WHEN (new.percent > 0 AND NOT new.overlay)
            EXECUTE FUNCTION salesperf.check_order_split();
    END IF;
END
$percents$;
COMMENT ON TRIGGER order_split_percents ON salesperf.order_split IS 'percents of a document''s rows that are no overlay are 100 at most; checked at commit';
