package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes behind a real nginx are replaced one after the other while clients call: none of them notices. */
class ProofOfRestartsIT {
    private static final Duration SOON = Duration.ofSeconds(300);
    private static final int WORDS = 30;
    private static final long WORD_MILLIS = 100;
    private static final Pattern BROKEN = Pattern.compile(
            "\\((?:104: Connection reset by peer|32: Broken pipe)\\)|upstream prematurely closed connection");

    @TempDir
    Path folder;

    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    /** Calls that nginx could not bring to a node. */
    private final Set<String> broken = ConcurrentHashMap.newKeySet();

    private final AtomicInteger names = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger streamed = new AtomicInteger();
    private final AtomicInteger clients = new AtomicInteger();
    private final AtomicBoolean over = new AtomicBoolean();

    private static void answer(Upstream.Asked asked, HttpServerResponse response, Vertx vertx) {
        if (!asked.body().getBoolean("stream", false)) {
            Scripts.openAi("afar").answer(asked, response, vertx);
            return;
        }
        AtomicInteger said = new AtomicInteger();
        Scripts.words(asked, response, vertx, WORD_MILLIS, () -> said.getAndIncrement() < WORDS);
    }

    /** One client that calls, waits a little, and calls again; a slow machine makes it call less often. */
    private final class Client implements Runnable {
        private final ScheduledExecutorService clock;
        private final Http http;
        private final boolean streams;

        Client(ScheduledExecutorService clock, Http http, boolean streams) {
            this.clock = clock;
            this.http = http;
            this.streams = streams;
        }

        @Override
        public void run() {
            Thread.ofVirtual().start(() -> {
                call();
                if (over.get()) {
                    clients.decrementAndGet();
                } else {
                    clock.schedule(this, 300, TimeUnit.MILLISECONDS);
                }
            });
        }

        private void call() {
            String name = "n" + names.incrementAndGet();
            try {
                String body = streams ? Http.streamedChat("far") : Http.chat("far");
                HttpResponse<String> response = http.post(
                        "/v1/chat/completions",
                        new JsonObject(body).put("user", name).encode());
                boolean whole = response.statusCode() == 200
                        && (streams
                                ? response.body().split("w ", -1).length == WORDS + 1
                                        && response.body().endsWith("data: [DONE]\n\n")
                                : Http.content(response).equals("Hello from afar"));
                if (whole) {
                    (streams ? streamed : answered).incrementAndGet();
                } else if (response.statusCode() == 502 && response.body().contains("nginx")) {
                    broken.add(name);
                } else {
                    failed(response.statusCode() + " " + response.body());
                }
            } catch (IOException | InterruptedException | RuntimeException e) {
                failed(e.toString());
            }
        }

        private void failed(String why) {
            String line = (streams ? "stream: " : "call: ") + why;
            failures.add(line);
            Proof.say(Instant.now() + " " + line);
        }
    }

    private static Nginx nginx(Path folder, List<Integer> ports) throws IOException, InterruptedException {
        String file = Files.readString(Path.of("..", "deploy", "nginx", "tollgate-cluster.conf"));
        for (int i = 0; i < ports.size(); i++) {
            assertThat(file).contains("server 10.0.0." + (i + 1) + ":4000");
            file = file.replace("10.0.0." + (i + 1) + ":4000", "127.0.0.1:" + ports.get(i));
        }
        int location = file.indexOf("\nlocation /");
        return Nginx.start(folder, file.substring(0, location), file.substring(location));
    }

