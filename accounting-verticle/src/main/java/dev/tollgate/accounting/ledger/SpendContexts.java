package dev.tollgate.accounting.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Rows of {@code spend_contexts}: found by a digest; the latest are remembered.
 */
final class SpendContexts {
    private final Connection connection;

    private final ContextIds known = new ContextIds();

    SpendContexts(Connection connection) {
        this.connection = connection;
    }

    /** The id of this context, which is stored if it is new. */
    long id(Context context) throws SQLException {
        Long id = known.get(context);
        if (id == null) {
            byte[] digest = context.digest();
            Long stored = stored(digest);
            id = stored == null ? store(context, digest) : stored;
            charge(id, context.chargedTo());
            known.put(context, id);
        }
        return id;
    }

    /** A transaction was undone, and contexts that were new in it are gone. */
    void forget() {
        known.forget();
    }

    private @Nullable Long stored(byte[] digest) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT id FROM spend_contexts WHERE digest = ?")) {
            select.setBytes(1, digest);
            try (ResultSet found = select.executeQuery()) {
                return found.next() ? found.getLong(1) : null;
            }
        }
    }

    private void charge(long id, @Nullable String chargedTo) throws SQLException {
        if (chargedTo != null) {
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO spend_payers VALUES (?,?) ON CONFLICT (context) DO NOTHING")) {
                insert.setLong(1, id);
                insert.setString(2, chargedTo);
                insert.executeUpdate();
            }
        }
    }

    private long store(Context context, byte[] digest) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO spend_contexts VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) RETURNING id")) {
            insert.setBytes(1, digest);
            int at = 2;
            for (String text : context.texts()) {
                insert.setString(at++, text);
            }
            insert.setInt(at++, context.status());
            insert.setBoolean(at++, context.priced());
            insert.setBoolean(at++, context.stream());
            insert.setBoolean(at, context.reported());
            try (ResultSet made = insert.executeQuery()) {
                made.next();
                return made.getLong(1);
            }
        }
    }
}
