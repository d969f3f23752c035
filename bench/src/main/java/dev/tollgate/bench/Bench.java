package dev.tollgate.bench;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;

/**
 * Measures Tollgate beside nginx as a plain proxy, mock upstream and load on the second core. Both warm up wherever they like and are
 * then pinned to the first core; rounds alternate between the two; the table holds medians and their ratio. Started by {@code bench/run}.
 */
public final class Bench {
    private static final Duration WINDOW = Duration.ofSeconds(6);
    private static final Duration WARM_UP = Duration.ofSeconds(20);

    private final Stand stand;
    private final int rounds;
    private final PrintStream out;
    private final Map<String, Map<String, List<Double>>> figures = new LinkedHashMap<>();

    private Bench(Stand stand, int rounds, PrintStream out) {
        this.stand = stand;
        this.rounds = rounds;
        this.out = out;
    }

    /** Arguments: the fat jar, the nginx binary, the number of rounds. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        try (Stand stand = new Stand(arguments[0])) {
            new Bench(stand, Integer.parseInt(arguments[2]), System.out).run(arguments[1]);
        }
    }

    private void run(String nginx) throws IOException, InterruptedException {
        try (MockUpstream mock = new MockUpstream(stand.vertx());
                Peer proxy = nginx(nginx, mock.port())) {
            starts(mock.port());
            try (Peer gateway = tollgate(mock.port())) {
                awaitOpen(gateway);
                LockSupport.parkNanos(5_000_000_000L);
                note("idle memory, MB", gateway.name(), (double) gateway.residentMegabytes());
                compare(List.of(proxy, gateway));
                note("memory after all that, MB", gateway.name(), (double) gateway.residentMegabytes());
            }
        }
        print();
    }

    /** The cold start, from exec to the first answered chat. */
    private void starts(int mock) throws IOException {
        for (int i = 0; i < rounds; i++) {
            long began = System.nanoTime();
            try (Peer gateway = tollgate(mock)) {
                awaitOpen(gateway);
                new Load(stand.vertx(), gateway.url(), Stand.KEY, chat(700, false)).closed(1, Duration.ZERO);
                note("exec to first answer, ms", gateway.name(), (System.nanoTime() - began) / 1e6);
            }
        }
    }

    private void compare(List<Peer> peers) {
        for (Peer peer : peers) {
            new Load(stand.vertx(), peer.url(), Stand.KEY, chat(700, false)).closed(32, WARM_UP);
            new Load(stand.vertx(), peer.url(), Stand.KEY, chat(700, true)).closed(50, WARM_UP);
            new Load(stand.vertx(), peer.url(), Stand.KEY, chat(1_000_000, false)).closed(4, WARM_UP.dividedBy(2));
        }
        peers.forEach(Peer::pin);
        for (int round = 0; round < rounds; round++) {
            for (Peer peer : peers) {
                measure(peer);
            }
        }
    }

    private void measure(Peer peer) {
        cpu(peer, "chat, 32 callers: CPU µs/request", chat(700, false), 32, result -> (double) result.answers());
        cpu(peer, "stream, 50 callers: CPU µs/chunk", chat(700, true), 50, result -> (double) result.chunks());
        cpu(peer, "100 KB body, 8 callers: CPU µs/request", chat(100_000, false), 8, result ->
                (double) result.answers());
        cpu(peer, "1 MB body, 4 callers: CPU µs/request", chat(1_000_000, false), 4, result ->
                (double) result.answers());
        Load.Result open = new Load(stand.vertx(), peer.url(), Stand.KEY, chat(700, false)).open(500, WINDOW);
        note("chat, 500 requests/s: p50 ms", peer.name(), open.percentile(0.5));
        note("chat, 500 requests/s: p99 ms", peer.name(), open.percentile(0.99));
        failures(peer, open);
    }

    private void cpu(Peer peer, String what, Buffer body, int callers, ToDoubleFunction<Load.Result> per) {
        long before = peer.cpuMicros();
        Load.Result result = new Load(stand.vertx(), peer.url(), Stand.KEY, body).closed(callers, WINDOW);
        note(what, peer.name(), (peer.cpuMicros() - before) / per.applyAsDouble(result));
        failures(peer, result);
    }

    private void failures(Peer peer, Load.Result result) {
        if (result.failures() > 0) {
            out.println("! " + peer.name() + ": " + result.failures() + " requests failed");
        }
    }

    private void note(String what, String peer, double value) {
        figures.computeIfAbsent(what, _ -> new LinkedHashMap<>())
                .computeIfAbsent(peer, _ -> new ArrayList<>())
                .add(value);
    }

    private void print() {
        out.println("| median of " + rounds + " | nginx | Tollgate | ratio |");
        out.println("|---|---:|---:|---:|");
        figures.forEach((what, values) -> {
            double theirs = Figures.median(values.getOrDefault("nginx", List.of()));
            double ours = Figures.median(values.getOrDefault("Tollgate", List.of()));
            out.println(
                    "| " + what + " | " + shown(theirs) + " | " + shown(ours) + " | " + shown(ours / theirs) + " |");
        });
    }

    private static String shown(double value) {
        return Double.isNaN(value) ? "–" : value >= 100 ? "%.0f".formatted(value) : "%.2f".formatted(value);
    }

    private static Buffer chat(int size, boolean stream) {
        return Buffer.buffer("{\"model\":\"bench\",\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"" + "word\\n ".repeat(size / 7) + "\"}]}");
    }

    private Peer tollgate(int mock) throws IOException {
        return stand.gateway("Tollgate", Stand.config(mock), Map.of(), "--num_workers", "1");
    }

    private Peer nginx(String binary, int mock) throws IOException {
        int port = Stand.freePort();
        Path folder = Files.createDirectories(stand.folder().resolve("nginx"));
        Path config = folder.resolve("nginx.conf");
        Files.writeString(config, """
                daemon off; worker_processes 1; pid nginx.pid; error_log stderr;
                events { worker_connections 4096; }
                http {
                    access_log off; keepalive_requests 1000000; client_max_body_size 100m; client_body_buffer_size 2m;
                    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
                    upstream mock { server 127.0.0.1:%d; keepalive 256; keepalive_requests 1000000; }
                    server {
                        listen 127.0.0.1:%d;
                        location / {
                            proxy_pass http://mock; proxy_http_version 1.1; proxy_set_header Connection "";
                            proxy_buffering off;
                        }
                    }
                }
                """.formatted(mock, port));
        List<String> command = List.of(binary, "-p", folder.toString(), "-c", config.toString(), "-e", "stderr");
        Peer peer = stand.start("nginx", command, folder, "http://127.0.0.1:" + port + "/v1/chat/completions");
        awaitOpen(peer);
        return peer;
    }

    private static void awaitOpen(Peer peer) throws IOException {
        int port = URI.create(peer.url()).getPort();
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (System.nanoTime() < deadline && peer.process().isAlive()) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
                return;
            } catch (IOException _) {
                LockSupport.parkNanos(5_000_000);
            }
        }
        throw new IOException(peer.name() + " did not start");
    }
}
