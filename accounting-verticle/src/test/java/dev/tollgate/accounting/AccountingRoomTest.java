package dev.tollgate.accounting;

import static dev.tollgate.accounting.Calls.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.tollgate.accounting.journal.SlateReader;
import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.LocalBus;
import dev.tollgate.cluster.LocalLoadBoard;
import dev.tollgate.cluster.Node;
import dev.tollgate.cluster.NodeLoads;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.GeneralSettings;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.Provider;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Begun;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.Query;
import dev.tollgate.protocol.QueryResult;
import dev.tollgate.protocol.Settled;
import dev.tollgate.protocol.Settlement;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Usage;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccountingRoomTest {
    @TempDir
    Path data;

    private final Vertx vertx = Vertx.vertx();
    private final PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    @AfterEach
    void end() {
        done(vertx.close());
    }

    private Node node(Path folder) {
        return new Node(vertx, 1, folder, new Node.ServerOptions("127.0.0.1", 0, "", "test"), metrics, 0);
    }

    static Snapshot snapshot(String... models) {
        List<Deployment> deployments = List.of(models).stream()
                .map(model -> new Deployment(
                        "id-" + model,
                        "group",
                        new Provider("openai", "openai", null, List.of(), List.of(), false, false, true, List.of()),
                        model,
                        "",
                        null,
                        null,
                        null,
                        Map.of(),
                        Map.of(),
                        Deployment.Routing.NONE,
                        Map.of(),
                        Deployment.Info.NONE,
                        null,
                        null))
                .toList();
        return new Snapshot(
                1,
                "test",
                new ModelTable(deployments, Map.of(), Set.of()),
                RouterSettings.DEFAULT,
                GeneralSettings.DEFAULT,
                List.of());
    }

    static Settlement settlement(
            String id,
            String model,
            Surface surface,
            Usage usage,
            double firstTokenMillis,
            @Nullable FailureKind kind) {
        return new Settlement(
                id,
                surface,
                Caller.ANYONE,
                null,
                List.of(),
                "group",
                null,
                new Answer.Route("group", "id-" + model, "openai", model, "", 0, 0, 0, 0, 0, List.of(), true),
                usage,
                firstTokenMillis >= 0,
                1_767_225_600_000L,
                1,
                firstTokenMillis,
                200,
                kind);
    }

    /** A room with one lane, as the launcher opens it. */
    private final class Open {
        private final AccountingRoom room = new AccountingRoom();
        private final Node node;
        private final Lane lane;
        private final String deployment;

        Open(Snapshot snapshot) {
            node = node(data);
            done(room.open(node));
            lane = new Lane(node, 0, new LocalBus(vertx, 0), new LocalLoadBoard(vertx, 0, new NodeLoads(1)), snapshot);
            deployment = done(vertx.deployVerticle(room.onLane(lane)));
        }

        Settled settle(Settlement settlement) {
            return done(lane.bus().<Settlement, Settled>ask(Addresses.SETTLE, settlement));
        }

        QueryResult ask(Map<String, String> parameters) {
            return done(lane.bus().<Query, QueryResult>ask(Addresses.LEDGER, new Query(Query.SPEND_LOGS, parameters)));
        }

        void close() {
            done(vertx.undeploy(deployment));
            done(room.close(node));
        }
    }

    @Test
    void callsArePricedWrittenAndStillThereAfterARestart() throws IOException {
        Open first = new Open(snapshot("gpt-4o"));
        assertThat(first.settle(settlement("a", "gpt-4o", Surface.CHAT, Usage.of(1000, 10), -1, null)))
                .isEqualTo(new Settled(2_600_000, true));
        assertThatThrownBy(() -> done(new AccountingRoom().open(node(data))))
                .as("two programs on one folder")
                .hasMessageContaining("another Tollgate")
                .hasMessageContaining("TOLLGATE_DATA");
        first.close();
        try (var left = Files.list(data.resolve("journal"))) {
            assertThat(left).isEmpty();
        }
        Open second = new Open(snapshot("gpt-4o"));
        second.settle(settlement("b", "gpt-4o", Surface.CHAT, Usage.of(1, 1), -1, null));
        JsonArray rows =
                new JsonArray(Objects.requireNonNull(second.ask(Map.of()).json()));
        assertThat(rows).hasSize(2);
        second.close();
    }

    private static Begun begun(String id, String deployment) {
        Call call = new Call(
                id,
                Surface.CHAT,
                Caller.ANYONE,
                new Envelope(
                        "group",
                        null,
                        1,
                        true,
                        false,
                        false,
                        null,
                        10,
                        "eva",
                        List.of("a", "b"),
                        List.of(),
                        List.of(),
                        Envelope.Overrides.NONE),
                Map.of(),
                Buffer.buffer("{}"),
                System.nanoTime() - 3_000_000_000L);
        return new Begun(call, "group", deployment, "openai", "gpt-4o", "https://api.openai.com/v1");
    }

    @Test
    void aCallIsOnTheSlateFromItsFirstAttemptUntilItIsInTheJournal() throws IOException {
        Open open = new Open(snapshot("gpt-4o"));
        List.of("settled", "released", "open")
                .forEach(id -> done(open.lane.bus().ask(Addresses.BEGUN, begun(id, "id-first"))));
        done(open.lane.bus().ask(Addresses.BEGUN, begun("open", "id-gpt-4o")));
        assertThat(onSlate())
                .extracting(SpendRow::callId, SpendRow::modelId)
                .containsExactlyInAnyOrder(
                        tuple("settled", "id-first"), tuple("released", "id-first"), tuple("open", "id-gpt-4o"));
        open.settle(settlement("settled", "gpt-4o", Surface.CHAT, Usage.of(1000, 10), -1, null));
        open.lane.bus().send(Addresses.onLane(Addresses.RELEASE, 0), "released");
        open.settle(settlement("other", "gpt-4o", Surface.CHAT, Usage.of(1, 1), -1, null));
        assertThat(onSlate()).singleElement().satisfies(row -> {
            assertThat(row.callId()).isEqualTo("open");
            assertThat(row.failure()).isEqualTo("INTERRUPTED");
            assertThat(row.status()).isEqualTo(500);
            assertThat(row.endUser()).isEqualTo("eva");
            assertThat(row.model()).isEqualTo("gpt-4o");
            assertThat(row.modelGroup()).isEqualTo("group");
            assertThat(row.provider()).isEqualTo("openai");
            assertThat(row.apiBase()).isEqualTo("https://api.openai.com/v1");
            assertThat(row.route()).isEmpty();
            assertThat(row.priceVersion()).isEmpty();
            assertThat(row.tags()).isEqualTo("a,b");
            assertThat(row.priced()).as("nobody knows what it cost").isFalse();
            assertThat(row.costNanos()).as("no budget is concerned").isZero();
            assertThat(row.durationMillis()).as("until its last attempt").isBetween(3_000.0, 600_000.0);
            assertThat(System.currentTimeMillis() - row.startedAtMillis()).isBetween(3_000L, 600_000L);
        });
        open.close();
        Open next = new Open(snapshot("gpt-4o"));
        JsonArray rows = new JsonArray(Objects.requireNonNull(next.ask(Map.of()).json()));
        assertThat(rows.stream()
                        .map(JsonObject.class::cast)
                        .map(row -> row.getString("request_id") + " " + row.getString("status")))
                .as("a stop that did not wait for it")
                .containsExactlyInAnyOrder("settled success", "other success", "open failure");
        next.close();
        assertThat(onSlate()).isEmpty();
    }

    private List<SpendRow> onSlate() throws IOException {
        List<SpendRow> rows = new ArrayList<>();
        try (var files = Files.newDirectoryStream(data.resolve("journal"), "*.slate")) {
            for (Path file : files) {
                SlateReader.read(file).entries().forEach(entry -> rows.add(SpendRow.read(entry)));
            }
        }
        return rows;
    }

    @Test
    void aCallThatOutlivesItsConfigurationIsPricedByIt() {
        Open open = new Open(snapshot("gpt-4o"));
        open.lane.switchTo(snapshot("o3"));
        assertThat(open.settle(settlement("a", "gpt-4o", Surface.CHAT, Usage.of(1, 0), -1, null)))
                .isEqualTo(new Settled(2_500, true));
        assertThat(open.settle(settlement("b", "o3", Surface.CHAT, Usage.of(1, 0), -1, null)))
                .isEqualTo(new Settled(2_000, true));
        open.close();
    }

    @Test
    void everyPartOfACallIsPaidAtItsOwnPrice() throws IOException {
        Open open = new Open(snapshot("gpt-4o", "o3", "unknown"));
        Leg dear = new Leg("id-gpt-4o", "gpt-4o", null, Usage.of(1, 0), true);
        Leg silent = new Leg("id-gpt-4o", "gpt-4o", null, Usage.NONE, true);
        Leg early = new Leg("id-gpt-4o", "gpt-4o", null, Usage.NONE, false);
        assertThat(open.settle(inParts("a", dear, early))).isEqualTo(new Settled(4_500, true));
        assertThat(open.settle(inParts("b", dear, silent)))
                .as("part of the cost is not known")
                .isEqualTo(new Settled(4_500, false));
        assertThat(open.settle(inParts("c", new Leg("id-unknown", "unknown", null, Usage.of(1, 1), true))))
                .isEqualTo(new Settled(2_000, false));
        assertThat(written(open, "a"))
                .as("the one that was neither answered nor used anything is not written down")
                .containsExactlyInAnyOrder("a o3 2000 true", "a#1 gpt-4o 2500 true");
        assertThat(written(open, "b"))
                .containsExactlyInAnyOrder("b o3 2000 true", "b#1 gpt-4o 2500 true", "b#2 gpt-4o 0 false");
        assertThat(written(open, "c")).containsExactlyInAnyOrder("c o3 2000 true", "c#1 unknown 0 false");
        open.close();
    }

    private static List<String> written(Open open, String id) {
        JsonArray rows = new JsonArray(
                Objects.requireNonNull(open.ask(Map.of("request_id", id)).json()));
        return rows.stream()
                .map(JsonObject.class::cast)
                .map(row -> row.getString("request_id") + " " + row.getString("model") + " "
                        + Math.round(row.getDouble("spend") * 1e9) + " "
                        + row.getJsonObject("metadata").getBoolean("priced"))
                .toList();
    }

    private static Settlement inParts(String id, Leg... earlier) {
        Settlement last = settlement(id, "o3", Surface.CHAT, Usage.of(1, 0), 5, null);
        return new Settlement(
                id,
                last.surface(),
                last.caller(),
                null,
                last.tags(),
                last.requestedModel(),
                null,
                last.route(),
                last.usage(),
                true,
                last.startedAtMillis(),
                last.durationMillis(),
                5,
                200,
                null,
                List.of(earlier));
    }

    @Test
    void nothingIsSilentlyFree() {
        Open open = new Open(snapshot("gpt-4o", "unknown"));
        Settled unpriced = new Settled(0, false);
        Settled free = new Settled(0, true);
        assertThat(open.settle(settlement("a", "unknown", Surface.CHAT, Usage.of(1, 1), -1, null)))
                .isEqualTo(unpriced);
        assertThat(open.settle(settlement("b", "gpt-4o", Surface.CHAT, Usage.NONE, -1, null)))
                .as("a good answer without usage")
                .isEqualTo(unpriced);
        assertThat(open.settle(settlement("c", "gpt-4o", Surface.CHAT, Usage.NONE, 5, FailureKind.CLIENT_GONE)))
                .as("a stream that the client left")
                .isEqualTo(unpriced);
        assertThat(open.settle(settlement("d", "gpt-4o", Surface.CHAT, Usage.NONE, -1, FailureKind.TIMEOUT)))
                .as("refused before anything was generated")
                .isEqualTo(free);
        assertThat(open.settle(settlement("e", "gpt-4o", Surface.COUNT_TOKENS, Usage.NONE, -1, null)))
                .isEqualTo(free);
        assertThat(metrics.counter("tollgate_unpriced_calls").count()).isEqualTo(3);
        assertThat(metrics.scrape()).contains("tollgate_lost_spend_records_total{lane=\"0\"} 0.0");
        open.close();
    }

    @Test
    void wrongQuestionsAreRefusedForWhatTheyAre() {
        Open open = new Open(snapshot());
        assertThat(open.ask(Map.of("end_date", "soon")).failure())
                .isNotNull()
                .extracting(Failure::kind)
                .isEqualTo(FailureKind.BAD_REQUEST);
        QueryResult other = done(open.lane.bus().<Query, QueryResult>ask(Addresses.LEDGER, new Query("x", Map.of())));
        assertThat(other.failure()).isNotNull().extracting(Failure::kind).isEqualTo(FailureKind.NOT_FOUND);
        open.close();
    }

    @Test
    void aDataFolderThatCannotBeIsNamedWithTheWayOut() throws IOException {
        Path file = Files.writeString(data.resolve("file"), "");
        for (Path impossible : List.of(file, file.resolve("below"))) {
            assertThatThrownBy(() -> done(new AccountingRoom().open(node(impossible))))
                    .hasMessageContaining(impossible.toString())
                    .hasMessageContaining("TOLLGATE_DATA");
        }
    }
}
