GRANT SELECT ON salesperf.measure, salesperf.build, salesperf.build_key, salesperf.key_directory, salesperf.build_scope, salesperf.build_use, salesperf.total, salesperf.pending, salesperf.pending_segment,
    salesperf.pending_1, salesperf.pending_2, salesperf.pending_3, salesperf.pending_4, salesperf.pending_5, salesperf.pending_6,
    salesperf.pending_7, salesperf.pending_8, salesperf.pending_9, salesperf.pending_10, salesperf.pending_11, salesperf.pending_12,
    salesperf.pending_13, salesperf.pending_14, salesperf.pending_15, salesperf.pending_16, salesperf.invalidation
    TO salesperf_reader;
GRANT SELECT ON salesperf.measure_reader, salesperf.measure_state, salesperf.measure_month, salesperf.health, salesperf.refresh_progress TO salesperf_reader;
