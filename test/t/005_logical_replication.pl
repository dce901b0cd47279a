# Orders that arrive by logical replication count: in the first copy of the
# tables, row by row, and when they are truncated; in partitions too, whether
# they arrive as the partitions' rows or as the root's.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $tables = q{
	CREATE TABLE head (id int PRIMARY KEY, day date, seller text);
	CREATE TABLE line (id int PRIMARY KEY, head int, net numeric);
	CREATE INDEX ON line (head);
	CREATE TABLE sale (id int, region text, seller text, net numeric, day date DEFAULT '2020-02-02', PRIMARY KEY (id, region)) PARTITION BY LIST (region);
	CREATE TABLE sale_n PARTITION OF sale FOR VALUES IN ('n');
	CREATE TABLE sale_s (net numeric, seller text, day date DEFAULT '2020-02-02', region text NOT NULL, id int NOT NULL, PRIMARY KEY (id, region));
	ALTER TABLE sale ATTACH PARTITION sale_s FOR VALUES IN ('s');
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
	SELECT salesperf.attach_source('parts', lines => 'public.sale', document => 'l.id', sold_on => 'l.day', seller => 'l.seller', net => 'l.net');
	INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers)
	VALUES ('a', 'net', '2020-01-01', '2020-12-31', 1, '{a}'), ('b', 'net', '2020-01-01', '2020-12-31', 1, '{b}');
});
$subscriber->safe_psql('postgres', 'CALL salesperf.refresh_measures()');

# Writes on the publisher, waits for them, and compares.
sub replicated
{
	my ($what, $sql, $states, $figures, $subscription) = @_;

	$publisher->safe_psql('postgres', $sql);
	$publisher->wait_for_catchup($subscription // 'sub');
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

# The same for the partitioned table.
sub replicated_sale
{
	my ($what, $sql, $figures) = @_;

	replicated($what, $sql, 'built', $figures, 'sub_sale');
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

# Partitions: rows arrive as theirs, then as the root's.
for my $root ('false', 'true')
{
	$subscriber->safe_psql('postgres', 'DROP SUBSCRIPTION IF EXISTS sub_sale');
	$publisher->safe_psql('postgres', qq{
		TRUNCATE sale;
		INSERT INTO sale VALUES (1, 'n', 'a', 10), (2, 's', 'b', 20);
		DROP PUBLICATION IF EXISTS pub_sale;
		CREATE PUBLICATION pub_sale FOR TABLE sale WITH (publish_via_partition_root = $root)});
	$subscriber->safe_psql('postgres', 'TRUNCATE sale');
	$subscriber->safe_psql('postgres', 'CALL salesperf.refresh_measures()');
	$subscriber->safe_psql('postgres',
		"CREATE SUBSCRIPTION sub_sale CONNECTION '$connection' PUBLICATION pub_sale");
	$subscriber->wait_for_subscription_sync($publisher, 'sub_sale');
	replicated_sale("root $root, first copy", 'SELECT 1', 'a=10 b=20');
	replicated_sale("root $root, insert", q{INSERT INTO sale VALUES (3, 's', 'a', 40), (4, 'n', 'b', 80)}, 'a=50 b=100');
	replicated_sale("root $root, update", q{UPDATE sale SET net = net + 1, seller = 'a' WHERE id IN (2, 4)}, 'a=152 b=0');
	replicated_sale("root $root, a row moves", q{UPDATE sale SET region = 's', seller = 'b' WHERE id = 1}, 'a=142 b=10');
	replicated_sale("root $root, delete", q{DELETE FROM sale WHERE id = 3}, 'a=102 b=10');
}

$subscriber->stop;
$publisher->stop;
done_testing();
