# How far a build is can be seen from another session; one that is stopped is
# gone on with.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('primary');
$node->init;
$node->append_conf('postgresql.conf', "max_prepared_transactions = 2\nautovacuum = off");
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION salesperf CASCADE;
	SELECT salesperf.setup();
	CREATE TABLE sale (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, document text, seller text, net numeric);
	CREATE INDEX ON sale (document);
	CREATE FUNCTION slow(net numeric) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $$
	BEGIN
		PERFORM pg_sleep(0.0005);
		RETURN net;
	END
	$$;
	INSERT INTO sale (document, seller, net) SELECT n, 's' || n % 3, n FROM generate_series(1, 8000) AS n;
	SELECT salesperf.attach_source('slow', lines => 'public.sale', document => 'l.document',
		sold_on => $$DATE '2021-05-05'$$, seller => 'l.seller', net => 'public.slow(l.net)');
	INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers)
	SELECT 's' || n, 'net', '2021-01-01', '2021-12-31', 1, ARRAY['s' || n] FROM generate_series(0, 2) AS n;
});

sub ask { return $node->safe_psql('postgres', shift) }

sub refresh
{
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	$session->query_until(qr/begun/, "\\echo begun\nCALL salesperf.refresh_measures();\n");
	return $session;
}
my $shown = 'SELECT phase, source, builds, started_at <= now() FROM salesperf.refresh_progress';

is(ask('SELECT count(*) FROM salesperf.refresh_progress'), 0, 'nothing is being built');

# Counting builds make the next writer one to wait for.
$node->safe_psql('postgres', q{
	BEGIN;
	LOCK TABLE salesperf.writer IN ROW EXCLUSIVE MODE;
	PREPARE TRANSACTION 'writer';
});
my $builder = refresh();
ok($node->poll_query_until('postgres', "SELECT EXISTS (SELECT FROM salesperf.refresh_progress WHERE phase = 'waiting for writers')"),
	'it waits for a writer');
ask("COMMIT PREPARED 'writer'");
ok($node->poll_query_until('postgres', "SELECT EXISTS (SELECT FROM salesperf.refresh_progress WHERE sales_read > 0)"), 'it reads');
is(ask($shown), 'reading sales|slow|3|t', 'what, and for how many builds');
my $read = ask('SELECT sales_read FROM salesperf.refresh_progress');
ok($node->poll_query_until('postgres', "SELECT EXISTS (SELECT FROM salesperf.refresh_progress WHERE sales_read > $read)"), 'it goes on');
is(ask('SELECT count(*) FROM pg_stat_progress_create_index') + ask('SELECT count(*) FROM pg_stat_progress_copy'), 0,
	'views of the server do not show it');

# Stopped: the builds stay counting, and the next refresh makes them.
ask('SELECT pg_cancel_backend(pid) FROM salesperf.refresh_progress');
ok($node->poll_query_until('postgres', 'SELECT NOT EXISTS (SELECT FROM salesperf.refresh_progress)'), 'it can be stopped');
$builder->quit;
is(ask('SELECT DISTINCT state FROM salesperf.measure_state'), 'counting', 'its builds count');
my $builds = ask('SELECT string_agg(build_id::text, $$ $$ ORDER BY build_id) FROM salesperf.build');
ask(q{INSERT INTO sale (document, seller, net) VALUES ('x', 's1', 1000)});
ask('CALL salesperf.refresh_measures()');
is(ask('SELECT DISTINCT state FROM salesperf.measure_state'), 'built', 'the next one makes them');
is(ask('SELECT string_agg(build_id::text, $$ $$ ORDER BY build_id) FROM salesperf.build'), $builds, 'they are the same builds');
is(ask('SELECT (SELECT sum(net) FROM sale) = sum(actual) AND NOT EXISTS (SELECT FROM salesperf.verify_totals()) FROM salesperf.target_performance'),
	't', 'figures are exact');
is(ask('SELECT count(*) FROM salesperf.refresh_progress'), 0, 'nothing is being built any more');

done_testing();
