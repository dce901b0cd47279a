CREATE OR REPLACE TRIGGER measures_turn_live
    BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON salesperf.source
    FOR EACH STATEMENT EXECUTE FUNCTION salesperf.sources_changed();
COMMENT ON TRIGGER measures_turn_live ON salesperf.source IS 'no total can be used after the sources have changed';

CREATE OR REPLACE TRIGGER measures_turn_live
    AFTER UPDATE ON salesperf.setting
    FOR EACH ROW WHEN ('currency' IN (old.name, new.name) AND (new.name <> old.name OR new.value <> old.value))
    EXECUTE FUNCTION salesperf.sources_changed();
COMMENT ON TRIGGER measures_turn_live ON salesperf.setting IS 'no total can be used in another reporting currency';
CREATE OR REPLACE TRIGGER measures_turn_live_without
    AFTER DELETE ON salesperf.setting
    FOR EACH ROW WHEN (old.name = 'currency')
    EXECUTE FUNCTION salesperf.sources_changed();
COMMENT ON TRIGGER measures_turn_live_without ON salesperf.setting IS 'no total can be used without a reporting currency';
CREATE OR REPLACE TRIGGER measures_turn_live_with
    AFTER INSERT ON salesperf.setting
    FOR EACH ROW WHEN (new.name = 'currency')
    EXECUTE FUNCTION salesperf.sources_changed();
COMMENT ON TRIGGER measures_turn_live_with ON salesperf.setting IS 'no total can be used that knew no reporting currency';
