SELECT salesperf.ensure_constraint('salesperf.commission_period', 'commission_period_days_check',
    $$CHECK (isfinite(starts_on) AND isfinite(ends_on) AND starts_on <= ends_on AND ends_on - starts_on < 366)$$);
SELECT salesperf.ensure_constraint('salesperf.commission_period', 'commission_period_state_check',
    $$CHECK (state IN ('open', 'closed'))$$);
SELECT salesperf.ensure_constraint('salesperf.commission_period', 'commission_period_overlap',
    $$EXCLUDE USING gist (daterange(starts_on, ends_on, '[]') WITH &&) DEFERRABLE$$);

SELECT salesperf.ensure_constraint('salesperf.kpi', 'kpi_metric_check',
    $$CHECK (metric IN ('quantity', 'gross', 'net', 'margin', 'documents', 'margin_percent'))$$);
SELECT salesperf.ensure_constraint('salesperf.kpi', 'kpi_months_check',
    $$CHECK (months BETWEEN 1 AND 36)$$);
SELECT salesperf.ensure_constraint('salesperf.kpi', 'kpi_scale_check',
    $$CHECK (scale IN ('amount', 'attainment'))$$);
-- Targets of a percentage cannot be added up.
SELECT salesperf.ensure_constraint('salesperf.kpi', 'kpi_attainment_check',
    $$CHECK (scale <> 'attainment' OR metric <> 'margin_percent')$$);

SELECT salesperf.ensure_constraint('salesperf.commission_rule', 'commission_rule_component_check',
    $$CHECK (component <> '')$$);
SELECT salesperf.ensure_constraint('salesperf.commission_rule', 'commission_rule_validity_check',
    $$CHECK (isfinite(valid_from) AND isfinite(valid_to) AND valid_from <= valid_to)$$);
SELECT salesperf.ensure_constraint('salesperf.commission_rule', 'commission_rule_every_check',
    $$CHECK (every IN ('month', 'quarter', 'year'))$$);
SELECT salesperf.ensure_constraint('salesperf.commission_rule', 'commission_rule_base_check',
    $$CHECK (base IN ('net', 'gross', 'margin', 'quantity', 'revenue', 'document'))$$);
SELECT salesperf.ensure_constraint('salesperf.commission_rule', 'commission_rule_tiers_check',
    $$CHECK (tiers::salesperf.tiers IS NOT NULL)$$);
SELECT salesperf.ensure_constraint('salesperf.commission_rule', 'commission_rule_tier_by_check',
    $$CHECK (tier_by IN ('sale', 'document', 'period', 'kpi'))$$);
SELECT salesperf.ensure_constraint('salesperf.commission_rule', 'commission_rule_kpi_check',
    $$CHECK ((tier_by = 'kpi') = (kpi IS NOT NULL))$$);
SELECT salesperf.ensure_constraint('salesperf.commission_rule', 'commission_rule_kpi_of_check',
    $$CHECK (kpi_of IN ('payee', 'seller', 'outlet', 'office', 'company'))$$);
SELECT salesperf.ensure_constraint('salesperf.commission_rule', 'commission_rule_cap_check',
    $$CHECK (cap >= 0 AND cap < 1e15)$$);
SELECT salesperf.ensure_constraint('salesperf.commission_rule', 'commission_rule_floor_check',
    $$CHECK (floor >= 0 AND floor < 1e15 AND floor <= coalesce(cap, 'Infinity'))$$);
SELECT salesperf.ensure_constraint('salesperf.commission_rule', 'commission_rule_amounts_check',
    $$CHECK (min_amount >= 0 AND min_amount < 1e15 AND max_amount >= 0 AND max_amount < 1e15 AND min_amount <= coalesce(max_amount, 'Infinity'))$$);
SELECT salesperf.ensure_constraint('salesperf.commission_rule', 'commission_rule_credit_check',
    $$CHECK (credit IN ('revenue', 'overlay', 'any'))$$);
SELECT salesperf.ensure_constraint('salesperf.commission_rule', 'commission_rule_condition_check',
    $$CHECK ((condition::jsonpath IS NULL) = (condition IS NULL))$$);
SELECT salesperf.ensure_constraint('salesperf.commission_rule', 'commission_rule_kpi_fkey',
    $$FOREIGN KEY (kpi) REFERENCES salesperf.kpi ON UPDATE CASCADE$$);

-- A filter without a key, or whose keys are all excluded, can't match.
DO $filters$
DECLARE
    filtered text;
    filter text;
BEGIN
    FOREACH filtered IN ARRAY ARRAY['kpi', 'commission_rule'] LOOP
        FOREACH filter IN ARRAY ARRAY['sellers', 'units', 'customers', 'sectors', 'regions', 'segments', 'products', 'brands', 'families', 'branches', 'sale_types', 'sources'] LOOP
            PERFORM salesperf.ensure_constraint('salesperf.' || filtered, filtered || '_' || filter || '_check',
                format('CHECK (array_position(%1$I, NULL) IS NULL AND cardinality(%1$I) > 0)', filter));
        END LOOP;
        FOREACH filter IN ARRAY ARRAY['customers', 'products', 'brands', 'families', 'branches'] LOOP
            PERFORM salesperf.ensure_constraint('salesperf.' || filtered, filtered || '_exclude_' || filter || '_check',
                format('CHECK (array_position(%2$I, NULL) IS NULL AND NOT coalesce(%1$I <@ %2$I, false))', filter, 'exclude_' || filter));
        END LOOP;
    END LOOP;
END
$filters$;
SELECT salesperf.ensure_constraint('salesperf.commission_rule', 'commission_rule_partner_types_check',
    $$CHECK (array_position(partner_types, NULL) IS NULL AND cardinality(partner_types) > 0)$$);
SELECT salesperf.ensure_constraint('salesperf.commission_rule', 'commission_rule_company_flags_check',
    $$CHECK (array_position(company_flags, NULL) IS NULL AND cardinality(company_flags) > 0)$$);
SELECT salesperf.ensure_constraint('salesperf.commission_rule', 'commission_rule_exclude_company_flags_check',
    $$CHECK (array_position(exclude_company_flags, NULL) IS NULL AND NOT coalesce(company_flags <@ exclude_company_flags, false))$$);

SELECT salesperf.ensure_constraint('salesperf.contract_term', 'contract_term_base_check',
    $$CHECK (base IN ('net', 'gross', 'margin', 'quantity', 'revenue', 'document'))$$);
SELECT salesperf.ensure_constraint('salesperf.contract_term', 'contract_term_tiers_check',
    $$CHECK (tiers::salesperf.tiers IS NOT NULL)$$);
SELECT salesperf.ensure_constraint('salesperf.contract_term', 'contract_term_cap_check',
    $$CHECK (cap >= 0 AND cap < 1e15)$$);
SELECT salesperf.ensure_constraint('salesperf.contract_term', 'contract_term_floor_check',
    $$CHECK (floor >= 0 AND floor < 1e15 AND floor <= coalesce(cap, 'Infinity'))$$);

SELECT salesperf.ensure_constraint('salesperf.commission_item', 'commission_item_kind_check',
    $$CHECK (kind IN ('earned', 'bonus', 'adjustment', 'clawback', 'manual'))$$);
SELECT salesperf.ensure_constraint('salesperf.commission_item', 'commission_item_status_check',
    $$CHECK (status IN ('open', 'final'))$$);
SELECT salesperf.ensure_constraint('salesperf.commission_item', 'commission_item_period_check',
    $$CHECK (isfinite(period_start) AND isfinite(period_end) AND period_start <= period_end)$$);
