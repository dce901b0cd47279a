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

-- As on an attached table; what they note concerns all sources.
DO $shared$
DECLARE
    shared record;
    event record;
BEGIN
    FOR shared IN
        SELECT * FROM (VALUES
            ('salesperf.order_split', 'order_split'), ('salesperf.exchange_rate', 'rate'), ('salesperf.customer', 'customer'),
            ('salesperf.product', 'product'), ('salesperf.seller_unit', 'seller'), ('salesperf.unit_parent', 'units'),
            ('salesperf.product_family', 'families')) AS t (tab, role)
    LOOP
        FOR event IN
            SELECT * FROM (VALUES
                ('insert', 'INSERT', 'REFERENCING NEW TABLE AS salesperf_new FOR EACH STATEMENT', 'ALWAYS'),
                ('update', 'UPDATE', 'REFERENCING OLD TABLE AS salesperf_old NEW TABLE AS salesperf_new FOR EACH STATEMENT', 'ALWAYS'),
                ('delete', 'DELETE', 'REFERENCING OLD TABLE AS salesperf_old FOR EACH STATEMENT', 'ALWAYS'),
                ('truncate', 'TRUNCATE', 'FOR EACH STATEMENT', 'ALWAYS'),
                ('row', 'INSERT OR UPDATE OR DELETE', 'FOR EACH ROW', 'REPLICA')) AS e (suffix, event, level, enabled)
        LOOP
            EXECUTE format('CREATE OR REPLACE TRIGGER salesperf_collect_%s AFTER %s ON %s %s EXECUTE FUNCTION salesperf.collect_changes(%L)',
                event.suffix, event.event, shared.tab, event.level, shared.role || ':');
            EXECUTE format('ALTER TABLE %s ENABLE %s TRIGGER salesperf_collect_%s', shared.tab, event.enabled, event.suffix);
            EXECUTE format('COMMENT ON TRIGGER salesperf_collect_%s ON %s IS %L',
                event.suffix, shared.tab, 'notes which documents a change concerns');
        END LOOP;
    END LOOP;
END
$shared$;
