package dev.tollgate.accounting.ledger;

import io.vertx.sqlclient.Row;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Brings a database server's tables to this version's. Migrations are numbered files that only ever add, so that the release before
 * goes on working; which were made stands in {@code schema_versions}. One node at a time makes them, the others wait and find them
 * made. Ours rather than Flyway's, which would bring a second driver for each server, with other ideas of TLS and logins.
 */
final class Migrations {
    private static final List<String> FILES = List.of(
            "V1__spend.sql",
            "V2__definitions.sql",
            "V3__balances.sql",
            "V4__spend_horizon.sql",
            "V5__spend_by_context.sql");
    private static final String VERSIONS = "schema_versions";

    private final ServerStore store;
    private final Statements ask;

    /** One statement after the other. */
    @FunctionalInterface
    interface Statements {
        Iterable<Row> run(String sql);
    }

    /** {@code ask} runs one statement on the connection and gives its rows. */
    Migrations(ServerStore store, Statements ask) {
        this.store = store;
        this.ask = ask;
    }

    void run() {
        if (made().containsAll(FILES)) {
            return;
        }
        store.lock().forEach(ask::run);
        ask.run("CREATE TABLE IF NOT EXISTS " + store.table(VERSIONS)
                + " (name VARCHAR(100) NOT NULL PRIMARY KEY, made_millis BIGINT NOT NULL)");
        Set<String> made = made();
        for (String file : FILES) {
            if (!made.contains(file)) {
                statements(file).forEach(ask::run);
                ask.run("INSERT INTO " + store.table(VERSIONS) + " VALUES ('" + file + "', "
                        + System.currentTimeMillis() + ")");
            }
        }
        store.unlock().forEach(ask::run);
    }

    private Set<String> made() {
        Set<String> made = new HashSet<>();
        if (ask.run(store.tableThere(VERSIONS)).iterator().hasNext()) {
            ask.run("SELECT name FROM " + store.table(VERSIONS)).forEach(row -> made.add(row.getString(0)));
        }
        return made;
    }

    /** Statements end with a semicolon at the end of a line. */
    private List<String> statements(String file) {
        String path = "/db/migration/" + store.migrations() + "/" + file;
        try (InputStream in = Migrations.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException("The program lacks " + path);
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .replaceAll("(?m)^--.*$", "")
                    .replace("${prefix}", store.prefix());
            return List.of(text.split(";\\s*(\\n|$)")).stream()
                    .map(String::strip)
                    .filter(statement -> !statement.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
