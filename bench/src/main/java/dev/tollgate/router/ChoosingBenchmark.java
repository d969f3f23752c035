package dev.tollgate.router;

import dev.tollgate.cluster.Load;
import dev.tollgate.cluster.LoadBoard;
import dev.tollgate.cluster.LocalBus;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.Provider;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.router.strategy.Seats;
import dev.tollgate.router.strategy.Strategies;
import dev.tollgate.router.strategy.Strategy;
import io.vertx.core.Vertx;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGeneratorFactory;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Candidates and choice for one call of a group of 100 deployments, each with figures, limits and a weight. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class ChoosingBenchmark {
    private static final int DEPLOYMENTS = 100;

    /** {@code routing_strategy}. */
    @Param({
        "simple-shuffle",
        "least-busy",
        "latency-based-routing",
        "usage-based-routing",
        "usage-based-routing-v2",
        "cost-based-routing"
    })
    public String strategy = "";

    private List<Deployment> group = List.of();
    private Candidates candidates = candidates(new Board(), RouterSettings.DEFAULT);
    private Strategy chosen = new Strategies(() -> 0, new Random(1), _ -> 0).of(RouterSettings.DEFAULT);

    /** Nothing runs on it. */
    private final Vertx vertx = Vertx.vertx();

    /** Ends what would keep the process. */
    @TearDown
    public void close() {
        vertx.close();
    }

    /** Fills the group. */
    @Setup
    public void fill() {
        Board board = new Board();
        RouterSettings settings = settings(strategy);
        List<Deployment> members = new ArrayList<>();
        for (int i = 0; i < DEPLOYMENTS; i++) {
            Deployment deployment = deployment(i);
            members.add(deployment);
            Load load = board.load(deployment.id());
            for (int call = 0; call < i % 7; call++) {
                load.began(System.currentTimeMillis());
            }
            load.used(System.currentTimeMillis(), i * 31 % 17);
            for (int sample = 0; sample < 10; sample++) {
                load.perToken().add(0.01 + i * 37 % 100 / 1000.0, System.currentTimeMillis(), 10);
            }
        }
        group = Seats.of(members, board);
        candidates = candidates(board, settings);
        chosen = new Strategies(
                        System::currentTimeMillis,
                        RandomGeneratorFactory.of("L64X128MixRandom").create(1),
                        new Facts(new LocalBus(vertx, 0)))
                .of(settings);
    }

    /** One choice. */
    @Benchmark
    public Deployment choose() {
        return chosen.choose(candidates.of(group, Set.of()), false);
    }

    private static Candidates candidates(Board board, RouterSettings settings) {
        return new Candidates(
                board,
                new Cooldowns(board, System::currentTimeMillis),
                new Limits(System::currentTimeMillis, settings));
    }

    private static Deployment deployment(int number) {
        return new Deployment(
                "d" + number,
                "group",
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

    private static RouterSettings settings(String strategy) {
        RouterSettings d = RouterSettings.DEFAULT;
        return new RouterSettings(
                strategy,
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
                d.latency(),
                d.tags(),
                Map.of(),
                Map.of(),
                Map.of(),
                d.trying(),
                d.choosing());
    }

    /** A lane's board without a lane. */
    private static final class Board implements LoadBoard {
        private final Map<String, Load> loads = new HashMap<>();

        @Override
        public Load load(String deploymentId) {
            Load load = loads.get(deploymentId);
            if (load == null) {
                load = new Load();
                loads.put(deploymentId, load);
            }
            return load;
        }

        @Override
        public void cool(String deploymentId, long untilMillis) {}
    }
}
