package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes are killed, halted and started again while clients call: no call that the provider saw is missing from the account, none is there twice, and no budget is overspent. */
class ProofOfKillsIT {
    private static final Duration SOON = Duration.ofSeconds(300);

    /** What one call costs, in billionths of a dollar: 12 prompt tokens and 5 of the answer. */
    private static final long COST = 17 * 15_000;

    /** What a node takes with it at most when it is lost, in dollars. */
    private static final BigDecimal TAKEN = new BigDecimal("0.015");

    @TempDir
    static Path folder;

    private static Upstream upstream;
    private static Three three;

    @BeforeAll
    static void start() throws Exception {
        upstream = Upstream.answering(Scripts.openAi("afar"));
        three = Three.start(folder, """
            model_list:
              - {model_name: far, litellm_params: {model: openai/far, api_base: "%s/v1", api_key: k, input_cost_per_token: 0.000015, output_cost_per_token: 0.000015}}
            router_settings: {num_retries: 0, allowed_fails: 1000000}
            general_settings: {master_key: %s}
            """.formatted(upstream.url(), Three.KEY));
    }

    @AfterAll
    static void stop() throws IOException {
        three.close();
        upstream.close();
    }

    /** Clients of all nodes; each call has a name of its own and is made once, whatever becomes of it. */
    private static final class Callers implements AutoCloseable {
        private final ScheduledExecutorService clients;
        private final AtomicLong numbers = new AtomicLong();
        private final String series;
        private final Set<String> answered = ConcurrentHashMap.newKeySet();
        private final Set<Integer> refused = ConcurrentHashMap.newKeySet();

        Callers(String series, int each, long pauseMillis, List<String> keys) {
            this.series = series;
            this.clients = Executors.newScheduledThreadPool(
                    Three.COUNT * each, Thread.ofVirtual().factory());
            for (int i = 0; i < Three.COUNT * each; i++) {
                int client = i;
                Http http = new Http(
                        "http://127.0.0.1:" + three.ports().get(i % Three.COUNT),
                        keys.get(i % keys.size()),
                        Http.LONG_PATIENCE);
                clients.scheduleWithFixedDelay(() -> call(client, http), i, pauseMillis, TimeUnit.MILLISECONDS);
            }
        }

        private void call(int client, Http http) {
            String name = series + "-" + numbers.incrementAndGet();
            try {
                HttpResponse<String> response = http.post(
                        "/v1/chat/completions",
                        "{\"model\":\"far\",\"max_tokens\":5,\"user\":\"" + name
                                + "\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
                if (response.statusCode() == 200) {
                    answered.add(name);
                } else {
                    refused.add(response.statusCode() * 1_000 + client);
                }
            } catch (IOException | InterruptedException _) {
                // Its node is gone, or stands still. Whether the provider was asked, nobody knows.
            }
        }

        /** However slow the machine is: only when nothing comes of all these calls any more it has failed. */
        void until(BooleanSupplier done) {
            while (!done.getAsBoolean()) {
                int before = answered.size() + refused.size();
                await().atMost(SOON).until(() -> done.getAsBoolean() || answered.size() + refused.size() > before);
            }
        }

        /** What is under way ends first, within the patience of {@link Http}. */
        @Override
        public void close() {
            clients.close();
        }
    }

    private static List<String> stored(String series) throws IOException, InterruptedException {
        return three.postgres()
                .lines("SELECT end_user FROM tollgate.spend_logs WHERE spend_nanos > 0 AND end_user LIKE '" + series
                        + "-%'");
    }

    private static Set<String> asked(String series) {
        return upstream.asked().stream()
                .map(asked -> asked.body().getString("user"))
                .filter(user -> user.startsWith(series + "-"))
                .collect(Collectors.toSet());
    }

