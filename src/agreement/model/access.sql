GRANT SELECT ON salesperf.agreement, salesperf.agreement_customer, salesperf.agreement_measure,
    salesperf.agreement_performance, salesperf.agreement_customer_performance TO salesperf_reader;
GRANT INSERT, UPDATE, DELETE ON salesperf.agreement, salesperf.agreement_customer TO salesperf_manager;
GRANT EXECUTE ON FUNCTION salesperf.agreements_computed(date), salesperf.agreement_scopes(date), salesperf.agreement_figures(date), salesperf.bonus_scale(),
    salesperf.agreement_reached(date), salesperf.agreement_rows(date), salesperf.agreement_customer_rows(date),
    salesperf.agreement_performance(date), salesperf.agreement_customer_performance(date),
    salesperf.agreement_filters(), salesperf.unknown_codes(bigint), salesperf.overlapping_agreements(bigint),
    salesperf.check_agreement(bigint), salesperf.agreement_sales(bigint, text) TO salesperf_reader;
GRANT EXECUTE ON FUNCTION salesperf.forecast_agreement(bigint, integer, text, float8) TO salesperf_reader;
