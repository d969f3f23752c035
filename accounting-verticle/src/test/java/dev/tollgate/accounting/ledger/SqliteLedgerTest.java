package dev.tollgate.accounting.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.accounting.Calls;
import dev.tollgate.accounting.SpendRow;
import dev.tollgate.protocol.Usage;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqliteLedgerTest {
    @TempDir
    Path data;

    private SqliteLedger ledger;

    @BeforeEach
    void open() {
        ledger = SqliteLedger.open(data.resolve("tollgate.db"));
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    private static SpendRow row(String id, String key, String user, String model, String time, long nanos) {
        return Calls.row(id, key, user, model, Instant.parse(time).toEpochMilli(), nanos);
    }

    /** SHA-256 of {@code sk-1234}. */
    private static final String KEY = "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b";

    private void someRows() {
        ledger.store(
                List.of(
                        row("a", KEY, "anna", "gpt-4o", "2026-01-01T00:00:00Z", 1_000_000_000),
                        row("b", KEY, "bert", "gpt-4o", "2026-01-01T23:59:59.999Z", 500),
                        row("c", "other", "anna", "o3", "2026-01-02T00:00:00Z", 1),
                        row("d", "other", "anna", "gpt-4o", "2026-01-03T10:00:00.500Z", 2)),
                "file",
                100);
    }

    private static String ids(JsonArray rows) {
        StringBuilder ids = new StringBuilder();
        rows.forEach(row -> ids.append(((JsonObject) row).getString("request_id")));
        return ids.toString();
    }

    @ParameterizedTest
    @CsvSource({
        "'',dcba",
        "request_id=b,b",
        "request_id=nobody,''",
        "api_key=other,dc",
        "api_key=sk-1234,ba",
        "user_id=anna,dca",
        "user_id=anna&api_key=sk-1234,a",
        "start_date=2026-01-02,dc",
        "end_date=2026-01-01,ba",
        "end_date=2026-01-02,cba",
        "start_date=2026-01-01T23:59:59Z,dcb",
        "start_date=2026-01-03T10:00:00Z,d",
        "start_date=2026-01-03 10:00:01,''",
        "start_date=2026-01-02T01:00:00+01:00,dc",
        "start_date=2026-01-01&end_date=2026-01-02&summarize=false,cba",
        "start_date=&end_date= &limit=2,dc",
        "limit= ,dcba",
        "limit=0,d",
        "user_id=' OR 1=1 --,''",
    })
    void rowsAreFilteredAndNewestFirst(String query, String expected) {
        someRows();
        assertThat(ids(ledger.logs(parameters(query)))).isEqualTo(expected);
    }

    private static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new HashMap<>();
        for (String pair : query.isEmpty() ? new String[0] : query.split("&")) {
            parameters.put(pair.split("=", 2)[0], pair.split("=", 2)[1]);
        }
        return parameters;
    }

    @Test
    void withBothDatesDaysAreSummarized() {
        someRows();
        JsonArray days = ledger.logs(Map.of("start_date", "2026-01-01", "end_date", "2026-01-04"));
        assertThat(days).hasSize(4);
        JsonObject first = new JsonObject(days.getJsonObject(0).encode());
        assertThat(first.getString("startTime")).isEqualTo("2026-01-01");
        assertThat(first.getDouble("spend")).isEqualTo(1.0000005);
        assertThat(first.getDouble(KEY)).isEqualTo(1.0000005);
        assertThat(first.getJsonObject("users").getDouble("bert")).isEqualTo(5e-7);
        assertThat(first.getJsonObject("models").getDouble("gpt-4o")).isEqualTo(1.0000005);
        JsonObject second = days.getJsonObject(1);
        assertThat(second.getJsonObject("models").fieldNames()).containsExactly("o3");
        JsonObject fourth = new JsonObject(days.getJsonObject(3).encode());
        assertThat(fourth.getString("startTime")).isEqualTo("2026-01-04");
        assertThat(fourth.getDouble("spend")).isZero();
        assertThat(ledger.logs(Map.of("start_date", "2027-01-01", "end_date", "2027-01-04")))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"start_date,yesterday,2026-01-31", "limit,zz,whole number"})
    void aParameterThatCannotBeReadIsRefusedWithItsName(String name, String value, String hint) {
        assertThatThrownBy(() -> ledger.logs(Map.of(name, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name)
                .hasMessageContaining(hint);
        assertThat(ledger.logs(Map.of())).as("and the store goes on").isEmpty();
    }

    @Test
    void aRowIsShownAsLiteLlmShowsIt() {
        Usage usage = new Usage(10, 4, 3, 1, 0, 5, 2, 0, 0, true);
        ledger.store(
                List.of(new SpendRow(
                        "id",
                        "acompletion",
                        null,
                        null,
                        null,
                        "end",
                        "alias",
                        "gpt-4o",
                        "dep",
                        "group",
                        "openai",
                        "https://api",
                        "x,y",
                        "group/dep=ok",
                        "TIMEOUT",
                        usage,
                        12_345_678_901L,
                        true,
                        true,
                        504,
                        1_767_225_600_000L,
                        1500.4,
                        250.6)),
                "file",
                1);
        JsonObject row = new JsonObject(ledger.logs(Map.of()).getJsonObject(0).encode());
        assertThat(row.getMap())
                .containsEntry("api_key", "")
                .containsEntry("user", "")
                .containsEntry("team_id", null)
                .containsEntry("spend", 12.345678901)
                .containsEntry("total_tokens", 15)
                .containsEntry("startTime", "2026-01-01T00:00:00.000Z")
                .containsEntry("endTime", "2026-01-01T00:00:01.500Z")
                .containsEntry("completionStartTime", "2026-01-01T00:00:00.251Z")
                .containsEntry("status", "failure")
                .containsEntry("model_group", "group")
                .containsEntry("custom_llm_provider", "openai");
        assertThat(row.getJsonArray("request_tags").encode()).isEqualTo("[\"x\",\"y\"]");
        assertThat(row.getJsonObject("metadata").getMap())
                .containsEntry("priced", true)
                .containsEntry("status_code", 504)
                .containsEntry("cache_read_tokens", 4);
    }

    @Test
    void storingTwiceChangesNothing() {
        ledger.store(List.of(Calls.row("a"), Calls.row("a"), Calls.row("b")), "file", 10);
        JsonArray once = ledger.logs(Map.of());
        ledger.store(List.of(row("a", "k", "u", "m", "2030-01-01T00:00:00Z", 7), Calls.row("b")), "other", 20);
        assertThat(ledger.logs(Map.of()).encode()).isEqualTo(once.encode());
        assertThat(ledger.position("file")).isEqualTo(10);
        assertThat(ledger.position("other")).isEqualTo(20);
        ledger.forget("file");
        assertThat(ledger.position("file")).isZero();
    }

    @Test
    void rowsAndPositionAreStoredTogetherOrNotAtAll() {
        SpendRow impossible = new SpendRow(
                "bad",
                "c",
                null,
                null,
                null,
                null,
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                null,
                Usage.NONE,
                0,
                true,
                false,
                0,
                0,
                Double.NaN,
                -1);
        assertThatThrownBy(() -> ledger.store(List.of(Calls.row("good"), impossible), "file", 10))
                .isInstanceOf(IllegalStateException.class);
        assertThat(ledger.position("file")).isZero();
        assertThat(ledger.logs(Map.of())).isEmpty();
        ledger.store(List.of(Calls.row("good")), "file", 10);
        assertThat(ledger.logs(Map.of())).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "01928c9e-37f5-7e5b-8b0c-35a1f0d2c4e7,blob",
        "01928C9E-37F5-7E5B-8B0C-35A1F0D2C4E7,text",
        "01928c9e-37f5-7e5b-8b0c-35a1f0d2c4eg,text",
        "01928c9e037f5-7e5b-8b0c-35a1f0d2c4e7,text",
        "chatcmpl-123,text",
    })
    void anIdComesBackAsItWasAndAUuidTakesSixteenBytes(String id, String type) throws SQLException {
        ledger.store(List.of(Calls.row(id)), "file", 1);
        assertThat(ids(ledger.logs(Map.of("request_id", id)))).isEqualTo(id);
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("tollgate.db"));
                var statement = connection.createStatement()) {
            try (var rows = statement.executeQuery("SELECT typeof(request_id) FROM spend")) {
                assertThat(rows.getString(1)).isEqualTo(type);
            }
            try (var rows = statement.executeQuery("SELECT request_id FROM spend_logs")) {
                assertThat(rows.getString(1)).isEqualTo(id);
            }
        }
    }

    @Test
    void callsOfOneKindShareAContextAndOthersDoNot() throws SQLException {
        someRows();
        ledger.store(List.of(row("e", KEY, "anna", "gpt-4o", "2026-01-04T00:00:00Z", 3)), "file", 200);
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("tollgate.db"));
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT count(*) FROM spend_contexts")) {
            assertThat(rows.getInt(1)).isEqualTo(4);
        }
    }

    @Test
    void whatWasStoredIsThereAfterOpeningAgain() {
        someRows();
        try (SqliteLedger second = SqliteLedger.open(data.resolve("tollgate.db"))) {
            assertThat(ids(second.logs(Map.of()))).isEqualTo("dcba");
            assertThat(second.position("file")).isEqualTo(100);
        }
    }
}
