SELECT salesperf.ensure_constraint('salesperf.target', 'target_metric_check',
    $$CHECK (metric IN ('quantity', 'gross', 'net', 'margin', 'documents'))$$);
SELECT salesperf.ensure_constraint('salesperf.target', 'target_period_check',
    $$CHECK (isfinite(starts_on) AND isfinite(ends_on) AND starts_on <= ends_on)$$);
SELECT salesperf.ensure_constraint('salesperf.target', 'target_amount_check',
    $$CHECK (amount > -1e15 AND amount < 1e15)$$);
DO $filters$
DECLARE
    filter text;
BEGIN
    FOREACH filter IN ARRAY ARRAY['sellers', 'units', 'customers', 'sectors', 'regions', 'segments', 'products', 'brands', 'families', 'branches', 'sale_types', 'sources', 'exclude_customers', 'exclude_products', 'exclude_brands', 'exclude_families', 'exclude_branches'] LOOP
        PERFORM salesperf.ensure_constraint('salesperf.target', 'target_' || filter || '_check',
            format('CHECK (array_position(%I, NULL) IS NULL)', filter));
    END LOOP;
END
$filters$;
SELECT salesperf.ensure_constraint('salesperf.target_month', 'target_month_target_id_fkey',
    $$FOREIGN KEY (target_id) REFERENCES salesperf.target ON UPDATE CASCADE ON DELETE CASCADE$$);
SELECT salesperf.ensure_constraint('salesperf.target_month', 'target_month_month_check',
    $$CHECK (isfinite(month) AND EXTRACT(day FROM month) = 1)$$);
SELECT salesperf.ensure_constraint('salesperf.target_month', 'target_month_share_check',
    $$CHECK (share >= 0 AND share <= 1)$$);
