package dev.tollgate.bench;

import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How fast spend reaches PostgreSQL while calls are served: gateway, PostgreSQL, mock upstream and load share two cores, and keys with
 * limits call as fast as they are answered. So what is stored is paid for with what could be served. Rows then come no faster than calls
 * are answered, so in every other measurement PostgreSQL has stood still for a while and must catch up while serving goes on. Rows are
 * counted by the sums of days, which change with them, and in the end one by one. Started by {@code bench/run serving}.
 */
public final class ServingBench {
    private static final Duration WINDOW = Duration.ofSeconds(15);
    private static final Duration STANDSTILL = Duration.ofSeconds(10);
    private static final Duration WARM_UP = Duration.ofSeconds(40);
    private static final Duration LONGEST_DRAIN = Duration.ofMinutes(2);
    private static final int KEYS = 4;
    private static final int CALLERS = 8;
    private static final int PLENTY = 1_000_000_000;
    private static final String SUMS = "SELECT coalesce(sum(requests), 0)::bigint FROM tollgate.spend_daily";
    private static final String ROWS = "SELECT count(*) FROM tollgate.spend";

    private final Stand stand;
    private final Postgres server;
    private final SqlClient sql;
    private final PrintStream out;
    private final Figures figures = new Figures();
    private long answered;

    private ServingBench(Stand stand, Postgres server, SqlClient sql, PrintStream out) {
        this.stand = stand;
        this.server = server;
        this.sql = sql;
        this.out = out;
    }

    /** Arguments: the fat jar, the number of rounds. */
    public static void main(String[] arguments) throws Exception {
        try (Stand stand = new Stand(arguments[0])) {
            Postgres server = Postgres.start(stand);
            SqlClient sql = server.connect(stand.vertx());
            try {
                new ServingBench(stand, server, sql, System.out).run(Integer.parseInt(arguments[1]));
            } finally {
                sql.close().await();
            }
        }
    }

    private void run(int rounds) throws Exception {
        try (MockUpstream mock = new MockUpstream(stand.vertx())) {
            Peer gateway = stand.gateway(
                    "serving", Stand.config(mock.port()), Map.of("DATABASE_URL", server.url()), "--num_workers", "2");
            List<String> keys = keys(gateway);
            load(gateway, keys, WARM_UP);
            awaitStored();
            for (int round = 0; round < rounds; round++) {
                measure("", gateway, keys);
                standStill(gateway, keys);
                measure("catching up: ", gateway, keys);
            }
        }
        figures.print(out);
        out.printf("%,d calls answered, %,d rows in the table%n", answered, count(ROWS));
    }

    private static List<String> keys(Peer gateway) throws IOException, InterruptedException {
        List<String> keys = new ArrayList<>();
        try (Admin admin = new Admin(gateway)) {
            admin.awaitReady(_ -> true);
            JsonObject budget = new JsonObject().put("max_budget", PLENTY).put("budget_duration", "30d");
            admin.make("/team/new", budget.copy().put("team_id", "crew"));
            for (int i = 0; i < KEYS; i++) {
                JsonObject limits = budget.copy()
                        .put("team_id", "crew")
                        .put("user_id", "user-" + i)
                        .put("rpm_limit", PLENTY)
                        .put("tpm_limit", PLENTY);
                keys.add(admin.make("/key/generate", limits).getString("key"));
            }
        }
        return keys;
    }

    /** Whose rows wait in the journal. */
    private void standStill(Peer gateway, List<String> keys) throws Exception {
        server.peer().freeze();
        try {
            load(gateway, keys, STANDSTILL);
        } finally {
            server.peer().thaw();
        }
    }

    private void measure(String when, Peer gateway, List<String> keys) throws Exception {
        long before = count(SUMS);
        long waiting = answered - before;
        long gatewayCpu = gateway.cpuMicros();
        long serverCpu = server.peer().cpuMicros();
        long began = System.nanoTime();
        double calls = load(gateway, keys, WINDOW);
        double seconds = (System.nanoTime() - began) / 1e9;
        long stored = count(SUMS) - before;
        gatewayCpu = gateway.cpuMicros() - gatewayCpu;
        serverCpu = server.peer().cpuMicros() - serverCpu;
        figures.note(when + "rows that waited at the beginning", (double) waiting);
        figures.note(when + "calls answered a second", calls / seconds);
        figures.note(when + "rows a second that were in PostgreSQL by then", stored / seconds);
        figures.note(when + "rows that were not, at the end", waiting + calls - stored);
        figures.note(when + "seconds until all were", awaitStored());
        figures.note(when + "gateway, CPU µs a call", gatewayCpu / calls);
        figures.note(when + "PostgreSQL, CPU µs a row", serverCpu / (double) stored);
    }

    /** All keys at once; how many calls were answered. */
    private long load(Peer gateway, List<String> keys, Duration time) throws InterruptedException, ExecutionException {
        List<Callable<Load.Result>> loads = new ArrayList<>();
        for (String key : keys) {
            loads.add(() -> new Load(stand.vertx(), gateway.url(), key, Load.chat("")).closed(CALLERS, time));
        }
        long answers = 0;
        try (ExecutorService callers = Executors.newFixedThreadPool(keys.size())) {
            for (Future<Load.Result> each : callers.invokeAll(loads)) {
                answers += each.get().answers();
                if (each.get().failures() > 0) {
                    out.println("! " + each.get().failures() + " calls failed");
                }
            }
        }
        answered += answers;
        return answers;
    }

    /** Waits until every answered call is stored; how many seconds that took. */
    private double awaitStored() {
        long began = System.nanoTime();
        while (count(SUMS) < answered) {
            if (System.nanoTime() - began > LONGEST_DRAIN.toNanos()) {
                throw new IllegalStateException("%,d of %,d calls are stored".formatted(count(SUMS), answered));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
        return (System.nanoTime() - began) / 1e9;
    }

    private long count(String question) {
        return sql.query(question).execute().await().iterator().next().getLong(0);
    }
}
