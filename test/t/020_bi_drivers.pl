# What BI tools see of the views: psql, JDBC, ODBC and psycopg2 list and read
# every one of them, with the same types, comments and values.
#
# The views are found in the catalog.  Left out are source_<name> and
# split_<name>, one for each attached source: the exact sales and shares that
# figures are computed from, whose columns are as the ERP's tables have them.
use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $programs = ($ENV{SPM_TREE} // '.') . '/test/bi';
my $jdbc_driver = '/usr/share/java/postgresql.jar';
my ($odbc_driver) = glob '/usr/lib/*/odbc/psqlodbcw.so';
my @clients = qw(psql JDBC ODBC psycopg2);

# What each client calls a type.  No other types are shown, and numbers are
# either measures, ratios or money.
my %types = (
	'text' => ['text', 'VARCHAR', 'SQL_LONGVARCHAR', 'STRING'],
	'boolean' => ['boolean', 'BIT', 'SQL_BIT', 'BOOLEAN'],
	'integer' => ['integer', 'INTEGER', 'SQL_INTEGER', 'INTEGER'],
	'bigint' => ['bigint', 'BIGINT', 'SQL_BIGINT', 'LONGINTEGER'],
	'date' => ['date', 'DATE', 'SQL_TYPE_DATE', 'DATE'],
	'timestamp with time zone' =>
	  ['timestamp with time zone', 'TIMESTAMP timestamptz', 'SQL_TYPE_TIMESTAMP', 'DATETIMETZ'],
	map { ("numeric($_)" => ["numeric($_)", "NUMERIC($_)", "SQL_NUMERIC($_)", "DECIMAL($_)"]) } ('24,4', '12,6', '20,2'));
my @document_type = ('jsonb', 'OTHER jsonb', 'SQL_VARCHAR', 'JSONB');

# Columns that may be jsonb: what an ERP says besides, and what a measure is.
my %is_document = (attributes => 1, scope => 1);

my $node = PostgreSQL::Test::Cluster->new('main');

# BI tools come by TCP, with a password.  For nobody but them is there a door.
my $password = join '', map { sprintf '%08x', int rand 2**32 } 1 .. 4;
$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->append_conf('postgresql.conf', "listen_addresses = '127.0.0.1'\nTimeZone = 'UTC'");
unlink $node->data_dir . '/pg_hba.conf';
$node->append_conf('pg_hba.conf', "local all all trust\nhost company regress_spm_bi 127.0.0.1/32 scram-sha-256");
$node->start;

# A zone where it is noon, so that no day ends between two readers.
my $zone = sprintf 'Etc/GMT%+d', (gmtime)[2] - 12;

$node->safe_psql('postgres', 'CREATE DATABASE company');
$node->safe_psql('company', qq{
	SET client_min_messages = error;
	CREATE EXTENSION salesperf CASCADE;
	SELECT salesperf.setup(currency => 'EUR', time_zone => '$zone');
	CREATE ROLE regress_spm_bi LOGIN PASSWORD '$password' IN ROLE salesperf_reader;
	CREATE SCHEMA erp;
	GRANT USAGE ON SCHEMA erp TO regress_spm_bi;
	CREATE TABLE erp.invoice (number integer PRIMARY KEY, day date, client text, rep text, net float8, cost numeric,
		currency text, remark jsonb);
	CREATE TABLE erp.team (invoice integer, rep text, percent numeric, PRIMARY KEY (invoice, rep));
	GRANT SELECT ON ALL TABLES IN SCHEMA erp TO regress_spm_bi;
	SELECT salesperf.attach_source('erp', lines => 'erp.invoice', document => 'l.number', sold_on => 'l.day', customer => 'l.client',
		seller => 'l.rep', net => 'l.net', cost => 'l.cost', currency => 'l.currency', attributes => 'l.remark',
		splits => 'erp.team', split_on => 's.invoice = l.number', split_seller => 's.rep', split_percent => 's.percent')});

# Figures of each state: past, current, coming and draft; met and missed; of a
# target of 0, of a graduated agreement and of one that pays amounts.  Texts
# are what breaks formats, numbers what a spreadsheet would take for something
# else.  Whatever an ERP may hold and no figure can, is there too.
$node->safe_psql('company', <<'SQL');
	INSERT INTO salesperf.customer (code, name) VALUES ('acme', E'Acme\t"& Söhne"'), ('007', E'back\\slash\nand line');
	INSERT INTO salesperf.exchange_rate VALUES ('CHF', '2020-01-01', 1.0625);
	INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers, sources)
	VALUES ('Ann, 2024', 'net', '2024-01-01', '2024-12-31', 9000, '{ann}', NULL),
	       ('twenty years', 'net', '2020-01-01', '2039-12-31', 1234567.8901, NULL, NULL),
	       ('none yet', 'net', '2090-01-01', '2090-12-31', 1, '{}', '{erp}'),
	       (E'zero\ttab, "quotes", ; and \\N', 'margin', '2024-01-01', '2024-12-31', 0, NULL, NULL),
	       (E'two\r\nlines, 😀, ▲ é', 'gross', '2024-01-01', '2024-01-01', 999999999999999.9999, NULL, NULL),
	       ('', 'quantity', '2024-02-29', '2024-02-29', 0.0001, NULL, NULL);
	INSERT INTO salesperf.agreement (description, metric, starts_on, ends_on, tiers, state)
	VALUES ('slab', 'net', '2024-01-01', '2024-12-31', '0: 5%, 5000: 8%, 10000: 12%', 'active'),
	       ('graduated', 'net', '2020-01-01', '2039-12-31', 'graduated; 0: 1%, 1000: 2%', 'active'),
	       ('amounts', 'quantity', '2024-01-01', '2024-12-31', '2: 100, 1000: 99999.99', 'active'),
	       ('coming', 'net', '2090-01-01', '2090-12-31', '0: 5%', 'active'),
	       ('draft', 'net', '2024-01-01', '2024-12-31', '1: 5%', 'draft');
	INSERT INTO salesperf.agreement_customer VALUES (1, 'acme'), (1, '007'), (2, 'acme'), (3, '007'), (4, 'acme'), (5, 'zeta');
	INSERT INTO salesperf.sales_order (order_no, ordered_on, customer, seller, branch, sale_type, status, currency, attributes)
	VALUES ('S1', '2024-02-29', 'acme', 'ann', '001', 'new', 'confirmed', NULL, '{"b": [1.50, null, "ü\t\\"], "a": true}'),
	       ('S2', '2024-03-01', '007', 'bob', NULL, NULL, 'confirmed', 'CHF', NULL),
	       ('S3', '2024-12-31', 'acme', 'ann', NULL, NULL, 'done', 'XAU', NULL),
	       ('S4', '2024-12-31', 'acme', 'ann', NULL, NULL, 'lost', NULL, NULL);
	INSERT INTO salesperf.order_line (order_no, line_no, product, quantity, gross, net, cost)
	VALUES ('S1', 1, '1e5', 3, 6000, 5800.12345, 3000), ('S1', 2, NULL, -1, NULL, -0.00005, NULL), ('S2', 1, '1-2', 0.5, 800, 700.07, 10),
	       ('S3', 1, NULL, 1, 10, 10, 1), ('S4', 1, NULL, 1, 10, 10, 1);
	INSERT INTO salesperf.order_split (source, document, seller, percent) VALUES ('order', 'S1', 'ann', 100.0 / 3), ('order', 'S1', 'cid', 0.00001);
	INSERT INTO salesperf.order_split (source, document, seller, percent, overlay) VALUES ('order', 'S1', 'dora', 50, true);
	INSERT INTO salesperf.contract (contract_no, signed_on, customer, seller, unit, sale_type) VALUES ('C1', '2024-06-30', '007', 'ann', 'shop', 'renewal');
	INSERT INTO salesperf.contract_line (contract_no, line_no, net, revenue, attributes) VALUES ('C1', 1, 4000, 123.45, '{"term": 24}');
	INSERT INTO erp.invoice
	VALUES (1, '2024-05-05', 'acme', 'ann', 0.1, 0.05, NULL, '{"NaN": "NaN"}'), (2, '2024-05-06', 'acme', 'ann', 'NaN', NULL, NULL, NULL),
	       (3, '2024-05-06', 'acme', 'ann', '-Infinity', 'Infinity', NULL, NULL), (4, '2024-05-06', 'acme', 'ann', 1e300, 'NaN', NULL, NULL),
	       (5, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	       (6, '2020-02-29', 'acme', 'ann', 999999999999999, NULL, NULL, NULL), (7, '2024-05-08', 'acme', 'ann', 90, 30, 'CHF', NULL);
	INSERT INTO erp.team VALUES (7, 'ann', 70), (7, 'bob', 80);
SQL

# Some totals are kept, with a delta that waits, and some are computed.
$node->safe_psql('company', 'CALL salesperf.refresh_measures()');
$node->safe_psql('company', "CALL salesperf.calculate_commissions('2024-06-01', '2024-06-30')");
$node->safe_psql('company', q{
	UPDATE salesperf.sales_order SET seller = 'cid' WHERE order_no = 'S2';
	INSERT INTO salesperf.sales_order (order_no, ordered_on, customer, seller, status) VALUES ('S5', '2024-12-30', 'zeta', 'bob', 'confirmed');
	INSERT INTO salesperf.order_line (order_no, line_no, quantity, net) VALUES ('S5', 1, 1, 1.00005);
	INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount) VALUES ('computed', 'net', '2024-01-01', '2024-12-31', 1)});

