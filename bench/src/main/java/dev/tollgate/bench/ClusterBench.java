package dev.tollgate.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * What being a cluster costs: a node alone, a node beside another, each with a SQLite file and with PostgreSQL, and a front with a provider
 * node, measured in turn by the CPU time that their processes use for a call. Who takes calls has the first core for itself; mock upstream,
 * load and the other nodes, which would be on other machines, have the second, with the database. Once with callers that ask again when they
 * are answered, and once with so many calls a second, the same for all. Started by {@code bench/run cluster}.
 */
public final class ClusterBench {
    private static final Duration WINDOW = Duration.ofSeconds(6);
    private static final Duration WARM_UP = Duration.ofSeconds(60);
    private static final int CALLERS = 32;

    /** Callers that ask again at once give a node that answers sooner more to do, and it does that at less CPU a call. */
    private static final int PER_SECOND = 6_000;

    private final Stand stand;
    private final String config;
    private final PrintStream out;
    private final Figures figures = new Figures();

    private ClusterBench(Stand stand, MockUpstream mock, PrintStream out) {
        this.stand = stand;
        this.config = Stand.config(mock.port());
        this.out = out;
    }

    /** Some nodes of which the first takes calls, and those of them whose time counts. */
    private record Setting(String name, List<Peer> nodes, List<Peer> counted) {
        static Setting whole(String name, List<Peer> nodes) {
            return new Setting(name, nodes, nodes);
        }

        static Setting first(String name, List<Peer> nodes) {
            return new Setting(name, nodes, nodes.subList(0, 1));
        }

        long cpuMicros() {
            return counted.stream().mapToLong(Peer::cpuMicros).sum();
        }

        void pin() {
            nodes.forEach(node -> node.pin(1));
            nodes.getFirst().pin(0);
        }
    }

    /** Arguments: the fat jar, the number of rounds. */
    public static void main(String[] arguments) throws Exception {
        try (Stand stand = new Stand(arguments[0]);
                MockUpstream mock = new MockUpstream(stand.vertx())) {
            new ClusterBench(stand, mock, System.out).run(Postgres.start(stand), Integer.parseInt(arguments[1]));
        }
    }

    private void run(Postgres server, int rounds) throws Exception {
        List<Setting> settings = new ArrayList<>();
        Peer alone = node("alone", 0, Map.of());
        List<Peer> two = two("SQLite", Map.of());
        settings.add(Setting.whole("alone, SQLite", List.of(alone)));
        settings.add(Setting.first("of two, SQLite", two));
        settings.add(Setting.whole("of two, with the other one, SQLite", two));
        settings.add(Setting.whole("front and provider, SQLite", frontAndProvider()));
        figures.note("memory of a node alone, MB", (double) alone.residentMegabytes());
        figures.note("memory of a node of two, MB", (double) two.getLast().residentMegabytes());
        Map<String, String> own = Map.of("DATABASE_URL", server.database(stand.vertx(), "alone"));
        settings.add(Setting.whole("alone, PostgreSQL", List.of(node("alone with PostgreSQL", 0, own))));
        List<Peer> shared = two("PostgreSQL", Map.of("DATABASE_URL", server.database(stand.vertx(), "shared")));
        settings.add(Setting.first("of two, PostgreSQL", shared));
        settings.add(Setting.whole("of two, with the other one, PostgreSQL", shared));
        settings.forEach(setting -> answers(setting, load(setting).closed(CALLERS, WARM_UP)));
        settings.forEach(Setting::pin);
        server.peer().pin(1);
        for (int round = 0; round < rounds; round++) {
            settings.forEach(this::measure);
        }
        figures.print(out);
    }

    private void measure(Setting setting) {
        long before = setting.cpuMicros();
        long answers = answers(setting, load(setting).closed(CALLERS, WINDOW));
        long between = setting.cpuMicros();
        figures.note("chat, CPU µs a call: " + setting.name(), (between - before) / (double) answers);
        long paced = answers(setting, load(setting).open(PER_SECOND, WINDOW));
        figures.note(
                "chat, " + PER_SECOND + " a second, CPU µs a call: " + setting.name(),
                (setting.cpuMicros() - between) / (double) paced);
    }

    private List<Peer> two(String store, Map<String, String> environment) throws IOException, InterruptedException {
        int members = Stand.freePort();
        Peer first = node("first with " + store, members, environment, "--cluster");
        ready(first, 1);
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(10));
        long began = System.nanoTime();
        Peer second = node("second with " + store, Stand.freePort(), environment, "--join", "127.0.0.1:" + members);
        ready(second, 2);
        figures.note("second node ready, ms", (System.nanoTime() - began) / 1e6);
        return List.of(first, second);
    }

    private List<Peer> frontAndProvider() throws IOException, InterruptedException {
        int members = Stand.freePort();
        Peer front = node("front", members, Map.of(), "--cluster", "--roles", "gateway,router,accounting");
        Peer provider =
                node("provider", Stand.freePort(), Map.of(), "--join", "127.0.0.1:" + members, "--roles", "provider");
        ready(front, 2);
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(5));
        return List.of(front, provider);
    }

    private Load load(Setting setting) {
        return new Load(stand.vertx(), setting.nodes().getFirst().url(), Stand.KEY, Load.chat(""));
    }

    private long answers(Setting setting, Load.Result result) {
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

    /** One that stands alone when {@code members} is 0, else with that port for others. */
    private Peer node(String name, int members, Map<String, String> variables, String... flags) throws IOException {
        Map<String, String> environment = new HashMap<>(variables);
        if (members != 0) {
            environment.put("TOLLGATE_CLUSTER_HOST", "127.0.0.1");
            environment.put("TOLLGATE_CLUSTER_PORT", String.valueOf(members));
            environment.put("TOLLGATE_CLUSTER_BUS_PORT", String.valueOf(Stand.freePort()));
        }
        return stand.gateway(
                name,
                config,
                environment,
                Stream.concat(Stream.of("--num_workers", "1"), Stream.of(flags)).toArray(String[]::new));
    }
}
