# CREATE EXTENSION refuses a schema that somebody else prepared, and accepts
# an empty one of its own.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;

$node->safe_psql('postgres', 'CREATE ROLE regress_spm_planter');

# Runs $prepare in a new database, then CREATE EXTENSION.  Returns the
# SQLSTATE of the latter ('' for success).
sub install_after
{
	my ($database, $prepare) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql($database, $prepare);
	my ($status, $out, $err) = $node->psql($database,
		"\\set VERBOSITY sqlstate\n"
		  . "SET client_min_messages = error;\n"
		  . "CREATE EXTENSION salesperf CASCADE;");
	return '' if $status == 0;
	return $err =~ /ERROR:\s+(\w{5})/ ? $1 : $err;
}

# Number of functions in schema salesperf that belong to the extension.
sub members
{
	my ($database) = @_;

	return $node->safe_psql($database, q{
		SELECT count(*)
		FROM pg_proc p
		JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
		WHERE p.pronamespace = to_regnamespace('salesperf')
		  AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'});
}

is(install_after('nothing', 'SELECT 1'), '', 'installs where there is no schema');
cmp_ok(members('nothing'), '>', 0, 'and has functions');

is(install_after('own', 'CREATE SCHEMA salesperf'), '',
	'installs into an empty schema of the installing role');
cmp_ok(members('own'), '>', 0, 'and has functions there');

is( install_after(
		'planted', 'CREATE SCHEMA salesperf AUTHORIZATION regress_spm_planter'),
	'42501',
	'a schema of another role is refused as insufficient privilege');
is(members('planted'), '0', 'and nothing is left behind');

is( install_after(
		'overload', q{
		CREATE SCHEMA salesperf;
		CREATE FUNCTION salesperf.setup(integer) RETURNS integer
		LANGUAGE sql AS 'SELECT 1';}),
	'42723',
	'a schema that holds functions is refused as duplicate function');
is(members('overload'), '0', 'and nothing is left behind');

is( $node->safe_psql(
		'overload', q{SELECT count(*) FROM pg_extension WHERE extname = 'salesperf'}),
	'0',
	'the extension is not recorded either');

$node->stop;
done_testing();