    @Test
    void everyCallIsInTheAccountOnceWhateverWasKilled() throws Exception {
        int kills = Proof.count("kills", 3, 100);
        RandomGenerator chance = Proof.chance("kills", Proof.seeds(1, 1).getFirst());
        String key =
                three.admin(0, "/key/generate", "{\"max_budget\": 1000000}").getString("key");
        Callers callers = new Callers("kill", 4, 100, List.of(key));
        try (callers) {
            for (int i = 1; i <= kills; i++) {
                int enough = callers.answered.size() + 20 + chance.nextInt(60);
                callers.until(() -> callers.answered.size() > enough);
                int node = chance.nextInt(Three.COUNT);
                three.kill(node);
                three.again(node);
                three.together();
                if (i % 10 == 0) {
                    Proof.say(i + " kills, " + callers.answered.size() + " answered calls");
                }
            }
        }
        Set<String> asked = asked("kill");
        assertThat(asked).containsAll(callers.answered);
        await().atMost(SOON).untilAsserted(() -> assertThat(stored("kill")).containsAll(asked));
        List<String> stored = stored("kill");
        List<String> interrupted = three.postgres()
                .lines(
                        "SELECT end_user FROM tollgate.spend_logs WHERE failure = 'INTERRUPTED' AND end_user LIKE 'kill-%'");
        Proof.say("%d kills: %d calls answered, %d in the account, %d of them under way at a kill, %d at the provider"
                .formatted(kills, callers.answered.size(), stored.size(), interrupted.size(), asked.size()));
        assertThat(stored).doesNotHaveDuplicates();
        assertThat(interrupted).doesNotContainAnyElementsOf(callers.answered);
        // A call that is there and not at the provider was about to be made when its node was killed.
        assertThat(interrupted)
                .containsAll(
                        stored.stream().filter(call -> !asked.contains(call)).toList());
        // Each at its price, or for what was set aside, and the key's balance is their sum.
        assertThat(three.postgres().lines("""
            SELECT count(*) FILTER (WHERE CASE failure WHEN 'INTERRUPTED' THEN spend_nanos < %1$d ELSE spend_nanos NOT IN (0, %1$d) END),
              sum(spend_nanos) - (SELECT b.spend_nanos FROM tollgate.balances b WHERE b.kind = 'key' AND b.id = min(l.api_key))
            FROM tollgate.spend_logs l WHERE end_user LIKE 'kill-%%'
            """.formatted(COST))).containsExactly("0|0");
    }

    @Test
    void aBudgetIsNeitherOverspentNorMuchOfItLostWhateverWasKilledOrHalted() throws Exception {
        for (long seed : Proof.seeds(1, 20)) {
            spendTheBudget("budget" + seed, Proof.chance("budget", seed), Proof.count("troubles", 2, 3));
        }
    }

    /** A dollar of a team, of which each of its two keys may use sixty cents. */
    private static void spendTheBudget(String series, RandomGenerator chance, int troubles) throws Exception {
        String team = three.admin(0, "/team/new", "{\"max_budget\": 1.0}").getString("team_id");
        String members = "{\"max_budget\": 0.6, \"team_id\": \"" + team + "\"}";
        List<String> keys = List.of(
                three.admin(1, "/key/generate", members).getString("key"),
                three.admin(2, "/key/generate", members).getString("key"));
        int losses = three.losses();
        Callers callers = new Callers(series, 4, 20, keys);
        try (callers) {
            for (int i = 0; i < troubles; i++) {
                int enough = callers.answered.size() + chance.nextInt(400);
                callers.until(() -> callers.answered.size() > enough || callers.refused.size() > 0);
                trouble(chance);
            }
            // Every client was refused for the budget, with all nodes together again, and nothing more is let through.
            callers.refused.clear();
            callers.until(() ->
                    callers.refused.stream().filter(one -> one / 1_000 == 422).count() == 4 * Three.COUNT);
        }
        Set<String> asked = asked(series);
        await().atMost(SOON).untilAsserted(() -> assertThat(stored(series)).containsAll(asked));
        BigDecimal provider = BigDecimal.valueOf(asked.size() * COST, 9);
        BigDecimal account = account(series);
        Proof.say(series + ": the provider was asked for $" + provider + ", $" + account + " are in the account");
        assertThat(provider).isLessThanOrEqualTo(account);
        assertThat(account).isLessThanOrEqualTo(BigDecimal.ONE);
        // A lost node takes what its four calls under way had set aside, what it had ahead, and one in 256 of the rest.
        int lost = Math.max(troubles, three.losses() - losses - troubles);
        assertThat(provider)
                .as("%d nodes were lost", lost)
                .isGreaterThanOrEqualTo(BigDecimal.ONE.subtract(TAKEN.multiply(BigDecimal.valueOf(lost))));
    }

    private static BigDecimal account(String series) throws IOException, InterruptedException {
        String nanos = three.postgres()
                .lines("SELECT sum(spend_nanos) FROM tollgate.spend_logs WHERE end_user LIKE '" + series + "-%'")
                .getFirst();
        return new BigDecimal(nanos).movePointLeft(9);
    }

    /** A node is killed and comes back, or stands still as if its network were cut, for up to twelve seconds. */
    private static void trouble(RandomGenerator chance) throws Exception {
        int node = chance.nextInt(Three.COUNT);
        if (chance.nextBoolean()) {
            Proof.say("node " + node + " is killed");
            three.kill(node);
            three.again(node);
        } else {
            int millis = 500 + chance.nextInt(11_500);
            Proof.say("node " + node + " stands still for " + millis + " ms");
            three.signal(node, "STOP");
            new CompletableFuture<Void>()
                    .completeOnTimeout(null, millis, TimeUnit.MILLISECONDS)
                    .join();
            three.signal(node, "CONT");
        }
        three.together();
    }
}
