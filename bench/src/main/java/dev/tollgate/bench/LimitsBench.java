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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What admission and settlement cost: the same small chat with the master key of a gateway that limits nothing, with a key of one that has
 * everything configured, and of one that has a budget of the provider besides. They take turns on the first core; mock upstream and load
 * have the second. Each JVM compiles in its own way, which alone makes some microseconds, so all are started several times. Started by
 * {@code bench/run limits}.
 */
public final class LimitsBench {
    private static final Duration WINDOW = Duration.ofSeconds(6);

    /** By calls and not by time: on a busy machine the JVMs would not have compiled what they run. */
    private static final int WARM_UP = 300_000;

    private static final int CALLERS = 32;
    private static final int ROUNDS = 5;

    /** US dollars, and calls and tokens a minute, that no run reaches. */
    private static final int PLENTY = 1_000_000_000;

    /** All that a call of the key counts for; a user's budget is for keys without a team, but their spend is counted. */
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
            Kind.GLOBAL);

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

    /** Somebody who calls a gateway. */
    private record Setting(String name, Peer peer, String key) {}

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
            Setting master = new Setting("master key, no limits", gateway(stand, "plain", config), Stand.KEY);
            Setting key = keyed(stand, "key with all limits", config + EVERYONE);
            Setting payees = keyed(stand, "the same, and a budget of the provider", config + EVERYONE + PROVIDERS);
            List<Setting> settings = List.of(master, key, payees);
            settings.forEach(setting -> warmUp(stand, setting));
            settings.forEach(setting -> setting.peer().pin());
            for (int round = 0; round < ROUNDS; round++) {
                List<Setting> order = round % 2 == 0 ? settings : settings.reversed();
                List<Cost> costs =
                        order.stream().map(setting -> measure(stand, setting)).toList();
                Cost plain = costs.get(order.indexOf(master));
                more(plain, key, costs.get(order.indexOf(key)));
                more(plain, payees, costs.get(order.indexOf(payees)));
            }
            checkCharged(stand, key, CHARGED);
            checkCharged(stand, payees, CHARGED);
            checkCharged(stand, payees, Set.of(Kind.PROVIDER));
        }
    }

    private static Peer gateway(Stand stand, String name, String config) throws IOException, InterruptedException {
        Peer peer = stand.gateway(name, config, Map.of(), "--num_workers", "1");
        try (Admin admin = new Admin(peer)) {
            admin.awaitAnswer(Stand.KEY);
        }
        return peer;
    }

    /** A gateway with a key that everything is configured for. */
    private static Setting keyed(Stand stand, String name, String config) throws IOException, InterruptedException {
        Peer peer = gateway(stand, name, config);
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
            return new Setting(name, peer, admin.make("/key/generate", key).getString("key"));
        }
    }

    private static JsonObject budget(String field, String id) {
        return new JsonObject().put(field, id).put("max_budget", PLENTY).put("budget_duration", "30d");
    }

    private static JsonObject member(String role) {
        return new JsonObject().put("user_id", "ann").put("role", role);
    }

    private void warmUp(Stand stand, Setting setting) {
        for (long calls = 0, more = 1; calls < WARM_UP && more > 0; calls += more) {
            more = load(stand, setting, WINDOW);
        }
    }

    private Cost measure(Stand stand, Setting setting) {
        long process = setting.peer().cpuMicros();
        long loop = setting.peer().loopMicros();
        double calls = load(stand, setting, WINDOW);
        Cost cost = new Cost(
                (setting.peer().cpuMicros() - process) / calls, (setting.peer().loopMicros() - loop) / calls);
        figures.note("CPU µs a call: " + setting.name(), cost.process());
        figures.note("of which event loop: " + setting.name(), cost.loop());
        return cost;
    }

    /** Of one round, for the machine itself is faster and slower from one minute to the next. */
    private void more(Cost plain, Setting setting, Cost cost) {
        figures.note("more than with the master key: " + setting.name(), cost.process() - plain.process());
        figures.note("of which event loop, more: " + setting.name(), cost.loop() - plain.loop());
    }

    /** The same body for all: the end user and the tag have limits on one gateway only. */
    private long load(Stand stand, Setting setting, Duration time) {
        String named = "\"user\":\"customer\",\"metadata\":"
                + new JsonObject().put("tags", new JsonArray().add("blue")).encode() + ',';
        Load.Result result =
                new Load(stand.vertx(), setting.peer().url(), setting.key(), Load.chat(named)).closed(CALLERS, time);
        if (result.failures() > 0) {
            out.println("! " + setting.name() + ": " + result.failures() + " calls failed");
        }
        return result.answers();
    }

    /** A limit that did not count would look cheap. */
    private static void checkCharged(Stand stand, Setting setting, Set<Kind> all) {
        setting.peer().close();
        Set<Kind> missing = EnumSet.copyOf(all);
        try (Ledger ledger = SqliteLedger.open(stand.data(setting.peer().name()).resolve("tollgate.db"))) {
            missing.removeAll(ledger.balances().stream()
                    .filter(balance -> balance.nanos() > 0)
                    .map(balance -> balance.charge().holder().kind())
                    .collect(Collectors.toSet()));
        }
        if (!missing.isEmpty()) {
            throw new IllegalStateException(setting.name() + " counted for nobody of " + missing);
        }
    }
}
