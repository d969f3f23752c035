package dev.tollgate.router;

import dev.tollgate.cluster.Load;
import dev.tollgate.cluster.LocalBus;
import dev.tollgate.cluster.LocalLoadBoard;
import dev.tollgate.cluster.NodeLoads;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.GeneralSettings;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.Provider;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Surface;
import dev.tollgate.router.strategy.Seats;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a call takes for choosing: its group by name, the candidates, and one of them, among 100 deployments, each with a weight,
 * {@code rpm}, {@code tpm}, a price, and figures of two lanes. The router is the real one, on the load board of a node with two lanes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class ChoosingBenchmark {
    private static final int DEPLOYMENTS = 100;
    private static final String GROUP = "group";

    /** {@code routing_strategy}, and behind a plus what else is set. */
    @Param({
        "simple-shuffle",
        "simple-shuffle+weights",
        "least-busy",
        "latency-based-routing",
        "latency-based-routing+ttft_percentile",
        "usage-based-routing",
        "usage-based-routing-v2",
        "cost-based-routing"
    })
    public String strategy = "";

    /** Nothing runs on it. */
    private final Vertx vertx = Vertx.vertx();

    private final NodeLoads node = new NodeLoads(2, true);
    private final LocalLoadBoard board = new LocalLoadBoard(vertx, 0, node);
    private final LocalLoadBoard other = new LocalLoadBoard(vertx, 1, node);
    private final Router router =
            router(RandomGeneratorFactory.of("L64X128MixRandom").create(1));
    private final Story story = new Story();
    private Snapshot config = snapshot(List.of(), RouterSettings.DEFAULT);
    private Call call = call(false);

    /** Ends what would keep the process. */
    @TearDown
    public void close() {
        vertx.close();
    }

    /** Fills the group, and goes the ways that calls which fail go as well: what is compiled is not for one way only. */
    @Setup
    public void fill() {
        List<Deployment> members = new ArrayList<>();
        for (int i = 0; i < DEPLOYMENTS; i++) {
            Deployment deployment = deployment(i);
            members.add(deployment);
            fill(board.load(deployment.id()), i);
            fill(other.load(deployment.id()), i / 2);
        }
        config = snapshot(members, settings());
        call = call(strategy.endsWith("+ttft_percentile"));
        router.configure(config);
        List<Deployment> group = group();
        for (int i = 0; i < 20_000; i++) {
            router.choose(router.candidates().of(group, Set.of("d" + i % DEPLOYMENTS)), call, story);
        }
    }

    /** Tokens are of a minute: without new ones all deployments would be equal after it. */
    @Setup(Level.Iteration)
    public void use() {
        for (int i = 0; i < DEPLOYMENTS; i++) {
            board.load("d" + i).used(System.currentTimeMillis(), 1 + i * 31 % 17);
        }
    }

    private static void fill(Load load, int number) {
        long now = System.currentTimeMillis();
        for (int attempt = 0; attempt < number % 7; attempt++) {
            load.began(now);
        }
        for (int sample = 0; sample < 10; sample++) {
            load.perToken().add(0.01 + (number * 37 + sample) % 100 / 1000.0, now, 10);
            load.firstToken().add(0.1 + (number * 37 + sample) % 100 / 100.0, now, 10);
        }
    }

    private List<Deployment> group() {
        ModelTable.Group group = router.resolve(config.models(), GROUP);
        return group == null ? List.of() : group.deployments();
    }

    /** One choice. */
    @Benchmark
    public Deployment choose() {
        Seats candidates = router.candidates().of(group(), Set.of());
        return router.choose(candidates, call, story);
    }

    private Router router(RandomGenerator random) {
        return new Router(
                new LocalBus(vertx, 0),
                board,
                random,
                System::currentTimeMillis,
                new Backoff(random),
                _ -> Future.succeededFuture(),
                _ -> {},
                _ -> Future.succeededFuture(0));
    }

    private static Snapshot snapshot(List<Deployment> members, RouterSettings settings) {
        return new Snapshot(
                1, "bench", new ModelTable(members, Map.of(), Set.of()), settings, GeneralSettings.DEFAULT, List.of());
    }

    private static Call call(boolean stream) {
        return new Call(
                "call",
                Surface.CHAT,
                Caller.ofKey("hash", List.of()),
                new Envelope(
                        GROUP,
                        null,
                        1,
                        true,
                        stream,
                        false,
                        null,
                        0,
                        null,
                        List.of(),
                        List.of(),
                        List.of(),
                        Envelope.Overrides.NONE),
                Map.of(),
                Buffer.buffer(),
                0);
    }

    private static Deployment deployment(int number) {
        return new Deployment(
                "d" + number,
                GROUP,
                new Provider("test", "openai", null, List.of(), List.of(), false, false, true, List.of()),
                "model-" + number,
                "http://127.0.0.1",
                null,
                null,
                null,
                Map.of(),
                Map.of(),
                new Deployment.Routing(
                        1.0 + number % 3, 1_000_000L, 1_000_000_000L, null, null, null, null, null, List.of()),
                Map.of("input_cost_per_token", BigDecimal.valueOf(1 + number % 9, 6)),
                Deployment.Info.NONE,
                null,
                null);
    }

    private RouterSettings settings() {
        RouterSettings d = RouterSettings.DEFAULT;
        RouterSettings.Choosing c = d.choosing();
        Map<String, Double> weights = new HashMap<>();
        for (int i = 0; strategy.endsWith("+weights") && i < DEPLOYMENTS; i++) {
            weights.put("d" + i, 1.0 + i % 3);
        }
        Double percentile = strategy.endsWith("+ttft_percentile") ? 90.0 : null;
        return new RouterSettings(
                strategy.replaceFirst("\\+.*", ""),
                d.numRetries(),
                d.timeout(),
                null,
                Duration.ZERO,
                null,
                d.cooldown(),
                false,
                Map.of(),
                List.of(),
                Map.of(),
                Map.of(),
                d.maxFallbacks(),
                new RouterSettings.Latency(10, Duration.ofHours(1), 0, percentile),
                d.tags(),
                Map.of(),
                Map.of(),
                Map.of(),
                d.trying(),
                new RouterSettings.Choosing(
                        false, false, c.affinity(), c.groupAffinity(), false, weights, null, false, Map.of()));
    }
}
