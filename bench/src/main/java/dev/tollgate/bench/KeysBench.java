package dev.tollgate.bench;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Book;
import dev.tollgate.accounting.book.Change;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Definitions;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.ServerDefinitions;
import dev.tollgate.accounting.ledger.ServerLedger;
import dev.tollgate.accounting.ledger.SqliteDefinitions;
import dev.tollgate.accounting.ledger.SqliteLedger;
import dev.tollgate.config.StoreUrl;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What 100,000 keys cost a start and in memory: gateways are started in turn on a store of one key, one of 100,000, and one of 100,000 all
 * of which have spent something, in SQLite and in PostgreSQL. The admin API makes the first key, which then calls once; the others are
 * written into the store as copies of it, with names of their own, and so are their balances. Started by {@code bench/run keys}.
 */
public final class KeysBench {
    private static final int KEYS = 100_000;
    private static final int BATCH = 1_000;

    /** How many keys of one user, and how many users of one team. */
    private static final int SHARED = 20;

    private static final Duration SETTLING = Duration.ofSeconds(10);

    private final Stand stand;
    private final PrintStream out;
    private final Figures figures = new Figures();

    private KeysBench(Stand stand, PrintStream out) {
        this.stand = stand;
        this.out = out;
    }

    /** How many keys there are, of how many something was spent, and what that is called. */
    private record Size(String name, int keys, int spent) {}

    /** Where a store is. */
    private record Store(
            String name, Map<String, String> environment, Supplier<Definitions> definitions, Supplier<Ledger> ledger) {}

    /** A store with keys in it, one of which can be used. */
    private record Filled(Store store, Size size, String key) {
        String name() {
            return store.name() + ", " + size.name();
        }
    }

    /** Of one start: milliseconds from its beginning, and megabytes. */
    private record Cost(double answers, double keyed, double memory) {}

    /** Arguments: the fat jar, how often each is started. */
    public static void main(String[] arguments) throws Exception {
        try (Stand stand = new Stand(arguments[0])) {
            new KeysBench(stand, System.out).run(Postgres.start(stand), Integer.parseInt(arguments[1]));
        }
    }

    private void run(Postgres server, int starts) throws Exception {
        try (MockUpstream mock = new MockUpstream(stand.vertx())) {
            String config = Stand.config(mock.port());
            List<Size> sizes = List.of(
                    new Size("one key", 1, 1),
                    new Size("100,000 keys", KEYS, 1),
                    new Size("100,000 keys that spent", KEYS, KEYS));
            List<List<Filled>> stores = new ArrayList<>();
            for (boolean embedded : List.of(true, false)) {
                List<Filled> filled = new ArrayList<>();
                for (Size size : sizes) {
                    Store store = embedded ? sqlite(size) : postgres(server, size);
                    filled.add(fill(store, size, config));
                }
                stores.add(filled);
            }
            for (int i = 0; i < starts; i++) {
                for (List<Filled> store : stores) {
                    Cost few = start(store.getFirst(), config);
                    for (Filled many : store.subList(1, store.size())) {
                        more(few, many.name(), start(many, config));
                    }
                }
            }
        }
        figures.print(out);
    }

    private Store sqlite(Size size) {
        Path file = stand.data("SQLite, " + size.name()).resolve("tollgate.db");
        return new Store("SQLite", Map.of(), () -> SqliteDefinitions.open(file), () -> SqliteLedger.open(file));
    }

    private static Store postgres(Postgres server, Size size) {
        String url = server.url() + "?schema=" + "of_" + size.name().replaceAll("\\W", "_");
        StoreUrl parsed = StoreUrl.parse(url);
        return new Store(
                "PostgreSQL",
                Map.of("DATABASE_URL", url),
                () -> ServerDefinitions.of(parsed),
                () -> ServerLedger.of(parsed));
    }

