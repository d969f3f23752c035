package dev.tollgate.accounting.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.accounting.Calls;
import dev.tollgate.accounting.SpendRow;
import dev.tollgate.protocol.Usage;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What every store does with rows and their sums. */
abstract class LedgerContract extends BalancesContract {
    static SpendRow row(String id, String key, String user, String model, String time, long nanos) {
        return Calls.row(id, key, user, model, Instant.parse(time).toEpochMilli(), nanos);
    }

    /** SHA-256 of {@code sk-1234}. */
    static final String KEY = "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b";

    void someRows() {
        ledger.store(
                List.of(
                        row("a", KEY, "anna", "gpt-4o", "2026-01-01T00:00:00Z", 1_000_000_000),
                        row("b", KEY, "bert", "gpt-4o", "2026-01-01T23:59:59.999Z", 500),
                        row("c", "other", "anna", "o3", "2026-01-02T00:00:00Z", 1),
                        row("d", "other", "anna", "gpt-4o", "2026-01-03T10:00:00.500Z", 2)),
                "file",
                100);
    }

    static String ids(JsonArray rows) {
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
                        250.6,
                        List.of())),
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

    /** Questions for whole days are answered from the sums, others from the rows: both must say the same. */
    @Test
    void sumsOfDaysAreThoseOfTheirRows() {
        someRows();
        ledger.store(List.of(row("b", KEY, "bert", "x", "2026-01-01T12:00:00Z", 9), failed("f")), "other", 1);
        Map<String, String> days = Map.of("start_date", "2026-01-01", "end_date", "2026-01-03");
        Map<String, String> times =
                Map.of("start_date", "2026-01-01T00:00:00.001Z", "end_date", "2026-01-03T23:59:59.999Z");
        JsonArray early = ledger.logs(Map.of("start_date", "2026-01-01", "end_date", "2026-01-01T00:00:00.001Z"));
        assertThat(ledger.logs(days).getJsonObject(0).getValue("spend")).hasToString("1.0000005");
        assertThat(ledger.logs(times).getJsonObject(0).getValue("spend")).hasToString("5E-7");
        assertThat(early.getJsonObject(0).getValue("spend")).hasToString("1");
        assertThat(ledger.logs(with(days, "user_id", "anna")).encode())
                .isEqualTo(ledger.logs(with(with(times, "start_date", "2025-12-31T23:59:59.999Z"), "user_id", "anna"))
                        .encode());
        assertThat(ledger.logs(with(days, "api_key", "other")).getJsonObject(0).getString("startTime"))
                .isEqualTo("2026-01-02");
        assertThat(ledger.verify()).isEmpty();
    }

    static SpendRow failed(String id) {
        SpendRow row = Calls.row(id);
        return new SpendRow(
                id,
                row.callType(),
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
                "TIMEOUT",
                Usage.NONE,
                0,
                true,
                false,
                504,
                row.startedAtMillis(),
                1,
                -1,
                List.of());
    }

    static Map<String, String> with(Map<String, String> parameters, String name, String value) {
        Map<String, String> more = new HashMap<>(parameters);
        more.put(name, value);
        return more;
    }

    /** Clients and providers choose these; a row that no store takes would hold up all rows behind it. */
    @Test
    void oddTextsAndNumbersAreKept() {
        String odd = "a\u0000\u00e9\ud83d\ude00 ' \\ % \"";
        String kept = odd.replace('\u0000', '\ufffd');
        String big = "\u00e9".repeat(4_000);
        List<SpendRow> rows = new ArrayList<>();
        for (String text : List.of(odd, big)) {
            rows.add(new SpendRow(
                    text,
                    "c",
                    text,
                    text,
                    text,
                    text,
                    text,
                    text,
                    "id",
                    text,
                    "p",
                    "b",
                    text,
                    text,
                    null,
                    new Usage(Long.MAX_VALUE / 4, 1, 2, 3, 4, Long.MAX_VALUE / 4, 6, 7, 8, true),
                    Long.MAX_VALUE / 4,
                    true,
                    true,
                    Integer.MAX_VALUE,
                    1_767_225_600_000L,
                    Double.MAX_VALUE / 1e9,
                    0,
                    List.of()));
        }
        ledger.store(rows, "file", Long.MAX_VALUE);
        JsonObject row = ledger.logs(Map.of("user_id", kept)).getJsonObject(0);
        assertThat(row.getString("model")).isEqualTo(kept);
        assertThat(row.getJsonObject("metadata").getString("route")).isEqualTo(kept);
        assertThat(row.getInteger("prompt_tokens")).isNotNull();
        assertThat(ledger.logs(Map.of("request_id", big)).getJsonObject(0).getString("request_id"))
                .isEqualTo(big);
        assertThat(ledger.position("file")).isEqualTo(Long.MAX_VALUE);
        assertThat(ledger.verify()).isEmpty();
    }

    /** More rows than a statement has, in many groups, some of them twice in the batch and some there already. */
    @Test
    void aLargeBatchIsStoredOnceAndSummedUpOnce() {
        List<SpendRow> rows = new ArrayList<>();
        for (int i = 0; i < 613; i++) {
            rows.add(
                    row("id" + i, "k" + i % 7, "u" + i % 11, "m" + i % 3, "2026-01-0" + (1 + i % 5) + "T10:00:00Z", i));
        }
        ledger.store(rows.subList(100, 150), "file", 1);
        List<SpendRow> twice = new ArrayList<>(rows);
        twice.addAll(rows.subList(0, 20));
        ledger.store(twice, "file", 2);
        assertThat(ledger.verify()).isEmpty();
        assertThat(ledger.logs(Map.of("limit", "1000"))).hasSize(613);
        JsonArray days = ledger.logs(Map.of("start_date", "2026-01-01", "end_date", "2026-01-05"));
        long nanos = days.stream()
                .map(day -> new BigDecimal(((JsonObject) day).getValue("spend").toString()))
                .reduce(BigDecimal.ZERO, BigDecimal::add)
                .movePointRight(9)
                .longValueExact();
        assertThat(nanos).isEqualTo(612 * 613 / 2);
        ledger.store(List.of(), "file", 3);
        assertThat(ledger.position("file")).isEqualTo(3);
    }

    @Test
    void whatWasStoredIsThereAfterOpeningAgain() {
        someRows();
        try (Ledger second = open()) {
            assertThat(ids(second.logs(Map.of()))).isEqualTo("dcba");
            assertThat(second.position("file")).isEqualTo(100);
        }
    }
}