# A build is under way, and stays so.
my $writer = $node->background_psql('company');
$writer->query_safe('BEGIN; LOCK TABLE salesperf.writer IN ROW EXCLUSIVE MODE');
my $builder = $node->background_psql('company', on_error_stop => 0);
$builder->query_until(qr/begun/, "\\echo begun\nCALL salesperf.refresh_measures('1 hour');\n");
$node->poll_query_until('company', 'SELECT EXISTS (SELECT FROM salesperf.refresh_progress)') or die 'no build is under way';

# Rows of a catalog query, as arrays.
sub catalog
{
	my ($query) = @_;

	return map { [ split /\t/ ] } split /\n/, $node->safe_psql('company', "\\pset fieldsep '\\t'\n$query");
}

my @views = map { $_->[0] } catalog(q{
	SELECT relname FROM pg_class
	WHERE relnamespace = 'salesperf'::regnamespace AND relkind IN ('v', 'm') AND relname !~ '^(source|split)_'
	  AND has_table_privilege('salesperf_reader', oid, 'SELECT')
	ORDER BY relname});
my %columns;
push @{ $columns{ $_->[0] } }, { name => $_->[1], type => $_->[2] } for catalog(q{
	SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
	FROM pg_class c
	JOIN pg_attribute a ON a.attrelid = c.oid
	WHERE c.relnamespace = 'salesperf'::regnamespace AND a.attnum > 0
	ORDER BY c.oid, a.attnum});

