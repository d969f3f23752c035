package dev.tollgate.bench;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.LoggerFactory;

/**
 * What being a cluster costs: a node alone, a node beside another, and a front with a provider node, measured in turn by the CPU time that
 * their processes use for a call. All are pinned to the first core, mock upstream and load have the second. Started by {@code bench/run cluster}.
 */
public final class ClusterBench {
    private static final String KEY = "sk-bench";
    private static final Duration WINDOW = Duration.ofSeconds(6);
    private static final Duration WARM_UP = Duration.ofSeconds(40);
    private static final int CALLERS = 32;

    private final Vertx vertx;
    private final Path folder;
    private final Path jar;
    private final PrintStream out;
    private final Map<String, List<Double>> figures = new LinkedHashMap<>();

    private ClusterBench(Vertx vertx, Path folder, Path jar, PrintStream out) {
        this.vertx = vertx;
        this.folder = folder;
        this.jar = jar;
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
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
        try {
            Path folder = Files.createTempDirectory("tollgate-bench");
            new ClusterBench(vertx, folder, Path.of(arguments[0]).toAbsolutePath(), System.out)
                    .run(Integer.parseInt(arguments[1]));
        } finally {
            vertx.close().await();
        }
    }

    private void run(int rounds) throws Exception {
        List<Peer> all = new ArrayList<>();
        try (MockUpstream mock = new MockUpstream(vertx)) {
            Files.writeString(folder.resolve("bench.yaml"), """
                model_list:
                  - model_name: bench
                    litellm_params: {model: openai/gpt-4o, api_base: "http://127.0.0.1:%d/v1", api_key: sk-up}
                general_settings: {master_key: %s}
                """.formatted(mock.port(), KEY));
            int members = freePort();
            int others = freePort();
            Peer alone = add(all, node("alone", 0));
            Peer first = add(all, node("first", members, "--cluster"));
            ready(first, 1);
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(10));
            long began = System.nanoTime();
            Peer second = add(all, node("second", freePort(), "--join", "127.0.0.1:" + members));
            ready(second, 2);
            note("second node ready, ms", (System.nanoTime() - began) / 1e6);
            Peer front = add(all, node("front", others, "--cluster", "--roles", "gateway,router,accounting"));
            Peer provider =
                    add(all, node("provider", freePort(), "--join", "127.0.0.1:" + others, "--roles", "provider"));
            ready(front, 2);
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(5));
            note("memory of a node alone, MB", (double) alone.residentMegabytes());
            note("memory of a node of two, MB", (double) second.residentMegabytes());
            List<Setting> settings = List.of(
                    new Setting("alone", List.of(alone)),
                    new Setting("of two", List.of(first)),
                    new Setting("of two, with its keeper", List.of(first, second)),
                    new Setting("front and provider", List.of(front, provider)));
            settings.forEach(setting -> load(setting, WARM_UP));
            all.forEach(Peer::pin);
            for (int round = 0; round < rounds; round++) {
                settings.forEach(setting -> {
                    long before = setting.cpuMicros();
                    long answers = load(setting, WINDOW);
                    note("chat, CPU µs a call: " + setting.name(), (setting.cpuMicros() - before) / (double) answers);
                });
            }
        } finally {
            all.reversed().forEach(Peer::close);
        }
        figures.forEach((what, values) -> out.printf(
                "| %s | %.1f | %s |%n",
                what, median(values), values.stream().map("%.1f"::formatted).toList()));
    }

    private static Peer add(List<Peer> all, Peer peer) {
        all.add(peer);
        return peer;
    }

    private long load(Setting setting, Duration time) {
        Buffer chat = Buffer.buffer(
                "{\"model\":\"bench\",\"messages\":[{\"role\":\"user\",\"content\":\"" + "word ".repeat(140) + "\"}]}");
        Load.Result result = new Load(vertx, setting.nodes().getFirst().url(), KEY, chat).closed(CALLERS, time);
        if (result.failures() > 0) {
            out.println("! " + setting.name() + ": " + result.failures() + " calls failed");
        }
        return result.answers();
    }

    private void note(String what, double value) {
        figures.computeIfAbsent(what, _ -> new ArrayList<>()).add(value);
    }

    private static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** Waits until it is ready and sees so many nodes. */
    private static void ready(Peer peer, int nodes) throws Exception {
        String url = peer.url().replace("/v1/chat/completions", "/health/readiness");
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (int i = 0; i < 2_000; i++) {
                try {
                    HttpResponse<String> answer = client.send(
                            HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
                    if (answer.statusCode() == 200 && answer.body().contains("\"nodes\":" + nodes)) {
                        return;
                    }
                } catch (IOException _) {
                    // It does not listen yet.
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(30));
            }
            throw new IllegalStateException(peer.name() + " did not become ready");
        }
    }

    private Peer node(String name, int members, String... flags) throws IOException {
        int port = freePort();
        Path own = Files.createDirectories(folder.resolve(name));
        List<String> command = new ArrayList<>(List.of("env", "TOLLGATE_DATA=" + own));
        if (members > 0) {
            command.addAll(List.of(
                    "TOLLGATE_CLUSTER_HOST=127.0.0.1",
                    "TOLLGATE_CLUSTER_PORT=" + members,
                    "TOLLGATE_CLUSTER_BUS_PORT=" + freePort()));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx192m",
                "-jar",
                jar.toString(),
                "--config",
                "bench.yaml",
                "--host",
                "127.0.0.1",
                "--num_workers",
                "1",
                "--port",
                String.valueOf(port)));
        command.addAll(List.of(flags));
        return new Peer(
                name,
                Peer.start(own.resolve("log"), command, folder),
                "http://127.0.0.1:" + port + "/v1/chat/completions");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
