SELECT salesperf.ensure_constraint('salesperf.agreement', 'agreement_metric_check',
    $$CHECK (metric IN ('quantity', 'gross', 'net', 'margin'))$$);
SELECT salesperf.ensure_constraint('salesperf.agreement', 'agreement_period_check',
    $$CHECK (isfinite(starts_on) AND isfinite(ends_on) AND starts_on <= ends_on)$$);
SELECT salesperf.ensure_constraint('salesperf.agreement', 'agreement_tiers_check',
    $$CHECK (tiers::salesperf.tiers IS NOT NULL)$$);
SELECT salesperf.ensure_constraint('salesperf.agreement', 'agreement_objective_check',
    $$CHECK (objective > -1e15 AND objective < 1e15)$$);
SELECT salesperf.ensure_constraint('salesperf.agreement', 'agreement_state_check',
    $$CHECK (state IN ('draft', 'active'))$$);
SELECT salesperf.ensure_constraint('salesperf.agreement', 'agreement_sellers_check',
    $$CHECK (array_position(sellers, NULL) IS NULL)$$);
SELECT salesperf.ensure_constraint('salesperf.agreement', 'agreement_products_check',
    $$CHECK (array_position(products, NULL) IS NULL)$$);
SELECT salesperf.ensure_constraint('salesperf.agreement', 'agreement_branches_check',
    $$CHECK (array_position(branches, NULL) IS NULL)$$);
SELECT salesperf.ensure_constraint('salesperf.agreement', 'agreement_sale_types_check',
    $$CHECK (array_position(sale_types, NULL) IS NULL)$$);
SELECT salesperf.ensure_constraint('salesperf.agreement', 'agreement_sources_check',
    $$CHECK (array_position(sources, NULL) IS NULL)$$);
SELECT salesperf.ensure_constraint('salesperf.agreement', 'agreement_exclude_products_check',
    $$CHECK (array_position(exclude_products, NULL) IS NULL)$$);
SELECT salesperf.ensure_constraint('salesperf.agreement', 'agreement_exclude_branches_check',
    $$CHECK (array_position(exclude_branches, NULL) IS NULL)$$);
SELECT salesperf.ensure_constraint('salesperf.agreement_customer', 'agreement_customer_agreement_id_fkey',
    $$FOREIGN KEY (agreement_id) REFERENCES salesperf.agreement ON DELETE CASCADE$$);
