CREATE EVENT TRIGGER salesperf_table_altered ON ddl_command_end
    WHEN TAG IN ('ALTER TABLE', 'CREATE TABLE', 'CREATE FOREIGN TABLE', 'CREATE SCHEMA')
    EXECUTE FUNCTION salesperf.table_altered();
ALTER EVENT TRIGGER salesperf_table_altered ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER salesperf_table_altered IS 'new partitions get their triggers, and no total kept before an attached table was altered is used after it';

CREATE EVENT TRIGGER salesperf_table_dropped ON sql_drop
    EXECUTE FUNCTION salesperf.table_altered();
ALTER EVENT TRIGGER salesperf_table_dropped ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER salesperf_table_dropped IS 'no total kept before a partition or a trigger of a source was dropped is used after it';
