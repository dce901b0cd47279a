"""Reads views of schema salesperf by psycopg2, as Python tools do, and prints
what the driver says of them: see test/bi/README.md.

    python3 read_views.py VIEW...

PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD lead to the server.
"""

import datetime
import decimal
import sys

import psycopg2
import psycopg2.extensions
import psycopg2.extras


def printed(*fields):
    def escaped(field):
        if field is None:
            return "\\N"
        return field.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")

    print("\t".join(escaped(field) for field in fields))


def type_of(column):
    """Name of the driver's type object, or of the SQL type where it has none."""
    if column.type_code == psycopg2.extensions.DECIMAL.values[0]:
        return f"DECIMAL({column.precision},{column.scale})"
    for name, oids in TYPES.items():
        if column.type_code in oids:
            return name
    return f"oid {column.type_code}"


TYPES = {
    "INTEGER": psycopg2.extensions.INTEGER.values,
    "LONGINTEGER": psycopg2.extensions.LONGINTEGER.values,
    "BOOLEAN": psycopg2.extensions.BOOLEAN.values,
    "DATE": psycopg2.extensions.DATE.values,
    "DATETIMETZ": (1184,),
    "STRING": (25,),
    "JSONB": (3802,),
}


def value_of(value):
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, int):
        return str(value)
    raise TypeError(f"{type(value)}: {value}")


def list_views(cursor):
    cursor.execute("""
        SELECT c.relname, obj_description(c.oid, 'pg_class')
        FROM pg_class c
        WHERE c.relnamespace = 'salesperf'::regnamespace AND c.relkind IN ('v', 'm')
        """)
    for name, comment in cursor.fetchall():
        printed("view", name, comment)


def read(cursor, view):
    cursor.execute("""
        SELECT a.attname, col_description(a.attrelid, a.attnum)
        FROM pg_attribute a
        WHERE a.attrelid = format('salesperf.%%I', %s::text)::regclass AND a.attnum > 0
        """, (view,))
    remarks = dict(cursor.fetchall())
    cursor.execute(f'SELECT * FROM salesperf."{view}"')
    for column in cursor.description:
        printed("column", view, column.name, type_of(column), remarks[column.name])
    for row in cursor.fetchall():
        printed("row", view, *map(value_of, row))


def main(views):
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    # Documents are compared as the text that the server sends.
    psycopg2.extras.register_default_jsonb(loads=lambda text: text, globally=True)
    with psycopg2.connect("") as connection, connection.cursor() as cursor:
        list_views(cursor)
        for view in views:
            read(cursor, view)


main(sys.argv[1:])
