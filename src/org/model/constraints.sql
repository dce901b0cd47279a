SELECT salesperf.ensure_constraint('salesperf.unit_flag', 'unit_flag_period_check',
    $$CHECK (isfinite(valid_from) AND isfinite(valid_to) AND valid_from <= valid_to)$$);
SELECT salesperf.ensure_constraint('salesperf.unit_parent', 'unit_parent_period_check',
    $$CHECK (isfinite(valid_from) AND isfinite(valid_to) AND valid_from <= valid_to)$$);
SELECT salesperf.ensure_constraint('salesperf.seller_unit', 'seller_unit_period_check',
    $$CHECK (isfinite(valid_from) AND isfinite(valid_to) AND valid_from <= valid_to)$$);
SELECT salesperf.ensure_constraint('salesperf.unit_manager', 'unit_manager_period_check',
    $$CHECK (isfinite(valid_from) AND isfinite(valid_to) AND valid_from <= valid_to)$$);
SELECT salesperf.ensure_constraint('salesperf.unit_flag', 'unit_flag_overlap',
    $$EXCLUDE USING gist (unit WITH =, flag WITH =, daterange(valid_from, valid_to, '[]') WITH &&)$$);
SELECT salesperf.ensure_constraint('salesperf.unit_parent', 'unit_parent_overlap',
    $$EXCLUDE USING gist (unit WITH =, daterange(valid_from, valid_to, '[]') WITH &&)$$);
SELECT salesperf.ensure_constraint('salesperf.seller_unit', 'seller_unit_overlap',
    $$EXCLUDE USING gist (seller WITH =, daterange(valid_from, valid_to, '[]') WITH &&)$$);
SELECT salesperf.ensure_constraint('salesperf.unit_manager', 'unit_manager_overlap',
    $$EXCLUDE USING gist (unit WITH =, seller WITH =, daterange(valid_from, valid_to, '[]') WITH &&)$$);
SELECT salesperf.ensure_constraint('salesperf.unit_partner_type', 'unit_partner_type_period_check',
    $$CHECK (isfinite(valid_from) AND isfinite(valid_to) AND valid_from <= valid_to)$$);
SELECT salesperf.ensure_constraint('salesperf.unit_partner_type', 'unit_partner_type_overlap',
    $$EXCLUDE USING gist (unit WITH =, daterange(valid_from, valid_to, '[]') WITH &&)$$);
SELECT salesperf.ensure_constraint('salesperf.seller_partner_type', 'seller_partner_type_period_check',
    $$CHECK (isfinite(valid_from) AND isfinite(valid_to) AND valid_from <= valid_to)$$);
SELECT salesperf.ensure_constraint('salesperf.seller_partner_type', 'seller_partner_type_overlap',
    $$EXCLUDE USING gist (seller WITH =, daterange(valid_from, valid_to, '[]') WITH &&)$$);
SELECT salesperf.ensure_constraint('salesperf.unit', 'unit_active_check',
    $$CHECK (isfinite(active_from) AND isfinite(active_to) AND active_from <= active_to)$$);
SELECT salesperf.ensure_constraint('salesperf.unit', 'unit_past_commissions_check',
    $$CHECK (past_commissions IN ('stay', 'follow'))$$);
SELECT salesperf.ensure_constraint('salesperf.unit', 'unit_kind_fkey',
    $$FOREIGN KEY (kind) REFERENCES salesperf.unit_kind ON UPDATE CASCADE$$);
SELECT salesperf.ensure_constraint('salesperf.seller', 'seller_authorised_check',
    $$CHECK (isfinite(authorised_from) AND isfinite(authorised_to) AND authorised_from <= authorised_to)$$);
SELECT salesperf.ensure_constraint('salesperf.currency', 'currency_code_check',
    $$CHECK (code ~ '^[A-Z]{3}$')$$);
SELECT salesperf.ensure_constraint('salesperf.currency', 'currency_minor_unit_check',
    $$CHECK (minor_unit BETWEEN 0 AND 6)$$);
SELECT salesperf.ensure_constraint('salesperf.exchange_rate', 'exchange_rate_valid_from_check',
    $$CHECK (isfinite(valid_from))$$);
SELECT salesperf.ensure_constraint('salesperf.exchange_rate', 'exchange_rate_rate_check',
    $$CHECK (rate > 0 AND rate < 'Infinity')$$);
SELECT salesperf.ensure_constraint('salesperf.exchange_rate', 'exchange_rate_currency_fkey',
    $$FOREIGN KEY (currency) REFERENCES salesperf.currency ON UPDATE CASCADE$$);
SELECT salesperf.ensure_constraint('salesperf.closed_day', 'closed_day_closed_on_check',
    $$CHECK (isfinite(closed_on))$$);
