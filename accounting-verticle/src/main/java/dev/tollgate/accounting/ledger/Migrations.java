package dev.tollgate.accounting.ledger;

import dev.tollgate.config.StoreUrl;
import io.vertx.sqlclient.Row;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a database server's tables to this version's. Migrations are numbered files that only ever add, so that the release before
 * goes on working; which were made stands in {@code schema_versions}. One node at a time makes them, the others wait and find them
 * made, or come again. An index over a table that is very large takes as long as it takes. Ours rather than Flyway's, which would bring a second driver for each server, with other ideas of TLS and logins.
 */
final class Migrations {
    private static final List<String> FILES = List.of(
            "V1__spend.sql",
            "V2__definitions.sql",
            "V3__balances.sql",
            "V4__spend_horizon.sql",
            "V5__spend_by_context.sql",
            "V6__cluster_claims.sql",
            "V7__service_tier.sql",
            "V8__alerts.sql",
            "V9__spend_parts.sql",
            "V10__balance_check.sql",
            "V11__picture_tokens.sql");
    private static final String VERSIONS = "schema_versions";
    private static final Logger LOG = LoggerFactory.getLogger(Migrations.class);
    /** For one statement; a connection that is lost without a word must not be waited for for ever. */
    private static final Duration LONGEST = Duration.ofHours(12);

    /** Another connection of this node may be at it; that is not worth a word. */
    private static final Duration UNSAID = Duration.ofSeconds(2);

    private final StoreUrl url;
    private final ServerStore store;
    private final Statements ask;

    /** One statement after the other. */
    @FunctionalInterface
    interface Statements {
        Iterable<Row> run(String sql, Duration limit);
    }

    /** {@code ask} runs one statement on the connection and gives its rows. */
    Migrations(StoreUrl url, ServerStore store, Statements ask) {
        this.url = url;
        this.store = store;
        this.ask = ask;
    }

    private Iterable<Row> ask(String sql) {
        return ask.run(sql, url.statementTimeout());
    }

    private void make(String sql) {
        ask.run(sql, LONGEST);
    }

    void run() {
        if (made().containsAll(FILES)) {
            return;
        }
        store.begin().forEach(this::ask);
        lock();
        store.locked().forEach(this::ask);
        ask("CREATE TABLE IF NOT EXISTS " + store.table(VERSIONS)
                + " (name VARCHAR(100) NOT NULL PRIMARY KEY, made_millis BIGINT NOT NULL)");
        Set<String> made = made();
        for (String file : FILES) {
            if (!made.contains(file)) {
                if (!made.isEmpty()) {
                    LOG.info("{}: {} is made; with very many rows that takes its time", url, file);
                }
                statements(file).forEach(this::make);
                ask("INSERT INTO " + store.table(VERSIONS) + " VALUES ('" + file + "', " + System.currentTimeMillis()
                        + ")");
            }
        }
        store.unlock().forEach(this::ask);
    }

    /** Waits for as long as for any answer of the store; whoever asked comes again then. */
    private void lock() {
        long began = System.nanoTime();
        boolean said = false;
        while (ask(store.tryLock()).iterator().next().getLong(0) != 1) {
            Duration waited = Duration.ofNanos(System.nanoTime() - began);
            if (waited.compareTo(url.statementTimeout()) >= 0) {
                throw StoreException.migrating(url);
            }
            if (!said && waited.compareTo(UNSAID) >= 0) {
                said = true;
                LOG.info("{}: waiting for another node's migration of our tables", url);
            }
            ask(store.pause());
        }
    }

    private Set<String> made() {
        Set<String> made = new HashSet<>();
        if (ask(store.tableThere(VERSIONS)).iterator().hasNext()) {
            ask("SELECT name FROM " + store.table(VERSIONS)).forEach(row -> made.add(row.getString(0)));
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
