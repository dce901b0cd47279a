# After a crash under load, with transactions left open and prepared, kept
# figures are what the sources say; a standby shows the same.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $rounds = 3;

my $node = PostgreSQL::Test::Cluster->new('primary');
my $standby;
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', q{
fsync = on
max_prepared_transactions = 20
checkpoint_timeout = 30s
log_statement = none
deadlock_timeout = 50ms
});
$node->start;
$node->safe_psql('postgres', q{
	SET client_min_messages = error;
	CREATE EXTENSION salesperf CASCADE;
	SELECT salesperf.setup();
	CREATE TABLE orders (
		id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		document integer,
		seller integer,
		net numeric,
		sold_on date DEFAULT '2020-05-05');
	CREATE INDEX ON orders (document);
	SELECT salesperf.attach_source('orders', lines => 'public.orders', document => 'l.document',
		sold_on => 'l.sold_on', seller => 'l.seller', net => 'l.net');
	INSERT INTO orders (document, seller, net) SELECT i % 100, i % 10, i FROM generate_series(1, 1000) i;
	INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers)
	SELECT 'seller ' || i, 'net', '2020-01-01', '2020-12-31', 1000, ARRAY[i::text] FROM generate_series(0, 9) i;
	INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount) VALUES
		('all', 'net', '2020-01-01', '2020-12-31', 1000);
	CREATE VIEW checked AS
	SELECT t.name, salesperf.measure_figure(m.scope) AS figure,
		(SELECT coalesce(sum(o.net), 0) FROM orders o
		 WHERE t.sellers IS NULL OR o.seller::text = ANY (t.sellers)) AS plain
	FROM salesperf.target t
	JOIN salesperf.target_measure m ON m.target_id = t.target_id});
$node->safe_psql('postgres', 'CALL salesperf.refresh_measures()');

my $scripts = PostgreSQL::Test::Utils::tempdir;
append_to_file("$scripts/write.sql", q{
\set d random(0, 99)
\set s random(0, 9)
\set n random(1, 1000)
BEGIN;
INSERT INTO orders (document, seller, net) VALUES (:d, :s, :n);
UPDATE orders SET net = net + 1, seller = :s WHERE id = :n;
SAVEPOINT s;
DELETE FROM orders WHERE document = :d AND seller = :s;
ROLLBACK TO s;
END;
});
append_to_file("$scripts/fold.sql", q{
CALL salesperf.fold();
\sleep 20 ms
});
append_to_file("$scripts/build.sql", q{
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers)
VALUES ('more ' || clock_timestamp(), 'gross', '2020-01-01', '2020-12-31', random(), ARRAY[:client_id::text, (random() * 9)::int::text]);
CALL salesperf.refresh_measures('1 s');
\sleep 50 ms
});

# Starts pgbench in the background.
sub load
{
	my ($clients, @files) = @_;

	my $out = '';
	return IPC::Run::start(
		[
			'pgbench', '--no-vacuum', '--time=60', "--client=$clients", "--jobs=$clients",
			'--max-tries=10', (map { "--file=$scripts/$_" } @files), '-h', $node->host, '-p', $node->port,
			'postgres'
		],
		'>', \$out, '2>&1');
}

# Starts a server that was killed, once its last process has noticed.
sub start_again
{
	for (1 .. 600)
	{
		return if $node->start(fail_ok => 1);
		usleep(100_000);
		$node->stop('fast', fail_ok => 1);
	}
	die 'the server did not start again';
}

# Figures that differ from what the sources say.
sub wrong
{
	my ($server) = @_;
	my $query = q{
		SELECT * FROM checked WHERE figure <> plain
		UNION ALL
		SELECT measure_id::text, kept, recomputed FROM salesperf.verify_totals()};

	return defined $standby && $server == $standby ? ask_standby($query) : $server->safe_psql('postgres', $query);
}

