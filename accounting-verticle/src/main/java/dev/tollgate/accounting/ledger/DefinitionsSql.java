package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.book.Book;
import dev.tollgate.accounting.book.Change;
import dev.tollgate.accounting.book.Definitions;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of the tables of definitions, in any store's words. A writer first takes its numbers from the one row of {@code
 * definitions_revision}: the others wait there until it has committed, so that numbers become visible in their order and writers
 * never meet in a deadlock.
 */
final class DefinitionsSql {
    /** Rows read at once: some megabytes. */
    static final int PAGE = 5_000;

    private final String take;
    private final String taken;
    private final String page;
    private final String insert;
    private final String revive;
    private final String replace;
    private final String forget;
    private final String identity;
    private final String identify;
    private final long forgottenMillis;

    /** Runs one statement. */
    @FunctionalInterface
    interface Runner {
        /** How many rows it changed, or for a question the number it came to. */
        long run(String sql, @Nullable Object... values);
    }

    /** A row that was to be new is there. */
    static final class There extends RuntimeException {
        private static final long serialVersionUID = 1;

        There(Throwable cause) {
            super(cause);
        }
    }

    DefinitionsSql(Sql sql) {
        this(sql, Definitions.FORGOTTEN_MILLIS);
    }

    /** One that forgets deletions after so many milliseconds. */
    DefinitionsSql(Sql sql, long forgottenMillis) {
        this.forgottenMillis = forgottenMillis;
        String table = sql.table("definitions");
        String revision = sql.table("definitions_revision");
        String values =
                " SET document = " + sql.parameter(1) + ", version = " + sql.parameter(2) + ", updated_millis = "
                        + sql.parameter(3) + " WHERE kind = " + sql.parameter(4) + " AND id = " + sql.parameter(5);
        this.take = "UPDATE " + revision + " SET revision = revision + " + sql.parameter(1) + " WHERE id = 1";
        this.taken = "SELECT revision FROM " + revision + " WHERE id = 1";
        this.page = "SELECT kind, id, version, document FROM " + table + " WHERE version > " + sql.parameter(1)
                + " ORDER BY version LIMIT " + PAGE;
        this.insert = "INSERT INTO " + table + " (document, version, updated_millis, kind, id) VALUES ("
                + sql.parameter(1) + ", " + sql.parameter(2) + ", " + sql.parameter(3) + ", " + sql.parameter(4) + ", "
                + sql.parameter(5) + ")";
        this.revive = "UPDATE " + table + values + " AND document IS NULL";
        this.replace = "UPDATE " + table + values + " AND version = " + sql.parameter(6) + " AND document IS NOT NULL";
        this.forget = "DELETE FROM " + table + " WHERE document IS NULL AND updated_millis < " + sql.parameter(1);
        this.identity = "SELECT COALESCE(MAX(revision), 0) FROM " + revision + " WHERE id = 2";
        this.identify = "INSERT INTO " + revision + " (id, revision) VALUES (2, " + sql.parameter(1) + ")";
    }

    /**
     * The store's identity: beside the count of changes, made by the first node that asks. In a row that earlier releases do not look
     * at.
     */
    String identity(Runner runner) {
        long known = runner.run(identity);
        if (known == 0) {
            try {
                runner.run(identify, UUID.randomUUID().getMostSignificantBits());
            } catch (There _) {
                // Another node was faster.
            }
            known = runner.run(identity);
        }
        return Long.toHexString(known);
    }

    /** Asks for the number of the last change. */
    String revision() {
        return taken;
    }

    /** Asks for the next rows after a version. */
    String page() {
        return page;
    }

    /** All changes, in a transaction that the caller has begun and ends. */
    long write(Runner runner, List<Change> changes, long nowMillis) throws Book.Stale {
        runner.run(take, (long) changes.size());
        long last = runner.run(taken);
        long version = last - changes.size();
        boolean deleted = false;
        for (Change change : changes) {
            write(runner, change, ++version, nowMillis);
            deleted |= change.document() == null;
        }
        if (deleted) {
            runner.run(forget, nowMillis - forgottenMillis);
        }
        return last;
    }

    private void write(Runner runner, Change change, long version, long nowMillis) throws Book.Stale {
        JsonObject document = change.document();
        List<@Nullable Object> values = new ArrayList<>(Arrays.<@Nullable Object>asList(
                document == null ? null : document.encode(),
                version,
                nowMillis,
                change.kind().storedName(),
                change.id()));
        if (change.basedOn() != 0) {
            values.add(change.basedOn());
            if (runner.run(replace, values.toArray()) == 0) {
                throw new Book.Stale(change);
            }
        } else if (runner.run(revive, values.toArray()) == 0) {
            try {
                runner.run(insert, values.toArray());
            } catch (There _) {
                throw new Book.Stale(change);
            }
        }
    }
}
