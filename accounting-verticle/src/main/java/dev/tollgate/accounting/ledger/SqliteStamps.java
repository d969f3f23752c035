package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.book.Definitions.Definition;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.StampedDefinitions.Enough;
import dev.tollgate.accounting.book.StampedDefinitions.Stamped;
import dev.tollgate.accounting.book.StampedDefinitions.Taken;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Stamps of the embedded store's entries; whoever calls commits. What is written here needs none of its own: the store's count of
 * changes is never behind a stamp that it has heard of, so a version is later than all of them.
 */
final class SqliteStamps {
    private static final String ALL = "SELECT d.kind, d.id, COALESCE(s.stamp, d.version), d.document, d.updated_millis"
            + " FROM definitions d LEFT JOIN definitions_stamps s ON s.version = d.version";
    private static final String ONE = ALL + " WHERE d.kind = ? AND d.id = ?";
    /** A transaction that begins by reading is refused when the ledger has written meanwhile. */
    private static final String BEGIN = "UPDATE definitions_revision SET revision = revision WHERE id = 1";

    private static final String COUNT = "UPDATE definitions_revision SET revision = max(revision + ?, ?) WHERE id = 1";
    private static final String COUNTED = "SELECT revision FROM definitions_revision WHERE id = 1";
    private static final String PUT = "INSERT INTO definitions (kind, id, document, version, updated_millis)"
            + " VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET document = excluded.document,"
            + " version = excluded.version, updated_millis = excluded.updated_millis";
    private static final String STAMP = "INSERT OR REPLACE INTO definitions_stamps (version, stamp) VALUES (?, ?)";
    private static final String FORGET = "DELETE FROM definitions WHERE document IS NULL AND updated_millis < ?";
    private static final String TIDY =
            "DELETE FROM definitions_stamps WHERE version NOT IN (SELECT version FROM definitions)";

    private final Connection connection;

    SqliteStamps(Connection connection) {
        this.connection = connection;
    }

    /** Rows that mean nothing any more are few, and go when the store is opened. */
    void tidy() throws SQLException {
        run(TIDY);
    }

    void all(Consumer<Stamped> each) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(ALL);
                ResultSet found = select.executeQuery()) {
            while (found.next()) {
                read(found).ifPresent(each);
            }
        }
    }

    List<Stamped> some(Collection<Holder> of, Enough enough) throws SQLException {
        List<Stamped> some = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(ONE)) {
            for (Holder holder : of) {
                Stamped one = one(select, holder);
                if (one != null) {
                    some.add(one);
                    if (enough.after(one)) {
                        break;
                    }
                }
            }
        }
        return some;
    }

    private static @Nullable Stamped one(PreparedStatement select, Holder holder) throws SQLException {
        select.setString(1, holder.kind().storedName());
        select.setString(2, holder.id());
        try (ResultSet found = select.executeQuery()) {
            return found.next() ? read(found).orElse(null) : null;
        }
    }

    /** Nothing of kinds that this release does not know. */
    private static Optional<Stamped> read(ResultSet row) throws SQLException {
        Kind kind = Kind.named(row.getString(1)).orElse(null);
        return kind == null
                ? Optional.empty()
                : Optional.of(new Stamped(kind, row.getString(2), row.getLong(3), row.getString(4), row.getLong(5)));
    }

    Taken merge(List<Stamped> found, long forgottenBefore) throws SQLException {
        run(BEGIN);
        List<Stamped> news = news(found, forgottenBefore);
        if (news.isEmpty()) {
            return Taken.NOTHING;
        }
        run(COUNT, news.size(), news.stream().mapToLong(Stamped::stamp).max().orElse(0));
        long version = counted() - news.size();
        List<Definition> taken = new ArrayList<>();
        for (Stamped each : news) {
            version++;
            run(PUT, each.kind().storedName(), each.id(), each.document(), version, each.millis());
            run(STAMP, version, each.stamp());
            taken.add(new Definition(each.kind(), each.id(), version, each.document()));
        }
        if (news.stream().anyMatch(each -> each.document() == null)) {
            run(FORGET, forgottenBefore);
        }
        return new Taken(news, taken);
    }

    /**
     * What is later than what is here. A deletion of long ago is as good as forgotten, wherever it is: of something that is not here it is
     * no news, and what is new does not come too late for it.
     */
    private List<Stamped> news(List<Stamped> found, long forgottenBefore) throws SQLException {
        Map<Holder, Stamped> news = new LinkedHashMap<>();
        try (PreparedStatement select = connection.prepareStatement(ONE)) {
            for (Stamped each : found) {
                Stamped earlier = news.get(each.holder());
                Stamped here = earlier == null ? remembered(select, each.holder(), forgottenBefore) : earlier;
                if (here == null ? !forgotten(each, forgottenBefore) : each.beats(here.stamp(), here.document())) {
                    news.put(each.holder(), each);
                }
            }
        }
        return List.copyOf(news.values());
    }

    private static @Nullable Stamped remembered(PreparedStatement select, Holder holder, long forgottenBefore)
            throws SQLException {
        Stamped one = one(select, holder);
        return one == null || forgotten(one, forgottenBefore) ? null : one;
    }

    private static boolean forgotten(Stamped one, long before) {
        return one.document() == null && one.millis() < before;
    }

    private long counted() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(COUNTED);
                ResultSet found = select.executeQuery()) {
            found.next();
            return found.getLong(1);
        }
    }

    private void run(String statement, @Nullable Object... values) throws SQLException {
        try (PreparedStatement prepared = connection.prepareStatement(statement)) {
            for (int i = 0; i < values.length; i++) {
                prepared.setObject(i + 1, values[i]);
            }
            prepared.executeUpdate();
        }
    }
}
