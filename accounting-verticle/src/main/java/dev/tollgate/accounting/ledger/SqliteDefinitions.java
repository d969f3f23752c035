package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.book.Book;
import dev.tollgate.accounting.book.Change;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.StampedDefinitions;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** The book's entries in the embedded store, beside the ledger. */
public final class SqliteDefinitions implements StampedDefinitions {
    private static final String THERE =
            "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'definitions_revision'";

    private final DefinitionsSql sql;
    private final SqliteStamps stamps;
    private final long forgottenMillis;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();
    private final Connection connection;

    private final String identity = UUID.randomUUID().toString();

    private SqliteDefinitions(Connection connection, long forgottenMillis) {
        this.connection = connection;
        this.forgottenMillis = forgottenMillis;
        this.sql = new DefinitionsSql(new SqliteSql(), forgottenMillis);
        this.stamps = new SqliteStamps(connection);
    }

    /**
     * Opens the file, making it and its tables where they are missing.
     *
     * @throws IllegalStateException when that is not possible
     */
    public static SqliteDefinitions open(Path file) {
        try {
            return new SqliteDefinitions(SqliteFile.open(file), FORGOTTEN_MILLIS);
        } catch (SQLException e) {
            throw failed("opened", e);
        }
    }

    /** The same, of a node of a cluster: deletions are remembered for longer. */
    public static SqliteDefinitions openTogether(Path file) {
        SqliteDefinitions opened = null;
        try {
            opened = new SqliteDefinitions(SqliteFile.open(file), REMEMBERED_MILLIS);
            opened.stamps.tidy();
            opened.connection.commit();
            return opened;
        } catch (SQLException e) {
            if (opened != null) {
                opened.close();
            }
            throw failed("opened", e);
        }
    }

    /** For looking only: where our tables are missing there is nothing, and they are not made. */
    public static SqliteDefinitions toLook(Path file) {
        try {
            return new SqliteDefinitions(SqliteFile.toLook(file), FORGOTTEN_MILLIS);
        } catch (SQLException e) {
            throw failed("opened", e);
        }
    }

    private static IllegalStateException failed(String what, SQLException e) {
        return new IllegalStateException("The embedded store cannot be " + what + ": " + e.getMessage(), e);
    }

    @Override
    public long changes(long after, Consumer<Definition> each) {
        try {
            // The first question begins a transaction, so all of them see one state.
            if (after == 0 && run(THERE) == 0) {
                return 0;
            }
            long all = run(sql.revision());
            long seen = after;
            for (int rows = DefinitionsSql.PAGE; rows == DefinitionsSql.PAGE; ) {
                rows = 0;
                try (PreparedStatement select = connection.prepareStatement(sql.page())) {
                    select.setLong(1, seen);
                    ResultSet found = select.executeQuery();
                    for (; found.next(); rows++) {
                        seen = found.getLong(3);
                        give(found, each);
                    }
                }
            }
            connection.commit();
            return all;
        } catch (SQLException e) {
            undo();
            throw failed("read", e);
        }
    }

    private static void give(ResultSet row, Consumer<Definition> each) throws SQLException {
        Kind kind = Kind.named(row.getString(1)).orElse(null);
        if (kind != null) {
            each.accept(new Definition(kind, row.getString(2), row.getLong(3), row.getString(4)));
        }
    }

    /** Of this process: no other one uses the file, while a copy of it may be another node's. */
    @Override
    public String identity() {
        return identity;
    }

    @Override
    public long write(List<Change> changes, long nowMillis) throws Book.Stale {
        try {
            long version = sql.write(this::unchecked, changes, nowMillis);
            connection.commit();
            return version;
        } catch (SQLException e) {
            undo();
            throw failed("written", e);
        } catch (Book.Stale | RuntimeException e) {
            undo();
            throw e;
        }
    }

    @Override
    public void stamped(Consumer<Stamped> each) {
        try {
            stamps.all(each);
            connection.commit();
        } catch (SQLException e) {
            undo();
            throw failed("read", e);
        }
    }

    @Override
    public List<Stamped> stamped(Collection<Holder> of, Enough enough) {
        try {
            List<Stamped> some = stamps.some(of, enough);
            connection.commit();
            return some;
        } catch (SQLException e) {
            undo();
            throw failed("read", e);
        }
    }

    @Override
    public Taken merge(List<Stamped> found, long nowMillis) {
        try {
            Taken taken = stamps.merge(found, nowMillis - forgottenMillis);
            if (taken.definitions().isEmpty()) {
                connection.rollback();
            } else {
                connection.commit();
            }
            return taken;
        } catch (SQLException e) {
            undo();
            throw failed("written", e);
        }
    }

    private long unchecked(String statement, @Nullable Object... values) {
        try {
            return run(statement, values);
        } catch (SQLiteException e) {
            if (e.getResultCode() == SQLiteErrorCode.SQLITE_CONSTRAINT_PRIMARYKEY) {
                throw new DefinitionsSql.There(e);
            }
            throw failed("written", e);
        } catch (SQLException e) {
            throw failed("written", e);
        }
    }

    private long run(String statement, @Nullable Object... values) throws SQLException {
        PreparedStatement prepared = prepared(statement);
        for (int i = 0; i < values.length; i++) {
            prepared.setObject(i + 1, values[i]);
        }
        if (!prepared.execute()) {
            return prepared.getUpdateCount();
        }
        try (ResultSet found = prepared.getResultSet()) {
            found.next();
            return found.getLong(1);
        }
    }

    /** They are few, and a change of many entries runs them as often. */
    private PreparedStatement prepared(String statement) throws SQLException {
        PreparedStatement known = prepared.get(statement);
        if (known == null) {
            known = connection.prepareStatement(statement);
            prepared.put(statement, known);
        }
        return known;
    }

    private void undo() {
        try {
            connection.rollback();
        } catch (SQLException _) {
            // The failure that led here is the one to report.
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw failed("closed", e);
        }
    }
}
