package dev.tollgate.accounting.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tollgate.accounting.Calls;
import dev.tollgate.accounting.SpendRow;
import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.config.StoreUrl;
import io.vertx.core.json.JsonArray;
import io.vertx.sqlclient.SqlConnection;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What every database server does beyond {@link LedgerContract}. */
abstract class ServerLedgerContract extends LedgerContract {
    private static final Duration LEASE = Duration.ofHours(1);

    private String url;

    abstract Stores stores();

    /** A statement that breaks every connection to this database but its own. */
    abstract void breakConnections(String database);

    @BeforeEach
    @Override
    void openLedger() {
        url = stores().fresh();
        super.openLedger();
    }

    @Override
    Ledger open() {
        return open("");
    }

    private Ledger open(String parameters) {
        return ServerLedger.of(StoreUrl.parse(url + parameters));
    }

    @Override
    void change(String statement) {
        boolean postgres = stores().server().kind() == StoreUrl.Kind.POSTGRESQL;
        stores().server().sql(database(), statement.replace("${prefix}", postgres ? "tollgate." : "tollgate_"));
    }

    private String database() {
        return url.substring(url.lastIndexOf('/') + 1);
    }

    private static <T> void together(List<Callable<T>> work) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(work.size())) {
            for (Future<T> done : threads.invokeAll(work, 90, TimeUnit.SECONDS)) {
                done.get();
            }
        }
    }

    @Test
    void severalNodesThatStartAtOnceFindOneSchema() throws Exception {
        List<Callable<Long>> nodes = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            nodes.add(() -> {
                try (Ledger node = open()) {
                    return node.position("file");
                }
            });
        }
        together(nodes);
        someRows();
        assertThat(ledger.logs(Map.of())).hasSize(4);
    }

    @Test
    void aNodeWaitsForAnothersMigrationOnlySoLongAndComesAgain() {
        StoreUrl fresh = StoreUrl.parse(stores().fresh() + "?socket_timeout=1");
        ServerStore store = ServerStore.of(fresh);
        ServerConnection holder = ServerConnection.toLook(fresh, store);
        SqlConnection migrating = holder.open();
        store.begin().forEach(sql -> holder.run(migrating, sql));
        assertThat(holder.run(migrating, store.tryLock()).iterator().next().getLong(0))
                .isOne();
        try (Ledger node = ServerLedger.of(fresh)) {
            assertThatThrownBy(() -> node.position("file")).hasMessageContaining("migrated by another node");
            holder.close();
            await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() -> node.position("file") == 0);
        }
    }

    /** Whoever asks meanwhile can be told why there is no answer. */
    @Test
    void aNodeWhoseTablesAreNotReadyYetSaysSo() {
        StoreUrl fresh = StoreUrl.parse(stores().fresh());
        ServerStore store = ServerStore.of(fresh);
        ServerConnection holder = ServerConnection.toLook(fresh, store);
        SqlConnection migrating = holder.open();
        store.begin().forEach(sql -> holder.run(migrating, sql));
        holder.run(migrating, store.tryLock());
        try (Ledger node = ServerLedger.of(fresh)) {
            assertThat(node.busy()).as("nobody has asked it anything").isNull();
            CompletableFuture<Long> position = CompletableFuture.supplyAsync(() -> node.position("file"));
            await().atMost(Duration.ofSeconds(60)).until(() -> node.busy() != null);
            assertThat(node.busy()).contains("tables are being changed");
            holder.close();
            assertThat(position.orTimeout(60, TimeUnit.SECONDS).join()).isZero();
            assertThat(node.busy()).isNull();
        }
    }

    /** The same sums are changed by all of them, and rows that one has stored come from another once more. */
    @Test
    void severalNodesLoseAndDoubleNothing() throws Exception {
        List<Callable<Long>> nodes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int node = i;
            nodes.add(() -> {
                try (Ledger mine = open()) {
                    for (int batch = 0; batch < 12; batch++) {
                        mine.store(rows(node % 2 + "-" + batch, 40), "node" + node, batch + 1L);
                    }
                    return mine.position("node" + node);
                }
            });
        }
        together(nodes);
        assertThat(ledger.logs(Map.of("limit", "2000"))).hasSize(2 * 12 * 40);
        assertThat(ledger.verify()).isEmpty();
        assertThat(spentByAll()).isEqualTo(2 * 12 * 40);
    }

    @Test
    void ofSeveralHalvesOfAClusterTheFirstGoesOnAndAllAreToldWhich() throws Exception {
        List<String> were = List.of("a", "b", "c", "d");
        List<List<String>> halves = List.of(List.of("a", "b"), List.of("c", "d"), List.of("b", "c"), List.of("d"));
        List<List<String>> answers = new CopyOnWriteArrayList<>();
        List<Callable<Boolean>> nodes = new ArrayList<>();
        halves.forEach(half -> nodes.add(() -> {
            try (Ledger node = open()) {
                return answers.add(claimed(node, 7, were, half)) && answers.add(claimed(node, 7, were, half));
            }
        }));
        together(nodes);
        List<String> winner = claimed(ledger, 7, List.of("d", "b", "a", "c"), List.of("late"));
        assertThat(halves).contains(winner);
        assertThat(answers).hasSize(8).containsOnly(winner);
        assertThat(claimed(ledger, 8, were, List.of("late"))).containsExactly("late");
        assertThat(claimed(ledger, 7, List.of("a", "b"), List.of("b"))).containsExactly("b");
    }

    @Test
    void whichHalfWentOnIsForgottenAfterAMonthAndWhoSentAnAlertAfterAYear() {
        ledger.claim(1, List.of("a", "b"), List.of("a"));
        ledger.claim(0, List.of("alert"), List.of("a"));
        StoreUrl same = StoreUrl.parse(url);
        ServerStore store = ServerStore.of(same);
        ServerConnection server = ServerConnection.toLook(same, store);
        String older = "UPDATE " + store.table("cluster_claims") + " SET made_millis = made_millis - ";
        server.run(server.open(), older + Duration.ofDays(31).toMillis());
        ledger.claim(2, List.of("a", "b"), List.of("b"));
        ledger.forgetOldClaims();
        assertThat(claimed(ledger, 1, List.of("a", "b"), List.of("b"))).containsExactly("b");
        assertThat(claimed(ledger, 2, List.of("a", "b"), List.of("a"))).containsExactly("b");
        assertThat(claimed(ledger, 0, List.of("alert"), List.of("b"))).containsExactly("a");
        server.run(server.open(), older + Duration.ofDays(370).toMillis());
        server.close();
        ledger.forgetOldClaims();
        assertThat(claimed(ledger, 0, List.of("alert"), List.of("b"))).containsExactly("b");
    }

    private static PostedAlert alert(String subject) {
        return new PostedAlert(PostedAlert.id(List.of("budget_crossed", subject)), "{\"subject\":\"" + subject + "\"}");
    }

    @Test
    void ofSeveralNodesThatKnowOfAnAlertOneSendsIt() throws Exception {
        List<String> senders = new CopyOnWriteArrayList<>();
        List<Callable<Boolean>> nodes = new ArrayList<>();
        for (String name : List.of("a", "b", "c", "d")) {
            nodes.add(() -> {
                try (Ledger node = open()) {
                    return sends(node, "anna", name) && senders.add(name);
                }
            });
        }
        together(nodes);
        assertThat(senders).hasSize(1);
        String sender = senders.getFirst();
        assertThat(sends(ledger, "anna", sender))
                .as("asked again, after a lost answer")
                .isTrue();
        assertThat(sends(ledger, "bob", "other")).isTrue();
        assertThat(ledger.overdueAlerts("other", LEASE)).as("the lease runs").isEmpty();
        ledger.alertSent(alert("anna").id());
        assertThat(sends(ledger, "anna", sender)).isFalse();
        assertThat(sends(ledger, "anna", "other")).isFalse();
    }

    @Test
    void anAlertThatNobodySaidToBeSentIsAnothersWhenItsLeaseIsOver() throws Exception {
        ledger.claimAlert(alert("lost"), "gone", Duration.ZERO);
        ledger.claimAlert(alert("sent"), "gone", Duration.ZERO);
        ledger.alertSent(alert("sent").id());
        List<PostedAlert> taken = new CopyOnWriteArrayList<>();
        List<Callable<Boolean>> nodes = new ArrayList<>();
        for (String name : List.of("a", "b", "c", "d")) {
            nodes.add(() -> {
                try (Ledger node = open()) {
                    return taken.addAll(node.overdueAlerts(name, LEASE));
                }
            });
        }
        together(nodes);
        assertThat(taken).containsExactly(alert("lost"));
        assertThat(sends(ledger, "lost", "gone")).as("it comes back late").isFalse();

        StoreUrl same = StoreUrl.parse(url);
        ServerStore store = ServerStore.of(same);
        ServerConnection server = ServerConnection.toLook(same, store);
        server.run(
                server.open(),
                "UPDATE " + store.table("alerts") + " SET made_millis = made_millis - "
                        + Duration.ofDays(401).toMillis());
        server.close();
        ledger.claimAlert(alert("new"), "a", LEASE);
        ledger.forgetOldClaims();
        assertThat(sends(ledger, "sent", "b")).as("a year later").isTrue();
        assertThat(sends(ledger, "new", "b")).isFalse();
    }

    private static boolean sends(Ledger ledger, String subject, String node) {
        return ledger.claimAlert(alert(subject), node, LEASE).orElseThrow();
    }

    private static List<String> claimed(Ledger ledger, long epoch, List<String> were, List<String> nodes) {
        return ledger.claim(epoch, were, nodes).orElseThrow();
    }

    /** Each row of {@link #rows} costs one. */
    private long spentByAll() {
        return ledger.balances().stream()
                .filter(balance -> balance.charge().holder().equals(Holder.ALL))
                .mapToLong(Balance::nanos)
                .sum();
    }

    static List<SpendRow> rows(String batch, int count) {
        List<SpendRow> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String id = UUID.nameUUIDFromBytes((batch + "/" + i).getBytes()).toString();
            rows.add(Calls.charged(
                    Calls.row(id, "key" + i % 5, "user" + i % 3, "model", 1_767_225_600_000L + i, 1),
                    charge(Kind.KEY, "key" + i % 5, 0),
                    new Charge(Holder.ALL, 0)));
        }
        return rows;
    }

    @Test
    void aUuidAndAnyOtherIdComeBackAsTheyWere() {
        List<String> ids = List.of(
                "01928c9e-37f5-7e5b-8b0c-35a1f0d2c4e7",
                "01928C9E-37F5-7E5B-8B0C-35A1F0D2C4E7",
                "chatcmpl-1",
                "0123456789abcdef");
        for (String id : ids) {
            ledger.store(List.of(Calls.row(id)), "file", 1);
            assertThat(ids(ledger.logs(Map.of("request_id", id)))).isEqualTo(id);
        }
        assertThat(ledger.logs(Map.of())).hasSize(4);
    }

    /** For people and reports, who have no use for sixteen bytes and must lose no nano-dollar. */
    @Test
    void theViewShowsIdsAsTheyWereAndEachNanoDollarAndPicture() {
        String uuid = "01928c9e-37f5-7e5b-8b0c-35a1f0d2c4e7";
        ledger.store(
                List.of(
                        row(uuid, KEY, "anna", "gpt-4o", "2026-01-01T00:00:00.250Z", 1_234_567_891),
                        Calls.pictures(
                                row("chatcmpl-1", KEY, "anna", "gpt-4o", "2026-01-02T00:00:00Z", 1), 258, 1_290)),
                "file",
                1);
        StoreUrl store = StoreUrl.parse(url);
        ServerStore words = store.kind() == StoreUrl.Kind.POSTGRESQL ? new PostgresStore(store) : new MySqlStore(store);
        ServerConnection connection = new ServerConnection(store, words, () -> {});
        List<String> shown = new ArrayList<>();
        connection
                .run(
                        connection.open(),
                        "SELECT request_id, spend, CAST(start_time AS CHAR(10)), image_prompt_tokens, image_completion_tokens"
                                + " FROM " + words.table("spend_logs") + " ORDER BY start_millis")
                .forEach(row -> shown.add(row.getValue(0) + " "
                        + new BigDecimal(row.getValue(1).toString()).toPlainString() + " " + row.getValue(2) + " "
                        + row.getLong(3) + " " + row.getLong(4)));
        connection.close();
        assertThat(shown)
                .containsExactly(uuid + " 1.234567891 2026-01-01 0 0", "chatcmpl-1 0.000000001 2026-01-02 258 1290");
    }

    @Test
    void brokenConnectionsAreMadeAnewAndNothingIsLostOrDoubled() throws Exception {
        AtomicBoolean breaking = new AtomicBoolean(true);
        AtomicLong batches = new AtomicLong();
        List<Callable<Long>> work = new ArrayList<>();
        work.add(() -> {
            try (Ledger mine = open("?socket_timeout=4")) {
                for (int batch = 0; breaking.get(); batch++) {
                    List<SpendRow> rows = rows("" + batch, 200);
                    long next = batch + 1L;
                    await().pollInSameThread()
                            .pollInterval(Duration.ofMillis(20))
                            .atMost(Duration.ofSeconds(60))
                            .ignoreException(StoreException.class)
                            .untilAsserted(() -> mine.store(rows, "mine", next));
                    batches.set(next);
                }
                return 0L;
            }
        });
        work.add(() -> {
            try {
                for (int i = 0; i < 8; i++) {
                    breakConnections(database());
                }
            } finally {
                breaking.set(false);
            }
            return 0L;
        });
        together(work);
        int stored = (int) batches.get() * 200;
        await().atMost(Duration.ofSeconds(20))
                .ignoreException(StoreException.class)
                .untilAsserted(
                        () -> assertThat(ledger.logs(Map.of("limit", "100000"))).hasSize(stored));
        assertThat(ledger.verify()).isEmpty();
        assertThat(ledger.position("mine")).isEqualTo(batches.get());
        assertThat(spentByAll()).isEqualTo(stored);
    }

    @Test
    void aServerThatHangsHoldsNobodyForLong() {
        try (Ledger mine = open("?socket_timeout=1&connect_timeout=1")) {
            mine.store(rows("before", 10), "mine", 1);
            stores().server().freeze();
            try {
                long began = System.nanoTime();
                for (int i = 0; i < 2; i++) {
                    assertThatThrownBy(() -> mine.store(rows("during", 10), "mine", 2))
                            .isInstanceOf(StoreException.class)
                            .hasMessageContaining("does not answer within");
                }
                assertThatThrownBy(() -> mine.logs(Map.of()))
                        .as("is refused at once after a try that took long")
                        .isInstanceOf(StoreException.class);
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
            } finally {
                stores().server().thaw();
            }
            await().atMost(Duration.ofSeconds(20))
                    .ignoreException(StoreException.class)
                    .untilAsserted(() -> mine.store(rows("during", 10), "mine", 2));
            JsonArray rows = mine.logs(Map.of());
            assertThat(rows).hasSize(20);
            assertThat(mine.verify()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "@127.0.0.1:,       @nowhere.invalid:,     no such host",
        "@127.0.0.1:PORT,   @127.0.0.1:1,          is the server running",
        "pass%3Aword,       wrong,                 check user and password",
        "DATABASE,          missing_database,      create it",
        "DATABASE,          DATABASE?sslmode=require, TLS",
    })
    void whatIsWrongIsSaidWithTheWayOutAndWithoutTheLogin(String part, String wrong, String advice) {
        String bad = url.replace(filled(part), filled(wrong));
        assertThat(bad).isNotEqualTo(url);
        try (Ledger mine = ServerLedger.of(StoreUrl.parse(bad))) {
            assertThatThrownBy(() -> mine.position("file"))
                    .isInstanceOf(StoreException.class)
                    .hasMessageStartingWith(StoreUrl.parse(bad).toString())
                    .hasMessageContaining(advice)
                    .message()
                    .doesNotContain("pass:word", "tester", "\n");
        }
    }

    private String filled(String text) {
        return text.replace("PORT", String.valueOf(stores().server().port())).replace("DATABASE", database());
    }
}
