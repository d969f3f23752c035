package dev.tollgate.accounting;

import static dev.tollgate.accounting.Calls.done;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.SpendSums;
import dev.tollgate.accounting.ledger.SqliteLedger;
import dev.tollgate.cluster.Reprice;
import dev.tollgate.config.ConfigLoader;
import dev.tollgate.config.Environment;
import dev.tollgate.config.LoadResult;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.Settled;
import dev.tollgate.protocol.Settlement;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Tried;
import dev.tollgate.protocol.Usage;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stream that broke on one provider's model and was carried on by another's, from its settlement to its rows and their repricing. */
class CallPartsTest {
    private static final String ID = "01928c9e-37f5-7e5b-8b0c-35a1f0d2c4e7";
    private static final LocalDate DAY = LocalDate.parse("2026-01-01");
    private static final Instant MIDNIGHT = Instant.parse("2026-01-01T00:00:00Z");
    private static final long DOLLAR = 1_000_000_000;

    @TempDir
    Path data;

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void end() {
        done(vertx.close());
    }

    /** The first asks so much for a token of the prompt, the second $3. */
    private Snapshot config(String first) throws IOException {
        Path file = Files.writeString(data.resolve("config.yaml"), """
                model_list:
                  - model_name: first
                    litellm_params: {model: openai/one, api_key: k, input_cost_per_token: %s, output_cost_per_token: 2}
                    model_info: {id: deployment-one}
                  - model_name: second
                    litellm_params: {model: anthropic/two, api_key: k, input_cost_per_token: 3, output_cost_per_token: 4}
                    model_info: {id: deployment-two}
                router_settings:
                  provider_budget_config: {openai: {budget_limit: 1000}, anthropic: {budget_limit: 1000}}
                """.formatted(first));
        LoadResult result = new ConfigLoader(Environment.of(Map.of())).load(file);
        assertThat(result).as(String.valueOf(result)).isInstanceOf(LoadResult.Loaded.class);
        return ((LoadResult.Loaded) result).snapshot();
    }

    private static Settlement settlement() {
        Tried broken = new Tried("first", "deployment-one", "openai", "one", 200, null, 3, "only", 0);
        Tried goesOn = new Tried("second", "deployment-two", "anthropic", "two", 200, null, 4, "only", 0);
        return new Settlement(
                ID,
                Surface.CHAT,
                Caller.ANYONE,
                null,
                List.of("x"),
                "first",
                "two-reported",
                new Answer.Route(
                        "second",
                        "deployment-two",
                        "anthropic",
                        "two",
                        "",
                        0,
                        0,
                        1,
                        0,
                        4,
                        List.of(broken.broken(FailureKind.CONNECTION), goesOn),
                        true),
                Usage.of(20, 1),
                true,
                1_767_225_600_000L,
                50,
                5,
                200,
                null,
                List.of(new Leg("deployment-one", "one", null, Usage.of(10, 5), true)));
    }

    /** Settles the call as often as that, as a node does that stops afterwards. */
    private Settled settled(int times) throws IOException {
        return settled(settlement(), times);
    }

    private Settled settled(Settlement settlement, int times) throws IOException {
        Settlement[] all = new Settlement[times];
        Arrays.fill(all, settlement);
        return new Settling(vertx, data).settled(config("1"), all);
    }

