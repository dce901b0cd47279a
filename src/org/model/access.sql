-- The organisation decides what everybody's figures are: only an admin changes
-- it, a manager reads it like anybody else.
GRANT SELECT ON
    salesperf.customer,
    salesperf.product_family,
    salesperf.product,
    salesperf.branch,
    salesperf.unit_kind,
    salesperf.unit,
    salesperf.unit_flag,
    salesperf.unit_parent,
    salesperf.unit_partner_type,
    salesperf.seller_partner_type,
    salesperf.seller,
    salesperf.seller_unit,
    salesperf.unit_manager,
    salesperf.currency,
    salesperf.exchange_rate,
    salesperf.closed_day
    TO salesperf_reader;
GRANT INSERT, UPDATE, DELETE ON
    salesperf.customer,
    salesperf.product_family,
    salesperf.product,
    salesperf.branch,
    salesperf.unit_kind,
    salesperf.unit,
    salesperf.unit_flag,
    salesperf.unit_parent,
    salesperf.unit_partner_type,
    salesperf.seller_partner_type,
    salesperf.seller,
    salesperf.seller_unit,
    salesperf.unit_manager,
    salesperf.currency,
    salesperf.exchange_rate,
    salesperf.closed_day
    TO salesperf_admin;
GRANT EXECUTE ON FUNCTION salesperf.unit_path(text, date), salesperf.seller_path(text, date) TO salesperf_reader;
GRANT EXECUTE ON FUNCTION salesperf.closed_days(text, date, date), salesperf.open_share(date, date, date, text) TO salesperf_reader;
