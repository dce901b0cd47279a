CREATE OR REPLACE TRIGGER measures_turn_live
    BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON salesperf.source
    FOR EACH STATEMENT EXECUTE FUNCTION salesperf.sources_changed();
COMMENT ON TRIGGER measures_turn_live ON salesperf.source IS 'no total can be used after the sources have changed';