    private static JsonObject row(Ledger ledger, String id) {
        JsonArray rows = ledger.logs(Map.of("request_id", ID));
        return rows.stream()
                .map(each -> new JsonObject(((JsonObject) each).encode()))
                .filter(each -> each.getString("request_id").equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> byModel(Ledger ledger) {
        return ledger
                .sums(new SpendSums(
                        List.of(SpendSums.Part.MODEL), MIDNIGHT, MIDNIGHT.plus(Duration.ofDays(1)), List.of()))
                .stream()
                .map(sum -> sum.text(SpendSums.Part.MODEL) + " " + sum.requests() + " " + sum.tokens() + " "
                        + sum.nanos() / DOLLAR)
                .sorted()
                .toList();
    }

    @Test
    void eachPartIsARowOfItsOwnAndTheCallCountsOnce() throws IOException {
        assertThat(settled(2))
                .as("the client hears what the whole call cost")
                .isEqualTo(new Settled(84 * DOLLAR, true));
        try (Ledger ledger = SqliteLedger.open(data.resolve("tollgate.db"))) {
            assertThat(ledger.logs(Map.of())).as("settled twice").hasSize(2);
            JsonObject first = row(ledger, ID + "#1");
            assertThat(first.getMap())
                    .containsEntry("model", "one")
                    .containsEntry("model_id", "deployment-one")
                    .containsEntry("model_group", "first")
                    .containsEntry("custom_llm_provider", "openai")
                    .containsEntry("prompt_tokens", 10)
                    .containsEntry("status", "failure");
            assertThat(first.getDouble("spend")).isEqualTo(20);
            assertThat(row(ledger, ID).getDouble("spend")).isEqualTo(64);
            assertThat(first.getJsonObject("metadata").getMap())
                    .containsEntry("part_of", ID)
                    .containsEntry("error", "CONNECTION")
                    .containsEntry("requested_model", "first");
            assertThat(row(ledger, ID).getMap())
                    .containsEntry("model", "two-reported")
                    .containsEntry("model_id", "deployment-two")
                    .containsEntry("custom_llm_provider", "anthropic")
                    .containsEntry("prompt_tokens", 20)
                    .containsEntry("status", "success");
            assertThat(byModel(ledger)).containsExactly("one 0 15 20", "two-reported 1 21 64");
            assertThat(ledger.balances())
                    .contains(
                            new Balance(new Charge(new Holder(Kind.PROVIDER, "openai"), 0), 20 * DOLLAR),
                            new Balance(new Charge(new Holder(Kind.PROVIDER, "anthropic"), 0), 64 * DOLLAR));
            assertThat(ledger.verify()).isEmpty();
        }
    }

    /** Two attempts on one deployment were given up when the provider had the request already, and there was no third. */
    @Test
    void aCallWithoutAnAnswerEndsWithTheAttemptThatWasMadeLast() throws IOException {
        Tried timeout = new Tried("first", "deployment-one", "openai", "one", 408, FailureKind.TIMEOUT, 3, "only", 0);
        Settlement refused = new Settlement(
                ID,
                Surface.CHAT,
                Caller.ANYONE,
                null,
                List.of(),
                "first",
                null,
                new Answer.Route(
                        "first", "deployment-one", "openai", "one", "", 1, 1, 0, 0, 3, List.of(timeout, timeout), true),
                Usage.NONE,
                false,
                1_767_225_600_000L,
                50,
                -1,
                408,
                FailureKind.TIMEOUT,
                List.of(
                        new Leg("deployment-one", "one", null, Usage.estimated(80), false),
                        new Leg("deployment-one", "one", null, Usage.estimated(40), false)));
        assertThat(settled(refused, 1)).isEqualTo(new Settled(30 * DOLLAR, true));
        try (Ledger ledger = SqliteLedger.open(data.resolve("tollgate.db"))) {
            assertThat(ledger.logs(Map.of("request_id", ID))).hasSize(2);
            assertThat(row(ledger, ID + "#1").getDouble("spend")).isEqualTo(20);
            assertThat(row(ledger, ID).getDouble("spend")).isEqualTo(10);
            assertThat(row(ledger, ID).getInteger("prompt_tokens")).isEqualTo(10);
            assertThat(byModel(ledger)).containsExactly("one 1 30 30");
            assertThat(ledger.verify()).isEmpty();
        }
    }

    @Test
    void eachPartIsPricedAgainByItsOwnPrice() throws IOException {
        settled(1);
        String before;
        String other;
        try (Ledger ledger = SqliteLedger.open(data.resolve("tollgate.db"))) {
            before = row(ledger, ID + "#1").getJsonObject("metadata").getString("price_version");
            other = row(ledger, ID).getJsonObject("metadata").getString("price_version");
        }
        assertThat(List.of(before, other)).doesNotHaveDuplicates().allMatch(mark -> mark.matches("[0-9a-f]{10}"));
        assertThat(new AccountingRoom().reprice(config("10"), data, new Reprice(DAY, DAY, null, true)))
                .contains(
                        "one: 0 calls, old $20, new $110, difference $90",
                        "two-reported: 1 calls, old $64, new $64, difference $0",
                        "all: 1 calls, old $84, new $174, difference $90");
        try (Ledger ledger = SqliteLedger.open(data.resolve("tollgate.db"))) {
            assertThat(byModel(ledger)).containsExactly("one 0 15 110", "two-reported 1 21 64");
            assertThat(row(ledger, ID + "#1").getJsonObject("metadata").getString("price_version"))
                    .isNotEqualTo(before)
                    .matches("[0-9a-f]{10}");
            assertThat(row(ledger, ID).getJsonObject("metadata").getString("price_version"))
                    .isEqualTo(other);
            assertThat(ledger.balances())
                    .contains(
                            new Balance(new Charge(new Holder(Kind.PROVIDER, "openai"), 0), 110 * DOLLAR),
                            new Balance(new Charge(new Holder(Kind.PROVIDER, "anthropic"), 0), 64 * DOLLAR));
            assertThat(ledger.verify()).isEmpty();
        }
    }
}
