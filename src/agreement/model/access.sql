GRANT SELECT ON salesperf.agreement, salesperf.agreement_customer, salesperf.agreement_measure,
    salesperf.agreement_performance TO salesperf_reader;
GRANT INSERT, UPDATE, DELETE ON salesperf.agreement, salesperf.agreement_customer TO salesperf_manager;
GRANT EXECUTE ON FUNCTION salesperf.agreement_sales(bigint) TO salesperf_reader;
