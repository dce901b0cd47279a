# Attaching again, detaching and setup() wait for who has read a source in an
# open transaction.  They take their locks together or not at all: nobody who
# writes orders waits meanwhile.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $node = PostgreSQL::Test::Cluster->new('primary');
$node->init;
$node->start;
$node->safe_psql('postgres', q{
	SET client_min_messages = error;
	CREATE EXTENSION salesperf CASCADE;
	SELECT salesperf.setup();
	CREATE TABLE released (round integer);
	CREATE TABLE orders (
		id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		document integer,
		net numeric,
		sold_on date DEFAULT '2020-05-05');
	CREATE INDEX ON orders (document);
	CREATE TABLE orders_before (LIKE orders INCLUDING ALL);
	INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount) VALUES
		('all', 'net', '2020-01-01', '2020-12-31', 1000);
	CREATE VIEW checked AS
	SELECT salesperf.measure_figure(m.scope) AS figure,
		(SELECT coalesce(sum(o.net), 0) FROM orders o) AS plain
	FROM salesperf.target_measure m});

# SQL that attaches a table.
sub attach
{
	my ($table) = @_;

	return "SELECT salesperf.attach_source('orders', lines => 'public.$table', document => 'l.document',"
	  . " sold_on => 'l.sold_on', net => 'l.net')";
}

# Starts SQL in a session of its own.
sub background
{
	my ($name, $sql) = @_;
	my %session = (name => $name, output => '');

	$session{run} = IPC::Run::start(
		[
			'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d',
			$node->connstr('postgres') . " application_name=$name", '-c', $sql
		],
		'>', \$session{output}, '2>&1');
	return \%session;
}

# Waits until that session waits for something.
sub wait_until_waiting
{
	my ($session, $event) = @_;

	return $node->poll_query_until('postgres',
		"SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = '$session->{name}'"
		  . " AND wait_event_type || '/' || wait_event ~ '$event'");
}

my $round = 0;

# One session has read, one changes the source, a third writes orders.
sub try_while_read
{
	my ($what, $read, $change, $figures_too) = @_;
	my ($status, $blocked) = (0, 0);

	$round++;
	my $reader = background("reader$round",
		"BEGIN; $read; DO \$\$ BEGIN WHILE NOT EXISTS (SELECT FROM released WHERE round = $round)"
		  . ' LOOP PERFORM pg_sleep(0.02); END LOOP; END $$; COMMIT;');
	ok(wait_until_waiting($reader, 'PgSleep'), "$what: the reader keeps its transaction open");
	my $changer = background("changer$round", $change);
	ok(wait_until_waiting($changer, '^(Extension|Lock)'), "$what: it waits for the reader");
	for (1 .. 12)
	{
		$status = $node->psql('postgres', q{
			SET statement_timeout = '3s';
			INSERT INTO orders (document, net) VALUES (1, 7);
			UPDATE orders SET net = net + 1 WHERE document = 1;
			} . ($figures_too ? 'SELECT figure FROM checked' : ''));
		last if $status != 0;
		usleep(20_000);
	}
	is($status, 0, "$what: nobody who writes waits meanwhile");
	$changer->{run}->pump_nb;
	ok($changer->{run}->pumpable, "$what: it still waits");

	$node->safe_psql('postgres', "INSERT INTO released VALUES ($round)");
	ok($reader->{run}->finish, "$what: the reader ends");
	ok($changer->{run}->finish, "$what: then it is done") or diag($changer->{output});
}

# Figures are what the orders say, before and after a refresh.
sub check_figures
{
	my ($what) = @_;

	for my $built (0, 1)
	{
		is($node->safe_psql('postgres', 'SELECT figure = plain FROM checked'), 't', "$what: the figure is right");
		$node->safe_psql('postgres', 'CALL salesperf.refresh_measures()');
		$node->safe_psql('postgres', 'INSERT INTO orders (document, net) VALUES (2, 5)');
	}
	is($node->safe_psql('postgres', 'SELECT count(*) FROM salesperf.verify_totals()'), '0', "$what: as is the kept one");
}

$node->safe_psql('postgres', attach('orders'));
try_while_read('attach', 'SELECT * FROM checked', attach('orders'), 1);
check_figures('attach');

# A reader of the rows, and of view sale.
try_while_read('attach, rows read',
	'SELECT count(*) FROM salesperf.target_sales((SELECT target_id FROM salesperf.target))', attach('orders'), 1);
try_while_read('attach, sales read', 'SELECT count(*) FROM salesperf.sale', attach('orders'), 1);
check_figures('attach, sales read');

# setup() holds the views of figures while it waits, not the orders.
try_while_read('setup', 'SELECT count(*) FROM salesperf.source_orders', 'SELECT salesperf.setup()', 0);
check_figures('setup');

# From another table, which has triggers to be taken off.
$node->safe_psql('postgres', attach('orders_before'));
try_while_read('attach another table', 'SELECT count(*) FROM salesperf.source_orders', attach('orders'), 1);
is( $node->safe_psql('postgres', q{SELECT count(*) FROM pg_trigger WHERE tgrelid = 'orders_before'::regclass}),
	'0', 'no trigger stays behind');
check_figures('attach another table');

try_while_read('detach', 'SELECT count(*) FROM salesperf.source_orders', q{SELECT salesperf.detach_source('orders')}, 1);
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_trigger WHERE tgrelid = 'orders'::regclass}),
	'0', 'detached: no trigger stays behind');
is($node->safe_psql('postgres', 'SELECT figure FROM checked'), '0', 'detached: no sales');

$node->stop;
done_testing();
