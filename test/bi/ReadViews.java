// Reads views of schema salesperf by JDBC, as a BI tool does, and prints what
// the driver says of them: see test/bi/README.md.
//
//   java -cp postgresql.jar ReadViews.java VIEW...
//
// PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD lead to the server.

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.JDBCType;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Map;

public class ReadViews {
    private static final DateTimeFormatter MICROSECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS");
    private static PrintStream out;

    public static void main(String[] views) throws Exception {
        out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        String url = "jdbc:postgresql://" + System.getenv("PGHOST") + ":" + System.getenv("PGPORT") + "/"
            + System.getenv("PGDATABASE");
        try (Connection connection = DriverManager.getConnection(url, System.getenv("PGUSER"), System.getenv("PGPASSWORD"))) {
            list(connection);
            for (String view : views) {
                read(connection, view);
            }
        }
        out.flush();
    }

    private static void list(Connection connection) throws SQLException {
        String[] types = {"VIEW", "MATERIALIZED VIEW"};
        try (ResultSet tables = connection.getMetaData().getTables(null, "salesperf", "%", types)) {
            while (tables.next()) {
                print("view", tables.getString("TABLE_NAME"), tables.getString("REMARKS"));
            }
        }
    }

    private static void read(Connection connection, String view) throws SQLException {
        Map<String, String> remarks = new HashMap<>();
        Map<String, String> types = new HashMap<>();
        try (ResultSet columns = connection.getMetaData().getColumns(null, "salesperf", view, "%")) {
            while (columns.next()) {
                String name = columns.getString("COLUMN_NAME");
                remarks.put(name, columns.getString("REMARKS"));
                types.put(name, typeName(columns.getInt("DATA_TYPE"), columns.getInt("COLUMN_SIZE"),
                    columns.getInt("DECIMAL_DIGITS"), columns.getString("TYPE_NAME")));
            }
        }
        try (Statement statement = connection.createStatement();
             ResultSet rows = statement.executeQuery("SELECT * FROM salesperf.\"" + view + "\"")) {
            ResultSetMetaData columns = rows.getMetaData();
            int count = columns.getColumnCount();
            for (int i = 1; i <= count; i++) {
                String name = columns.getColumnName(i);
                String type = typeName(columns.getColumnType(i), columns.getPrecision(i), columns.getScale(i),
                    columns.getColumnTypeName(i));
                String listed = types.get(name);
                print("column", view, name, type.equals(listed) ? type : type + " but listed as " + listed, remarks.get(name));
            }
            String[] fields = new String[count + 2];
            fields[0] = "row";
            fields[1] = view;
            while (rows.next()) {
                for (int i = 1; i <= count; i++) {
                    fields[i + 1] = valueOf(rows, columns, i);
                }
                print(fields);
            }
        }
    }

    // Precision and scale say something of NUMERIC only: elsewhere they are the
    // number of characters that a value takes.
    private static String typeName(int type, int precision, int scale, String serverName) {
        String name = JDBCType.valueOf(type).getName();
        switch (type) {
            case Types.NUMERIC:
                return name + "(" + precision + "," + scale + ")";
            case Types.TIMESTAMP:
            case Types.OTHER:
                return name + " " + serverName;
            default:
                return name;
        }
    }

    private static String valueOf(ResultSet rows, ResultSetMetaData columns, int i) throws SQLException {
        if (rows.getObject(i) == null) {
            return null;
        }
        switch (columns.getColumnType(i)) {
            case Types.NUMERIC:
                return rows.getBigDecimal(i).toPlainString();
            case Types.INTEGER:
            case Types.BIGINT:
                return Long.toString(rows.getLong(i));
            case Types.BIT:
            case Types.BOOLEAN:
                return rows.getBoolean(i) ? "true" : "false";
            case Types.DATE:
                return rows.getObject(i, LocalDate.class).toString();
            case Types.TIMESTAMP:
            case Types.TIMESTAMP_WITH_TIMEZONE:
                return rows.getObject(i, OffsetDateTime.class).withOffsetSameInstant(ZoneOffset.UTC).format(MICROSECONDS);
            default:
                return rows.getString(i);
        }
    }

    private static void print(String... fields) {
        StringBuilder line = new StringBuilder();
        for (String field : fields) {
            line.append(line.length() == 0 ? "" : "\t").append(field == null ? "\\N" : escape(field));
        }
        out.print(line.append('\n'));
    }

    private static String escape(String field) {
        return field.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r");
    }
}
