-- What people are paid is for those who may see figures; the rules of it are
-- the managers'.
GRANT SELECT ON
    salesperf.commission_period,
    salesperf.kpi,
    salesperf.commission_rule,
    salesperf.contract_term,
    salesperf.commission_item,
    salesperf.commission_run,
    salesperf.commission_exception,
    salesperf.commission_rule_use,
    salesperf.commission_progress
    TO salesperf_reader;
GRANT INSERT, UPDATE, DELETE ON
    salesperf.kpi,
    salesperf.commission_rule,
    salesperf.contract_term
    TO salesperf_manager;
GRANT INSERT, UPDATE, DELETE ON salesperf.commission_period TO salesperf_admin;
GRANT EXECUTE ON FUNCTION
    salesperf.commission_periods(date, date),
    salesperf.commission_findings(),
    salesperf.commission_explain(text, text),
    salesperf.commission_preview(jsonb),
    salesperf.commission_matches(date, date)
    TO salesperf_reader;
GRANT EXECUTE ON FUNCTION
    salesperf.check_payee(text),
    salesperf.codes_below(text, jsonb),
    salesperf.commission_rules_overlap(jsonb, jsonb)
    TO salesperf_manager;
GRANT EXECUTE ON PROCEDURE salesperf.calculate_commissions(date, date) TO salesperf_admin;
