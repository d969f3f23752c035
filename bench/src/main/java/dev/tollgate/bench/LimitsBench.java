package dev.tollgate.bench;

import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.SqliteLedger;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What admission and settlement cost: the same small chat with the master key where nothing is limited, with a key that has everything
 * configured, and with a budget of the provider besides. One gateway serves all in turn, on the first core, for each JVM compiles in its own
 * way, which alone makes some microseconds; between them the gateway's own limits and the provider's are put into its file and taken out of
 * it. Mock upstream and load have the second core. Started by {@code bench/run limits}.
 */
public final class LimitsBench {
    private static final Duration WINDOW = Duration.ofSeconds(6);

    /** Not measured: after another configuration some things are looked up anew. */
    private static final Duration SETTLING = Duration.ofSeconds(1);

    /** By calls and not by time: on a busy machine the JVMs would not have compiled what they run. */
    private static final int WARM_UP = 300_000;

    private static final int CALLERS = 32;
    private static final int ROUNDS = 5;

    /** US dollars, and calls and tokens a minute, that no run reaches. */
    private static final int PLENTY = 1_000_000_000;

    /** All that calls of the key count for; a user's budget is for keys without a team, but their spend is counted. */
    private static final Set<Kind> CHARGED = EnumSet.of(
            Kind.KEY,
            Kind.KEY_MODEL,
            Kind.USER,
            Kind.TEAM,
            Kind.MEMBER,
            Kind.ORGANIZATION,
            Kind.ORGANIZATION_MEMBER,
            Kind.CUSTOMER,
            Kind.TAG,
            Kind.GLOBAL,
            Kind.PROVIDER);

    private static final String EVERYONE = """
            litellm_settings: {max_budget: %d, budget_duration: 30d}
            """.formatted(PLENTY);
    private static final String PROVIDERS = """
            router_settings:
              provider_budget_config:
                openai: {budget_limit: %d, time_period: 30d}
            """.formatted(PLENTY);

    private final PrintStream out;
    private final Figures figures = new Figures();

    private LimitsBench(PrintStream out) {
        this.out = out;
    }

    /** Somebody who calls the gateway when it has that configuration, for an end user and with a tag. */
    private record Setting(String name, String config, String key, String endUser, String tag) {}

    /** CPU time for a call, in microseconds. */
    private record Cost(double process, double loop) {}