    private Filled fill(Store store, Size size, String config) throws Exception {
        Peer gateway = stand.gateway(store.name() + ", " + size.name(), config, store.environment());
        String key;
        try (gateway;
                Admin admin = new Admin(gateway)) {
            admin.awaitAnswer(Stand.KEY);
            admin.make("/team/new", new JsonObject().put("team_id", "team-0"));
            JsonObject fields = new JsonObject()
                    .put("team_id", "team-0")
                    .put("user_id", "user-0")
                    .put("key_alias", "alias-0")
                    .put("models", List.of("bench"))
                    .put("max_budget", 1_000)
                    .put("budget_duration", "30d")
                    .put("rpm_limit", 100_000)
                    .put("tpm_limit", 100_000_000)
                    .put("metadata", new JsonObject().put("tags", List.of("blue")));
            key = admin.make("/key/generate", fields).getString("key");
            admin.awaitAnswer(key);
        }
        List<String> hashes = hashes(size.keys() - 1);
        copyKey(store, hashes);
        copyBalance(store, hashes.subList(0, size.spent() - 1));
        return new Filled(store, size, key);
    }

    private static List<String> hashes(int count) {
        Random random = new Random(1);
        return Stream.generate(() -> "%016x%016x%016x%016x"
                        .formatted(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong()))
                .limit(count)
                .toList();
    }

    private static void copyKey(Store store, List<String> hashes) throws Book.Stale {
        try (Definitions definitions = store.definitions().get()) {
            List<String> documents = new ArrayList<>();
            definitions.changes(0, entry -> {
                if (entry.kind() == Kind.KEY) {
                    documents.add(entry.document());
                }
            });
            JsonObject first = new JsonObject(documents.getFirst());
            for (int from = 0; from < hashes.size(); from += BATCH) {
                List<Change> changes = new ArrayList<>();
                for (int i = from; i < Math.min(hashes.size(), from + BATCH); i++) {
                    int number = i + 1;
                    JsonObject copy = first.copy()
                            .put("key_alias", "alias-" + number)
                            .put("user_id", "user-" + number / SHARED)
                            .put("team_id", "team-" + number / SHARED / SHARED);
                    changes.add(Change.create(Kind.KEY, hashes.get(i), copy));
                }
                definitions.write(changes, System.currentTimeMillis());
            }
        }
    }

    private static void copyBalance(Store store, List<String> hashes) {
        try (Ledger ledger = store.ledger().get()) {
            Balance first = ledger.balances().stream()
                    .filter(balance -> balance.charge().holder().kind() == Kind.KEY)
                    .findFirst()
                    .orElseThrow();
            for (int from = 0; from < hashes.size(); from += BATCH) {
                Map<Charge, Long> amounts = new HashMap<>();
                for (String hash : hashes.subList(from, Math.min(hashes.size(), from + BATCH))) {
                    Holder holder = new Holder(Kind.KEY, hash);
                    amounts.put(new Charge(holder, first.charge().periodMillis()), first.nanos());
                }
                ledger.adjust(amounts);
            }
        }
    }

    private Cost start(Filled filled, String config) throws Exception {
        long began = System.nanoTime();
        Peer gateway = stand.gateway(filled.name(), config, filled.store().environment());
        try (gateway;
                Admin admin = new Admin(gateway)) {
            admin.awaitAnswer(Stand.KEY);
            double answers = (System.nanoTime() - began) / 1e6;
            admin.awaitAnswer(filled.key());
            double keyed = (System.nanoTime() - began) / 1e6;
            LockSupport.parkNanos(SETTLING.toNanos());
            Cost cost = new Cost(answers, keyed, (double) gateway.residentMegabytes());
            figures.note("exec to first answer, ms: " + filled.name(), cost.answers());
            figures.note("exec to first answer to a key, ms: " + filled.name(), cost.keyed());
            figures.note("memory ten seconds later, MB: " + filled.name(), cost.memory());
            return cost;
        }
    }

    private void more(Cost few, String name, Cost many) {
        figures.note("later than with one key, ms: " + name, many.keyed() - few.keyed());
        figures.note("more than with one key, MB: " + name, many.memory() - few.memory());
    }
}
