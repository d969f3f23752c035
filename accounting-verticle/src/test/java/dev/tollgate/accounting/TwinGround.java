package dev.tollgate.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.SqliteLedger;
import dev.tollgate.cluster.Mesh;
import dev.tollgate.cluster.Peers;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Nodes without a database server, whose ledgers Anna's calls go to. */
final class TwinGround {
    static final Duration SOON = Duration.ofSeconds(120);
    static final Holder ANNA = new Holder(Kind.USER, "anna");

    final Mesh mesh = new Mesh();
    final AtomicLong now = new AtomicLong(1_767_225_600_000L);
    final Map<String, Node> nodes = new LinkedHashMap<>();
    private final Path data;
    private final Map<String, Integer> starts = new HashMap<>();

    TwinGround(Path data) {
        this.data = data;
    }

    /** One node's ledger on a thread of its own, as the shipper has it; rounds come when the test says so. */
    final class Node {
        final String id;
        final ExecutorService thread = Executors.newSingleThreadExecutor();
        final List<List<Balance>> byHand = new CopyOnWriteArrayList<>();
        final SqliteLedger ledger;
        final LedgerTwins twins;

        Node(String name, int kept, UnaryOperator<Peers> way) {
            id = name + starts.merge(name, 1, Integer::sum);
            ledger = SqliteLedger.openTogether(file(name), kept);
            twins = new LedgerTwins(way.apply(mesh.join(id)), byHand::add, () -> Instant.ofEpochMilli(now.get()));
            round();
        }

        <T> Future<T> ask(Function<Ledger, T> question) {
            Promise<T> answer = Promise.promise();
            thread.execute(() -> {
                try {
                    answer.complete(question.apply(ledger));
                } catch (RuntimeException e) {
                    answer.fail(e);
                }
            });
            return answer.future();
        }

        void store(String... calls) {
            store(10, calls);
        }

        void store(long nanos, String... calls) {
            List<SpendRow> rows = new ArrayList<>();
            for (String call : calls) {
                rows.add(charged(call, nanos));
            }
            Calls.done(ask(own -> {
                own.store(rows, "journal " + id, 1);
                return rows;
            }));
        }

        void round() {
            Calls.done(ask(own -> {
                twins.round(own);
                return "";
            }));
        }

        long spent() {
            return Calls.done(ask(own -> {
                Balance balance = own.balance(ANNA);
                return balance == null ? 0 : balance.nanos();
            }));
        }

        /** Sums and balances that are not those of the rows here. */
        List<String> differences() {
            return Calls.done(ask(own -> own.verify()));
        }

        Map<String, Object> state() {
            return Calls.done(ask(own -> {
                Map<String, Object> state = new TreeMap<>();
                own.logs(Map.of("limit", "100000"))
                        .forEach(row -> state.put(
                                ((JsonObject) row).getString("request_id"), ((JsonObject) row).getValue("spend")));
                own.balances().forEach(each -> state.put(each.charge().toString(), each.nanos()));
                return state;
            }));
        }

        void stop() {
            mesh.leave(id);
            Calls.done(ask(own -> {
                own.close();
                return "";
            }));
            Calls.done(twins.close());
            thread.shutdown();
        }
    }

    Path file(String name) {
        return data.resolve(name).resolve("tollgate.db");
    }

    Node start(String name) {
        return start(name, 1_000_000, peers -> peers);
    }

    Node start(String name, int kept, UnaryOperator<Peers> way) {
        Node node = new Node(name, kept, way);
        nodes.put(name, node);
        return node;
    }

    /** How many are kept. */
    long batches(String name) throws SQLException {
        try (Connection file = DriverManager.getConnection("jdbc:sqlite:" + file(name));
                ResultSet found = file.createStatement().executeQuery("SELECT count(*) FROM spend_batches")) {
            found.next();
            return found.getLong(1);
        }
    }

    void close() {
        nodes.values().forEach(Node::stop);
    }

    void rounds() {
        nodes.values().forEach(Node::round);
    }

    /** Waits until all have the same. */
    void alike() {
        await().atMost(SOON).until(() -> {
            rounds();
            return nodes.values().stream().map(Node::state).distinct().count() == 1;
        });
    }

    /** A call of Anna's. */
    static SpendRow charged(String call, long nanos) {
        return Calls.charged(Calls.row(call, "hash", "anna", "m", 1_767_225_600_000L, nanos), new Charge(ANNA, 0));
    }

    /** Waits until every node has that as spent. */
    void spent(long nanos) {
        await().atMost(SOON).untilAsserted(() -> {
            rounds();
            assertThat(nodes.values())
                    .allSatisfy(each -> assertThat(each.spent()).isEqualTo(nanos));
        });
    }
}
