# Eight sessions that insert a line and then update the total of its header, on
# a few documents, as ERPs do: nobody deadlocks, in any isolation level, and
# figures are right afterwards.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', 'deadlock_timeout = 20ms');
$node->start;
$node->safe_psql('postgres', q{
	SET client_min_messages = warning;
	CREATE EXTENSION salesperf CASCADE;
	SELECT salesperf.setup();
	CREATE TABLE head (id int PRIMARY KEY, seller text, day date DEFAULT '2020-05-05', total numeric DEFAULT 0);
	CREATE TABLE line (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, head int REFERENCES head, net numeric);
	CREATE INDEX ON line (head);
	INSERT INTO head (id, seller) SELECT n, 's' || n % 2 FROM generate_series(1, 4) n;
	SELECT salesperf.attach_source('docs', lines => 'public.line', header => 'public.head', join_on => 'l.head = h.id',
		document => 'h.id', line => 'l.id', sold_on => 'h.day', seller => 'h.seller', net => 'l.net');
	INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers) VALUES
		('all', 'net', '2020-01-01', '2020-12-31', 1, NULL), ('s1', 'net', '2020-01-01', '2020-12-31', 1, '{s1}'),
		('orders', 'documents', '2020-01-01', '2020-12-31', 1, NULL);
});
$node->safe_psql('postgres', 'CALL salesperf.refresh_measures()');

my $script = PostgreSQL::Test::Utils::tempdir . '/line_total.pgb';
append_to_file($script, q{
\set id random(1, 4)
\set net random(1, 1000)
BEGIN;
INSERT INTO line (head, net) VALUES (:id, :net);
UPDATE head SET total = total + :net WHERE id = :id;
COMMIT;
});

for my $case ([ 'read committed', 3 ], [ 'repeatable read', 1 ], [ 'serializable', 1 ])
{
	my ($level, $seconds) = @$case;
	my ($out, $err) = ('', '');
	(my $escaped = $level) =~ s/ /\\ /g;
	local $ENV{PGOPTIONS} = "-c default_transaction_isolation=$escaped";
	IPC::Run::run(
		[
			'pgbench', '--no-vacuum', '--failures-detailed', '--client=8', '--jobs=2', "--time=$seconds",
			"--file=$script", '-h', $node->host, '-p', $node->port, 'postgres'
		],
		'>', \$out, '2>', \$err);
	my ($done) = $out =~ /number of transactions actually processed: (\d+)/;
	my ($deadlocks) = $out =~ /number of deadlock failures: (\d+)/;
	cmp_ok($done // 0, '>=', 50, "$level: lines were written");
	is($deadlocks, '0', "$level: no deadlock");
	unlike($err, qr/aborted/, "$level: no other error");
	is($node->safe_psql('postgres', q{
			SELECT sum(total) = (SELECT sum(net) FROM line),
				(SELECT actual = (SELECT sum(net) FROM line) FROM salesperf.target_performance WHERE name = 'all'),
				(SELECT actual = (SELECT sum(net) FROM line WHERE head IN (1, 3)) FROM salesperf.target_performance WHERE name = 's1'),
				(SELECT actual = (SELECT count(DISTINCT head) FROM line) FROM salesperf.target_performance WHERE name = 'orders'),
				(SELECT string_agg(DISTINCT state, ' ') FROM salesperf.measure_state),
				(SELECT count(*) FROM salesperf.verify_totals())
			FROM head}),
		't|t|t|t|built|0', "$level: figures are right and kept");
}
unlike(slurp_file($node->logfile), qr/deadlock detected/, 'the server saw none either');

$node->stop;
done_testing();
