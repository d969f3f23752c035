package dev.tollgate.cluster.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Receipt;
import dev.tollgate.cluster.Role;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes that see each other at different times, and whose letters arrive one by one. */
class MembershipTest {
    /** Nothing happens by itself but that what failed is sent again. */
    private static final Timing TIMING = new Timing(
            Duration.ofHours(1),
            Duration.ofMillis(5),
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ofHours(1));

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final LinkedBlockingQueue<Sent> post = new LinkedBlockingQueue<>();
    private final Map<String, Seer> nodes = new HashMap<>();

    /** A letter that is under way. */
    private record Sent(String to, Letter letter, Promise<Letter> answer) {}

    private <T> T there(Supplier<T> work) throws Exception {
        Promise<T> done = Promise.promise();
        context.runOnContext(_ -> done.complete(work.get()));
        return done.future().await(10, TimeUnit.SECONDS);
    }

    /** A node, and whom it sees. */
    private final class Seer implements Peers, Ends {
        private final String id;
        private final Map<String, Function<Letter, Future<Letter>>> handlers = new ConcurrentHashMap<>();
        private final Membership membership;
        private volatile List<String> seen;
        private volatile Set<String> notListening = Set.of();
        private Runnable changed = () -> {};

        Seer(String id) {
            this.id = id;
            this.seen = List.of(id);
            Wire wire = new Wire(context, this);
            this.membership = new Membership(
                    vertx,
                    wire,
                    this,
                    new Owner(wire, this, TIMING, System::nanoTime),
                    TIMING,
                    System::nanoTime,
                    new Leases.Cut(true, null, List.of()),
                    _ -> Map.of(),
                    () -> {});
            nodes.put(id, this);
        }

        void sees(String... ids) throws Exception {
            seen = List.of(ids);
            changed.run();
            idle();
        }

        boolean settled() throws Exception {
            return there(() -> membership.settled() && membership.view().nodes().equals(seen));
        }

        @Override
        public State state() {
            return State.JOINED;
        }

        @Override
        public String self() {
            return id;
        }

        @Override
        public List<Peer> all() {
            return seen.stream()
                    .map(each -> new Peer(each, each, EnumSet.allOf(Role.class), "test"))
                    .toList();
        }

        @Override
        public List<Peer> listening() {
            return all().stream()
                    .filter(each -> !notListening.contains(each.id()))
                    .toList();
        }

        @Override
        public void onChange(Runnable run) {
            changed = run;
        }

        @Override
        public void receive(String topic, Function<Letter, Future<Letter>> handler) {
            handlers.put(topic, handler);
        }

        @Override
        public Future<Letter> ask(String node, Letter letter, Duration within) {
            Promise<Letter> answer = Promise.promise();
            post.add(new Sent(node, Letter.decode(letter.encode()), answer));
            return answer.future();
        }

        @Override
        public void tell(String node, Letter letter) {
            ask(node, letter, Duration.ZERO);
        }

        @Override
        public Future<Receipt> announce(Letter letter, Duration within, Set<Role> playing) {
            return Future.failedFuture("nobody announces anything here");
        }

        @Override
        public Future<Void> leave() {
            return Future.succeededFuture();
        }

        @Override
        public @Nullable Share find(Meter meter) {
            return null;
        }

        @Override
        public Future<Long> stored(Meter meter) {
            return Future.succeededFuture(0L);
        }
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    private Seer node(String id) throws Exception {
        Seer node = new Seer(id);
        there(() -> {
            node.membership.start();
            return true;
        });
        idle();
        return node;
    }

    /** What one event loop has begun has ended: a letter is handled, and its answer comes, some turns of the loop later. */
    private void idle() throws Exception {
        for (int i = 0; i < 8; i++) {
            there(() -> true);
        }
    }

    private void deliver(Sent sent) throws Exception {
        Function<Letter, Future<Letter>> handler =
                nodes.get(sent.to()).handlers.get(sent.letter().topic());
        assertThat(handler).as(sent.letter().topic()).isNotNull();
        handler.apply(sent.letter()).onComplete(sent.answer());
        idle();
    }

    private void deliverAll() throws Exception {
        for (Sent next = post.poll(); next != null; next = post.poll()) {
            deliver(next);
        }
    }

    private boolean allSettled() throws Exception {
        for (Seer each : nodes.values()) {
            if (!each.settled()) {
                return false;
            }
        }
        return true;
    }

    /** No more letters than that are needed until all divide with whom they see, and none comes after. */
    private void settle(int most) throws Exception {
        int letters = 0;
        while (!allSettled() || !post.isEmpty()) {
            Sent next = post.poll(10, TimeUnit.SECONDS);
            assertThat(next).as("somebody still has something to say").isNotNull();
            assertThat(++letters).as("letters").isLessThanOrEqualTo(most);
            deliver(next);
        }
    }

    @Test
    void nodesThatSeeEachOtherComeAndGoDoNotMakeEachOtherBeginAnewForEver() throws Exception {
        Seer x = node("x");
        Seer y = node("y");
        x.sees("x", "y");
        deliverAll();
        x.sees("x");
        y.sees("x", "y");
        assertThat(post).isNotEmpty();
        deliverAll();
        x.sees("x", "y");
        settle(40);
    }

    @Test
    void aLetterThatIsLateByATurnChangesNothing() throws Exception {
        Seer x = node("x");
        Seer y = node("y");
        x.sees("x", "y");
        Sent late = post.take();
        x.sees("x");
        x.sees("x", "y");
        y.sees("x", "y");
        settle(40);
        int turn = there(() -> y.membership.view().turn());
        deliver(late);
        assertThat(allSettled()).isTrue();
        assertThat(there(() -> y.membership.view().turn())).isEqualTo(turn);
        assertThat(post).isEmpty();
    }

    @Test
    void threeThatSeeEachOtherOneAfterTheOtherSettle() throws Exception {
        Seer x = node("x");
        Seer y = node("y");
        Seer z = node("z");
        for (Seer each : List.of(x, y, x, z, x, y)) {
            each.sees(each.seen.size() == 1 ? new String[] {"x", "y", "z"} : new String[] {each.id});
            if (each != z) {
                deliverAll();
            }
        }
        for (Seer each : List.of(z, y, x)) {
            each.sees("x", "y", "z");
        }
        settle(150);
        assertThat(there(() -> List.of(
                        x.membership.view().turn(),
                        y.membership.view().turn(),
                        z.membership.view().turn())))
                .containsOnly(there(() -> x.membership.view().turn()));
    }

    @Test
    void nodesGoOnDividingWhileAMemberThatHasJustComeDoesNotListenYetAndWithItOnceItDoes() throws Exception {
        Seer x = node("x");
        Seer y = node("y");
        x.sees("x", "y");
        y.sees("x", "y");
        settle(40);
        for (Seer each : List.of(x, y)) {
            each.notListening = Set.of("z");
            each.sees("x", "y", "z");
        }
        assertThat(post).as("nobody has anything to say to it").isEmpty();
        for (Seer each : List.of(x, y)) {
            assertThat(there(each.membership::settled)).isTrue();
            assertThat(there(() -> each.membership.view().nodes())).containsExactly("x", "y");
        }

        Seer z = node("z");
        z.sees("x", "y", "z");
        deliverAll();
        assertThat(there(z.membership::settled))
                .as("the others have not told it what they have")
                .isFalse();
        for (Seer each : List.of(x, y)) {
            each.notListening = Set.of();
            each.sees("x", "y", "z");
        }
        settle(150);
    }
}
