# Whatever a person or an ERP entered comes back from every kind of dump, and
# stays when the extension is dropped.  Totals are not dumped: figures are
# computed until they are built again, and are right all along.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nTimeZone = 'UTC'");
$node->start;
my $dumps = $node->backup_dir;
mkdir $dumps;

$node->safe_psql('postgres', 'CREATE DATABASE original');
$node->safe_psql('original', q{
	SET client_min_messages = error;
	CREATE EXTENSION salesperf CASCADE;
	SELECT salesperf.setup(currency => 'CHF', time_zone => 'Europe/Zurich');
	CREATE ROLE regress_spm_auditor;
	CREATE TABLE public.orders (
		id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		document text NOT NULL,
		customer text,
		seller text,
		net numeric,
		sold_on date DEFAULT '2020-05-05');
	CREATE INDEX ON public.orders (document);
	CREATE TABLE public."Invoice lines" (
		number bigint,
		position integer,
		"Net" float8,
		day timestamp,
		PRIMARY KEY (number, position)) PARTITION BY RANGE (number);
	CREATE TABLE public.old_lines PARTITION OF public."Invoice lines" FOR VALUES FROM (MINVALUE) TO (100);
	CREATE TABLE public.new_lines (day timestamp, "Net" float8, position integer NOT NULL, number bigint NOT NULL);
	ALTER TABLE public."Invoice lines" ATTACH PARTITION public.new_lines DEFAULT;
	SELECT salesperf.attach_source('orders', lines => 'public.orders', document => 'l.document', line => 'l.id',
		sold_on => 'l.sold_on', customer => 'l.customer', seller => 'l.seller', net => 'l.net');
	SELECT salesperf.attach_source('invoices', lines => 'public."Invoice lines"', document => 'l.number',
		line => 'l.position', sold_on => 'l.day', net => 'l."Net"', counts => 'l.number > 0');
	INSERT INTO public.orders (document, customer, seller, net)
	SELECT 'D' || i % 50, 'c' || i % 7, 's' || i % 5, i / 4.0 FROM generate_series(1, 1000) i;
	INSERT INTO public."Invoice lines" SELECT i / 3, i % 3, i / 8.0, '2020-06-06 10:00' FROM generate_series(0, 500) i;
	INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers, exclude_customers)
	SELECT 'seller ' || i, 'net', '2020-01-01', '2020-12-31', 1000 * i, ARRAY['s' || i], CASE WHEN i > 3 THEN '{c1}'::text[] END
	FROM generate_series(0, 4) i;
	INSERT INTO salesperf.target (target_id, name, metric, starts_on, ends_on, amount, sources)
	VALUES (70, 'invoices', 'gross', '2020-06-01', '2020-06-30', 5, '{invoices}');
	ALTER SEQUENCE salesperf.target_target_id_seq RESTART WITH 100 INCREMENT BY 10;
	INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount) VALUES ('all', 'net', '2020-01-01', '2020-12-31', 1);
	INSERT INTO salesperf.agreement (description, metric, starts_on, ends_on, tiers, notes)
	VALUES ('bonus', 'net', '2020-01-01', '2020-12-31', '0: 5%, 5000: 8%', E'two\nlines'),
	       ('draft', 'quantity', '2020-01-01', '2020-12-31', 'graduated; 0: 1%, >10: 2%', NULL);
	UPDATE salesperf.agreement SET state = 'draft' WHERE description = 'draft';
	INSERT INTO salesperf.agreement_customer VALUES (1, 'c1'), (1, 'c2'), (2, 'c3');
	INSERT INTO salesperf.sales_order (order_no, ordered_on, attributes) VALUES ('S1', '2020-05-05', '{"a": 1}');
	INSERT INTO salesperf.order_line (order_no, line_no, net) VALUES ('S1', 1, 0.125);
	INSERT INTO salesperf.contract (contract_no, sale_type) VALUES ('C1', 'new');
	INSERT INTO salesperf.contract_line (contract_no, line_no, revenue) VALUES ('C1', 1, 5);
	INSERT INTO salesperf.order_split (source, document, seller, percent) VALUES ('orders', 'D1', 's1', 60), ('orders', 'D1', 's2', 40);
	INSERT INTO salesperf.kpi (kpi, metric, months) VALUES ('net', 'net', 2);
	INSERT INTO salesperf.commission_rule (valid_from, tiers, condition) VALUES ('2020-01-01', 'graduated; 0: 1%, 10: 2%', '$.net > 1');
	INSERT INTO salesperf.commission_rule (component, valid_from, tiers, tier_by, kpi) VALUES ('kpi', '2020-01-01', '0: 1%', 'kpi', 'net');
	INSERT INTO salesperf.contract_term (source, document, tiers) VALUES ('orders', 'D1', '0: 10%');
	DELETE FROM salesperf.sale_status WHERE status = 'done';
	INSERT INTO salesperf.target_month SELECT min(target_id), '2020-02-01', 1 FROM salesperf.target;
	ALTER TABLE salesperf.target ADD COLUMN remark text DEFAULT 'none';
	UPDATE salesperf.target SET remark = 'of ' || name WHERE name LIKE 'seller%';
	GRANT SELECT, UPDATE (remark) ON salesperf.target TO regress_spm_auditor;
	ALTER TABLE salesperf.target ENABLE ROW LEVEL SECURITY;
	CREATE POLICY auditors ON salesperf.target FOR SELECT TO regress_spm_auditor USING (remark <> 'none');
	CREATE POLICY readers ON salesperf.target FOR SELECT TO salesperf_reader USING (true);
	CREATE VIEW public.report AS SELECT t.name, t.remark, t.amount FROM salesperf.target t});
