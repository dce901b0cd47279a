SELECT salesperf.ensure_constraint('salesperf.source', 'source_name_check',
    $$CHECK (name ~ '^[a-z_][a-z0-9_]{0,39}$')$$);
-- NaN is above every number, so it is refused too.
SELECT salesperf.ensure_constraint('salesperf.sales_order', 'sales_order_ordered_on_check',
    $$CHECK (isfinite(ordered_on))$$);
SELECT salesperf.ensure_constraint('salesperf.sales_order', 'sales_order_currency_check',
    $$CHECK (currency ~ '^[A-Z]{3}$')$$);
SELECT salesperf.ensure_constraint('salesperf.contract', 'contract_signed_on_check',
    $$CHECK (isfinite(signed_on))$$);
SELECT salesperf.ensure_constraint('salesperf.contract', 'contract_sale_type_check',
    $$CHECK (sale_type IN ('new', 'existing', 'renewal', 'other'))$$);
SELECT salesperf.ensure_constraint('salesperf.contract', 'contract_currency_check',
    $$CHECK (currency ~ '^[A-Z]{3}$')$$);
SELECT salesperf.ensure_constraint('salesperf.order_line', 'order_line_quantity_check',
    $$CHECK (quantity > -1e15 AND quantity < 1e15)$$);
SELECT salesperf.ensure_constraint('salesperf.order_line', 'order_line_gross_check',
    $$CHECK (gross > -1e15 AND gross < 1e15)$$);
SELECT salesperf.ensure_constraint('salesperf.order_line', 'order_line_net_check',
    $$CHECK (net > -1e15 AND net < 1e15)$$);
SELECT salesperf.ensure_constraint('salesperf.order_line', 'order_line_cost_check',
    $$CHECK (cost > -1e15 AND cost < 1e15)$$);
SELECT salesperf.ensure_constraint('salesperf.contract_line', 'contract_line_quantity_check',
    $$CHECK (quantity > -1e15 AND quantity < 1e15)$$);
SELECT salesperf.ensure_constraint('salesperf.contract_line', 'contract_line_gross_check',
    $$CHECK (gross > -1e15 AND gross < 1e15)$$);
SELECT salesperf.ensure_constraint('salesperf.contract_line', 'contract_line_net_check',
    $$CHECK (net > -1e15 AND net < 1e15)$$);
SELECT salesperf.ensure_constraint('salesperf.contract_line', 'contract_line_cost_check',
    $$CHECK (cost > -1e15 AND cost < 1e15)$$);
SELECT salesperf.ensure_constraint('salesperf.contract_line', 'contract_line_revenue_check',
    $$CHECK (revenue > -1e15 AND revenue < 1e15)$$);
-- Deferrable, so that a loader may bring lines before their headers.
SELECT salesperf.ensure_constraint('salesperf.order_line', 'order_line_order_no_fkey',
    $$FOREIGN KEY (order_no) REFERENCES salesperf.sales_order ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE$$);
SELECT salesperf.ensure_constraint('salesperf.contract_line', 'contract_line_contract_no_fkey',
    $$FOREIGN KEY (contract_no) REFERENCES salesperf.contract ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE$$);
SELECT salesperf.ensure_constraint('salesperf.order_split', 'order_split_percent_or_amount_check',
    $$CHECK (num_nonnulls(percent, amount) = 1)$$);
SELECT salesperf.ensure_constraint('salesperf.order_split', 'order_split_percent_check',
    $$CHECK (percent >= 0 AND percent < 'Infinity')$$);
SELECT salesperf.ensure_constraint('salesperf.order_split', 'order_split_amount_check',
    $$CHECK (amount >= 0 AND amount < 1e15)$$);
