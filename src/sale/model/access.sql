GRANT SELECT ON salesperf.source TO salesperf_reader;
GRANT EXECUTE ON FUNCTION salesperf.source_is_followed(text) TO salesperf_reader;
