CREATE EVENT TRIGGER salesperf_table_altered ON ddl_command_end
    WHEN TAG IN ('ALTER TABLE')
    EXECUTE FUNCTION salesperf.table_altered();
COMMENT ON EVENT TRIGGER salesperf_table_altered IS 'no total kept before an attached table was altered is used after it';
