SELECT salesperf.ensure_constraint('salesperf.agreement', 'agreement_metric_check',
    $$CHECK (metric IN ('quantity', 'gross', 'net', 'margin', 'documents'))$$);
SELECT salesperf.ensure_constraint('salesperf.agreement', 'agreement_period_check',
    $$CHECK (isfinite(starts_on) AND isfinite(ends_on) AND starts_on <= ends_on)$$);
SELECT salesperf.ensure_constraint('salesperf.agreement', 'agreement_tiers_check',
    $$CHECK (tiers::salesperf.tiers IS NOT NULL)$$);
SELECT salesperf.ensure_constraint('salesperf.agreement', 'agreement_objective_check',
    $$CHECK (objective > -1e15 AND objective < 1e15)$$);
SELECT salesperf.ensure_constraint('salesperf.agreement', 'agreement_base_check',
    $$CHECK (base IN ('quantity', 'gross', 'net', 'margin', 'documents'))$$);
SELECT salesperf.ensure_constraint('salesperf.agreement', 'agreement_tier_on_check',
    $$CHECK (tier_on IN ('amount', 'objective_percent'))$$);
-- Of an objective below 0 a falling actual would reach the higher tiers.
SELECT salesperf.ensure_constraint('salesperf.agreement', 'agreement_objective_percent_check',
    $$CHECK (tier_on <> 'objective_percent' OR coalesce(objective > 0, false))$$);
SELECT salesperf.ensure_constraint('salesperf.agreement', 'agreement_state_check',
    $$CHECK (state IN ('draft', 'active'))$$);
DO $filters$
DECLARE
    filter text;
BEGIN
    FOREACH filter IN ARRAY ARRAY['sellers', 'units', 'sectors', 'regions', 'segments', 'products', 'brands', 'families', 'branches', 'sale_types', 'sources', 'exclude_customers', 'exclude_products', 'exclude_brands', 'exclude_families', 'exclude_branches'] LOOP
        PERFORM salesperf.ensure_constraint('salesperf.agreement', 'agreement_' || filter || '_check',
            format('CHECK (array_position(%I, NULL) IS NULL)', filter));
    END LOOP;
END
$filters$;
SELECT salesperf.ensure_constraint('salesperf.agreement_customer', 'agreement_customer_agreement_id_fkey',
    $$FOREIGN KEY (agreement_id) REFERENCES salesperf.agreement ON UPDATE CASCADE ON DELETE CASCADE$$);
