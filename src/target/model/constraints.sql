SELECT salesperf.ensure_constraint('salesperf.target', 'target_metric_check',
    $$CHECK (metric IN ('quantity', 'gross', 'net', 'margin'))$$);
SELECT salesperf.ensure_constraint('salesperf.target', 'target_period_check',
    $$CHECK (isfinite(starts_on) AND isfinite(ends_on) AND starts_on <= ends_on)$$);
SELECT salesperf.ensure_constraint('salesperf.target', 'target_amount_check',
    $$CHECK (amount > -1e15 AND amount < 1e15)$$);
SELECT salesperf.ensure_constraint('salesperf.target', 'target_sellers_check',
    $$CHECK (array_position(sellers, NULL) IS NULL)$$);
SELECT salesperf.ensure_constraint('salesperf.target', 'target_customers_check',
    $$CHECK (array_position(customers, NULL) IS NULL)$$);
SELECT salesperf.ensure_constraint('salesperf.target', 'target_products_check',
    $$CHECK (array_position(products, NULL) IS NULL)$$);
SELECT salesperf.ensure_constraint('salesperf.target', 'target_branches_check',
    $$CHECK (array_position(branches, NULL) IS NULL)$$);
SELECT salesperf.ensure_constraint('salesperf.target', 'target_sale_types_check',
    $$CHECK (array_position(sale_types, NULL) IS NULL)$$);
SELECT salesperf.ensure_constraint('salesperf.target', 'target_sources_check',
    $$CHECK (array_position(sources, NULL) IS NULL)$$);
SELECT salesperf.ensure_constraint('salesperf.target', 'target_exclude_customers_check',
    $$CHECK (array_position(exclude_customers, NULL) IS NULL)$$);
SELECT salesperf.ensure_constraint('salesperf.target', 'target_exclude_products_check',
    $$CHECK (array_position(exclude_products, NULL) IS NULL)$$);
SELECT salesperf.ensure_constraint('salesperf.target', 'target_exclude_branches_check',
    $$CHECK (array_position(exclude_branches, NULL) IS NULL)$$);
