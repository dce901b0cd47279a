GRANT EXECUTE ON FUNCTION salesperf.measure_figure(jsonb), salesperf.measure_figures(jsonb[]),
    salesperf.measure_months(jsonb), salesperf.measure_flow(jsonb, date, date, date),
    salesperf.forecast_months(jsonb[], jsonb[], integer, text, float8) TO salesperf_reader;
GRANT EXECUTE ON FUNCTION salesperf.measure_actual(bigint) TO salesperf_reader;
GRANT EXECUTE ON FUNCTION salesperf.measure_sales(jsonb) TO salesperf_reader;
GRANT EXECUTE ON FUNCTION salesperf.verify_totals() TO salesperf_reader;
GRANT EXECUTE ON FUNCTION salesperf.refreshing_sessions() TO salesperf_reader;
GRANT EXECUTE ON PROCEDURE salesperf.fold() TO salesperf_admin;
GRANT EXECUTE ON PROCEDURE salesperf.refresh_measures(interval) TO salesperf_admin;
