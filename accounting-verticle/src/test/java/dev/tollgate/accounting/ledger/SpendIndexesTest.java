package dev.tollgate.accounting.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.Calls;
import dev.tollgate.accounting.SpendRow;
import dev.tollgate.config.StoreUrl;
import dev.tollgate.protocol.Query;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** One key's, user's, team's or end user's rows of some days are found by an index, however many others there are. */
class SpendIndexesTest {
    @RegisterExtension
    static final Stores POSTGRES = new Stores(StoreUrl.Kind.POSTGRESQL);

    @RegisterExtension
    static final Stores MYSQL = new Stores(StoreUrl.Kind.MYSQL);

    private static final List<String> WHOSE = List.of("api_key", "user_id", "team_id", "end_user");
    private static final Map<String, String> CALL = Map.of("request_id", "01928c9e-37f5-7e5b-8b0c-35a1f0d2c4e7");
    private static final long START = 1_767_225_600_000L;
    private static final int ROWS = 6_000;
    private static final int OF_EACH = 20;

    @TempDir
    Path folder;

    private static void fill(Ledger ledger) {
        List<SpendRow> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            String whose = "x" + i % (ROWS / OF_EACH);
            rows.add(Calls.row("id" + i, whose, whose, whose, whose, "m", START + i * 1_000L, 1));
        }
        ledger.store(rows, "file", 1);
    }

    private static SpendQuestion logs(Sql sql, Map<String, String> asked) {
        return SpendQuestion.of(sql, asked, Query.Scope.ALL);
    }

    private static SpendQuestion logs(Sql sql, String whose) {
        return SpendQuestion.of(sql, asked(whose), Query.Scope.ALL);
    }

    private static SpendPage page(Sql sql, String whose) {
        return new SpendPage(sql, asked(whose), Query.Scope.ALL);
    }

    private static Map<String, String> asked(String whose) {
        return Map.of(whose, "x7", "start_date", "2026-01-01", "end_date", "2026-01-01", "summarize", "false");
    }

    @Test
    void sqlite() throws SQLException {
        Path file = folder.resolve("tollgate.db");
        try (Ledger ledger = SqliteLedger.open(file)) {
            fill(ledger);
            for (String whose : WHOSE) {
                assertThat(ledger.logs(asked(whose))).as(whose).hasSize(OF_EACH);
            }
        }
        Sql sql = new SqliteSql();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            for (String whose : WHOSE) {
                for (String plan : List.of(
                        plan(
                                connection,
                                logs(sql, whose).statement(),
                                logs(sql, whose).values()),
                        plan(
                                connection,
                                page(sql, whose).statement(),
                                page(sql, whose).values()))) {
                    assertThat(plan)
                            .as(whose)
                            .contains("USING INDEX spend_context_start (context=? AND start_millis>?")
                            .contains("(" + whose + "=?)")
                            .doesNotContain("SCAN");
                }
            }
            SpendQuestion call = logs(sql, CALL);
            assertThat(plan(connection, call.statement(), call.values()))
                    .contains("(request_id=?)", "USING INDEX spend_part_of (part_of=?)")
                    .doesNotContain("SCAN");
        }
    }

    private static String plan(Connection connection, String statement, List<Object> values) throws SQLException {
        try (PreparedStatement explain = connection.prepareStatement("EXPLAIN QUERY PLAN " + statement)) {
            for (int i = 0; i < values.size(); i++) {
                explain.setObject(i + 1, values.get(i));
            }
            StringBuilder plan = new StringBuilder();
            try (ResultSet rows = explain.executeQuery()) {
                while (rows.next()) {
                    plan.append(rows.getString("detail")).append('\n');
                }
            }
            return plan.toString();
        }
    }

    @Test
    void postgres() {
        onServer(POSTGRES.fresh(), "ANALYZE tollgate.spend, tollgate.spend_contexts");
    }

    @Test
    void mysql() {
        onServer(MYSQL.fresh(), "ANALYZE TABLE tollgate_spend, tollgate_spend_contexts");
    }

    private static void onServer(String url, String analyze) {
        StoreUrl store = StoreUrl.parse(url);
        try (Ledger ledger = ServerLedger.of(store)) {
            fill(ledger);
            for (String whose : WHOSE) {
                assertThat(ledger.logs(asked(whose))).as(whose).hasSize(OF_EACH);
            }
        }
        ServerStore sql = ServerStore.of(store);
        ServerConnection server = ServerConnection.toLook(store, sql);
        SqlConnection connection = server.open();
        server.run(connection, analyze);
        for (String whose : WHOSE) {
            for (String plan : List.of(
                    plan(
                            server,
                            connection,
                            logs(sql, whose).statement(),
                            logs(sql, whose).values()),
                    plan(
                            server,
                            connection,
                            page(sql, whose).statement(),
                            page(sql, whose).values()))) {
                assertThat(plan)
                        .as(whose)
                        .contains("spend_context_start")
                        .contains("spend_contexts_" + whose.replace("api_", "").replace("_id", ""));
            }
        }
        SpendQuestion call = logs(sql, CALL);
        assertThat(plan(server, connection, call.statement(), call.values()))
                .as("a call with its earlier parts")
                .contains("spend_part_of");
        server.close();
    }

    private static String plan(
            ServerConnection server, SqlConnection connection, String statement, List<Object> values) {
        Tuple tuple = Tuple.tuple();
        values.forEach(tuple::addValue);
        StringBuilder plan = new StringBuilder();
        for (Row row :
                server.done(connection.preparedQuery("EXPLAIN " + statement).execute(tuple))) {
            plan.append(row.deepToString()).append('\n');
        }
        return plan.toString();
    }
}
