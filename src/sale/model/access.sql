GRANT SELECT ON salesperf.source TO salesperf_reader;
