package dev.tollgate.accounting;

import static dev.tollgate.accounting.Calls.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.accounting.ledger.DatabaseServer;
import dev.tollgate.accounting.ledger.Stores;
import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.LocalBus;
import dev.tollgate.cluster.LocalLoadBoard;
import dev.tollgate.cluster.Node;
import dev.tollgate.cluster.NodeLoads;
import dev.tollgate.config.GeneralSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.config.StoreUrl;
import dev.tollgate.config.StoreUrl.Kind;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Query;
import dev.tollgate.protocol.QueryResult;
import dev.tollgate.protocol.Settled;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Usage;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A gateway whose database server goes and comes back while calls are settled. */
class StoreOutageTest {
    @RegisterExtension
    static final Stores POSTGRES = new Stores(Kind.POSTGRESQL);

    @RegisterExtension
    static final Stores MYSQL = new Stores(Kind.MYSQL);

    @TempDir
    Path data;

    private final Vertx vertx = Vertx.vertx();
    private AccountingRoom room;
    private Lane lane;

    @AfterEach
    void end() {
        done(vertx.close());
    }

    private void open(String url) {
        GeneralSettings usual = GeneralSettings.DEFAULT;
        Snapshot models = AccountingRoomTest.snapshot("gpt-4o");
        Snapshot snapshot = new Snapshot(
                1,
                "test",
                models.models(),
                models.router(),
                new GeneralSettings(null, null, usual.maxRequestBytes(), true, false, false, StoreUrl.parse(url)),
                models.warnings());
        Node node = new Node(
                vertx,
                1,
                data,
                new Node.ServerOptions("127.0.0.1", 0, "", "test"),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                0);
        room = new AccountingRoom();
        done(room.open(node));
        lane = new Lane(node, 0, new LocalBus(vertx, 0), new LocalLoadBoard(vertx, 0, new NodeLoads(1)), snapshot);
        done(vertx.deployVerticle(room.onLane(lane)));
    }

    private boolean works() {
        QueryResult answer =
                done(lane.bus().<Query, QueryResult>ask(Addresses.LEDGER, new Query(Query.STORE, Map.of())));
        return new JsonObject(Objects.requireNonNull(answer.json())).getBoolean("works");
    }

    private String settle() {
        String id = UUID.randomUUID().toString();
        Settled settled = done(lane.bus()
                .ask(
                        Addresses.SETTLE,
                        AccountingRoomTest.settlement(id, "gpt-4o", Surface.CHAT, Usage.of(1000, 10), -1, null)));
        assertThat(settled.costNanos()).isEqualTo(2_600_000);
        return id;
    }

    /** The store is down when the gateway starts, comes, goes in the middle of everything, and comes back. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void nothingIsLostOrDoubledAndNoCallWaits(Kind kind) throws IOException {
        Stores stores = kind == Kind.POSTGRESQL ? POSTGRES : MYSQL;
        DatabaseServer server = stores.server();
        String url = stores.fresh();
        server.stop();
        open(url);
        Set<String> ids = ConcurrentHashMap.newKeySet();
        try (ScheduledExecutorService load = Executors.newSingleThreadScheduledExecutor()) {
            Future<?> running = load.scheduleAtFixedRate(() -> ids.add(settle()), 0, 2, TimeUnit.MILLISECONDS);
            await().atMost(Duration.ofSeconds(30)).until(() -> !works());
            goOn(ids);
            server.start();
            await().atMost(Duration.ofSeconds(60)).until(this::works);
            server.stop();
            await().atMost(Duration.ofSeconds(30)).until(() -> !works());
            goOn(ids);
            server.start();
            assertThat(running.isDone()).as("a call failed").isFalse();
            running.cancel(false);
        }
        await().atMost(Duration.ofSeconds(90)).until(this::works);
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(stored("gpt-4o")).isEqualTo(ids.size()));
        assertThat(listed()).isEqualTo(ids);
        done(vertx.close().compose(_ -> room.close(lane.node())));
        assertThat(room.verify(lane.config(), data, _ -> {})).isEmpty();
        try (var left = Files.list(data.resolve("journal"))) {
            assertThat(left).isEmpty();
        }
    }

    /** Calls are settled although there is no store: by their number, since a slow machine makes any time long. */
    private static void goOn(Set<String> ids) {
        int before = ids.size();
        await().atMost(Duration.ofSeconds(30)).until(() -> ids.size() > before + 20);
    }

    private QueryResult ask(Map<String, String> parameters) {
        return done(lane.bus().<Query, QueryResult>ask(Addresses.LEDGER, new Query(Query.SPEND_LOGS, parameters)));
    }

    /** Rows by the sums of the day: what they spent over what one costs. */
    private long stored(String model) {
        QueryResult answer = ask(Map.of("start_date", "2026-01-01", "end_date", "2026-01-01"));
        assertThat(answer.failure()).isNull();
        Object spent = new JsonArray(Objects.requireNonNull(answer.json()))
                .getJsonObject(0)
                .getJsonObject("models")
                .getValue(model);
        return Math.round(Double.parseDouble(spent.toString()) / 0.0026);
    }

    private Set<String> listed() {
        Set<String> found = new HashSet<>();
        new JsonArray(Objects.requireNonNull(ask(Map.of("limit", "100000")).json()))
                .forEach(row -> found.add(((JsonObject) row).getString("request_id")));
        return found;
    }
}
