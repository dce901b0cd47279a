GRANT SELECT ON salesperf.target, salesperf.target_measure, salesperf.target_performance TO salesperf_reader;
GRANT INSERT, UPDATE, DELETE ON salesperf.target TO salesperf_manager;
GRANT EXECUTE ON FUNCTION salesperf.target_sales(bigint) TO salesperf_reader;
