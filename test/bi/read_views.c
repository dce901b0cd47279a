/*-------------------------------------------------------------------------
 *
 * read_views.c
 *	  Read views of schema salesperf by ODBC, as a BI tool does, and print what
 *	  the driver says of them: see test/bi/README.md.
 *
 *	  read_views DRIVER VIEW...
 *
 * DRIVER is the driver's file, so that nothing needs to be registered on the
 * machine.  PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD lead to the
 * server.
 *
 * test/bi/read_views.c
 *
 *-------------------------------------------------------------------------
 */
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sql.h>
#include <sqlext.h>
#include <sqlucode.h>

#define MAX_COLUMNS 100
#define NAME_SIZE 1024

typedef struct Column
{
	char name[NAME_SIZE];
	SQLSMALLINT type;
	SQLULEN size;
	SQLSMALLINT digits;
} Column;

typedef struct TypeName
{
	SQLSMALLINT type;
	const char *name;
} TypeName;

static const TypeName type_names[] = {
	{SQL_BIT, "SQL_BIT"},
	{SQL_INTEGER, "SQL_INTEGER"},
	{SQL_BIGINT, "SQL_BIGINT"},
	{SQL_TYPE_DATE, "SQL_TYPE_DATE"},
	{SQL_TYPE_TIMESTAMP, "SQL_TYPE_TIMESTAMP"},
	{SQL_VARCHAR, "SQL_VARCHAR"},
	{SQL_WVARCHAR, "SQL_WVARCHAR"},
	{SQL_LONGVARCHAR, "SQL_LONGVARCHAR"},
	{SQL_WLONGVARCHAR, "SQL_WLONGVARCHAR"},
};

static SQLHENV environment;
static SQLHDBC connection;

/* Ends the program, with the driver's message, unless the call went well. */
static void
check(SQLRETURN result, SQLSMALLINT kind, SQLHANDLE handle, const char *what)
{
	SQLCHAR state[6] = "";
	SQLCHAR message[1024] = "";
	SQLINTEGER code;
	SQLSMALLINT length;

	if (SQL_SUCCEEDED(result))
		return;
	SQLGetDiagRec(kind,
				  handle,
				  1,
				  state,
				  &code,
				  message,
				  sizeof(message),
				  &length);
	fprintf(stderr, "%s: %s %s\n", what, state, message);
	exit(1);
}

static SQLHSTMT
new_statement(void)
{
	SQLHSTMT statement;

	check(SQLAllocHandle(SQL_HANDLE_STMT, connection, &statement),
		  SQL_HANDLE_DBC,
		  connection,
		  "statement");
	return statement;
}

static void
print_escaped(const char *text)
{
	for (; *text; text++)
	{
		switch (*text)
		{
			case '\\':
				fputs("\\\\", stdout);
				break;
			case '\t':
				fputs("\\t", stdout);
				break;
			case '\n':
				fputs("\\n", stdout);
				break;
			case '\r':
				fputs("\\r", stdout);
				break;
			default:
				putchar(*text);
		}
	}
}

/* Prints the text of a column in pieces, however long it is. */
static void
print_text(SQLHSTMT statement, SQLUSMALLINT number)
{
	char piece[4096];
	SQLLEN indicator;
	SQLRETURN result;

	while ((result = SQLGetData(statement,
								number,
								SQL_C_CHAR,
								piece,
								sizeof(piece),
								&indicator)) != SQL_NO_DATA)
	{
		check(result, SQL_HANDLE_STMT, statement, "text");
		if (indicator == SQL_NULL_DATA)
		{
			fputs("\\N", stdout);
			return;
		}
		print_escaped(piece);
		if (result == SQL_SUCCESS)
			return;
	}
}

static void
print_bit(SQLHSTMT statement, SQLUSMALLINT number)
{
	unsigned char value;
	SQLLEN indicator;

	check(SQLGetData(statement,
					 number,
					 SQL_C_BIT,
					 &value,
					 sizeof(value),
					 &indicator),
		  SQL_HANDLE_STMT,
		  statement,
		  "bit");
	fputs(indicator == SQL_NULL_DATA ? "\\N"
		  : value					 ? "true"
									 : "false",
		  stdout);
}

static void
print_integer(SQLHSTMT statement, SQLUSMALLINT number)
{
	SQLBIGINT value;
	SQLLEN indicator;

	check(SQLGetData(statement,
					 number,
					 SQL_C_SBIGINT,
					 &value,
					 sizeof(value),
					 &indicator),
		  SQL_HANDLE_STMT,
		  statement,
		  "integer");
	if (indicator == SQL_NULL_DATA)
		fputs("\\N", stdout);
	else
		printf("%lld", (long long) value);
}

