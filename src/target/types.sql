CREATE TYPE salesperf.target_row AS (
    target_id bigint,
    name text,
    metric text,
    starts_on date,
    ends_on date,
    status text,
    target numeric(24,4),
    actual numeric(24,4),
    attainment numeric(12,6),
    expected_to_date numeric(24,4),
    on_track boolean,
    indicator text,
    projected numeric(24,4),
    gap numeric(24,4),
    progress text,
    projected_low numeric(24,4),
    projected_high numeric(24,4),
    probability numeric(12,6));
COMMENT ON TYPE salesperf.target_row IS
'a row of target_performance';