$node->safe_psql('original', 'CALL salesperf.refresh_measures()');
$node->safe_psql('original', "CALL salesperf.calculate_commissions('2020-05-01', '2020-05-31')");
$node->safe_psql('original', q{INSERT INTO public.orders (document, customer, seller, net) VALUES ('D1', 'c1', 's1', 0.125)});

# Rows that somebody entered.
sub entered
{
	my ($database) = @_;

	return join "\n", map { $node->safe_psql($database, "SELECT x FROM $_ x ORDER BY x::text COLLATE \"C\"") }
	  qw(salesperf.setting salesperf.source salesperf.target salesperf.target_month salesperf.agreement
	  salesperf.agreement_customer salesperf.sales_order salesperf.order_line salesperf.contract salesperf.contract_line
	  salesperf.order_split salesperf.sale_status salesperf.kpi salesperf.commission_rule salesperf.contract_term
	  salesperf.commission_period salesperf.commission_item public.orders), 'public."Invoice lines"';
}

# All ordinary objects: columns, constraints, policies, rights, sequences,
# triggers, views and comments.
sub objects
{
	my ($database) = @_;

	return $node->safe_psql($database, q{
		WITH member AS (
			SELECT d.classid, d.objid FROM pg_depend d
			WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
		), relation AS (
			SELECT c.* FROM pg_class c
			WHERE c.relnamespace IN ('salesperf'::regnamespace, 'public'::regnamespace)
			  AND NOT EXISTS (
				SELECT FROM member m, pg_depend d
				WHERE m.classid = 'pg_class'::regclass AND d.classid = m.classid AND d.objid = c.oid
				  AND (m.objid = c.oid OR m.objid = d.refobjid))
		)
		SELECT format('%s %s %s %s', relkind, oid::regclass, relrowsecurity, pg_get_userbyid(relowner)) FROM relation
		UNION ALL
		SELECT format('right on %s: %s %s to %s', r.oid::regclass, a.privilege_type, a.is_grantable, a.grantee::regrole)
		FROM relation r, aclexplode(r.relacl) a
		UNION ALL
		SELECT format('column %s.%s %s %s %s %s', r.oid::regclass, attname, format_type(atttypid, atttypmod), attnotnull,
			attidentity, attacl)
		FROM relation r JOIN pg_attribute ON attrelid = r.oid WHERE attnum > 0 AND NOT attisdropped
		UNION ALL
		SELECT format('constraint %s %s %s', r.oid::regclass, conname, pg_get_constraintdef(c.oid))
		FROM relation r JOIN pg_constraint c ON c.conrelid = r.oid
		UNION ALL
		SELECT format('policy %s', p) FROM pg_policies p
		UNION ALL
		SELECT format('sequence %s', s) FROM pg_sequences s WHERE sequencename NOT IN
		  ('build_build_id_seq', 'commission_run_run_id_seq', 'commission_exception_exception_id_seq')
		UNION ALL
		SELECT format('trigger %s %s', pg_get_triggerdef(t.oid), tgenabled)
		FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid WHERE NOT tgisinternal
		UNION ALL
		SELECT format('view %s %s %s', r.oid::regclass, reloptions, pg_get_viewdef(r.oid)) FROM relation r WHERE relkind = 'v'
		UNION ALL
		SELECT format('comment on %s %s: %s', r.oid::regclass, objsubid, description)
		FROM relation r JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = r.oid
		ORDER BY 1});
}

