CREATE TABLE IF NOT EXISTS salesperf.setting (
    name text PRIMARY KEY,
    value text NOT NULL
);
COMMENT ON TABLE salesperf.setting IS 'settings of this database, the same for all sessions';
COMMENT ON COLUMN salesperf.setting.name IS 'currency or time_zone';
COMMENT ON COLUMN salesperf.setting.value IS 'currency: code of the reporting currency; time_zone: where days begin and end';
