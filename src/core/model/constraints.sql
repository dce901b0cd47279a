SELECT salesperf.ensure_constraint('salesperf.setting', 'setting_name_check',
    $$CHECK (name IN ('currency', 'time_zone'))$$);
SELECT salesperf.ensure_constraint('salesperf.setting', 'setting_currency_check',
    $$CHECK (name <> 'currency' OR value ~ '^[A-Z]{3}$')$$);
SELECT salesperf.ensure_constraint('salesperf.setting', 'setting_time_zone_check',
    $$CHECK (name <> 'time_zone' OR (timestamptz 'epoch' AT TIME ZONE value) IS NOT NULL)$$);