    @Test
    void noCallFailsAndNoStreamBreaksWhileNodesAreReplaced() throws Exception {
        int callers = Proof.count("callers", 10, 30);
        int streams = Proof.count("streams", 6, 20);
        int rounds = Proof.count("rounds", 1, 3);
        try (Upstream upstream = Upstream.answering(ProofOfRestartsIT::answer);
                Three three = Three.start(folder, """
                    model_list:
                      - {model_name: far, litellm_params: {model: openai/far, api_base: "%s/v1", api_key: k, input_cost_per_token: 0.000001, output_cost_per_token: 0.000001}}
                    router_settings: {num_retries: 0}
                    general_settings: {master_key: %s, drain_timeout: 120}
                    """.formatted(upstream.url(), Three.KEY));
                Nginx nginx = nginx(folder.resolve("nginx"), three.ports())) {
            String key = three.admin(
                            0,
                            "/key/generate",
                            "{\"max_budget\": 100, \"rpm_limit\": 1000000, \"tpm_limit\": 1000000000}")
                    .getString("key");
            List<Stop> stops = new ArrayList<>();
            try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
                for (int i = 0; i < callers + streams; i++) {
                    clients.incrementAndGet();
                    new Client(clock, new Http(nginx.url(), key, Http.LONG_PATIENCE), i >= callers).run();
                }
                try {
                    await().atMost(SOON).until(() -> answered.get() > callers && streamed.get() > 0);
                    for (int restart = 0; restart < rounds * Three.COUNT; restart++) {
                        stops.add(replace(three, restart % Three.COUNT));
                    }
                } finally {
                    over.set(true);
                }
                await().atMost(SOON).until(() -> clients.get() == 0);
            }
            Proof.say(answered.get() + " calls and " + streamed.get() + " streams during " + rounds * Three.COUNT
                    + " restarts, " + failures.size() + " failed, " + broken.size()
                    + " met a port that was just closed");
            assertThat(failures).as(() -> three.story()).isEmpty();
            noMoreBrokenThanPortsThatClose(stops, callers + streams, upstream);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(
                                    three.postgres()
                                            .lines(
                                                    "SELECT count(*) FROM tollgate.spend_logs WHERE spend_nanos > 0 AND part_of IS NULL"))
                            .as("each of them is in the account")
                            .containsExactly(Integer.toString(answered.get() + streamed.get())));
        }
    }

    /** A node was told to stop and did, between these two moments. */
    private record Stop(int port, Instant from, Instant to) {
        private static final DateTimeFormatter NGINX = DateTimeFormatter.ofPattern("yyyy/MM/dd HH:mm:ss");

        /** Whether nginx wrote then that the system, and not the node, had ended a connection to it. Its clock shows seconds. */
        boolean explains(String line) {
            if (!BROKEN.matcher(line).find() || !line.contains("127.0.0.1:" + port + "/")) {
                return false;
            }
            Instant at = LocalDateTime.parse(line.substring(0, 19), NGINX)
                    .atZone(ZoneId.systemDefault())
                    .toInstant();
            return !at.isBefore(from.minusSeconds(2)) && !at.isAfter(to.plusSeconds(2));
        }
    }

    /**
     * A connection that is made, or used again, in the very moment in which it is closed is broken, and nginx does not send a call twice.
     * No node has seen such a call; each client has one at a time.
     */
    private void noMoreBrokenThanPortsThatClose(List<Stop> stops, int clients, Upstream upstream) throws IOException {
        assertThat(upstream.asked().stream().map(asked -> asked.body().getString("user")))
                .doesNotContainAnyElementsOf(broken.isEmpty() ? Set.of("none") : broken);
        try (Stream<String> log = Files.lines(folder.resolve("nginx").resolve("nginx.log"))) {
            assertThat(log.filter(line -> stops.stream().anyMatch(stop -> stop.explains(line))))
                    .hasSizeGreaterThanOrEqualTo(broken.size());
        }
        assertThat(broken).hasSizeLessThanOrEqualTo(stops.size() * clients);
    }

    private Stop replace(Three three, int i) throws Exception {
        int before = answered.get();
        int streams = streamed.get();
        long began = System.nanoTime();
        Instant from = Instant.now();
        three.stop(i);
        Stop stop = new Stop(three.ports().get(i), from, Instant.now());
        long stopped = System.nanoTime();
        three.again(i);
        three.together();
        long back = System.nanoTime();
        await().atMost(SOON).until(() -> answered.get() > before + 10 && streamed.get() > streams);
        Proof.say("node %d stopped in %d ms, was back after %d ms; %d failed so far"
                .formatted(i, (stopped - began) / 1_000_000, (back - stopped) / 1_000_000, failures.size()));
        return stop;
    }
}
