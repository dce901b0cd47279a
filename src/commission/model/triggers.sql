-- A constraint trigger cannot be replaced.
DO $commission$
DECLARE
    made text;
    timing text;
    checked text;
    function_name text;
BEGIN
    FOR made, checked, timing, function_name IN VALUES
        ('commission_rule_valid', 'commission_rule', 'NOT DEFERRABLE', 'check_commission_rule'),
        ('contract_term_valid', 'contract_term', 'NOT DEFERRABLE', 'check_contract_term'),
        ('commission_period_no_gap', 'commission_period', 'DEFERRABLE INITIALLY IMMEDIATE', 'check_commission_period')
    LOOP
        IF NOT EXISTS (
            SELECT FROM pg_trigger
            WHERE tgrelid = ('salesperf.' || checked)::regclass AND tgname = made)
        THEN
            EXECUTE format('CREATE CONSTRAINT TRIGGER %I AFTER INSERT OR UPDATE%s ON salesperf.%I %s FOR EACH ROW EXECUTE FUNCTION salesperf.%I()',
                made, CASE checked WHEN 'commission_period' THEN ' OR DELETE' ELSE '' END, checked, timing, function_name);
        END IF;
    END LOOP;
END
$commission$;
COMMENT ON TRIGGER commission_rule_valid ON salesperf.commission_rule IS 'payee and owner of the kpi exist; no two rules of equal priority match the same sale';
COMMENT ON TRIGGER contract_term_valid ON salesperf.contract_term IS 'the payee exists';
COMMENT ON TRIGGER commission_period_no_gap ON salesperf.commission_period IS 'periods follow each other day by day';
