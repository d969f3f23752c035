package dev.tollgate.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * What being a cluster costs: a node alone, a node beside another, and a front with a provider node, measured in turn by the CPU time that
 * their processes use for a call. All are pinned to the first core, mock upstream and load have the second. Started by {@code bench/run cluster}.
 */
public final class ClusterBench {
    private static final Duration WINDOW = Duration.ofSeconds(6);
    private static final Duration WARM_UP = Duration.ofSeconds(40);
    private static final int CALLERS = 32;

    private final Stand stand;
    private final PrintStream out;
    private final Figures figures = new Figures();

    private ClusterBench(Stand stand, PrintStream out) {
        this.stand = stand;
        this.out = out;
    }

    /** Some nodes of which the first takes calls. */
    private record Setting(String name, List<Peer> nodes) {
        long cpuMicros() {
            return nodes.stream().mapToLong(Peer::cpuMicros).sum();
        }
    }

    /** Arguments: the fat jar, the number of rounds. */
    public static void main(String[] arguments) throws Exception {
        try (Stand stand = new Stand(arguments[0])) {
            new ClusterBench(stand, System.out).run(Integer.parseInt(arguments[1]));
        }
    }

    private void run(int rounds) throws Exception {
        try (MockUpstream mock = new MockUpstream(stand.vertx())) {
            String config = Stand.config(mock.port());
            int members = Stand.freePort();
            int others = Stand.freePort();
            Peer alone = node("alone", config, 0);
            Peer first = node("first", config, members, "--cluster");
            ready(first, 1);
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(10));
            long began = System.nanoTime();
            Peer second = node("second", config, Stand.freePort(), "--join", "127.0.0.1:" + members);
            ready(second, 2);
            figures.note("second node ready, ms", (System.nanoTime() - began) / 1e6);
            Peer front = node("front", config, others, "--cluster", "--roles", "gateway,router,accounting");
            Peer provider =
                    node("provider", config, Stand.freePort(), "--join", "127.0.0.1:" + others, "--roles", "provider");
            ready(front, 2);
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(5));
            figures.note("memory of a node alone, MB", (double) alone.residentMegabytes());
            figures.note("memory of a node of two, MB", (double) second.residentMegabytes());
            List<Setting> settings = List.of(
                    new Setting("alone", List.of(alone)),
                    new Setting("of two", List.of(first)),
                    new Setting("of two, with its keeper", List.of(first, second)),
                    new Setting("front and provider", List.of(front, provider)));
            settings.forEach(setting -> load(setting, WARM_UP));
            List.of(alone, first, second, front, provider).forEach(Peer::pin);
            for (int round = 0; round < rounds; round++) {
                settings.forEach(setting -> {
                    long before = setting.cpuMicros();
                    long answers = load(setting, WINDOW);
                    figures.note(
                            "chat, CPU µs a call: " + setting.name(),
                            (setting.cpuMicros() - before) / (double) answers);
                });
            }
        }
        figures.print(out);
    }

    private long load(Setting setting, Duration time) {
        Peer first = setting.nodes().getFirst();
        Load.Result result = new Load(stand.vertx(), first.url(), Stand.KEY, Load.chat("")).closed(CALLERS, time);
        if (result.failures() > 0) {
            out.println("! " + setting.name() + ": " + result.failures() + " calls failed");
        }
        return result.answers();
    }

    /** Waits until it is ready and sees so many nodes. */
    private static void ready(Peer peer, int nodes) throws IOException, InterruptedException {
        try (Admin admin = new Admin(peer)) {
            admin.awaitReady(words -> words.contains("\"nodes\":" + nodes));
        }
    }

    private Peer node(String name, String config, int members, String... flags) throws IOException {
        Map<String, String> environment = members == 0
                ? Map.of()
                : Map.of(
                        "TOLLGATE_CLUSTER_HOST",
                        "127.0.0.1",
                        "TOLLGATE_CLUSTER_PORT",
                        String.valueOf(members),
                        "TOLLGATE_CLUSTER_BUS_PORT",
                        String.valueOf(Stand.freePort()));
        return stand.gateway(
                name,
                config,
                environment,
                Stream.concat(Stream.of("--num_workers", "1"), Stream.of(flags)).toArray(String[]::new));
    }
}
