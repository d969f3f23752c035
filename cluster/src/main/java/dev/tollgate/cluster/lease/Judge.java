package dev.tollgate.cluster.lease;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whether a part of a cluster goes on: with most of the nodes that were together before. Of two halves the one goes on that says so
 * first to the {@link Arbiter}, which is asked until it answers; where there is none, it is the half with the oldest node.
 */
final class Judge {
    private final Vertx vertx;
    private final Wire wire;
    private final @Nullable Arbiter arbiter;
    private final Timing timing;

    Judge(Vertx vertx, Wire wire, @Nullable Arbiter arbiter, Timing timing) {
        this.vertx = vertx;
        this.wire = wire;
        this.arbiter = arbiter;
        this.timing = timing;
    }

    /**
     * What is to be decided.
     *
     * @param decisive who was together before; a part that goes on has enough of each of these
     * @param here who is here, or is known to be dead
     * @param wanted whether somebody still wants to know
     * @param won hears who goes on, as the arbiter said
     * @param unanswered hears why the arbiter has not said anything yet
     */
    record Case(
            List<Memory> decisive,
            Predicate<String> here,
            BooleanSupplier wanted,
            Consumer<Memory> won,
            Consumer<String> unanswered) {}

    /** Whether it may go on, if the arbiter says so where it must be asked. */
    boolean possible(List<Memory> decisive, Predicate<String> here) {
        return decisive.stream().allMatch(were -> switch (part(were, here)) {
            case LESS -> false;
            case HALF -> arbiter != null || here.test(were.nodes().getFirst());
            case MOST -> true;
        });
    }

    /** Whether it goes on. Fails, or never answers, when nobody wants to know any more. */
    Future<Boolean> goesOn(Case asked) {
        return next(new ArrayDeque<>(asked.decisive()), asked);
    }

    private Future<Boolean> next(Deque<Memory> left, Case asked) {
        for (Memory were = left.poll(); were != null; were = left.poll()) {
            Part part = part(were, asked.here());
            Arbiter of = arbiter;
            if (part == Part.HALF && of != null) {
                return claimed(of, were, asked).compose(winner -> {
                    asked.won().accept(winner);
                    left.addFirst(winner);
                    return next(left, asked);
                });
            }
            if (part == Part.LESS
                    || (part == Part.HALF && !asked.here().test(were.nodes().getFirst()))) {
                return Future.succeededFuture(false);
            }
        }
        return Future.succeededFuture(true);
    }

    private enum Part {
        LESS,
        HALF,
        MOST
    }

    private static Part part(Memory were, Predicate<String> here) {
        long kept = were.nodes().stream().filter(here).count();
        int all = were.nodes().size();
        return 2 * kept > all || all == 0 ? Part.MOST : 2 * kept == all ? Part.HALF : Part.LESS;
    }

    /** Whoever goes on may have been together at the next time, and everybody is judged by that. */
    private Future<Memory> claimed(Arbiter of, Memory were, Case asked) {
        Promise<Memory> winner = Promise.promise();
        ask(of, were, asked, winner);
        return winner.future();
    }

    /** Until there is an answer, or nobody waits for it any more. */
    private void ask(Arbiter of, Memory were, Case asked, Promise<Memory> winner) {
        if (!asked.wanted().getAsBoolean()) {
            winner.fail("Nobody wants to know any more");
            return;
        }
        List<String> nodes = were.nodes().stream().filter(asked.here()).toList();
        long slow = vertx.setTimer(
                timing.answer().toMillis(),
                _ -> wire.context().runOnContext(_ -> asked.unanswered().accept("it has not answered yet")));
        wire.here(of.claim(were.epoch(), were.nodes(), nodes)).onComplete(answer -> {
            vertx.cancelTimer(slow);
            if (answer.succeeded()) {
                winner.complete(new Memory(were.epoch() + 1, answer.result()));
            } else {
                asked.unanswered().accept(String.valueOf(answer.cause().getMessage()));
                vertx.setTimer(
                        timing.beat().toMillis(), _ -> wire.context().runOnContext(_ -> ask(of, were, asked, winner)));
            }
        });
    }
}
