package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds for all three nodes together at every moment: a limit of requests a minute, and that a key is blocked. */
class ProofOfLimitsIT {
    private static final Duration SOON = Duration.ofSeconds(300);
    private static final long MINUTE = TimeUnit.SECONDS.toNanos(60);

    @TempDir
    static Path folder;

    private static final AtomicInteger STREAMING = new AtomicInteger();
    private static final AtomicBoolean FINISH = new AtomicBoolean();
    private static Upstream upstream;
    private static Three three;

    @BeforeAll
    static void start() throws Exception {
        upstream = Upstream.answering(ProofOfLimitsIT::answer);
        three = Three.start(folder, """
            model_list:
              - {model_name: far, litellm_params: {model: openai/far, api_base: "%s/v1", api_key: k}}
              - {model_name: echo, litellm_params: {model: echo/x}}
            router_settings: {num_retries: 0}
            general_settings: {master_key: %s}
            """.formatted(upstream.url(), Three.KEY));
    }

    @AfterAll
    static void stop() throws IOException {
        three.close();
        upstream.close();
    }

    /** Streams go on until they are told to finish. */
    private static void answer(Upstream.Asked asked, HttpServerResponse response, Vertx vertx) {
        STREAMING.incrementAndGet();
        Scripts.words(asked, response, vertx, 200, () -> !FINISH.get());
    }

    /** A call that was let through: it began between these two moments. */
    private record Admitted(long sent, long answered) {}

    /** Calls of which the node is known to have begun all within one minute after {@code from}, at the least. */
    private static long within(List<Admitted> all, long from) {
        return all.stream()
                .filter(one -> one.sent() - from >= 0 && one.answered() - from < MINUTE)
                .count();
    }

    /** Every client calls, pauses and calls again until the time is over; what was neither let through nor refused for the limit is no answer. */
    private static List<Admitted> callFor(Duration time, int clients, String key) throws InterruptedException {
        ConcurrentLinkedQueue<Admitted> admitted = new ConcurrentLinkedQueue<>();
        AtomicInteger refused = new AtomicInteger();
        ConcurrentLinkedQueue<String> strange = new ConcurrentLinkedQueue<>();
        long end = System.nanoTime() + time.toNanos();
        List<Http> ways = ways(key);
        try (ScheduledExecutorService clock =
                Executors.newScheduledThreadPool(clients, Thread.ofVirtual().factory())) {
            for (int i = 0; i < clients; i++) {
                Http http = ways.get(i % ways.size());
                clock.scheduleWithFixedDelay(
                        () -> {
                            long sent = System.nanoTime();
                            int status = status(http, strange);
                            if (status == 200) {
                                admitted.add(new Admitted(sent, System.nanoTime()));
                            } else if (status == 429) {
                                refused.incrementAndGet();
                            } else if (status > 0 && status != 503) {
                                // A node that a busy machine keeps from answering the others refuses with 503, which is
                                // no more than the limit.
                                strange.add("status " + status);
                            }
                        },
                        0,
                        400,
                        TimeUnit.MILLISECONDS);
            }
            await().atMost(time.plus(SOON))
                    .until(() -> !strange.isEmpty() || (System.nanoTime() - end > 0 && refused.get() > 2 * clients));
        }
        assertThat(strange).isEmpty();
        return List.copyOf(admitted);
    }

    private static List<Http> ways(String key) {
        return IntStream.range(0, Three.COUNT)
                .mapToObj(i -> new Http(three.get(i).url(), key, Http.LONG_PATIENCE))
                .toList();
    }

    @Test
    void noMoreCallsThanTheLimitBeginInAnyMinuteAndNearlyAsManyDo() throws Exception {
        int limit = Proof.count("limit", 150, 600);
        int clients = Proof.count("clients", 60, 200);
        int seconds = Proof.count("seconds", 15, 200);
        String key = three.admin(0, "/key/generate", "{\"rpm_limit\": " + limit + "}")
                .getString("key");
        List<Admitted> all = callFor(Duration.ofSeconds(seconds), clients, key);
        long most = all.stream().mapToLong(one -> within(all, one.sent())).max().orElse(0);
        long first = all.stream().mapToLong(Admitted::sent).min().orElse(0);
        long firstMinute =
                all.stream().filter(one -> one.answered() - first < MINUTE).count();
        Proof.say("%d calls in %d s; most in any minute %d, in the first %d of %d"
                .formatted(all.size(), seconds, most, firstMinute, limit));
        assertThat(most).isLessThanOrEqualTo(limit);
        // On a busy machine a node may be taken for lost, and a thirty-second part with it: the short form leaves room
        // for that.
        boolean brief = seconds <= 60;
        assertThat(brief ? all.size() : firstMinute)
                .isGreaterThanOrEqualTo(brief ? limit * 4L / 5 : limit - limit / 60);
        // After the first burst as many may begin each minute as did a minute ago.
        assertThat((long) all.size()).isGreaterThanOrEqualTo(brief ? 1 : (limit - limit / 60) * ((seconds - 10L) / 61));
    }