# Runs a client; returns what it printed.
sub run_client
{
	my ($name, @command) = @_;
	my ($out, $err) = ('', '');

	# No driver manager's settings of this machine, and no one's time zone.
	local %ENV = (%ENV, PGHOST => '127.0.0.1', PGPORT => $node->port, PGDATABASE => 'company', PGUSER => 'regress_spm_bi',
		PGPASSWORD => $password, PGTZ => 'UTC', TZ => 'UTC', LC_ALL => 'C.UTF-8', ODBCSYSINI => $PostgreSQL::Test::Utils::tmp_check);
	IPC::Run::run(\@command, '<', \undef, '>', \$out, '2>', \$err);
	is($?, 0, "$name does its work") or diag("@command: $err");
	return $out;
}

sub escaped
{
	my ($field) = @_;
	my %escapes = ("\\" => "\\\\", "\t" => "\\t", "\n" => "\\n", "\r" => "\\r");

	return $field =~ s/([\\\t\n\r])/$escapes{$1}/gr;
}

# Fields of what psql shows with -z and -0, row by row; undefined where NULL.
sub psql_rows
{
	my ($command) = @_;
	my $null = '(null)';

	return map { [ map { $_ eq $null ? undef : $_ } split /\0/, $_, -1 ] } split /\x1e/,
	  run_client('psql', 'psql', '-X', '-A', '-t', '-z', '-R', "\x1e", '-P', "null=$null", '-c', $command) =~ s/\n\z//r;
}

# A value of psql in the form in which the other programs print it.
sub psql_value
{
	my ($value, $type) = @_;

	return '\N' if !defined $value;
	return { t => 'true', f => 'false' }->{$value} if $type eq 'boolean';
	return sprintf '%s.%06d', $1, ($2 // 0) * 10**(6 - length($2 // 0))
	  if $type eq 'timestamp with time zone' && $value =~ /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.(\d+))?\+00$/;
	return escaped($value);
}

# What psql shows, in the lines that the other programs print.
sub read_by_psql
{
	my @lines = map { join "\t", 'view', $_->[1], escaped($_->[-1]) } psql_rows('\dv+ salesperf.*');

	for my $view (@views)
	{
		my @shown = psql_rows("\\d+ salesperf.$view");
		push @lines, map { join "\t", 'column', $view, $_->[0], $_->[1], escaped($_->[-1]) } @shown;
		for my $row (psql_rows("TABLE salesperf.$view"))
		{
			push @lines, join "\t", 'row', $view, map { psql_value($row->[$_], $shown[$_][1]) } 0 .. $#shown;
		}
	}
	return join "\n", @lines;
}

