GRANT USAGE ON SCHEMA salesperf TO salesperf_reader, salesperf_rep;
GRANT SELECT ON salesperf.setting TO salesperf_reader, salesperf_rep;
GRANT INSERT, UPDATE, DELETE ON salesperf.setting TO salesperf_admin;
