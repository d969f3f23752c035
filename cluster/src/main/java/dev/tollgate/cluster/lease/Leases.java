package dev.tollgate.cluster.lease;

import dev.tollgate.cluster.Peers;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Divides totals among the nodes of a cluster. Each has one owner, from which nodes get shares ahead of need; a share is used without
 * asking anybody, and given back when it is not used. The shares of all nodes together, and what is left of nodes that are gone, never
 * exceed a total, so nodes never use more than it.
 *
 * <p>May be called from any thread; answers come on the event loop of the leases.
 */
public final class Leases {
    private static final String ASK = "lease.ask";
    private static final String BACK = "lease.back";

    private final Vertx vertx;
    private final Context context;
    private final Wire wire;
    private final Ends ends;
    private final Timing timing;
    private final LongSupplier nanos;
    private final LongConsumer roundTrips;
    private final Owner owner;
    private final Membership membership;
    private final Map<Meter, Local> locals = new HashMap<>();
    private final Map<Meter, Future<Outcome>> pending = new HashMap<>();

    /** What this node remembers of a share of its own. */
    private static final class Local {
        private long grants;
        private long shrinks;
        private long grownNanos;
    }

    /**
     * What becomes of a node that others may have been cut off from.
     *
     * @param open whether one that is cut off from most others goes on as if it were alone
     * @param arbiter who says which half goes on; null: there is nobody, and the half with the oldest node does
     * @param before what this node was called before it was started anew, if it was: others know then that it is not cut off
     */
    public record Cut(boolean open, @Nullable Arbiter arbiter, List<String> before) {
        /** A node that is cut off refuses, and nobody can say which half goes on. */
        public static final Cut CLOSED = new Cut(false, null, List.of());

        /** Of these. */
        public Cut {
            before = List.copyOf(before);
        }
    }

    /**
     * Of this node; {@link #start} begins.
     *
     * @param roundTrips hears how long it took until another node had answered a question for more, in nanoseconds
     */
    public Leases(Vertx vertx, Peers peers, Ends ends, Cut cut, LongConsumer roundTrips) {
        this(vertx, peers, ends, cut, Timing.USUAL, System::nanoTime, roundTrips);
    }