# Every figure with what plain SQL says.
my $figures = q{
	WITH sold AS (
		SELECT 'orders' AS source, o.customer, coalesce(s.seller, o.seller) AS seller,
			o.net * coalesce(s.percent, 100) / 100 AS net, coalesce(s.percent, 100) / 100 AS share
		FROM public.orders o
		LEFT JOIN salesperf.order_split s ON s.source = 'orders' AND s.document = o.document
		UNION ALL
		SELECT 'order', NULL, NULL, net, 1 FROM salesperf.order_line
		UNION ALL
		SELECT 'invoices', NULL, NULL, "Net"::numeric, 1 FROM public."Invoice lines" WHERE number > 0
	), plain AS (
		SELECT p.name, p.actual, (
			SELECT coalesce(sum(s.net), 0)::numeric(24,4) FROM sold s
			WHERE (t.sellers IS NULL OR s.seller = ANY (t.sellers))
			  AND (t.sources IS NULL OR s.source = ANY (t.sources))
			  AND (t.exclude_customers IS NULL OR s.customer <> ALL (t.exclude_customers))) AS sum
		FROM salesperf.target_performance p JOIN salesperf.target t USING (target_id)
		UNION ALL
		SELECT p.description, p.actual, (
			SELECT coalesce(sum(CASE p.metric WHEN 'net' THEN s.net ELSE s.share END), 0)::numeric(24,4)
			FROM sold s JOIN salesperf.agreement_customer c ON c.customer = s.customer
			WHERE c.agreement_id = p.agreement_id)
		FROM salesperf.agreement_performance p
	)
	SELECT name, actual, sum FROM plain};

sub wrong_figures
{
	my ($database) = @_;

	return $node->safe_psql($database,
		"SELECT * FROM ($figures) f WHERE actual IS DISTINCT FROM sum"
		  . ' UNION ALL SELECT measure_id::text, kept, recomputed FROM salesperf.verify_totals()');
}

sub states
{
	my ($database) = @_;

	return $node->safe_psql($database,
		'SELECT state, count(*) FROM salesperf.measure_state GROUP BY 1 ORDER BY 1');
}

my $entered = entered('original');
my $objects = objects('original');
my $shown = $node->safe_psql('original', "$figures ORDER BY 1");
like($entered, qr/of seller 3/, 'the fingerprint has rows');
like($objects, qr/policy .*auditors/, 'the fingerprint has policies');
like($objects, qr/trigger .*salesperf_invoices_insert/, 'the fingerprint has triggers');
like($objects, qr/trigger .*salesperf_invoices_row AFTER .* ON public.new_lines .* R$/m, 'those of partitions too');
is(wrong_figures('original'), '', 'the original has right figures');
is(states('original'), 'built|10', 'which are kept');

