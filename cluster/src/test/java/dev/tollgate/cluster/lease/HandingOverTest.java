package dev.tollgate.cluster.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.cluster.lease.Moments.Node;
import dev.tollgate.cluster.lease.Moments.Sent;
import dev.tollgate.cluster.lease.Outcome.Verdict;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What an owner knows of a total reaches the next owner, whatever each sees when, and in whatever order letters arrive. */
class HandingOverTest {
    private static final String VIEW = "lease.view";
    private static final String AGREE = "lease.agree";

    /** What a node had that was killed; nothing else of that total was given away. */
    private static final long LOST = 6_000;

    private final Moments moments = new Moments();

    @AfterEach
    void close() throws Exception {
        moments.close();
    }

    private List<Node> three() throws Exception {
        Node a = moments.node("a");
        Node b = moments.node("b");
        Node c = moments.node("c");
        moments.allSee("a", "b", "c");
        return List.of(a, b, c);
    }

    private static void isKilledWithItsShare(Node node, Meter meter) throws Exception {
        assertThat(node.gets(meter, LOST)).isEqualTo(Verdict.ENOUGH);
        node.share(meter).use(LOST);
        node.kill();
    }

    /** The rest of the total may be given away, and no more than that. */
    private void onlyTheRestIsLeft(Node node, Meter meter) throws Exception {
        assertThat(moments.given(meter)).isEqualTo(LOST);
        assertThat(node.gets(meter, Moments.TOTAL - LOST + 1)).isEqualTo(Verdict.NO_MORE);
        assertThat(node.gets(meter, Moments.TOTAL - moments.given(meter))).isEqualTo(Verdict.ENOUGH);
        assertThat(moments.given(meter)).isEqualTo(Moments.TOTAL);
    }

