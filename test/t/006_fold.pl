# Folding in the background, after a crash in its middle, on a standby, and
# while a snapshot is held.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('primary');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', "salesperf.fold_threshold = -1\nautovacuum = off\nmax_standby_streaming_delay = 60s");
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION salesperf CASCADE;
	SELECT salesperf.setup();
	CREATE TABLE sale (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, document text, seller text, net numeric);
	CREATE INDEX ON sale (document);
	SELECT salesperf.attach_source('sale', lines => 'public.sale', document => 'l.document',
		sold_on => $$DATE '2021-05-05'$$, seller => 'l.seller', net => 'l.net');
	INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers)
	SELECT 's' || n, 'net', '2021-01-01', '2021-12-31', 1, ARRAY['s' || n] FROM generate_series(1, 5) AS n;
	CREATE PROCEDURE sell(transactions integer) LANGUAGE plpgsql AS $$
	BEGIN
		FOR n IN 1..transactions LOOP
			INSERT INTO sale (document, seller, net) SELECT n, 's' || i, n + i / 100.0 FROM generate_series(1, 5) AS i;
			COMMIT;
		END LOOP;
	END
	$$;
});
$node->safe_psql('postgres', 'CALL salesperf.refresh_measures()');

sub ask { return $node->safe_psql('postgres', shift) }
sub segments { return ask("SELECT count(*) FROM salesperf.pending_segment WHERE state = '$_[0]'") }
my $figures = 'SELECT sum(actual) FROM salesperf.target_performance';
my $kept = "SELECT (SELECT sum(net) FROM sale) = ($figures) AND NOT EXISTS (SELECT FROM salesperf.verify_totals())";

# Without a worker deltas stay pending.
ask('CALL sell(400)');
is(segments('folded'), 0, 'no worker: nothing is folded');
is(ask($kept), 't', 'figures are exact');

# What was folded is kept for an old snapshot, and emptied after it.
my $old = $node->background_psql('postgres');
$old->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ');
my $before = $old->query_safe($figures);
for my $round (1 .. 3) { ask('CALL sell(10)'); ask('CALL salesperf.fold()') }
is(segments('folded'), 3, 'folded segments are kept for an old snapshot');
is($old->query_safe($figures), $before, 'it still reads its own figures');
for my $round (1 .. 15) { ask('CALL sell(10)'); ask('CALL salesperf.fold()') }
is(segments('empty') . segments('folded'), '015', 'all segments can be in use');
is($old->query_safe($figures), $before, 'the old snapshot reads its own figures');
is(ask($kept), 't', 'figures are exact without an empty segment');
is(ask("SELECT count(*) FROM salesperf.health WHERE object = 'pending deltas'"), 1, 'health names the old snapshot');
$old->query_safe('COMMIT');
ask('CALL salesperf.fold()');
ask('CALL salesperf.fold()');
ok(segments('empty') >= 14, 'segments are emptied when the snapshot is gone');
is(ask("SELECT count(*) FROM salesperf.health WHERE object = 'pending deltas'"), 0, 'health is content');

# Killed in the middle of folding.
ask('CALL sell(50)');
my $stop = $node->background_psql('postgres');
$stop->query_safe('BEGIN; LOCK TABLE salesperf.total IN SHARE MODE');
my $folder = $node->background_psql('postgres', on_error_stop => 0);
$folder->query_until(qr/begun/, "\\echo begun\nCALL salesperf.fold();\n");
$node->poll_query_until('postgres', "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'salesperf.total'::regclass)");
is(segments('full'), 1, 'stopped in the middle');
$node->stop('immediate');
$node->start;
eval { $stop->quit };
eval { $folder->quit };
is(segments('full'), 1, 'a full segment survives the crash');
is(ask($kept), 't', 'figures are exact after the crash');
ask('CALL salesperf.fold()');
is(segments('full'), 0, 'it is folded');
is(ask($kept), 't', 'figures are exact');

# A standby reads while the primary folds and empties.
$node->backup('b');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'b', has_streaming => 1);
$standby->start;
ask('CALL sell(50)');
$node->wait_for_catchup($standby);
my $reader = $standby->background_psql('postgres', on_error_stop => 0);
$reader->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ');
$before = $reader->query_safe('SELECT count(*), sum(net) FROM sale');
ask('CALL salesperf.fold()') for 1 .. 2;
my $lsn = $node->lsn('write');
$standby->poll_query_until('postgres', "SELECT pg_last_wal_replay_lsn() >= '$lsn'");
my ($figure, $status) = $reader->query($figures);
like($reader->{stderr}, qr/deltas that the snapshot shows as pending have been folded/, 'standby: a snapshot whose deltas are gone is told so')
	or diag("it read $figure");
$reader->quit;
is($standby->safe_psql('postgres', $kept), 't', 'standby: figures are exact');

# A session there keeps totals until it is shown others.
my $plain = "SELECT (SELECT sum(net) FROM sale) = ($figures)";
my $staying = $standby->background_psql('postgres');
for my $step ('CALL sell(5)', 'CALL salesperf.fold()', 'CALL sell(5)', 'CALL salesperf.fold()',
	"UPDATE salesperf.source SET name = name WHERE false", 'CALL sell(5)', 'CALL salesperf.refresh_measures()', 'CALL sell(5)')
{
	ask($step);
	$node->wait_for_catchup($standby);
	is($staying->query_safe($plain), 't', "standby: figures are exact after $step");
}
$staying->quit;

# The worker comes by itself.
$node->append_conf('postgresql.conf', 'salesperf.fold_threshold = 8kB');
$node->reload;
ask('CALL sell(3000)');
ok($node->poll_query_until('postgres', "SELECT EXISTS (SELECT FROM salesperf.pending_segment WHERE emptied > 1)
	AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'salesperf fold')"), 'a worker folds, and ends');
cmp_ok(ask('SELECT count(DISTINCT (segment, place)) FROM salesperf.pending'), '<', 3000, 'less is pending');
is(ask($kept), 't', 'figures are exact');
$node->wait_for_catchup($standby);
is($standby->safe_psql('postgres', $kept), 't', 'standby: figures are exact');
unlike(slurp_file($node->logfile), qr/salesperf fold.*exited with exit code [1-9]/, 'no worker failed');

done_testing();