# A restored database has everything but totals, and goes on as the original.
sub check_restored
{
	my ($database, $how) = @_;

	is(entered($database), $entered, "$how: all rows are back");
	is(objects($database), $objects, "$how: all objects are back");
	is( $node->safe_psql($database, q{
		SELECT (SELECT count(*) FROM salesperf.measure), (SELECT count(*) FROM salesperf.build),
			(SELECT count(*) FROM salesperf.total), (SELECT count(*) FROM salesperf.pending)}),
		'0|0|0|0', "$how: totals are not");
	is(states($database), 'live|10', "$how: so figures are computed");
	is($node->safe_psql($database, "$figures ORDER BY 1"), $shown, "$how: to what they were");
	$node->safe_psql($database, 'CALL salesperf.refresh_measures()');
	is(states($database), 'built|10', "$how: and are built again");
	check_goes_on($database, $how);
}

# New orders count, new rows have keys of their own.
sub check_goes_on
{
	my ($database, $how) = @_;

	$node->safe_psql($database, q{
		INSERT INTO public.orders (document, customer, seller, net) VALUES ('new', 'c1', 's1', 1000000.5);
		UPDATE public."Invoice lines" SET "Net" = "Net" + 1 WHERE number = 7;
		UPDATE public.new_lines SET "Net" = "Net" + 1 WHERE number = 107;
		UPDATE public.orders SET net = net + 1 WHERE document = 'D1';
		DELETE FROM public.orders WHERE document = 'D3'});
	is(wrong_figures($database), '', "$how: an order changes the figures");
	is( $node->safe_psql($database, q{SELECT actual > 1000000 FROM salesperf.target_performance WHERE name = 'seller 1'}),
		't', "$how: as much as it should");
	is( $node->safe_psql($database, q{
		INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount)
		SELECT 'new', 'net', '2020-01-01', '2020-12-31', 1 FROM generate_series(1, 2)
		RETURNING target_id}),
		"110\n120", "$how: the identity goes on where it was");
	is( $node->safe_psql($database, q{
		INSERT INTO salesperf.agreement (description, metric, starts_on, ends_on, tiers)
		VALUES ('new', 'net', '2020-01-01', '2020-12-31', '0: 1%') RETURNING agreement_id}),
		'3', "$how: and the other one");
	is( $node->psql($database,
			q{INSERT INTO salesperf.agreement (description, metric, starts_on, ends_on, tiers)
			  VALUES ('bad', 'net', '2020-01-01', '2020-12-31', '5: x')}),
		3, "$how: what is wrong is refused");
	$node->safe_psql($database, 'CALL salesperf.refresh_measures(); CALL salesperf.fold()');
	is(states($database), 'built|13', "$how: what is new is built");
	is(wrong_figures($database), '', "$how: and right");
}

my $number = 0;

sub new_database
{
	my $database = 'restored_' . ++$number;
	$node->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE template0");
	return $database;
}

sub dump_to
{
	my ($file, @options) = @_;
	$node->command_ok([ 'pg_dump', '-f', "$dumps/$file", @options, 'original' ], "pg_dump @options");
}

sub restore
{
	my ($database, $file, @options) = @_;
	$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $database, @options, "$dumps/$file" ],
		"pg_restore @options $file");
}

sub run_script
{
	my ($database, $file, @options) = @_;
	$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $database, @options, '-f', "$dumps/$file" ],
		"psql @options $file");
}

my $database;
dump_to('custom', '-Fc');
dump_to('directory', '-Fd', '-j4');
dump_to('plain');
dump_to('schema', '-Fc', '--schema-only');
dump_to('data', '-Fc', '--data-only');

$database = new_database();
restore($database, 'custom', '-j4');
check_restored($database, 'custom, four jobs');

$database = new_database();
restore($database, 'directory', '-j4');
check_restored($database, 'directory, four jobs');

