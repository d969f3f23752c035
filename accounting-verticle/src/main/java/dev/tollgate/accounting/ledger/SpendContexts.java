package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.SpendRow;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows of {@code spend_contexts}: what a call has in common with many others. Found by a digest, as some of the columns may be null;
 * the latest are remembered.
 */
final class SpendContexts {
    private static final int REMEMBERED = 4_096;
    private static final int DIGEST_BYTES = 16;

    private final Connection connection;

    private final Map<Context, Long> known = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Context, Long> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** Texts in the order of the columns, and the four numbers behind them. */
    private record Context(List<@Nullable String> texts, int status, boolean priced, boolean stream, boolean reported) {
        static Context of(SpendRow row) {
            return new Context(
                    Arrays.asList(
                            row.callType(),
                            row.keyHash(),
                            row.user(),
                            row.team(),
                            row.endUser(),
                            row.requestedModel(),
                            row.model(),
                            row.modelId(),
                            row.modelGroup(),
                            row.provider(),
                            row.apiBase(),
                            row.tags(),
                            row.route(),
                            row.failure()),
                    row.status(),
                    row.priced(),
                    row.stream(),
                    row.usage().reported());
        }

        /** Lengths stand in front of the texts, so that no two contexts read the same. */
        byte[] digest() {
            StringBuilder all = new StringBuilder(500);
            for (String text : texts) {
                all.append(text == null ? -1 : text.length()).append(':').append(text);
            }
            all.append(status).append(priced).append(stream).append(reported);
            try {
                byte[] whole = MessageDigest.getInstance("SHA-256")
                        .digest(all.toString().getBytes(StandardCharsets.UTF_8));
                return Arrays.copyOf(whole, DIGEST_BYTES);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("Every Java has SHA-256", e);
            }
        }
    }

    SpendContexts(Connection connection) {
        this.connection = connection;
    }

    /** The id of this row's context, which is stored if it is new. */
    long id(SpendRow row) throws SQLException {
        Context context = Context.of(row);
        Long id = known.get(context);
        if (id == null) {
            byte[] digest = context.digest();
            Long stored = stored(digest);
            id = stored == null ? store(context, digest) : stored;
            known.put(context, id);
        }
        return id;
    }

    /** A transaction was undone, and contexts that were new in it are gone. */
    void forget() {
        known.clear();
    }

    private @Nullable Long stored(byte[] digest) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT id FROM spend_contexts WHERE digest = ?")) {
            select.setBytes(1, digest);
            try (ResultSet found = select.executeQuery()) {
                return found.next() ? found.getLong(1) : null;
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
