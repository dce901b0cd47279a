CREATE TABLE salesperf.measure (
    measure_id bigint PRIMARY KEY,
    scope jsonb NOT NULL
);
COMMENT ON TABLE salesperf.measure IS 'measures whose totals are kept; derived, never dumped';
COMMENT ON COLUMN salesperf.measure.measure_id IS 'measure_id(scope)';
COMMENT ON COLUMN salesperf.measure.scope IS 'metric, period and filters, as measure_scope() writes them';

CREATE TABLE salesperf.build (
    build_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    measure_id bigint NOT NULL UNIQUE,
    built_at timestamptz
);
COMMENT ON TABLE salesperf.build IS 'measures that writers keep a total of: counting until built_at, then built; derived, never dumped';
COMMENT ON COLUMN salesperf.build.build_id IS 'what deltas refer to';
COMMENT ON COLUMN salesperf.build.measure_id IS 'the measure';
COMMENT ON COLUMN salesperf.build.built_at IS 'from when on readers use the total; NULL: deltas are collected, what came before is not yet in it';

CREATE TABLE salesperf.build_key (
    filter_column smallint NOT NULL,
    key text COLLATE "C" NOT NULL,
    build_id integer NOT NULL,
    PRIMARY KEY (filter_column, key, build_id)
);
COMMENT ON TABLE salesperf.build_key IS 'builds by the keys of the filter that leaves the fewest sales, so that a writer loads those alone that its sales meet; derived, never dumped';
COMMENT ON COLUMN salesperf.build_key.filter_column IS 'what the filter is of, by number; -1: the build has no inclusive filter';
COMMENT ON COLUMN salesperf.build_key.key IS 'a key that the filter names, empty for none';
COMMENT ON COLUMN salesperf.build_key.build_id IS 'the build';

CREATE TABLE salesperf.build_use (
    uses integer PRIMARY KEY
);
COMMENT ON TABLE salesperf.build_use IS 'what builds use of sales, each combination once; derived, never dumped';
COMMENT ON COLUMN salesperf.build_use.uses IS 'scope_uses() of some build';

CREATE TABLE salesperf.total (
    build_id integer NOT NULL,
    month date NOT NULL,
    actual numeric NOT NULL,
    PRIMARY KEY (build_id, month)
);
COMMENT ON TABLE salesperf.total IS 'totals by month without pending deltas; derived, never dumped';
COMMENT ON COLUMN salesperf.total.build_id IS 'the build';
COMMENT ON COLUMN salesperf.total.month IS 'first day of the month';
COMMENT ON COLUMN salesperf.total.actual IS 'sum of the metric, unrounded';

CREATE TABLE salesperf.pending (
    deltas bytea NOT NULL
)
-- Giving space back would lock out writers, and reports on a standby.
WITH (vacuum_truncate = false);
-- Packed bytes shrink no further.
ALTER TABLE salesperf.pending ALTER COLUMN deltas SET STORAGE EXTERNAL;
COMMENT ON TABLE salesperf.pending IS 'deltas of committed transactions, one row each, until fold() adds them to the totals; derived, never dumped';
COMMENT ON COLUMN salesperf.pending.deltas IS 'what the transaction added to each build in each month, which pending_deltas() shows';

CREATE TABLE salesperf.invalidation (
    first_build integer NOT NULL,
    last_build integer NOT NULL,
    source text,
    reason text NOT NULL,
    noted_at timestamptz NOT NULL
)
WITH (vacuum_truncate = false);
COMMENT ON TABLE salesperf.invalidation IS 'builds that are not to be used any more, until refresh_measures() builds them anew; derived, never dumped';
COMMENT ON COLUMN salesperf.invalidation.first_build IS 'the first of them';
COMMENT ON COLUMN salesperf.invalidation.last_build IS 'the last of them';
COMMENT ON COLUMN salesperf.invalidation.source IS 'the source whose change could not be followed; NULL: the sources themselves changed';
COMMENT ON COLUMN salesperf.invalidation.reason IS 'why';
COMMENT ON COLUMN salesperf.invalidation.noted_at IS 'when';

CREATE TABLE salesperf.writer ();
COMMENT ON TABLE salesperf.writer IS 'has no rows: writers lock it while they book, so that a build can wait for them';
