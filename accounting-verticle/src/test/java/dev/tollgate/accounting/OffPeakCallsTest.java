package dev.tollgate.accounting;

import static dev.tollgate.accounting.Calls.done;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.ledger.Ledger;
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
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls to a model that costs half from 04:00 UTC on, from their settlement to their rows and their repricing. */
class OffPeakCallsTest {
    private static final String ID = "01928c9e-37f5-7e5b-8b0c-35a1f0d2c4e7";
    private static final LocalDate MONDAY = LocalDate.parse("2026-08-24");

    /** A second before four. */
    private static final long STARTED = Instant.parse("2026-08-24T03:59:59Z").toEpochMilli();

    /** 10*1320 + 5*3960 nano-dollars. */
    private static final long FULL = 33_000;

    @TempDir
    Path data;

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void end() {
        done(vertx.close());
    }

    private Snapshot config() throws IOException {
        Path file = Files.writeString(data.resolve("config.yaml"), """
                model_list:
                  - model_name: group
                    litellm_params: {model: deepseek/deepseek-v4-pro, api_key: k}
                    model_info: {id: deployment}
                router_settings:
                  provider_budget_config: {deepseek: {budget_limit: 1000}}
                """);
        LoadResult result = new ConfigLoader(Environment.of(Map.of())).load(file);
        assertThat(result).as(String.valueOf(result)).isInstanceOf(LoadResult.Loaded.class);
        return ((LoadResult.Loaded) result).snapshot();
    }

    private static Tried attempt(double millis, int status) {
        return new Tried(
                "group",
                "deployment",
                "deepseek",
                "deepseek-v4-pro",
                status,
                status == 200 ? null : FailureKind.TIMEOUT,
                millis,
                "only",
                0);
    }

    private static Settlement settlement(double millis, List<Tried> attempts, List<Leg> earlier) {
        return new Settlement(
                ID,
                Surface.CHAT,
                Caller.ANYONE,
                null,
                List.of(),
                "group",
                null,
                new Answer.Route(
                        "group", "deployment", "deepseek", "deepseek-v4-pro", "", 0, 0, 0, 0, 1, attempts, true),
                Usage.of(10, 5),
                false,
                STARTED,
                millis,
                -1,
                200,
                null,
                earlier);
    }

    private List<JsonObject> rows() {
        try (Ledger ledger = SqliteLedger.open(data.resolve("tollgate.db"))) {
            assertThat(ledger.verify()).isEmpty();
            JsonArray rows = ledger.logs(Map.of("request_id", ID));
            return rows.stream()
                    .map(each -> new JsonObject(((JsonObject) each).encode()))
                    .toList();
        }
    }

    private List<String> repriced() throws IOException {
        return new AccountingRoom().reprice(config(), data, new Reprice(MONDAY, MONDAY, null, true));
    }

    private static long nanos(List<JsonObject> rows, String id) {
        return rows.stream()
                .filter(row -> row.getString("request_id").equals(id))
                .mapToLong(row -> Math.round(row.getDouble("spend") * 1e9))
                .findFirst()
                .orElseThrow();
    }

    /** The row keeps a fraction of a millisecond, which counts for neither price. */
    @ParameterizedTest
    @CsvSource({"0, 33000", "999.999999, 33000", "1000, 16500", "1000.5, 16500", "7200999.9, 16500", "7201000, 33000"})
    void aCallCostsWhatHoldsWhenItIsOverAndPricingItAgainChangesNothing(double millis, long nanos) throws IOException {
        Settled settled = new Settling(vertx, data)
                .settled(config(), settlement(millis, List.of(attempt(millis, 200)), List.of()));
        assertThat(settled).as("what the client hears").isEqualTo(new Settled(nanos, true));
        List<JsonObject> before = rows();
        assertThat(nanos(before, ID)).as("what is written down").isEqualTo(nanos);
        assertThat(repriced()).last().asString().startsWith("The new costs are written");
        assertThat(rows()).isEqualTo(before);
    }

    /** The two parts look the same, their prices do not: one was over before four, the other after. */
    @Test
    void eachPartCostsWhatHoldsWhenItIsOver() throws IOException {
        List<Tried> attempts = List.of(attempt(999, 408), attempt(1_000, 408), attempt(1, 200));
        Leg leg = new Leg("deployment", "deepseek-v4-pro", null, Usage.of(10, 5), false);
        Leg same = new Leg("deployment", "deepseek-v4-pro", null, Usage.of(10, 5), false);
        assertThat(new Settling(vertx, data).settled(config(), settlement(3_000, attempts, List.of(leg, same))))
                .isEqualTo(new Settled(FULL + FULL / 2 + FULL / 2, true));
        List<JsonObject> before = rows();
        assertThat(nanos(before, ID + "#1")).isEqualTo(FULL);
        assertThat(nanos(before, ID + "#2")).isEqualTo(FULL / 2);
        assertThat(nanos(before, ID)).isEqualTo(FULL / 2);
        try (Ledger ledger = SqliteLedger.open(data.resolve("tollgate.db"))) {
            assertThat(ledger.balances())
                    .contains(new Balance(new Charge(new Holder(Kind.PROVIDER, "deepseek"), 0), 2 * FULL));
        }
        assertThat(repriced()).last().asString().startsWith("The new costs are written");
        assertThat(rows()).isEqualTo(before);
    }

    /** An earlier release charged the full price at all hours. */
    @Test
    void whatWasChargedInFullIsPricedAgainByTheHourWhenItWasOver() throws IOException {
        SpendRow inside = Calls.row("inside", "hash", "anna", "deepseek-v4-pro", STARTED + 988, FULL);
        SpendRow before = Calls.row("before", "hash", "anna", "deepseek-v4-pro", STARTED + 987, FULL);
        try (Ledger ledger = SqliteLedger.open(data.resolve("tollgate.db"))) {
            ledger.store(List.of(inside, before), "file", 1);
        }
        assertThat(repriced()).contains("all: 2 calls, old $0.000066, new $0.0000495, difference $-0.0000165");
        try (Ledger ledger = SqliteLedger.open(data.resolve("tollgate.db"))) {
            assertThat(((JsonObject) ledger.logs(Map.of("request_id", "inside")).getValue(0)).getDouble("spend"))
                    .isEqualTo(16_500e-9);
            assertThat(((JsonObject) ledger.logs(Map.of("request_id", "before")).getValue(0)).getDouble("spend"))
                    .isEqualTo(33_000e-9);
        }
    }
}