static void
print_date(SQLHSTMT statement, SQLUSMALLINT number)
{
	SQL_DATE_STRUCT value;
	SQLLEN indicator;

	check(SQLGetData(statement,
					 number,
					 SQL_C_TYPE_DATE,
					 &value,
					 sizeof(value),
					 &indicator),
		  SQL_HANDLE_STMT,
		  statement,
		  "date");
	if (indicator == SQL_NULL_DATA)
		fputs("\\N", stdout);
	else
		printf("%04d-%02d-%02d", value.year, value.month, value.day);
}

static void
print_timestamp(SQLHSTMT statement, SQLUSMALLINT number)
{
	SQL_TIMESTAMP_STRUCT value;
	SQLLEN indicator;

	check(SQLGetData(statement,
					 number,
					 SQL_C_TYPE_TIMESTAMP,
					 &value,
					 sizeof(value),
					 &indicator),
		  SQL_HANDLE_STMT,
		  statement,
		  "timestamp");
	if (indicator == SQL_NULL_DATA)
		fputs("\\N", stdout);
	else
		printf("%04d-%02d-%02d %02d:%02d:%02d.%06u",
			   value.year,
			   value.month,
			   value.day,
			   value.hour,
			   value.minute,
			   value.second,
			   (unsigned) value.fraction / 1000);
}

static void
print_value(SQLHSTMT statement, const Column *column, SQLUSMALLINT number)
{
	switch (column->type)
	{
		case SQL_BIT:
			print_bit(statement, number);
			break;
		case SQL_INTEGER:
		case SQL_BIGINT:
			print_integer(statement, number);
			break;
		case SQL_TYPE_DATE:
			print_date(statement, number);
			break;
		case SQL_TYPE_TIMESTAMP:
			print_timestamp(statement, number);
			break;
		default:
			print_text(statement, number);
	}
}

/* Size and digits say something of numbers only. */
static void
print_type(const Column *column)
{
	if (column->type == SQL_NUMERIC)
	{
		printf("SQL_NUMERIC(%lu,%d)",
			   (unsigned long) column->size,
			   column->digits);
		return;
	}
	for (size_t i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++)
	{
		if (type_names[i].type == column->type)
		{
			fputs(type_names[i].name, stdout);
			return;
		}
	}
	printf("type %d", column->type);
}

/* Prints what a query of one text value returns. */
static void
print_answer(const char *query, const char *parameter)
{
	SQLHSTMT statement = new_statement();

	check(SQLBindParameter(statement,
						   1,
						   SQL_PARAM_INPUT,
						   SQL_C_CHAR,
						   SQL_VARCHAR,
						   strlen(parameter),
						   0,
						   (SQLPOINTER) parameter,
						   0,
						   NULL),
		  SQL_HANDLE_STMT,
		  statement,
		  query);
	check(SQLExecDirect(statement, (SQLCHAR *) query, SQL_NTS),
		  SQL_HANDLE_STMT,
		  statement,
		  query);
	check(SQLFetch(statement), SQL_HANDLE_STMT, statement, query);
	print_text(statement, 1);
	SQLFreeHandle(SQL_HANDLE_STMT, statement);
}

/*
 * Views that the driver lists.  It leaves the remarks of SQLTables and
 * SQLColumns empty, so comments are asked for in SQL.
 */
static void
list_views(void)
{
	SQLHSTMT statement = new_statement();
	char name[NAME_SIZE];
	SQLLEN indicator;

	check(SQLTables(statement,
					NULL,
					0,
					(SQLCHAR *) "salesperf",
					SQL_NTS,
					(SQLCHAR *) "%",
					SQL_NTS,
					(SQLCHAR *) "'VIEW','MATVIEW'",
					SQL_NTS),
		  SQL_HANDLE_STMT,
		  statement,
		  "SQLTables");
	while (SQL_SUCCEEDED(SQLFetch(statement)))
	{
		check(SQLGetData(statement,
						 3,
						 SQL_C_CHAR,
						 name,
						 sizeof(name),
						 &indicator),
			  SQL_HANDLE_STMT,
			  statement,
			  "name");
		printf("view\t%s\t", name);
		print_answer(
			"SELECT obj_description(format('salesperf.%I', ?::text)::regclass)",
			name);
		putchar('\n');
	}
	SQLFreeHandle(SQL_HANDLE_STMT, statement);
}

