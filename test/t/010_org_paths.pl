# Under concurrent changes, with rollbacks and savepoints, a session's paths are
# at every moment those of a recursive query under the same snapshot; on a
# standby too.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seconds = 5;
my $clients = 6;

my $node = PostgreSQL::Test::Cluster->new('primary');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', 'deadlock_timeout = 50ms');
$node->start;
$node->safe_psql('postgres', q{
	SET client_min_messages = error;
	CREATE EXTENSION salesperf CASCADE;
	SELECT salesperf.setup();
	INSERT INTO salesperf.unit_parent SELECT 'u' || i, 'u' || i / 2, '2026-01-01' FROM generate_series(1, 30) i;
	INSERT INTO salesperf.seller_unit SELECT 's' || i, 'u' || i % 30, '2026-01-01' FROM generate_series(1, 40) i;
	CREATE FUNCTION check_paths() RETURNS void LANGUAGE plpgsql AS $$
	DECLARE
		wrong text;
	BEGIN
		SELECT string_agg(format('%s: %s, not %s', s, path, recursive), '; ') INTO wrong
		FROM (
			SELECT s, salesperf.seller_path('s' || s, '2026-02-01') AS path, (
				WITH RECURSIVE up AS (
					SELECT unit, 1 AS level FROM salesperf.seller_unit WHERE seller = 's' || s
					UNION ALL
					SELECT p.parent, level + 1 FROM up JOIN salesperf.unit_parent p USING (unit))
				SELECT coalesce(array_agg(unit ORDER BY level), '{}') FROM up) AS recursive
			FROM generate_series(1, 41) s) c
		WHERE path <> recursive;
		IF wrong IS NOT NULL THEN
			RAISE 'wrong paths: %', wrong;
		END IF;
	END $$;
});
$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->start;

# Units have parents of lower numbers only, so no change makes a cycle.
my $change = q{\set s random(1, 40)
\set u random(1, 30)
\set r random(1, 10)
BEGIN;
UPDATE salesperf.seller_unit SET unit = 'u' || :u WHERE seller = 's' || :s;
\if :r > 6
UPDATE salesperf.unit_parent SET parent = 'u' || (:u - 1) / :r WHERE unit = 'u' || :u;
\endif
SELECT check_paths();
\if :r > 4
SAVEPOINT x;
DELETE FROM salesperf.seller_unit WHERE seller = 's' || :s;
SELECT check_paths();
ROLLBACK TO x;
SELECT check_paths();
\endif
\if :r > 2
COMMIT;
\else
ROLLBACK;
\endif
SELECT check_paths();
};
my $read = q{SELECT check_paths();
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT check_paths();
SELECT check_paths();
\sleep 3 ms
SELECT check_paths();
COMMIT;
SELECT check_paths();
};

sub pgbench
{
	my ($server, @scripts) = @_;
	my @files;

	for my $script (@scripts)
	{
		my $file = PostgreSQL::Test::Utils::tempdir() . '/' . scalar(@files) . '.pgb';
		append_to_file($file, $script);
		push @files, '-f', $file;
	}
	my ($out, $err) = ('', '');
	my $run = IPC::Run::start(
		[ 'pgbench', '-n', '-c', $clients, '-T', $seconds, '--max-tries=20', @files, $server->connstr('postgres') ],
		'>', \$out, '2>', \$err);
	return sub {
		my $succeeded = $run->finish;
		return ($succeeded, $out, $err);
	};
}

my $on_primary = pgbench($node, $change, $read);
my $on_standby = pgbench($standby, $read);
for (['primary', $on_primary], ['standby', $on_standby])
{
	my ($where, $finish) = @$_;
	my ($succeeded, $out, $err) = $finish->();

	ok($succeeded, "$where: all clients went on to the end");
	unlike($err, qr/wrong paths/, "$where: no path was wrong");
	my ($count) = $out =~ /transactions actually processed: (\d+)/;
	cmp_ok($count // 0, '>', 20, "$where: and there were many");
	diag($err) if !$succeeded;
}
$node->wait_for_catchup($standby);
for my $server ($node, $standby)
{
	is($server->safe_psql('postgres', 'SELECT check_paths()'), '', $server->name . ': paths are right in the end');
}
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM salesperf.org_version'),
	'<', 100, 'marks of changes are cleared as they come');

# Whoever changed nothing of the organisation left no mark.
is( $node->safe_psql('postgres', q{
	CREATE TEMP TABLE marks AS SELECT change FROM salesperf.org_version;
	INSERT INTO salesperf.seller (code) VALUES ('x');
	SELECT count(*) FROM salesperf.org_version WHERE change NOT IN (SELECT change FROM marks)}),
	'0', 'a seller without a unit changes no path');

$standby->stop;
$node->stop;
done_testing();
