package dev.tollgate.accounting.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.Limits;
import dev.tollgate.accounting.price.PriceList;
import dev.tollgate.accounting.price.Prices;
import dev.tollgate.cluster.Mesh;
import dev.tollgate.cluster.lease.Leases;
import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.Held;
import dev.tollgate.protocol.Hold;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.Usage;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes of a cluster that let calls of one key in. */
class TogetherTest {
    private static final PriceList LIST = PriceList.load();
    private static final Holder KEY = new Holder(Kind.KEY, "hash");
    private static final Duration SOON = Duration.ofSeconds(30);

    private final Vertx vertx = Vertx.vertx();
    private final Mesh mesh = new Mesh();
    private final Map<Charge, Long> stored = new ConcurrentHashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final AtomicInteger made = new AtomicInteger();

    @AfterEach
    void close() throws Exception {
        vertx.close().await(30, TimeUnit.SECONDS);
    }

    /** One of them, with one lane. */
    private final class Node {
        private final Counters counters = new Counters();
        private final Gate accounts = new Gate();
        private final ClusterBalances balances;
        private final Context context;
        private final Admissions admissions;

        Node(String id, Limits limits) throws Exception {
            var peers = mesh.join(id);
            NodeShares shares = new NodeShares(
                    counters, charge -> Future.succeededFuture(stored.getOrDefault(charge.asBalance(), 0L)));
            Leases leases = new Leases(vertx, peers, shares, Leases.Cut.CLOSED, _ -> {});
            shares.divide(leases, vertx, InstantSource.system());
            leases.start();
            balances = new ClusterBalances(
                    new NodeBalances(counters, this::storing, () -> ZoneOffset.UTC, InstantSource.system()),
                    counters,
                    this::latest,
                    this::latest,
                    this::all,
                    this::storing,
                    peers);
            counters.load(List.of());
            accounts.keys.put("hash", AdmissionsTest.annasKey(limits));
            Promise<Context> deployed = Promise.promise();
            Deployable lane = on -> {
                deployed.complete(on);
                return Future.succeededFuture();
            };
            vertx.deployVerticle(lane);
            context = deployed.future().await(30, TimeUnit.SECONDS);
            admissions = new Admissions(
                    context,
                    accounts,
                    counters,
                    new Prices(LIST),
                    AdmissionsTest.CONFIG,
                    InstantSource.system(),
                    _ -> {},
                    _ -> Future.succeededFuture(30L));
        }

        private Future<Void> storing(Map<Charge, Long> amounts) {
            amounts.forEach((charge, nanos) -> stored.merge(charge, nanos, Long::sum));
            return Future.succeededFuture();
        }

        private Future<List<Balance>> all() {
            return Future.succeededFuture(stored.entrySet().stream()
                    .map(each -> new Balance(each.getKey(), each.getValue()))
                    .toList());
        }

        private Future<Optional<Balance>> latest(Holder holder) {
            return Future.succeededFuture(stored.entrySet().stream()
                    .filter(each -> each.getKey().holder().equals(holder))
                    .map(each -> new Balance(each.getKey(), each.getValue()))
                    .reduce((a, b) -> a.charge().periodMillis() > b.charge().periodMillis() ? a : b));
        }

        private Admission admit(String id, int maxTokens) throws Exception {
            return begin(id, maxTokens).await(30, TimeUnit.SECONDS);
        }

        private Future<Admission> begin(String id, int maxTokens) {
            Promise<Admission> answer = Promise.promise();
            context.runOnContext(_ -> admissions
                    .admit(AdmissionsTest.call(id, "chat", maxTokens, null))
                    .onComplete(answer));
            return answer.future();
        }

        /** An attempt that cost this much is over, and another is to be made. */
        private Future<Held> more(String id, int maxTokens, long owed) {
            Leg leg = new Leg("one", "gpt-4o", null, Usage.estimated(10), false);
            Promise<Held> answer = Promise.promise();
            context.runOnContext(_ -> admissions
                    .more(
                            new Hold(
                                    AdmissionsTest.call(id, "chat", maxTokens, null),
                                    "one",
                                    "gpt-4o",
                                    true,
                                    List.of(leg),
                                    null),
                            _ -> owed,
                            () -> Future.succeededFuture(Held.YES))
                    .onComplete(answer));
            return answer.future();
        }

        private void release(String id) {
            context.runOnContext(_ -> admissions.release(id));
        }

        /** Ends a call, and stores what it cost. */
        private long settle(String id, Usage usage) throws Exception {
            long cost = AdmissionsTest.cost(usage);
            Promise<List<Charge>> charged = Promise.promise();
            context.runOnContext(_ -> charged.complete(admissions
                    .settle(AdmissionsTest.settlement(AdmissionsTest.call(id, "chat", 10, null), usage), cost, _ -> 0)
                    .last()));
            for (Charge charge : charged.future().await(30, TimeUnit.SECONDS)) {
                stored.merge(charge.asBalance(), cost, Long::sum);
                counters.delivered(charge, cost);
            }
            return cost;
        }
    }

    private void nodes(Limits limits) throws Exception {
        for (String id : List.of("a", "b", "c")) {
            nodes.add(new Node(id, limits));
        }
    }