# A reader of the standby may be told to begin again.
sub ask_standby
{
	my ($query) = @_;

	for (1 .. 20)
	{
		my ($status, $out, $err) = $standby->psql('postgres', $query, on_error_stop => 1, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
		return $out if $status == 0;
		die $err if $err !~ /40001/;
	}
	die 'the standby could not be read in 20 attempts';
}

sub built
{
	my ($server) = @_;

	return $server->safe_psql('postgres',
		q{SELECT count(*) FROM salesperf.measure_state WHERE state = 'built'});
}

sub all_sold
{
	return $node->safe_psql('postgres', q{SELECT figure FROM checked WHERE name = 'all'});
}

for my $round (1 .. $rounds)
{
	my @load = (load(4, 'write.sql'), load(1, 'fold.sql'), load(1, 'build.sql'));
	usleep(700_000);
	$node->safe_psql('postgres', qq{
		BEGIN;
		INSERT INTO orders (document, seller, net) VALUES (1, 1, 1000000);
		UPDATE orders SET net = net + 100000 WHERE id IN (SELECT max(id) FROM orders WHERE document = 1);
		PREPARE TRANSACTION 'left_$round'});
	usleep(300_000);
	my $fate = $round % 2 ? 'COMMIT' : 'ROLLBACK';
	my $count = $node->safe_psql('postgres', 'SELECT count(*) FROM orders');
	$node->kill9;
	$_->finish for @load;
	start_again();

	cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM orders'),
		'>=', $count, "crash $round: there was load, and it is kept");
	cmp_ok(built($node), '>=', 11, "crash $round: totals are still kept");
	is(wrong($node), '', "crash $round: and right");
	my $before = all_sold();
	my ($status, $out, $err) = $node->psql('postgres', "\\set VERBOSITY sqlstate\nINSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount) VALUES ('after $round', 'gross', '2020-01-01', '2020-12-31', $round); CALL salesperf.refresh_measures('100 ms')");
	like($err, qr/55P03/, "crash $round: a build waits for the prepared transaction");
	is(wrong($node), '', "crash $round: figures are right meanwhile");
	$node->safe_psql('postgres', "$fate PREPARED 'left_$round'");
	cmp_ok(all_sold() - $before, $fate eq 'COMMIT' ? '>=' : '==',
		$fate eq 'COMMIT' ? 1000000 : 0, "crash $round: $fate PREPARED does what it should");
	is(wrong($node), '', "crash $round: figures know it");
	$node->safe_psql('postgres', 'CALL salesperf.refresh_measures(); CALL salesperf.fold()');
	is( $node->safe_psql('postgres', q{SELECT count(*) FROM salesperf.measure_state WHERE state <> 'built'}),
		'0', "crash $round: what was being built is built");
	is(wrong($node), '', "crash $round: and right");
}

# A standby: the same figures as plain SQL there, under load, kept and live.
$node->backup('base');
$standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
my $built = built($node);
is(built($standby), $built, 'standby: totals are there');
my @load = (load(2, 'write.sql'), load(1, 'fold.sql'));
my ($reads, $bad, $moved, $last) = (0, '', 0, '');
for (1 .. 25)
{
	$bad .= wrong($standby);
	my $now = ask_standby(q{SELECT plain FROM checked WHERE name = 'all'});
	$moved++ if $now ne $last;
	$last = $now;
	$reads++;
}
$_->kill_kill for @load;
$_->finish for @load;
is($bad, '', "standby: $reads reads under load are right");
cmp_ok($moved, '>', 1, 'standby: while sales came in');
is( ask_standby(q{
	BEGIN ISOLATION LEVEL REPEATABLE READ;
	SELECT count(*) FROM checked WHERE figure <> plain;
	ROLLBACK}), '0', 'standby: in a REPEATABLE READ transaction, too');
$node->safe_psql('postgres', 'TRUNCATE orders; INSERT INTO orders (document, seller, net) VALUES (1, 1, 7)');
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
is(built($standby), '0', 'standby: measures turn live there, too');
is(wrong($standby), '', 'standby: live figures are right');
is( $standby->safe_psql('postgres', q{SELECT figure FROM checked WHERE name = 'all'}), '7',
	'standby: and current');
my ($status, $out, $err) = $standby->psql('postgres', "\\set VERBOSITY sqlstate\nCALL salesperf.fold()");
like($err, qr/25006/, 'standby: nothing is folded there');
$standby->promote;
$standby->safe_psql('postgres', 'CALL salesperf.refresh_measures()');
$standby->safe_psql('postgres', 'INSERT INTO orders (document, seller, net) VALUES (2, 2, 5)');
is(built($standby), $built, 'promoted: totals are kept again');
is(wrong($standby), '', 'promoted: and right');

$standby->stop;
$node->stop;
done_testing();
