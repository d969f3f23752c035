package dev.tollgate.cluster.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.cluster.Mesh;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Three nodes want the last of a budget at once. All run on one event loop, and the clock stands still, so letters cross in one way only. */
class LastUnitsTest {
    private static final long TOTAL = 3;
    private static final Duration SOON = Duration.ofSeconds(60);

    /** Nobody needs so many questions for units that can be counted on one hand. */
    private static final int MANY = 100;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final Context loop = vertx.getOrCreateContext();
    private final Mesh mesh = new Mesh();
    private final View view = View.of(List.of("a", "b", "c"));
    private final String owner = view.owner(Ground.MONEY);
    private final List<Node> nodes = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    /** Its calls spend what they take, all of it and at once. */
    private final class Node implements Ends, Share {
        private final Leases leases;
        private volatile boolean ended;
        private volatile int questions;
        private volatile long granted;
        private volatile long spent;
        private Runnable justBefore = () -> {};

        Node(String id) {
            leases = new Leases(vertx, mesh.join(id), this, Leases.Cut.CLOSED, Ground.TIMING, () -> 0, _ -> {});
            leases.start();
            nodes.add(this);
        }

        private Future<Outcome> more(long need) {
            questions++;
            return leases.more(Ground.MONEY, need, need, TOTAL);
        }

        void wants(long amount) {
            if (granted - spent >= amount) {
                spent += amount;
                ended = true;
            } else if (questions < MANY) {
                more(amount - (granted - spent)).onSuccess(outcome -> {
                    if (outcome.verdict() == Outcome.Verdict.NO_MORE) {
                        ended = true;
                    } else {
                        wants(amount);
                    }
                });
            }
        }

        @Override
        public Share find(Meter meter) {
            return this;
        }

        @Override
        public Future<Long> stored(Meter meter) {
            return Future.succeededFuture(0L);
        }

        @Override
        public State state() {
            return new State(granted, spent, false);
        }

        @Override
        public void grow(long by) {
            granted += by;
        }

        @Override
        public State shrink() {
            justBefore.run();
            justBefore = () -> {};
            granted = Math.min(granted, spent);
            return state();
        }

        @Override
        public Opening open() {
            return Opening.NOTHING;
        }
    }

    private static boolean has(Node node) throws Exception {
        return node.leases
                        .more(Ground.MONEY, 1, 1, TOTAL)
                        .await(60, TimeUnit.SECONDS)
                        .verdict()
                == Outcome.Verdict.ENOUGH;
    }

    private void eachHasOne() {
        new Node(owner);
        view.nodes().stream().filter(id -> !id.equals(owner)).forEach(Node::new);
        nodes.forEach(node -> await().atMost(SOON).until(() -> has(node)));
        assertThat(nodes).extracting(node -> node.granted).containsOnly(1L);
    }

    /** Each names what it lacks beside the unit that it has, and loses that to another before its turn comes. */
    @Test
    void theyDoNotPassTheLastUnitsRoundWithoutEnd() {
        eachHasOne();
        Node first = nodes.getFirst();
        loop.runOnContext(_ -> {
            // A small call is quicker than the one that has asked, so two units are left for three that want two each.
            first.more(1).onSuccess(_ -> first.spent++);
            nodes.forEach(node -> node.wants(2));
        });
        await().atMost(SOON)
                .until(() -> nodes.stream().allMatch(node -> node.ended)
                        || nodes.stream().anyMatch(node -> node.questions >= MANY));
        assertThat(nodes).as("each has it, or heard that there is no more").allMatch(node -> node.ended);
        assertThat(nodes.stream().mapToLong(node -> node.spent).sum()).isEqualTo(TOTAL);
    }

    /** A call has counted on what its node has, and that goes before its question leaves. */
    @Test
    void whatIsTakenInTheMomentOfAskingComesBackWithTheAnswer() {
        eachHasOne();
        Node first = nodes.getFirst();
        Node second = nodes.get(1);
        second.justBefore = () -> second.wants(2);
        loop.runOnContext(_ -> first.more(TOTAL + 1));
        await().atMost(SOON).until(() -> second.ended);
        assertThat(second.spent).isEqualTo(2);
        assertThat(second.questions).isEqualTo(1);
    }
}