/* Prints what the driver's catalog says of a column, if it differs. */
static void
print_catalog_type(const char *view, const Column *column)
{
	SQLHSTMT statement = new_statement();
	Column listed = {0};
	SQLINTEGER size = 0;
	SQLLEN indicator;

	check(SQLColumns(statement,
					 NULL,
					 0,
					 (SQLCHAR *) "salesperf",
					 SQL_NTS,
					 (SQLCHAR *) view,
					 SQL_NTS,
					 (SQLCHAR *) column->name,
					 SQL_NTS),
		  SQL_HANDLE_STMT,
		  statement,
		  "SQLColumns");
	check(SQLFetch(statement), SQL_HANDLE_STMT, statement, column->name);
	SQLGetData(statement, 5, SQL_C_SSHORT, &listed.type, 0, &indicator);
	SQLGetData(statement, 7, SQL_C_SLONG, &size, 0, &indicator);
	SQLGetData(statement, 9, SQL_C_SSHORT, &listed.digits, 0, &indicator);
	listed.size = size;
	if (listed.type != column->type ||
		(listed.type == SQL_NUMERIC &&
		 (listed.size != column->size || listed.digits != column->digits)))
	{
		fputs(" but listed as ", stdout);
		print_type(&listed);
	}
	SQLFreeHandle(SQL_HANDLE_STMT, statement);
}

static void
print_remark(const char *view, SQLSMALLINT number)
{
	char query[NAME_SIZE];

	snprintf(
		query,
		sizeof(query),
		"SELECT col_description(format('salesperf.%%I', ?::text)::regclass, %d)",
		number);
	print_answer(query, view);
}

static void
read_view(const char *view)
{
	SQLHSTMT statement = new_statement();
	static Column columns[MAX_COLUMNS];
	char query[NAME_SIZE];
	SQLSMALLINT count;
	SQLSMALLINT unused;
	SQLRETURN result;

	snprintf(query, sizeof(query), "SELECT * FROM salesperf.\"%s\"", view);
	check(SQLExecDirect(statement, (SQLCHAR *) query, SQL_NTS),
		  SQL_HANDLE_STMT,
		  statement,
		  view);
	check(SQLNumResultCols(statement, &count),
		  SQL_HANDLE_STMT,
		  statement,
		  view);
	if (count > MAX_COLUMNS)
	{
		fprintf(stderr, "%s: more than %d columns\n", view, MAX_COLUMNS);
		exit(1);
	}
	for (SQLSMALLINT i = 0; i < count; i++)
	{
		Column *column = &columns[i];

		check(SQLDescribeCol(statement,
							 i + 1,
							 (SQLCHAR *) column->name,
							 sizeof(column->name),
							 &unused,
							 &column->type,
							 &column->size,
							 &column->digits,
							 &unused),
			  SQL_HANDLE_STMT,
			  statement,
			  view);
		printf("column\t%s\t%s\t", view, column->name);
		print_type(column);
		print_catalog_type(view, column);
		putchar('\t');
		print_remark(view, i + 1);
		putchar('\n');
	}
	while ((result = SQLFetch(statement)) != SQL_NO_DATA)
	{
		check(result, SQL_HANDLE_STMT, statement, view);
		printf("row\t%s", view);
		for (SQLSMALLINT i = 0; i < count; i++)
		{
			putchar('\t');
			print_value(statement, &columns[i], i + 1);
		}
		putchar('\n');
	}
	SQLFreeHandle(SQL_HANDLE_STMT, statement);
}

/*
 * By default the driver shows booleans as '1' and '0' of type char;
 * BoolsAsChar=0 is what its manual gives to tools that know the type.
 */
static void
open_connection(const char *driver)
{
	char parameters[NAME_SIZE];

	snprintf(
		parameters,
		sizeof(parameters),
		"Driver=%s;Servername=%s;Port=%s;Database=%s;UID=%s;PWD=%s;BoolsAsChar=0",
		driver,
		getenv("PGHOST"),
		getenv("PGPORT"),
		getenv("PGDATABASE"),
		getenv("PGUSER"),
		getenv("PGPASSWORD"));
	SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment);
	SQLSetEnvAttr(environment,
				  SQL_ATTR_ODBC_VERSION,
				  (SQLPOINTER) SQL_OV_ODBC3,
				  0);
	SQLAllocHandle(SQL_HANDLE_DBC, environment, &connection);
	check(SQLDriverConnect(connection,
						   NULL,
						   (SQLCHAR *) parameters,
						   SQL_NTS,
						   NULL,
						   0,
						   NULL,
						   SQL_DRIVER_NOPROMPT),
		  SQL_HANDLE_DBC,
		  connection,
		  "connection");
}

int
main(int argc, char **argv)
{
	setlocale(LC_ALL, "");
	if (argc < 2)
	{
		fprintf(stderr, "usage: read_views DRIVER VIEW...\n");
		return 1;
	}
	open_connection(argv[1]);
	list_views();
	for (int i = 2; i < argc; i++)
		read_view(argv[i]);
	SQLDisconnect(connection);
	return 0;
}