    private Sent sent(String from, String to) {
        return moments.post.stream()
                .filter(each -> each.is(from, to, VIEW))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @EnumSource
    void aNewOwnerThatSawNobodyYetWhenItWasToldHearsItAgain(Meter.Use use) throws Exception {
        Meter meter = Moments.meter(
                use,
                each -> Moments.owner(each, "a", "b", "c").equals("b")
                        && Moments.owner(each, "a", "b").equals("b")
                        && Moments.owner(each, "a", "b", "d").equals("d"));
        List<Node> three = three();
        isKilledWithItsShare(three.get(2), meter);
        moments.allSee("a", "b");

        Node d = moments.node("d");
        three.get(1).sees("a", "b", "d");
        moments.deliver(sent("b", "d"));
        d.sees("a", "b", "d");
        moments.allSee("a", "b", "d");
        onlyTheRestIsLeft(three.getFirst(), meter);
    }

    @ParameterizedTest
    @EnumSource
    void aNewOwnerThatWasAheadWhenItWasToldHearsItAgain(Meter.Use use) throws Exception {
        Meter meter = Moments.meter(
                use,
                each -> Moments.owner(each, "a", "b", "c").equals("b")
                        && Moments.owner(each, "a", "b", "d").equals("d"));
        List<Node> three = three();
        isKilledWithItsShare(three.get(2), meter);
        three.getFirst().sees("a", "b");
        three.getFirst().sees("a", "b", "d");
        Node d = moments.node("d");
        d.sees("a", "b", "d");
        moments.deliver("a", "d");
        three.get(1).sees("a", "b", "d");
        moments.deliver(sent("b", "d"));
        moments.deliverAll();
        onlyTheRestIsLeft(three.getFirst(), meter);
    }

    @ParameterizedTest
    @EnumSource
    void whatCameBackBeforeAnybodyHeardOfItIsStillKnown(Meter.Use use) throws Exception {
        Meter meter = Moments.meter(
                use,
                each -> Moments.owner(each, "a", "b", "c").equals("b")
                        && Moments.owner(each, "a", "b").equals("b")
                        && Moments.owner(each, "a", "b", "d").equals("d"));
        List<Node> three = three();
        isKilledWithItsShare(three.get(2), meter);
        moments.allSee("a", "b");

        Node d = moments.node("d");
        three.get(1).sees("a", "b", "d");
        d.kill();
        three.get(1).sees("a", "b");
        moments.deliverAll();
        onlyTheRestIsLeft(three.getFirst(), meter);
    }

    @ParameterizedTest
    @EnumSource
    void aNodeThatGoesWhileItsOwnersStateIsOnTheWayCountsWithIt(Meter.Use use) throws Exception {
        Meter meter = Moments.meter(
                use,
                each -> Moments.owner(each, "a", "b", "c").equals("b")
                        && Moments.owner(each, "a", "b", "c", "d").equals("d")
                        && Moments.owner(each, "a", "b", "d").equals("d"));
        List<Node> three = three();
        moments.node("d");
        assertThat(three.get(2).gets(meter, LOST)).isEqualTo(Verdict.ENOUGH);
        three.get(2).share(meter).use(LOST);
        three.get(1).sees("a", "b", "c", "d");
        moments.deliver(sent("b", "d"));
        three.get(2).kill();
        moments.allSee("a", "b", "d");
        onlyTheRestIsLeft(three.getFirst(), meter);
    }

    @ParameterizedTest
    @EnumSource
    void whoWouldHaveOwnedItNextKnowsItUntilAnotherWould(Meter.Use use) throws Exception {
        Meter meter = Moments.meter(
                use,
                each -> Moments.owner(each, "a", "b", "c").equals("c")
                        && "b".equals(Moments.second(each, "a", "b", "c"))
                        && Moments.owner(each, "a", "b", "c", "d").equals("c")
                        && "d".equals(Moments.second(each, "a", "b", "c", "d")));
        List<Node> three = three();
        assertThat(three.get(2).gets(meter, LOST)).isEqualTo(Verdict.ENOUGH);
        three.get(2).share(meter).use(LOST);
        Node d = moments.node("d");
        three.get(1).sees("a", "b", "c", "d");
        d.sees("a", "b", "c", "d");
        three.get(2).kill();
        moments.allSee("a", "b", "d");
        onlyTheRestIsLeft(three.getFirst(), meter);
    }

    @Test
    void whoHandedATotalOverDoesNotPassForKnownWhatTheNextOwnerFoundOutBetter() throws Exception {
        moments.storesApart = true;
        Meter meter = Moments.meter(
                Meter.Use.SPENT,
                each -> Moments.owner(each, "a", "b", "c").equals("b")
                        && Moments.owner(each, "a", "b", "c", "d").equals("d"));
        Node a = three().getFirst();
        assertThat(a.gets(meter, LOST - 1)).isEqualTo(Verdict.ENOUGH);
        a.share(meter).use(LOST - 1);

        Node d = moments.node("d");
        for (Node each : List.copyOf(moments.nodes.values())) {
            each.sees("a", "b", "c", "d");
        }
        Predicate<Sent> late = each -> each.is("d", "b", AGREE);
        moments.deliverAllBut(late);
        Future<Outcome> one = a.asks(meter, 1);
        moments.deliverAllBut(late);
        assertThat(one.result().verdict()).isEqualTo(Verdict.ENOUGH);
        assertThat(a.share(meter).state().used())
                .as("it is in what was before, where the next owner knows that")
                .isZero();

        d.kill();
        moments.allSee("a", "b", "c");
        onlyTheRestIsLeft(a, meter);
    }

    @Test
    void aNodeThatWentBeforeTheOwnerDidIsForgottenInTheEnd() throws Exception {
        Meter meter = Moments.meter(
                Meter.Use.HELD,
                each -> Moments.owner(each, "a", "b", "c", "d").equals("c")
                        && "b".equals(Moments.second(each, "a", "b", "c", "d")));
        Node c = three().get(2);
        Node d = moments.node("d");
        moments.allSee("a", "b", "c", "d");
        assertThat(d.gets(meter, LOST)).isEqualTo(Verdict.ENOUGH);
        assertThat(c.gets(meter, 1)).isEqualTo(Verdict.ENOUGH);
        d.kill();
        for (String id : List.of("a", "b", "c")) {
            moments.nodes.get(id).sees("a", "b", "c");
        }
        c.kill();
        moments.allSee("a", "b");
        Node a = moments.nodes.get("a");
        assertThat(a.gets(meter, Moments.TOTAL - LOST)).isEqualTo(Verdict.NO_MORE);

        moments.pass(Moments.LINGERS);
        moments.node("e");
        moments.allSee("a", "b", "e");
        assertThat(a.gets(meter, Moments.TOTAL - moments.shares(meter).get("a")))
                .isEqualTo(Verdict.ENOUGH);
    }

    /** Nodes that come and one that is killed, seen by each when it likes, letters of different nodes in any order. */
    private final class Story {
        private final Random random;
        private final List<Meter> meters = new ArrayList<>();
        private final List<String> said = new ArrayList<>();
        private final List<List<String>> times = new ArrayList<>();
        private final Map<Node, Integer> looked = new HashMap<>();
        private final Map<Meter, Map<String, Long>> given = new HashMap<>();
        private boolean killed;

        Story(long seed) {
            random = new Random(seed);
            said.add("seed " + seed);
            for (Meter.Use use : Meter.Use.values()) {
                for (int i = 0; i < 3; i++) {
                    meters.add(new Meter(use, "total" + random.nextInt(1_000)));
                }
            }
        }

        private <T> T any(List<T> all) {
            return all.get(random.nextInt(all.size()));
        }

        private List<Node> alive() {
            return moments.nodes.values().stream()
                    .filter(node -> !node.isDead())
                    .toList();
        }

        private void happens(String what, List<String> here) {
            said.add(what);
            times.add(here);
        }

        /** It may see two changes at once. */
        private void looks(Node node) throws Exception {
            int last = looked.getOrDefault(node, -1);
            int next = Math.min(times.size() - 1, last + 1 + random.nextInt(2));
            if (next > last) {
                looked.put(node, next);
                said.add(node.id + " sees " + times.get(next));
                node.sees(times.get(next).toArray(String[]::new));
            }
        }

        private void comes() throws Exception {
            String id = String.valueOf((char) ('a' + moments.nodes.size()));
            List<String> here = new ArrayList<>(times.getLast());
            here.add(id);
            looked.put(moments.node(id), times.size() - 1);
            happens(id + " comes", here);
        }

        private void isKilled(Node node) throws Exception {
            killed = true;
            node.kill();
            List<String> here = new ArrayList<>(times.getLast());
            here.remove(node.id);
            happens(node.id + " is killed", here);
        }

        private void asks(Node node) throws Exception {
            Meter meter = any(meters);
            long need = 1 + random.nextInt((int) Moments.TOTAL / 3);
            boolean uses = random.nextBoolean();
            said.add(node.id + " asks for " + need + " of " + meter);
            node.asks(meter, need).onSuccess(outcome -> {
                if (outcome.verdict() == Verdict.ENOUGH && uses && !node.isDead()) {
                    node.share(meter).use(node.share(meter).free());
                }
            });
        }

        /** What one node tells another arrives in the order in which it was told. */
        private void delivers() throws Exception {
            if (!moments.post.isEmpty()) {
                Sent some = any(moments.post);
                Sent next = moments.post.stream()
                        .filter(each ->
                                each.from().equals(some.from()) && each.to().equals(some.to()))
                        .findFirst()
                        .orElseThrow();
                said.add(next.letter().topic() + " from " + next.from() + " to " + next.to());
                moments.deliver(next);
            }
        }

        private void neverTooMuch() {
            for (Meter meter : meters) {
                Map<String, Long> shares = moments.shares(meter);
                if (!shares.equals(given.put(meter, shares))) {
                    said.add("of %s there is given %s".formatted(meter, shares));
                }
                assertThat(moments.given(meter))
                        .as(() -> "%s after %s".formatted(meter, String.join("\n", said)))
                        .isLessThanOrEqualTo(Moments.TOTAL);
            }
        }

        void run() throws Exception {
            times.add(List.of("a", "b", "c"));
            three().forEach(node -> looked.put(node, 0));
            for (int step = 0; step < 300; step++) {
                int what = random.nextInt(100);
                if (what < 62) {
                    delivers();
                } else if (what < 76) {
                    looks(any(alive()));
                } else if (what < 96) {
                    asks(any(alive()));
                } else if (what < 98 && moments.nodes.size() < 6) {
                    comes();
                } else if (!killed) {
                    isKilled(any(alive()));
                }
                neverTooMuch();
            }
            for (Node node : alive()) {
                node.sees(times.getLast().toArray(String[]::new));
            }
            moments.deliverAll();
            for (Meter meter : meters) {
                any(alive()).gets(meter, Moments.TOTAL - moments.given(meter) + 1);
                any(alive()).gets(meter, 1);
            }
            neverTooMuch();
        }
    }

    /** More of them with {@code -Dtollgate.proof.seeds}. */
    static LongStream seeds() {
        return LongStream.rangeClosed(1, Long.getLong("tollgate.proof.seeds", 40));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void neverIsMoreGivenAwayThanThereIsAndWhatALostNodeHadIsNotForgotten(long seed) throws Exception {
        new Story(seed).run();
    }
}
