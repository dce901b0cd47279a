# Orders that arrive by logical replication count: in the first copy of the
# tables, row by row, and when they are truncated.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $tables = q{
	CREATE TABLE head (id int PRIMARY KEY, day date, seller text);
	CREATE TABLE line (id int PRIMARY KEY, head int, net numeric);
	CREATE INDEX ON line (head);
};

my $publisher = PostgreSQL::Test::Cluster->new('publisher');
$publisher->init(allows_streaming => 'logical');
$publisher->start;
$publisher->safe_psql('postgres', $tables);

my $subscriber = PostgreSQL::Test::Cluster->new('subscriber');
$subscriber->init;
$subscriber->start;
$subscriber->safe_psql('postgres', $tables . q{
	SET client_min_messages = warning;
	CREATE EXTENSION salesperf CASCADE;
	SELECT salesperf.setup();
	SELECT salesperf.attach_source('rep', lines => 'public.line', header => 'public.head', join_on => 'l.head = h.id',
		document => 'h.id', sold_on => 'h.day', seller => 'h.seller', net => 'l.net');
	INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers)
	VALUES ('a', 'net', '2020-01-01', '2020-12-31', 1, '{a}'), ('b', 'net', '2020-01-01', '2020-12-31', 1, '{b}');
});
$subscriber->safe_psql('postgres', 'CALL salesperf.refresh_measures()');

# Writes on the publisher, waits for them, and compares.
sub replicated
{
	my ($what, $sql, $states, $figures) = @_;

	$publisher->safe_psql('postgres', $sql);
	$publisher->wait_for_catchup('sub');
	is( $subscriber->safe_psql(
			'postgres',
			q{SELECT string_agg(name || '=' || trim_scale(actual), ' ' ORDER BY name) FROM salesperf.target_performance}
		),
		$figures,
		"$what: figures");
	is( $subscriber->safe_psql(
			'postgres', q{SELECT string_agg(DISTINCT state, ' ') FROM salesperf.measure_state}),
		$states,
		"$what: $states");
	is($subscriber->safe_psql('postgres', 'SELECT count(*) FROM salesperf.verify_totals()'),
		'0', "$what: kept = recomputed");
	return;
}

$publisher->safe_psql('postgres', q{
	INSERT INTO head VALUES (1, '2020-02-02', 'a'), (2, '2020-02-02', 'b');
	INSERT INTO line VALUES (1, 1, 10), (2, 1, 20), (3, 2, 5);
	CREATE PUBLICATION pub FOR TABLE head, line;
});
my $connection = $publisher->connstr . ' dbname=postgres';
$subscriber->safe_psql('postgres', "CREATE SUBSCRIPTION sub CONNECTION '$connection' PUBLICATION pub");
$subscriber->wait_for_subscription_sync($publisher, 'sub');

replicated('first copy', 'SELECT 1', 'built', 'a=30 b=5');
replicated('insert', q{INSERT INTO line VALUES (4, 2, 7)}, 'built', 'a=30 b=12');
replicated('update of a line', q{UPDATE line SET net = 11 WHERE id = 1}, 'built', 'a=31 b=12');
replicated('update of a header', q{UPDATE head SET seller = 'b' WHERE id = 1}, 'built', 'a=0 b=43');
replicated('a line moves, a header goes',
	q{BEGIN; UPDATE line SET head = 2 WHERE id = 2; DELETE FROM head WHERE id = 1; COMMIT},
	'built', 'a=0 b=32');
replicated('truncate', q{TRUNCATE line}, 'live', 'a=0 b=0');

$subscriber->stop;
$publisher->stop;
done_testing();
