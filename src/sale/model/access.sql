GRANT SELECT ON salesperf.source TO salesperf_reader;
GRANT EXECUTE ON FUNCTION salesperf.source_is_followed(text), salesperf.source_findings() TO salesperf_reader;

-- A manager decides who shares in a sale.  Orders and contracts are an admin's,
-- or those of a login that was granted writing them.
GRANT SELECT ON
    salesperf.sales_order,
    salesperf.order_line,
    salesperf.contract,
    salesperf.contract_line,
    salesperf.order_split,
    salesperf.sale_status
    TO salesperf_reader;
GRANT INSERT, UPDATE, DELETE ON salesperf.order_split TO salesperf_manager;
GRANT INSERT, UPDATE, DELETE ON
    salesperf.sales_order,
    salesperf.order_line,
    salesperf.contract,
    salesperf.contract_line,
    salesperf.sale_status
    TO salesperf_admin;
