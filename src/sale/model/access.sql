GRANT SELECT ON salesperf.source TO salesperf_reader;
GRANT SELECT ON salesperf.sale TO salesperf_reader;
