GRANT SELECT ON salesperf.measure, salesperf.build, salesperf.total, salesperf.pending, salesperf.invalidation
    TO salesperf_reader;
GRANT SELECT ON salesperf.measure_reader, salesperf.measure_state, salesperf.measure_month, salesperf.health TO salesperf_reader;
