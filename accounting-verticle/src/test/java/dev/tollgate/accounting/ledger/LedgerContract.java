package dev.tollgate.accounting.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.accounting.Calls;
import dev.tollgate.accounting.SpendRow;
import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.ledger.SpendSums.Condition;
import dev.tollgate.accounting.ledger.SpendSums.Part;
import dev.tollgate.protocol.Query;
import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Usage;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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
                        List.of(),
                        null)),
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
    void theTierThatACallWasBilledInIsStored() {
        SpendRow row = Calls.row("flex");
        ledger.store(List.of(Calls.in(row, ServiceTier.FLEX), Calls.row("plain")), "file", 1);
        for (JsonObject stored : List.of(shown("flex"), shown("plain"))) {
            boolean flex = stored.getString("request_id").equals("flex");
            assertThat(stored.getJsonObject("metadata").getString("service_tier"))
                    .isEqualTo(flex ? "flex" : null);
        }
        assertThat(ledger.calls(new Wanted(0, Long.MAX_VALUE, null, null)))
                .extracting(call -> call.usage().tier())
                .containsExactlyInAnyOrder(ServiceTier.FLEX, null);
    }

    @Test
    void tokensOfPicturesAreStored() {
        List<SpendRow> rows = List.of(
                Calls.pictures(Calls.row("seen"), 258, 0),
                Calls.pictures(Calls.row("drawn"), 0, 1_290),
                Calls.pictures(Calls.row("both"), 258, 1_290),
                Calls.row("plain"));
        ledger.store(rows, "file", 1);
        for (SpendRow row : rows) {
            assertThat(shown(row.callId()).getJsonObject("metadata").getMap())
                    .as(row.callId())
                    .containsEntry("image_prompt_tokens", row.usage().imagePrompt())
                    .containsEntry("image_completion_tokens", row.usage().imageCompletion());
        }
        assertThat(ledger.calls(new Wanted(0, Long.MAX_VALUE, null, null)))
                .extracting(StoredCall::usage)
                .containsExactlyInAnyOrderElementsOf(
                        rows.stream().map(SpendRow::usage).toList());
    }

    private JsonObject shown(String id) {
        return ledger.logs(Map.of("request_id", id)).getJsonObject(0);
    }

    /** A stream that broke on one model and was carried on by another: two rows, one call. */
    private void callOfTwoParts(String id) {
        ledger.store(
                List.of(
                        Calls.priced(row(id + "#1", KEY, "anna", "o3", "2026-01-05T10:00:00Z", 30), "first"),
                        Calls.priced(row(id, KEY, "anna", "gpt-4o", "2026-01-05T10:00:00Z", 400), "second")),
                "file",
                300);
    }

    @ParameterizedTest
    @CsvSource({"01928c9e-37f5-7e5b-8b0c-35a1f0d2c4e7", "chatcmpl-1"})
    void aCallIsFoundWithItsEarlierParts(String id) {
        someRows();
        callOfTwoParts(id);
        callOfTwoParts(id);
        for (JsonArray found : List.of(
                ledger.logs(Map.of("request_id", id, "user_id", "anna")),
                ledger.page(Map.of("request_id", id, "user_id", "anna"), Query.Scope.ALL)
                        .getJsonArray("data"))) {
            assertThat(found.stream()
                            .map(JsonObject.class::cast)
                            .map(each -> each.getString("request_id") + " " + each.getString("model") + " "
                                    + each.getJsonObject("metadata").getString("part_of") + " "
                                    + each.getJsonObject("metadata").getString("price_version")))
                    .containsExactlyInAnyOrder(id + "#1 o3 " + id + " first", id + " gpt-4o null second");
        }
        assertThat(ids(ledger.logs(Map.of("request_id", id + "#1")))).isEqualTo(id + "#1");
        assertThat(ids(ledger.logs(Map.of("request_id", id, "user_id", "bert"))))
                .isEmpty();
        assertThat(shown("a").getJsonObject("metadata").getMap())
                .containsEntry("part_of", null)
                .containsEntry("price_version", null);
    }

    @Test
    void anEarlierPartCountsForItsModelAndIsNoRequest() {
        callOfTwoParts("x");
        for (List<Part> by : List.of(List.of(Part.MODEL), List.of(Part.MODEL, Part.TAGS))) {
            String more = by.size() == 1 ? "" : ", a,b";
            assertThat(sums(by, "2026-01-05", "2026-01-05"))
                    .containsExactly("[gpt-4o" + more + "] 1 0 15 400", "[o3" + more + "] 0 0 15 30");
        }
        assertThat(ledger.verify()).isEmpty();
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
        assertThat(early.getJsonObject(0).getValue("spend")).hasToString("1.0");
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
                List.of(),
                null);
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
                    List.of(),
                    null));
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

    private static String text(SpendSums.Sum sum) {
        return sum.of().values() + " " + sum.requests() + " " + sum.failed() + " " + sum.tokens() + " " + sum.nanos();
    }

    private List<String> sums(List<Part> by, String from, String until, Condition... conditions) {
        return ledger
                .sums(new SpendSums(
                        by, SpendSums.time("from", from, 0), SpendSums.time("until", until, 1), List.of(conditions)))
                .stream()
                .map(LedgerContract::text)
                .sorted()
                .toList();
    }

    /** From the sums of days, and from rows where only they know: the same figures. */
    @Test
    void sumsAreOfTheDaysAndPartsThatWereAskedFor() {
        someRows();
        ledger.store(List.of(failed("f")), "file", 200);
        assertThat(sums(List.of(), "", "")).containsExactly("[] 5 1 60 1000000503");
        assertThat(sums(List.of(Part.DAY), "2026-01-01", "2026-01-02"))
                .containsExactly("[2026-01-01] 3 1 30 1000000500", "[2026-01-02] 1 0 15 1");
        assertThat(sums(List.of(Part.DAY, Part.END_USER), "2026-01-01", "2026-01-02"))
                .containsExactly(
                        "[2026-01-01, ] 1 1 0 0", "[2026-01-01, end] 2 0 30 1000000500", "[2026-01-02, end] 1 0 15 1");
        for (List<Part> by : List.of(List.of(Part.USER), List.of(Part.USER, Part.TAGS))) {
            String more = by.size() == 1 ? "" : ", a,b";
            assertThat(sums(by, "2026-01-02", "", Condition.of(Part.USER, "anna"), Condition.of(Part.KEY, "other")))
                    .containsExactly("[anna" + more + "] 2 0 30 3");
        }
        assertThat(sums(List.of(Part.KEY), "", "2026-01-01", Condition.of(Part.KEY, "sk-1234")))
                .containsExactly("[" + KEY + "] 2 0 30 1000000500");
        assertThat(sums(List.of(Part.MODEL), "", "", new Condition(Part.MODEL, List.of("o3", "gpt-4o"))))
                .containsExactly("[gpt-4o] 3 0 45 1000000502", "[o3] 1 0 15 1");
        assertThat(sums(List.of(Part.MODEL), "", "", new Condition(Part.TEAM, List.of())))
                .isEmpty();
        assertThat(sums(List.of(Part.DAY), "2027-01-01", "")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "2026-01-01T00:00:00Z, 2026-01-01T23:59:59.999Z, [2026-01-01] 1 0 15 1000000000",
        "2026-01-01T00:00:00.001Z, 2026-01-02T00:00:00Z, [2026-01-01] 1 0 15 500",
        "2026-01-01 00:00:00, 2026-01-02T01:00:00+01:00, [2026-01-01] 2 0 30 1000000500",
    })
    void sumsOfAPartOfADayAreOfItsCalls(String from, String until, String expected) {
        someRows();
        assertThat(sums(List.of(Part.DAY), from, until)).containsExactly(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "'',dcba,4",
        "page_size=3&page=2,a,4",
        "page_size=3&page=3,'',4",
        "sort_by=spend,abdc,4",
        "sort_by=spend&sort_order=asc&page_size=2,cd,4",
        "api_key=sk-1234&user_id=anna,a,1",
        "model=o3,c,1",
        "team_id=team&model_group=group&end_user=end&page_size=1,d,4",
        "start_date=2026-01-01 23:00:00&end_date=2026-01-02,cb,2",
        "min_spend=0.000000002&max_spend=0.9,db,2",
        "status_filter=failure,'',0",
        "status_filter=success&request_id=b,b,1",
    })
    void aPageHasItsRowsAndHowManyThereAre(String query, String expected, long total) {
        someRows();
        JsonObject page = ledger.page(parameters(query), Query.Scope.ALL);
        assertThat(ids(page.getJsonArray("data"))).isEqualTo(expected);
        assertThat(page.getLong("total")).isEqualTo(total);
        int size = page.getInteger("page_size");
        assertThat(page.getLong("total_pages")).isEqualTo((total + size - 1) / size);
    }

    @ParameterizedTest
    @CsvSource({
        "page,0",
        "page,x",
        "page_size,-1",
        "sort_by,request_id; --",
        "sort_order,up",
        "status_filter,ok",
        "min_spend,much"
    })
    void aPageThatCannotBeIsRefusedWithTheParametersName(String name, String value) {
        assertThatThrownBy(() -> ledger.page(Map.of(name, value), Query.Scope.ALL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name);
    }

    @Test
    void nobodySeesMoreThanTheirScope() {
        someRows();
        Query.Scope bert = new Query.Scope("bert", null);
        Query.Scope other = new Query.Scope(null, "other");
        Query.Scope nobody = new Query.Scope(null, "");
        assertThat(ids(ledger.logs(Map.of(), bert))).isEqualTo("b");
        assertThat(ids(ledger.logs(Map.of("user_id", "anna"), bert))).isEmpty();
        assertThat(ids(ledger.logs(Map.of("api_key", "sk-1234"), other))).isEmpty();
        assertThat(ids(ledger.logs(Map.of(), nobody))).isEmpty();
        assertThat(ledger.logs(Map.of("start_date", "2026-01-01", "end_date", "2026-01-03"), bert))
                .hasSize(3);
        assertThat(ids(ledger.page(Map.of(), other).getJsonArray("data"))).isEqualTo("dc");
        assertThat(ids(ledger.page(Map.of("request_id", "a"), bert).getJsonArray("data")))
                .isEmpty();
        assertThat(ids(ledger.page(Map.of(), nobody).getJsonArray("data"))).isEmpty();
        Query.Scope bertsTeam = bert.with(List.of("none", "team"));
        assertThat(ids(ledger.logs(Map.of(), bertsTeam))).isEqualTo("dcba");
        assertThat(ids(ledger.logs(Map.of("user_id", "anna"), bertsTeam))).isEqualTo("dca");
        assertThat(ids(ledger.page(Map.of("team_id", "team"), bertsTeam).getJsonArray("data")))
                .isEqualTo("dcba");
        assertThat(ids(ledger.logs(Map.of("team_id", "team"), bert.with(List.of("none")))))
                .isEqualTo("b");
        assertThat(ids(ledger.logs(Map.of("team_id", "none"), bertsTeam))).isEmpty();
        assertThat(ids(ledger.logs(Map.of("end_user", "end"), bert))).isEqualTo("b");
        SpendSums all = new SpendSums(List.of(Part.USER), null, null, List.of());
        assertThat(ledger.sums(all.within(bertsTeam))).hasSize(2);
        assertThat(ledger.sums(all.within(bert.with(List.of("none"))))).hasSize(1);
        SpendSums tagged = new SpendSums(
                List.of(Part.TAGS), null, null, List.of(new SpendSums.Condition(Part.END_USER, List.of("end"))));
        assertThat(ledger.sums(tagged.within(bertsTeam)).getFirst().requests()).isEqualTo(4);
        assertThat(ledger.sums(all.within(bert))).hasSize(1);
        assertThat(ledger.sums(all.within(nobody))).isEmpty();
    }

    /** As retention does: rows go in batches, sums stay, and the days that lost rows are not held against them. */
    @Test
    void oldRowsAreDeletedInBatchesAndTheirSumsStay() {
        someRows();
        List<SpendRow> many = new ArrayList<>();
        for (int i = 0; i < Ledger.DELETED_AT_ONCE - 1; i++) {
            many.add(row("id" + i, KEY, "anna", "gpt-4o", "2025-12-31T10:00:00Z", 1));
        }
        ledger.store(many, "file", 200);
        List<String> before = sums(List.of(Part.DAY), "", "");
        long day = Instant.parse("2026-01-02T00:00:00Z").toEpochMilli();
        assertThat(ledger.deleteRows(day)).as("there are more").isTrue();
        assertThat(ledger.deleteRows(day)).isFalse();
        assertThat(ledger.deleteRows(day - DailySpend.DAY_MILLIS)).isFalse();
        assertThat(ids(ledger.logs(Map.of()))).isEqualTo("dc");
        assertThat(sums(List.of(Part.DAY), "", "")).isEqualTo(before);
        assertThat(ledger.verify()).isEmpty();
        assertThat(ledger.deleteRows(day + 1)).isFalse();
        assertThat(ledger.verify()).as("a day that has lost a row is left out").isEmpty();
    }

    /** A disk that was away for long brings what was stored, and deleted since. */
    @Test
    void aRowThatIsOlderThanThoseThatAreKeptIsRefusedSoThatItDoesNotCountTwice() {
        long day = Instant.parse("2026-01-02T00:00:00Z").toEpochMilli();
        Charge all = new Charge(Holder.ALL, 0);
        SpendRow old = Calls.charged(Calls.row("old", "k", "u", "m", day - 1, 5), all);
        SpendRow fresh = Calls.charged(Calls.row("fresh", "k", "u", "m", day, 7), all);
        ledger.store(List.of(old), "file", 1);
        ledger.deleteRows(day);
        ledger.store(List.of(old, fresh), "again", 1);
        assertThat(ledger.refused()).isEqualTo(1);
        assertThat(ledger.balance(Holder.ALL).nanos()).isEqualTo(5 + 7);
        assertThat(ids(ledger.logs(Map.of()))).isEqualTo("fresh");
        ledger.store(List.of(old, fresh), "and again", 1);
        assertThat(ledger.balance(Holder.ALL).nanos()).isEqualTo(5 + 7);
        assertThat(ledger.position("and again")).isEqualTo(1);
        List<String> remarks = new ArrayList<>();
        assertThat(ledger.verify(remarks::add)).isEmpty();
        assertThat(remarks).containsExactly("1 balances are not compared: rows that count for them may be deleted");
    }

    /** More calls than are read at once; half of them cost one more, and everything that counts them follows. */
    @Test
    void costsAreChangedWithTheirSumsAndPresentBalances() {
        long day = Instant.parse("2026-01-02T00:00:00Z").toEpochMilli();
        Charge key = new Charge(new Holder(Kind.KEY, "k"), day + 300);
        Charge all = new Charge(Holder.ALL, 0);
        List<SpendRow> rows = new ArrayList<>();
        for (int i = 0; i < Ledger.READ_AT_ONCE + 100; i++) {
            rows.add(Calls.charged(Calls.row("id" + i, "k", "u", "m" + i % 2, day + i / 2, 5), key, all));
        }
        ledger.store(rows, "file", 1);
        Map<Holder, Long> present = Map.of(key.holder(), key.periodMillis(), Holder.ALL, 0L);
        List<StoredCall> seen = new ArrayList<>();
        StoredCall last = null;
        for (List<StoredCall> some = calls("m1", last); !some.isEmpty(); some = calls("m1", last)) {
            Map<StoredCall, NewCost> costs = new HashMap<>();
            some.forEach(call -> costs.put(call, new NewCost(6, "new")));
            ledger.reprice(costs, new Payers(present));
            ledger.reprice(costs, new Payers(present));
            seen.addAll(some);
            last = some.getLast();
        }
        assertThat(seen)
                .hasSize(300)
                .allMatch(call -> call.nanos() == 5 && call.model().equals("m1"));
        assertThat(sums(List.of(Part.MODEL), "", "")).containsExactly("[m0] 300 0 4500 1500", "[m1] 300 0 4500 1800");
        assertThat(calls("m0", null)).allMatch(call -> call.priceVersion() == null);
        assertThat(calls("m1", null)).allMatch(call -> "new".equals(call.priceVersion()));
        assertThat(ledger.balances())
                .as("of the key those from its period's start on")
                .containsExactlyInAnyOrder(new Balance(key, 3_000), new Balance(all, 3_300));
        assertThat(ledger.verify()).isEmpty();
        assertThat(calls(null, null)).hasSize(Ledger.READ_AT_ONCE);
        assertThat(calls("group", null)).hasSize(Ledger.READ_AT_ONCE);
    }

    private List<StoredCall> calls(@Nullable String model, @Nullable StoredCall after) {
        return ledger.calls(new Wanted(0, Long.MAX_VALUE, model, after));
    }
}