    private List<Admission> everywhere(int calls) throws Exception {
        List<Future<Admission>> all = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            all.add(nodes.get(i % 3).begin("call" + made.incrementAndGet(), 10));
        }
        Future.all(all).await(60, TimeUnit.SECONDS);
        return all.stream().map(Future::result).toList();
    }

    private static long granted(List<Admission> admissions) {
        return admissions.stream().filter(Admission.Granted.class::isInstance).count();
    }

    @Test
    void ofALimitToRequestsAllIsUsedByAllNodesAndNoMore() throws Exception {
        nodes(AdmissionsTest.rates(100, -1, -1));
        assertThat(granted(everywhere(240))).isEqualTo(100);
        assertThat(nodes.getFirst().admit("late", 10)).isInstanceOfSatisfying(Admission.Refused.class, refused -> {
            assertThat(refused.failure().status()).isEqualTo(429);
            assertThat(refused.failure().message()).contains("Limit type: requests. Current limit: 100, Remaining: 0");
        });
    }

    @Test
    void ofALimitToTokensNoMoreIsSetAsideByAllNodes() throws Exception {
        nodes(AdmissionsTest.rates(-1, 2_000, -1));
        assertThat(granted(everywhere(240))).isPositive();
        long used = nodes.stream()
                .mapToLong(node -> node.counters.window(KEY).tokens(System.currentTimeMillis()))
                .sum();
        assertThat(used).isBetween(1_900L, 2_000L);
    }

    @Test
    void callsAtOnceAreCountedOnAllNodesAndAPlaceThatIsFreeOnOneMayBeTakenOnAnother() throws Exception {
        nodes(AdmissionsTest.rates(-1, -1, 3));
        for (int i = 0; i < 3; i++) {
            assertThat(nodes.getFirst().admit("first" + i, 10)).isInstanceOf(Admission.Granted.class);
        }
        Node other = nodes.getLast();
        assertThat(other.admit("too many", 10)).isInstanceOf(Admission.Refused.class);
        nodes.getFirst().release("first1");
        await().atMost(SOON).until(() -> other.admit("now", 10) instanceof Admission.Granted);
        assertThat(granted(everywhere(30))).isZero();
    }

    @Test
    void whatOneNodeHasSpentCountsOnAllAndAResetHoldsOnAll() throws Exception {
        nodes(AdmissionsTest.budget(1_000_000));
        Node first = nodes.getFirst();
        long cost = 0;
        for (int i = 0; cost < 900_000; i++) {
            assertThat(first.admit("paid" + i, 5)).isInstanceOf(Admission.Granted.class);
            cost += first.settle("paid" + i, Usage.of(20, 5));
        }
        for (Node node : nodes) {
            assertThat(node.balances.spentNanos(KEY)).isEqualTo(cost);
        }
        Node other = nodes.getLast();
        assertThat(other.admit("much", 16_000))
                .isInstanceOfSatisfying(
                        Admission.Granted.class,
                        granted -> assertThat(granted.cap())
                                .as("only what is left")
                                .isNotNull());
        other.release("much");
        nodes.get(1).balances.change(Map.of(KEY, 0L), Set.of());
        for (Node node : nodes) {
            assertThat(node.balances.spentNanos(KEY)).isZero();
        }
        assertThat(granted(everywhere(3))).isEqualTo(3);
    }

    @Test
    void aResetOfMoreHoldersThanOneLetterHoldsReachesAllNodes() throws Exception {
        nodes(AdmissionsTest.budget(1_000_000));
        Map<Holder, Long> none = new HashMap<>();
        for (int i = 0; i < 2_500; i++) {
            Holder holder = new Holder(Kind.KEY, "key" + i);
            none.put(holder, 0L);
            nodes.forEach(node -> node.counters.purse(holder).set(7, 1));
        }
        nodes.getFirst().balances.change(none, Set.of());
        for (Node node : nodes) {
            assertThat(none.keySet())
                    .allMatch(holder -> node.counters.purse(holder).spentAt(Instant.now()) == 0);
        }
    }

    /** Each would wait for what the other has set aside; one of them gives up, and the other need not. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void callsOnTwoNodesThatBothNeedMoreDoNotWaitForEachOther(int number) throws Exception {
        nodes(AdmissionsTest.budget(1_500_000));
        Node first = nodes.get(number % 3);
        Node second = nodes.get((number + 1) % 3);
        assertThat(first.admit("one", 50))
                .isInstanceOfSatisfying(
                        Admission.Granted.class,
                        granted -> assertThat(granted.cap()).isNull());
        assertThat(second.admit("two", 50))
                .isInstanceOfSatisfying(
                        Admission.Granted.class,
                        granted -> assertThat(granted.cap()).isNull());
        Future<Held> one = first.more("one", 50, 500_000);
        Future<Held> two = second.more("two", 50, 500_000);
        Future.any(one, two).await(30, TimeUnit.SECONDS);
        boolean firstGaveUp = one.isComplete();
        (firstGaveUp ? first : second).settle(firstGaveUp ? "one" : "two", Usage.of(20, 5));
        assertThat((firstGaveUp ? two : one).await(30, TimeUnit.SECONDS)).isEqualTo(Held.YES);
    }

    @Test
    void aBudgetThatIsLoweredHoldsAlthoughMoreWasGivenOfTheOldOne() throws Exception {
        nodes(AdmissionsTest.budget(1_000_000_000));
        assertThat(granted(everywhere(30))).isEqualTo(30);
        for (int i = 0; i < 30; i++) {
            nodes.get(i % 3).release("call" + (i + 1));
        }
        Limits lower = AdmissionsTest.budget(1);
        nodes.forEach(node -> node.accounts.keys.put("hash", AdmissionsTest.annasKey(lower)));
        assertThat(granted(everywhere(30))).isZero();
    }
}