    Leases(Vertx vertx, Peers peers, Ends ends, Cut cut, Timing timing, LongSupplier nanos, LongConsumer roundTrips) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.wire = new Wire(context, peers);
        this.ends = ends;
        this.timing = timing;
        this.nanos = nanos;
        this.roundTrips = roundTrips;
        this.owner = new Owner(wire, ends, timing, nanos);
        this.membership = new Membership(vertx, wire, peers, owner, timing, nanos, cut, this::shares, this::lapse);
    }

    /** Begins. */
    public void start() {
        wire.on(ASK, this::asked);
        wire.on(Owner.RECALL, letter -> told(letter, Share::shrink));
        wire.on(Owner.LOOK, letter -> told(letter, Share::state));
        wire.on(Opener.OPEN, this::opened);
        wire.on(BACK, this::back);
        context.runOnContext(_ -> {
            membership.start();
            vertx.setPeriodic(timing.idle().dividedBy(3).toMillis(), _ -> tidy());
        });
    }

    /**
     * Adds to this node's share of a total. While others are asked, whoever asks for the same total gets the same answer. Reads the
     * share, so a caller that still holds the lock under which it has counted loses nothing in between.
     *
     * @param need the least that helps, beside what is free now
     * @param want as much would be good
     * @param total what all nodes may use together
     */
    public Future<Outcome> more(Meter meter, long need, long want, long total) {
        Promise<Outcome> done = Promise.promise();
        Share counted = ends.find(meter);
        long free = counted == null ? 0 : counted.state().free();
        context.runOnContext(_ -> {
            Future<Outcome> asking = pending.get(meter);
            if (asking == null) {
                long now = nanos.getAsLong();
                Promise<Outcome> answer = Promise.promise();
                asking = answer.future();
                pending.put(meter, asking);
                answer.future().onComplete(_ -> pending.remove(meter));
                Patience patience = new Patience(
                        now + timing.patience().toNanos(),
                        now + timing.arrival().toNanos());
                more(new Wanted(meter, need, free, want, total, patience), answer);
            }
            asking.onComplete(done);
        });
        return done.future();
    }

    /** {@code free}: what this node had beside that; it may have given that up since then. */
    private record Wanted(Meter meter, long need, long free, long want, long total, Patience patience) {
        Wanted until(Patience next) {
            return new Wanted(meter, need, free, want, total, next);
        }

        Ask ask(String node, Told told) {
            return new Ask(node, meter, told, need, want, total)
                    .beside(Math.max(0, free - told.state().free()));
        }
    }

    /** Until when more is waited for, and until when at most while a node is just coming. */
    private record Patience(long untilNanos, long latestNanos) {
        boolean endedBy(long now) {
            return now - untilNanos >= 0;
        }

        /** It begins when all are here: then their first answers may be late, too. */
        Patience renewed(long until) {
            return new Patience(until - latestNanos > 0 ? latestNanos : until, latestNanos);
        }
    }

    private void more(Wanted wanted, Promise<Outcome> answer) {
        Share share = ends.find(wanted.meter());
        if (share == null) {
            // It is of another period meanwhile; whoever asked looks again.
            answer.complete(new Outcome(Outcome.Verdict.ENOUGH, -1));
        } else if (membership.refuses()) {
            answer.complete(Outcome.UNKNOWN);
        } else if (!membership.settled()) {
            again(wanted, answer);
        } else {
            View view = membership.view();
            Ask ask = wanted.ask(wire.self(), told(wanted.meter(), share.state()));
            String to = view.owner(wanted.meter());
            long asked = nanos.getAsLong();
            wire.ask(to, ASK, ask.letter(view.id()), timing.answer())
                    .onSuccess(letter -> {
                        if (!to.equals(wire.self())) {
                            roundTrips.accept(nanos.getAsLong() - asked);
                        }
                        if (membership.view().equals(view)) {
                            answer.complete(taken(wanted.meter(), Grant.of(letter)));
                        } else {
                            again(wanted, answer);
                        }
                    })
                    .onFailure(_ -> again(wanted, answer));
        }
    }

    private void again(Wanted wanted, Promise<Outcome> answer) {
        long now = nanos.getAsLong();
        Patience patience = membership.gathers()
                ? wanted.patience().renewed(now + timing.patience().toNanos())
                : wanted.patience();
        if (patience.endedBy(now)) {
            answer.complete(Outcome.UNKNOWN);
        } else {
            vertx.setTimer(timing.retry().toMillis(), _ -> more(wanted.until(patience), answer));
        }
    }

    private Outcome taken(Meter meter, Grant grant) {
        Local local = local(meter);
        local.grants = grant.grants();
        local.grownNanos = nanos.getAsLong();
        Share share = ends.find(meter);
        if (share != null) {
            share.grow(grant.by());
        }
        return new Outcome(grant.verdict(), grant.elsewhere());
    }

    private Local local(Meter meter) {
        return locals.computeIfAbsent(meter, _ -> new Local());
    }

    private Told told(Meter meter, Share.State state) {
        Local local = locals.get(meter);
        return local == null ? new Told(state, 0, 0) : new Told(state, local.grants, local.shrinks);
    }

    private Future<JsonObject> asked(JsonObject letter) {
        if (!membership.is(letter) || !membership.settled()) {
            return Owner.changed();
        }
        return owner.ask(Ask.of(letter)).map(Grant::letter);
    }

    private interface Saying {
        Share.State of(Share share);
    }

    private Future<JsonObject> told(JsonObject letter, Saying saying) {
        if (!membership.is(letter)) {
            return Owner.changed();
        }
        Meter meter = Meter.of(letter.getString("meter"));
        Share share = ends.find(meter);
        Share.State state = share == null ? Share.State.NOTHING : saying.of(share);
        Local local = local(meter);
        local.shrinks++;
        return Future.succeededFuture(told(meter, state).put(new JsonObject()));
    }

    private Future<JsonObject> opened(JsonObject letter) {
        if (!membership.is(letter) || membership.leaving()) {
            return Owner.changed();
        }
        Meter meter = Meter.of(letter.getString("meter"));
        Share share = ends.find(meter);
        Share.Opening opening = share == null ? Share.Opening.NOTHING : share.open();
        local(meter).shrinks++;
        return Future.succeededFuture(told(meter, opening.state())
                .put(new JsonObject())
                .put("settled", opening.settled())
                .put("delivered", opening.delivered())
                .put("unstored", opening.settled() - opening.delivered())
                .put("known", opening.known())
                .put("brought", owner.backlogs().stored()));
    }

    private Future<JsonObject> back(JsonObject letter) {
        if (membership.is(letter)) {
            owner.back(letter.getString("node"), Meter.of(letter.getString("meter")), Told.of(letter));
        }
        return Future.succeededFuture(new JsonObject());
    }

    /** What all nodes together have used of a total. Fails when somebody who must be asked does not answer. */
    public Future<Long> used(Meter meter) {
        Promise<Long> done = Promise.promise();
        context.runOnContext(_ -> {
            View view = membership.view();
            if (!membership.settled() || membership.refuses()) {
                done.fail("This node is cut off from its cluster");
                return;
            }
            wire.ask(
                            view.owner(meter),
                            Membership.USED,
                            membership.letter().put("meter", meter.wire()),
                            timing.answer())
                    .map(letter -> letter.getLong("used"))
                    .onComplete(done);
        });
        return done.future();
    }

    private void tidy() {
        long now = nanos.getAsLong();
        owner.tidy();
        for (Meter meter : List.copyOf(locals.keySet())) {
            Share share = ends.find(meter);
            Share.State state = share == null ? Share.State.NOTHING : share.state();
            Local local = local(meter);
            if (share != null
                    && state.granted() > state.used()
                    && now - local.grownNanos >= timing.idle().toNanos()) {
                giveBack(meter, share);
            }
        }
    }

    private void giveBack(Meter meter, Share share) {
        Share.State state = share.shrink();
        local(meter).shrinks++;
        View view = membership.view();
        if (!view.nodes().isEmpty()) {
            wire.tell(
                    view.owner(meter),
                    BACK,
                    told(meter, state).put(membership.letter()).put("meter", meter.wire()));
        }
    }

    /** This node may be taken for lost: what it had is given to others soon. */
    private void lapse() {
        for (Meter meter : List.copyOf(locals.keySet())) {
            Share share = ends.find(meter);
            if (share != null && share.state().granted() > share.state().used()) {
                giveBack(meter, share);
            }
        }
    }

    private static boolean nothing(@Nullable Share share) {
        Share.State state = share == null ? Share.State.NOTHING : share.state();
        return state.granted() == 0 && state.used() == 0;
    }

    /** Shares by the node that owns their totals from now on. */
    private Map<String, JsonArray> shares(View next) {
        Map<String, JsonArray> rows = new HashMap<>();
        // Owners begin to count anew, so only now may something be forgotten.
        locals.keySet().removeIf(meter -> nothing(ends.find(meter)) && !pending.containsKey(meter));
        locals.forEach((meter, local) -> {
            local.grants = 0;
            Share share = ends.find(meter);
            if (share != null) {
                rows.computeIfAbsent(next.owner(meter), _ -> new JsonArray())
                        .add(told(meter, share.state()).row(meter));
            }
        });
        return rows;
    }

    /**
     * This node has stored what runs had spent that are over: what they had left on its disk, or what it kept for nodes that are gone.
     * Totals of which the store was asked before, and without those runs, are found out anew. From any thread, after it is stored.
     *
     * @param runs the ids that nodes had in those runs, or the first eight characters of each
     * @return done when all nodes know; should this one be killed before, say it again after the next start
     */
    public Future<Void> brought(Set<String> runs) {
        Promise<Void> told = Promise.promise();
        context.runOnContext(_ -> membership.brought(runs).onComplete(told));
        return told.future();
    }

    /** Leaves in good order: no call is under way any more, and none comes. */
    public Future<Void> leave() {
        Promise<Void> done = Promise.promise();
        context.runOnContext(_ -> {
            List<JsonArray> last = new ArrayList<>();
            locals.keySet().forEach(meter -> {
                Share share = ends.find(meter);
                if (share != null) {
                    last.add(
                            new JsonArray().add(meter.wire()).add(share.shrink().used()));
                }
            });
            owner.tellSeconds()
                    .compose(_ -> membership.bye(new JsonArray(last)))
                    .onComplete(done);
        });
        return done.future();
    }

    /** Whether shares may still be used; others may have them otherwise. From any thread. */
    public boolean stands() {
        return membership.standing();
    }

    /** Why this node may not count on its shares, or null. */
    public @Nullable String trouble() {
        return membership.trouble();
    }
}