    /** Arguments: the fat jar, how often the gateways are started. */
    public static void main(String[] arguments) throws Exception {
        LimitsBench bench = new LimitsBench(System.out);
        for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
            try (Stand stand = new Stand(arguments[0])) {
                bench.run(stand);
            }
        }
        bench.figures.print(bench.out);
    }

    private void run(Stand stand) throws Exception {
        try (MockUpstream mock = new MockUpstream(stand.vertx())) {
            String config = Stand.config(mock.port());
            Peer peer = gateway(stand, config);
            String limited = limited(peer);
            Setting master = new Setting("master key, no limits", config, Stand.KEY, "stranger", "grey");
            Setting key = new Setting("key with all limits", config + EVERYONE, limited, "customer", "blue");
            Setting payees = new Setting(
                    "the same, and a budget of the provider",
                    config + EVERYONE + PROVIDERS,
                    limited,
                    "customer",
                    "blue");
            List<Setting> settings = List.of(master, key, payees);
            for (Setting setting : settings) {
                stand.configure(peer, setting.config());
                warmUp(stand, peer, setting);
            }
            peer.pin();
            for (int round = 0; round < ROUNDS; round++) {
                Map<Setting, Cost> costs = new HashMap<>();
                for (Setting setting : round % 2 == 0 ? settings : settings.reversed()) {
                    costs.put(setting, measure(stand, peer, setting));
                }
                more(costs, master, key);
                more(costs, master, payees);
            }
            checkCharged(stand, peer);
        }
    }

    private static Peer gateway(Stand stand, String config) throws IOException, InterruptedException {
        Peer peer = stand.gateway("limits", config, Map.of(), "--num_workers", "1");
        try (Admin admin = new Admin(peer)) {
            admin.awaitAnswer(Stand.KEY);
        }
        return peer;
    }

    /** A key that everything is configured for. */
    private static String limited(Peer peer) throws IOException, InterruptedException {
        try (Admin admin = new Admin(peer)) {
            admin.make("/organization/new", budget("organization_id", "acme").put("organization_alias", "acme"));
            admin.make("/user/new", budget("user_id", "ann").put("auto_create_key", false));
            admin.make(
                    "/organization/member_add",
                    new JsonObject()
                            .put("organization_id", "acme")
                            .put("member", member("internal_user"))
                            .put("max_budget_in_organization", PLENTY));
            admin.make("/team/new", budget("team_id", "crew").put("organization_id", "acme"));
            admin.make(
                    "/team/member_add",
                    new JsonObject()
                            .put("team_id", "crew")
                            .put("member", member("user"))
                            .put("max_budget_in_team", PLENTY));
            admin.make("/customer/new", budget("user_id", "customer"));
            admin.make("/tag/new", budget("name", "blue"));
            JsonObject key = budget("user_id", "ann")
                    .put("team_id", "crew")
                    .put("key_alias", "ann's")
                    .put("soft_budget", PLENTY - 1)
                    .put("rpm_limit", PLENTY)
                    .put("tpm_limit", PLENTY)
                    .put("max_parallel_requests", PLENTY)
                    .put(
                            "model_max_budget",
                            new JsonObject()
                                    .put(
                                            "bench",
                                            new JsonObject()
                                                    .put("budget_limit", PLENTY)
                                                    .put("time_period", "30d")));
            return admin.make("/key/generate", key).getString("key");
        }
    }

    private static JsonObject budget(String field, String id) {
        return new JsonObject().put(field, id).put("max_budget", PLENTY).put("budget_duration", "30d");
    }

    private static JsonObject member(String role) {
        return new JsonObject().put("user_id", "ann").put("role", role);
    }

    private void warmUp(Stand stand, Peer peer, Setting setting) {
        for (long calls = 0, more = 1; calls < WARM_UP && more > 0; calls += more) {
            more = load(stand, peer, setting, WINDOW);
        }
    }

    private Cost measure(Stand stand, Peer peer, Setting setting) throws IOException {
        stand.configure(peer, setting.config());
        load(stand, peer, setting, SETTLING);
        long process = peer.cpuMicros();
        long loop = peer.loopMicros();
        double calls = load(stand, peer, setting, WINDOW);
        Cost cost = new Cost((peer.cpuMicros() - process) / calls, (peer.loopMicros() - loop) / calls);
        figures.note("CPU µs a call: " + setting.name(), cost.process());
        figures.note("of which event loop: " + setting.name(), cost.loop());
        return cost;
    }

    /** Of one round, for the machine itself is faster and slower from one minute to the next. */
    private void more(Map<Setting, Cost> costs, Setting master, Setting setting) {
        Cost plain = Objects.requireNonNull(costs.get(master));
        Cost cost = Objects.requireNonNull(costs.get(setting));
        figures.note("more than with the master key: " + setting.name(), cost.process() - plain.process());
        figures.note("of which event loop, more: " + setting.name(), cost.loop() - plain.loop());
    }

    private long load(Stand stand, Peer peer, Setting setting, Duration time) {
        String named = "\"user\":\"" + setting.endUser() + "\",\"metadata\":"
                + new JsonObject()
                        .put("tags", new JsonArray().add(setting.tag()))
                        .encode() + ',';
        Load.Result result = new Load(stand.vertx(), peer.url(), setting.key(), Load.chat(named)).closed(CALLERS, time);
        if (result.failures() > 0) {
            out.println("! " + setting.name() + ": " + result.failures() + " calls failed");
        }
        return result.answers();
    }

    /** A limit that did not count would look cheap. */
    private static void checkCharged(Stand stand, Peer peer) {
        peer.close();
        Set<Kind> missing = EnumSet.copyOf(CHARGED);
        try (Ledger ledger = SqliteLedger.open(stand.data(peer.name()).resolve("tollgate.db"))) {
            missing.removeAll(ledger.balances().stream()
                    .filter(balance -> balance.nanos() > 0)
                    .map(balance -> balance.charge().holder().kind())
                    .collect(Collectors.toSet()));
        }
        if (!missing.isEmpty()) {
            throw new IllegalStateException("Nothing was counted for " + missing);
        }
    }
}
