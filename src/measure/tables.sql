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
    first_build integer NOT NULL,
    builds bytea NOT NULL,
    PRIMARY KEY (filter_column, key, first_build)
);
COMMENT ON TABLE salesperf.build_key IS 'builds by the keys of the filter that leaves the fewest sales, so that a writer loads those alone that its sales meet; for each key a row of each refresh; derived, never dumped';
COMMENT ON COLUMN salesperf.build_key.filter_column IS 'what the filter is of, by number; -1: the build has no inclusive filter';
COMMENT ON COLUMN salesperf.build_key.key IS 'a key that the filter names, empty for none';
COMMENT ON COLUMN salesperf.build_key.first_build IS 'the first of the builds';
COMMENT ON COLUMN salesperf.build_key.builds IS 'build_entry() of each build, one after the other';

CREATE TABLE salesperf.key_directory (
    first_slot integer PRIMARY KEY,
    slot_count integer NOT NULL,
    last_build integer NOT NULL,
    slots bytea NOT NULL
);
COMMENT ON TABLE salesperf.key_directory IS 'where the rows of build_key were when they were written, as directory_of_keys() says, so that a writer need not look for each key by the index; derived, never dumped';
COMMENT ON COLUMN salesperf.key_directory.first_slot IS 'number of the first of these slots, counted from 0';
COMMENT ON COLUMN salesperf.key_directory.slot_count IS 'how many slots all rows have together';
COMMENT ON COLUMN salesperf.key_directory.last_build IS 'the greatest first_build of build_key';
COMMENT ON COLUMN salesperf.key_directory.slots IS 'a part of a hash table with linear probing: of each slot the hash of a key and the place of its row, or zeros';
ALTER TABLE salesperf.key_directory ALTER COLUMN slots SET STORAGE PLAIN;

CREATE TABLE salesperf.build_scope (
    build_id integer PRIMARY KEY,
    form bytea NOT NULL
);
COMMENT ON TABLE salesperf.build_scope IS 'what builds count, as writers read it; derived, never dumped';
COMMENT ON COLUMN salesperf.build_scope.build_id IS 'the build';
COMMENT ON COLUMN salesperf.build_scope.form IS 'scope_form() of its measure';

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
) WITH (fillfactor = 70);
COMMENT ON TABLE salesperf.total IS 'totals by month without pending deltas; derived, never dumped';
COMMENT ON COLUMN salesperf.total.build_id IS 'the build';
COMMENT ON COLUMN salesperf.total.month IS 'first day of the month';
COMMENT ON COLUMN salesperf.total.actual IS 'sum of the metric, unrounded';

CREATE TABLE salesperf.kept_version (
    changed_by xid8 NOT NULL
);
COMMENT ON TABLE salesperf.kept_version IS 'one row, by which a session knows whether the totals that it has read are still those; derived, never dumped';
COMMENT ON COLUMN salesperf.kept_version.changed_by IS 'the transaction that last changed measure, build, build_key, key_directory, build_scope, build_use or total';

INSERT INTO salesperf.kept_version (changed_by) VALUES (pg_catalog.pg_current_xact_id());

CREATE TABLE salesperf.pending_segment (
    segment integer PRIMARY KEY,
    state text NOT NULL,
    emptied bigint NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE salesperf.pending_segment IS 'which of the tables pending_1 to pending_16 hold deltas that are in no total yet; derived, never dumped';
COMMENT ON COLUMN salesperf.pending_segment.segment IS 'number of the table';
COMMENT ON COLUMN salesperf.pending_segment.state IS 'empty; current: writers append to it; full: fold() waits for the last of them; folded: in the totals, kept for older snapshots';
COMMENT ON COLUMN salesperf.pending_segment.emptied IS 'how often it was emptied';
COMMENT ON COLUMN salesperf.pending_segment.changed_at IS 'since when it is in this state';

INSERT INTO salesperf.pending_segment (segment, state)
SELECT n, CASE n WHEN 1 THEN 'current' ELSE 'empty' END
FROM pg_catalog.generate_series(1, 16) AS n;

-- Rows are only appended, and all removed at once: nothing to vacuum.  Packed
-- bytes shrink no further.
DO $segments$
DECLARE
    n integer;
BEGIN
    FOR n IN 1..16 LOOP
        EXECUTE pg_catalog.format(
            'CREATE TABLE salesperf.pending_%s (deltas bytea NOT NULL)'
            ' WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false, vacuum_truncate = false)', n);
        EXECUTE pg_catalog.format('ALTER TABLE salesperf.pending_%s ALTER COLUMN deltas SET STORAGE EXTERNAL', n);
        EXECUTE pg_catalog.format('COMMENT ON TABLE salesperf.pending_%s IS %L', n,
            'deltas of committed transactions, one row each, as pending_segment says; derived, never dumped');
        EXECUTE pg_catalog.format('COMMENT ON COLUMN salesperf.pending_%s.deltas IS %L', n,
            'what the transaction added to each build in each month, which pending_deltas() shows');
    END LOOP;
END
$segments$;
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