    @Test
    void aBlockedKeyBeginsNoCallOnAnyNodeAfterTheReceipt() throws Exception {
        int streams = Proof.count("streams", 30, 100);
        String key = three.admin(0, "/key/generate", "{\"max_budget\": 10}").getString("key");
        List<Http> ways = ways(key);
        ConcurrentLinkedQueue<Admitted> admitted = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<Integer> refused = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<String> broken = new ConcurrentLinkedQueue<>();
        AtomicBoolean over = new AtomicBoolean();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<HttpResponse<String>>> live = IntStream.range(0, streams)
                    .mapToObj(i -> clients.submit(
                            () -> ways.get(i % ways.size()).post("/v1/chat/completions", Http.streamedChat("far"))))
                    .toList();
            await().atMost(SOON).until(() -> STREAMING.get() == streams);
            for (Http http : ways) {
                clients.execute(() -> {
                    while (!over.get()) {
                        long sent = System.nanoTime();
                        int status = status(http, broken);
                        if (status == 200) {
                            admitted.add(new Admitted(sent, System.nanoTime()));
                        } else if (status > 0) {
                            refused.add(status);
                        } else {
                            return;
                        }
                    }
                });
            }
            await().atMost(SOON).until(() -> admitted.size() > 30 || !broken.isEmpty());
            long blocked = blocked(key, ways, broken);
            refused.clear();
            await().atMost(SOON).until(() -> refused.size() > 30 || !broken.isEmpty());
            for (Http http : ways) {
                assertThat(status(http, broken)).isIn(401, 403);
            }
            over.set(true);
            assertThat(broken).isEmpty();
            assertThat(admitted).as("sent after the receipt").noneMatch(one -> one.sent() - blocked > 0);
            FINISH.set(true);
            for (Future<HttpResponse<String>> one : live) {
                assertThat(one.get().body())
                        .as("a call that was admitted is finished")
                        .endsWith("data: [DONE]\n\n");
            }
        } finally {
            over.set(true);
            FINISH.set(true);
        }
    }

    /**
     * When the answer came that said that the key is blocked, and named no node that had not heard of it. One that a busy machine keeps
     * from answering within two seconds is named; then the key is put back, and blocked once more.
     */
    private static long blocked(String key, List<Http> ways, ConcurrentLinkedQueue<String> broken) throws Exception {
        String body = "{\"key\": \"" + key + "\"}";
        Http admin = new Http(three.get(1).url(), Three.KEY, Http.LONG_PATIENCE);
        HttpResponse<String> receipt = admin.post("/key/block", body);
        long moment = System.nanoTime();
        for (int more = 50; unreached(receipt) && more > 0; more--) {
            Proof.say("not all nodes have answered: " + receipt.headers().map());
            three.admin(1, "/key/unblock", body);
            await().atMost(SOON).until(() -> ways.stream().allMatch(http -> status(http, broken) == 200));
            receipt = admin.post("/key/block", body);
            moment = System.nanoTime();
        }
        assertThat(receipt.statusCode()).as(receipt.body()).isEqualTo(200);
        assertThat(unreached(receipt)).isFalse();
        return moment;
    }

    private static boolean unreached(HttpResponse<String> receipt) {
        return receipt.headers().firstValue("x-tollgate-unreached-nodes").isPresent();
    }

    /** Of a call that is answered at once; 0, and a line more, if there is none. */
    private static int status(Http http, ConcurrentLinkedQueue<String> broken) {
        try {
            return http.post("/v1/chat/completions", Http.chat("echo")).statusCode();
        } catch (IOException | InterruptedException e) {
            broken.add(e.toString());
            return 0;
        }
    }
}
