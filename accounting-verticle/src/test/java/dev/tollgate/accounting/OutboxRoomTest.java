package dev.tollgate.accounting;

import static dev.tollgate.accounting.Calls.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.cluster.Keyring;
import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.LocalBus;
import dev.tollgate.cluster.LocalLoadBoard;
import dev.tollgate.cluster.Mesh;
import dev.tollgate.cluster.ModelShelf;
import dev.tollgate.cluster.Node;
import dev.tollgate.cluster.NodeLoads;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes as the launcher opens them, each with its own store, in one process. */
class OutboxRoomTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final Mesh mesh = new Mesh();
    private final List<One> nodes = new ArrayList<>();

    private final class One {
        final Vertx vertx = Vertx.vertx();
        final PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        final Path data;
        final AccountingRoom room = new AccountingRoom();
        final Node node;
        final Lane lane;

        One(String id) {
            data = folder.resolve(id);
            node = new Node(
                    vertx,
                    1,
                    data,
                    new Node.ServerOptions("127.0.0.1", 0, "", "test"),
                    metrics,
                    new Keyring(),
                    mesh.join(id),
                    new ModelShelf(),
                    0);
            done(room.open(node));
            lane = new Lane(
                    node,
                    0,
                    new LocalBus(vertx, 0),
                    new LocalLoadBoard(vertx, 0, new NodeLoads(1)),
                    AccountingRoomTest.snapshot("gpt-4o"));
            done(vertx.deployVerticle(room.onLane(lane)));
            nodes.add(this);
        }

        void settle(String id) {
            Settled settled = done(lane.bus()
                    .ask(
                            Addresses.SETTLE,
                            AccountingRoomTest.settlement(id, "gpt-4o", Surface.CHAT, Usage.of(1000, 10), -1, null)));
            assertThat(settled.costNanos()).isEqualTo(2_600_000);
        }

        List<String> stored() {
            QueryResult answer =
                    done(lane.bus().<Query, QueryResult>ask(Addresses.LEDGER, new Query(Query.SPEND_LOGS, Map.of())));
            return new JsonArray(Objects.requireNonNull(answer.json()))
                    .stream()
                            .map(row -> ((JsonObject) row).getString("request_id"))
                            .sorted()
                            .toList();
        }

        double counted(String name) {
            return metrics.counter(name).count();
        }

        void close() {
            done(vertx.undeploy(vertx.deploymentIDs().iterator().next()));
            done(room.close(node));
            done(vertx.close());
        }
    }

    @AfterEach
    void end() {
        nodes.forEach(One::close);
    }

    private List<Path> kept(One by) throws IOException {
        Path outbox = by.data.resolve("outbox");
        if (!Files.isDirectory(outbox)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(outbox)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static String text(List<Path> files) throws IOException {
        StringBuilder all = new StringBuilder();
        for (Path file : files) {
            all.append(Files.readString(file, StandardCharsets.ISO_8859_1));
        }
        return all.toString();
    }

    @Test
    void whatANodeCouldNotStoreIsStoredByTheOtherWhenItIsGone() throws IOException {
        Path first = Files.createDirectories(folder.resolve("a"));
        Files.writeString(
                first.resolve("tollgate.db"), "this is no database, but long enough to be taken for one".repeat(20));
        One a = new One("a");
        One b = new One("b");
        await().atMost(SOON).until(() -> {
            a.settle("warm" + System.nanoTime());
            return a.counted("tollgate_outbox_copied") > 0;
        });
        for (int i = 0; i < 50; i++) {
            a.settle("call" + i);
        }
        // An answer may leave without a copy on a machine that stands still; the copy comes nevertheless.
        await().atMost(SOON).until(() -> text(kept(b)).contains("call49"));
        assertThat(b.stored()).as("a is there").isEmpty();
        mesh.leave("a");
        // A folder may go while it is being looked through.
        await().atMost(SOON).ignoreExceptions().until(() -> kept(b).isEmpty());
        assertThat(b.stored()).hasSizeGreaterThan(50).contains("call0", "call49");
        Files.delete(first.resolve("tollgate.db"));
    }

    @Test
    void aNodeThatEndsInGoodOrderHasStoredAllAndTheOtherForgetsIt() throws IOException {
        One a = new One("a");
        One b = new One("b");
        await().atMost(SOON).until(() -> {
            a.settle("warm" + System.nanoTime());
            return a.counted("tollgate_outbox_copied") > 0;
        });
        // A store that is not open yet takes nothing over, and what is kept for the other is then stored when that is
        // gone.
        await().atMost(SOON).until(() -> !b.stored().isEmpty());
        a.settle("last");
        nodes.remove(a);
        a.close();
        // A folder may go while it is being looked through.
        await().atMost(SOON).ignoreExceptions().until(() -> kept(b).isEmpty());
        mesh.leave("a");
        assertThat(b.stored())
                .as("it was told of all, and nothing was stored again")
                .contains("last")
                .doesNotHaveDuplicates();
    }
}
