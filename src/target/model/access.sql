GRANT SELECT ON salesperf.target, salesperf.target_month, salesperf.target_measure, salesperf.target_performance TO salesperf_reader;
GRANT INSERT, UPDATE, DELETE ON salesperf.target, salesperf.target_month TO salesperf_manager;
GRANT EXECUTE ON FUNCTION salesperf.targets_computed(date), salesperf.target_scopes(date), salesperf.target_rows(date),
    salesperf.target_performance(date), salesperf.target_sales(bigint) TO salesperf_reader;
GRANT EXECUTE ON FUNCTION salesperf.forecast_target(bigint, integer, text, float8) TO salesperf_reader;
GRANT EXECUTE ON FUNCTION salesperf.target_row(bigint, text, text, date, date, numeric, text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], date[], numeric[], date, date) TO salesperf_reader;