sub read_by_odbc
{
	my $program = "$PostgreSQL::Test::Utils::tmp_check/read_views";

	run_client('gcc', 'gcc', '-Wall', '-Wextra', '-Werror', '-o', $program, "$programs/read_views.c", '-lodbc');
	return run_client('ODBC', $program, $odbc_driver, @views);
}

# What a client printed, by kind of line and view: {view}{NAME} is a comment,
# {column}{NAME} and {row}{NAME} are lists of fields.
sub parsed
{
	my ($output) = @_;
	my %read;

	for my $line (split /\n/, $output)
	{
		my ($kind, $view, @fields) = split /\t/, $line, -1;
		if ($kind eq 'view')
		{
			$read{view}{$view} = $fields[0];
		}
		else
		{
			push @{ $read{$kind}{$view} }, \@fields;
		}
	}
	return \%read;
}

my %read = (
	psql => parsed(read_by_psql()),
	JDBC => parsed(run_client('JDBC', 'java', '-cp', $jdbc_driver, "$programs/ReadViews.java", @views)),
	ODBC => parsed(read_by_odbc()),
	psycopg2 => parsed(run_client('psycopg2', '/usr/bin/python3', "$programs/read_views.py", @views)));

# Rows in an order of their own, as text.
sub lines
{
	return join "\n", sort map { join "\t", @$_ } @_;
}

# Columns of a view with their comments.
sub remarks
{
	my ($read, $view) = @_;

	return join "\n", map { "$_->[0] $_->[2]" } @{ $read->{column}{$view} };
}

# Types that a client should name for the columns of a view.
sub expected_types
{
	my ($view, $number) = @_;

	return map {
		my $names = $_->{type} eq 'jsonb' && $is_document{ $_->{name} } ? \@document_type : $types{ $_->{type} };
		"$_->{name} " . ($names ? $names->[$number] : "of another type than $_->{type}")
	} @{ $columns{$view} };
}

my %is_view = map { $_ => 1 } @views;
ok($is_view{$_}, "the catalog has view $_") for qw(agreement_performance credit health sale target_performance);

for my $view (@views)
{
	my @rows = @{ $read{psql}{row}{$view} // [] };
	my @numbers = grep { $columns{$view}[$_]{type} =~ /^numeric/ } 0 .. $#{ $columns{$view} };
	my $keys = @numbers ? $numbers[0] : @{ $columns{$view} };
	my %seen;

	cmp_ok(@rows, '>', 0, "$view has rows to compare");
	is(scalar(grep { $_->[0] eq '\N' } @rows), 0, "$view begins with a column that is never NULL");
	is(scalar(grep { $seen{ join "\t", @$_[ 0 .. $keys - 1 ] }++ } @rows), 0, "the columns of $view before the first number tell rows apart");
	is(lines(grep { join("\t", @$_) =~ /(?:^|\t)[+-]?(?:NaN|inf(?:inity)?)(?:\t|$)/i } @rows), '', "$view shows neither NaN nor Infinity");

	for my $number (0 .. $#clients)
	{
		my $client = $clients[$number];
		my $mine = $read{$client};

		isnt($mine->{view}{$view} // '', '', "$client lists $view with its comment");
		is(join("\n", map { "$_->[0] $_->[1]" } @{ $mine->{column}{$view} }),
			join("\n", expected_types($view, $number)), "$client knows the types of $view");
		is(lines(grep { $_->[2] eq '' || $_->[2] eq '\N' } @{ $mine->{column}{$view} }), '', "$client shows a comment on each column of $view");
		next if $client eq 'psql';
		is($mine->{view}{$view}, $read{psql}{view}{$view}, "$client has the same comment on $view as psql");
		is(remarks($mine, $view), remarks($read{psql}, $view), "$client has the same comments on the columns of $view as psql");
		is(lines(@{ $mine->{row}{$view} }), lines(@rows), "$client reads the same values of $view as psql");
	}
}

# Equal answers may be wrong all the same.  Of 5800.1234 cid has a share of
# 0.00001 percent, of 90 francs bob has 80 parts and ann 70: what is left is
# ann's.
my ($ann) = grep { $_->[1] eq 'Ann, 2024' } @{ $read{JDBC}{row}{target_performance} };
is( join(' ', @$ann[ 2 .. $#$ann ]),
	'net 2024-01-01 2024-12-31 expired 9000.0000 9844.8478 1.093872 9000.0000 true ▲ 9844.8478 -844.8478 ██████████ 9844.8478 9844.8478 1.000000',
	'the figures are what the orders say');

$writer->quit;
$builder->quit;
$node->stop;
done_testing();
