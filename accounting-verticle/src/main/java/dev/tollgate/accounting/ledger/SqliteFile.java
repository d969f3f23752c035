package dev.tollgate.accounting.ledger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.flywaydb.core.Flyway;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/** The embedded store's file: write-ahead log, each commit synced, one connection for each who uses it. */
final class SqliteFile {
    private SqliteFile() {}

    /**
     * A connection for one thread, to the file with all its tables. One at a time: two that make the tables at once would be in each
     * other's way.
     */
    static synchronized Connection open(Path file) throws SQLException {
        String url = "jdbc:sqlite:" + file;
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw new UncheckedIOException("The data folder of " + file + " cannot be made", e);
        }
        readable(url);
        Flyway.configure()
                .dataSource(url, "", "")
                .locations("classpath:db/migration/sqlite")
                .load()
                .migrate();
        return connected(url);
    }

    /** One more connection, for another thread, to a file that has all its tables. */
    static Connection again(Path file) throws SQLException {
        return connected("jdbc:sqlite:" + file);
    }

    /** For looking only, at a file that is there; nothing is made or changed. */
    static Connection toLook(Path file) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        config.setBusyTimeout(5_000);
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file, config.toProperties());
        connection.setAutoCommit(false);
        return connection;
    }

    /** Flyway tries for ten seconds to make its table in a file that is no database; the first page tells at once. */
    private static void readable(String url) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                var statement = connection.createStatement()) {
            statement.execute("PRAGMA schema_version");
        }
    }

    private static Connection connected(String url) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        // Used on one thread only, so SQLite need not guard itself against others.
        config.setOpenMode(SQLiteOpenMode.NOMUTEX);
        // Asking for them costs half as much again as an insert.
        config.setGetGeneratedKeys(false);
        Connection connection = DriverManager.getConnection(url, config.toProperties());
        try (var statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout=5000");
            statement.execute("PRAGMA journal_mode=WAL");
            statement.execute("PRAGMA synchronous=FULL");
            connection.setAutoCommit(false);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }
}