$database = new_database();
run_script($database, 'plain');
check_restored($database, 'plain');

$database = new_database();
run_script($database, 'plain', '--single-transaction');
check_restored($database, 'plain, one transaction');

$database = new_database();
restore($database, 'custom', "--section=$_", $_ eq 'data' ? '-j4' : ()) for qw(pre-data data post-data);
check_restored($database, 'section by section');

$database = new_database();
restore($database, 'schema');
restore($database, 'data');
check_restored($database, 'schema, then data');

$database = new_database();
restore($database, 'schema');
restore($database, 'data', '--disable-triggers');
# pg_restore ends with ENABLE TRIGGER ALL, which makes triggers that always fire
# ordinary ones; setup() puts them back.
$node->safe_psql($database, q{SET client_min_messages = error; SELECT salesperf.setup()});
check_restored($database, 'schema, then data without triggers');

# A restore over a database in use leaves its totals unused.  pg_restore of
# PostgreSQL 15 can't drop the indexes of partitions by themselves.
$node->safe_psql($database, q{SET client_min_messages = error; DROP TABLE public."Invoice lines" CASCADE});
restore($database, 'custom', '--clean', '--if-exists');
check_restored($database, 'over an existing one');

# setup() finds nothing to do, and the figures stay built.
$node->safe_psql('original', q{SET client_min_messages = error; SELECT salesperf.setup(), salesperf.setup()});
is(entered('original'), $entered, 'setup() twice changes no row');
is(objects('original'), $objects, 'nor any object');
is(states('original'), 'built|10', 'nor what is built');
is(wrong_figures('original'), '', 'nor any figure');

# The extension can't be dropped by mistake; dropped with all that depends on
# it, it takes no row along, and orders are written as before.
my ($status, $out, $err) =
  $node->psql('original', "\\set VERBOSITY sqlstate\nDROP EXTENSION salesperf");
like($err, qr/2BP01/, 'DROP EXTENSION is refused');
is(wrong_figures('original'), '', 'and changes nothing');
$node->safe_psql('original', 'SET client_min_messages = error; DROP EXTENSION salesperf CASCADE');
is(entered('original'), $entered, 'DROP EXTENSION CASCADE keeps every row');
$node->safe_psql('original', q{INSERT INTO public.orders (document, customer, seller, net) VALUES ('D2', 'c2', 's2', 64)});
$node->safe_psql('original', q{
	SET client_min_messages = error;
	CREATE EXTENSION salesperf;
	SELECT salesperf.setup()});
$objects =~ s/(sequence .*public,orders_id_seq,.*,)1001\)/${1}1002)/;
is(objects('original'), $objects, 'CREATE EXTENSION and setup() bring all objects back');
is(states('original'), 'live|10', 'with figures that are computed');
is(wrong_figures('original'), '', 'with what was sold meanwhile');
$node->safe_psql('original', 'CALL salesperf.refresh_measures()');
is(states('original'), 'built|10', 'and are built again');
check_goes_on('original', 'after CREATE EXTENSION');

# setup() brings back what somebody dropped.
my $complete = objects('original');
$node->safe_psql('original', q{
	SET client_min_messages = error;
	ALTER TABLE salesperf.target DROP CONSTRAINT target_period_check;
	DROP VIEW salesperf.sale, salesperf.source_orders, salesperf.target_measure CASCADE;
	DROP TRIGGER salesperf_orders_insert ON public.orders;
	DROP TRIGGER measures_turn_live ON salesperf.source;
	INSERT INTO public.orders (document, customer, seller, net) VALUES ('D4', 'c4', 's4', 128);
	SELECT salesperf.setup()});
is(objects('original'), $complete =~ s/(sequence .*public,orders_id_seq,.*,)1003\)/${1}1004)/r,
	'setup() restores what is missing');
is(wrong_figures('original'), '', 'and no total is used that missed an order');

$node->stop;
done_testing();
