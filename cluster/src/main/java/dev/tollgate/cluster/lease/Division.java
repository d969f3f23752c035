package dev.tollgate.cluster.lease;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** One total as its owner has it: who may use how much. All amounts together never exceed the total that an asker names. */
final class Division {
    private static final int RECKONED = 5;
    private static final int DOUBTFUL = 6;

    private final Meter meter;
    private final Timing timing;
    private final Map<String, Claim> claims = new HashMap<>();
    private final Map<String, Remainder> remainders = new HashMap<>();
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private boolean working;
    private final Earlier earlier;
    private long askedNanos;

    /** What a node had that is gone. */
    private record Remainder(long amount, long goneNanos) {}

    Division(Meter meter, Timing timing, long now) {
        this.meter = meter;
        this.timing = timing;
        this.askedNanos = now;
        this.earlier = new Earlier(timing);
    }

    Meter meter() {
        return meter;
    }

    /** One thing after the other: what an answer is waited for must not be decided twice meanwhile. */
    <T> Future<T> inTurn(Supplier<Future<T>> task) {
        Promise<T> done = Promise.promise();
        waiting.add(() -> {
            Future<T> result;
            try {
                result = task.get();
            } catch (RuntimeException e) {
                result = Future.failedFuture(e);
            }
            result.onComplete(ended -> {
                done.handle(ended);
                working = false;
                next();
            });
        });
        next();
        return done.future();
    }

    private void next() {
        if (!working) {
            Runnable task = waiting.poll();
            if (task != null) {
                working = true;
                task.run();
            }
        }
    }

    boolean opened() {
        return earlier.known() || meter.use() != Meter.Use.SPENT;
    }

    /** What was spent before. */
    Earlier earlier() {
        return earlier;
    }

    /** This node was cut off from most others: who owned it meanwhile knows better. */
    void distrust() {
        earlier.distrust();
        remainders.clear();
    }

    /** Something was stored that is in no amount here. */
    void lacksSome() {
        earlier.lacksSome();
    }

    /** What of the total was spent for sure when these nodes had so much left of it: nobody can have spent less. */
    long spentAtLeast(long takenBefore) {
        long rest = 0;
        for (Claim claim : claims.values()) {
            rest += claim.held();
        }
        for (Remainder remainder : remainders.values()) {
            rest += remainder.amount;
        }
        return takenBefore - rest;
    }

    /** What is known may count something twice. */
    void doubt() {
        earlier.doubt();
    }

    /**
     * Whether what was spent is found out before anything is given away. Not because of a doubt while there is a node that has not been gone
     * for long: what it spent may not be in the store yet.
     */
    boolean isToBeFoundOut(long now, Backlogs backlogs) {
        boolean stale = (earlier.doubtful() || !remainders.isEmpty()) && outlived(now);
        return meter.use() == Meter.Use.SPENT && earlier.isToBeFoundOut(stale, now, backlogs);
    }

    private boolean outlived(long now) {
        return remainders.values().stream()
                .allMatch(each -> now - each.goneNanos >= timing.longestCall().toNanos());
    }

    /** What they spent is in the store; what they did not, they never will. */
    void forgetOutlived(long now) {
        remainders
                .values()
                .removeIf(each -> now - each.goneNanos >= timing.longestCall().toNanos());
    }

    void asked(long now) {
        askedNanos = now;
    }

    /**
     * What the node itself says it has, as it asks for more; it may have given up something since then, and said so. Answers how much
     * less is free there than when it asked: it counted on that.
     */
    long asks(String node, Told told) {
        Claim known = claims.getOrDefault(node, Claim.NONE);
        if (told.shrinks() >= known.shrinks()) {
            claims.put(node, known.with(told));
            return 0;
        }
        return Math.max(0, told.state().free() - known.state().free());
    }

    /** The same, when it was not asking: an answer to it may still be on the way, unless too long ago. */
    void says(String node, Told told, long now) {
        claims.computeIfPresent(node, (_, known) -> {
            boolean heard = known.grants() == told.grants()
                    || now - known.grantedNanos() > 2 * timing.answer().toNanos();
            return heard && told.shrinks() >= known.shrinks() ? known.with(told) : known;
        });
    }

    /** What it says first to a new owner. */
    void claims(String node, Told told) {
        claims.put(node, Claim.NONE.with(told));
    }

    /** It has nothing of this. */
    void claimsNothing(String node) {
        claims.remove(node);
    }

    /** Answers how many answers with something in them the node has been sent. */
    long grant(String node, long by, long now) {
        Claim known = claims.getOrDefault(node, Claim.NONE);
        Share.State had = known.state();
        Claim next = new Claim(
                new Share.State(had.granted() + by, had.used(), had.busy()),
                by == 0 ? known.grants() : known.grants() + 1,
                known.shrinks(),
                by == 0 ? known.grantedNanos() : now);
        claims.put(node, next);
        return next.grants();
    }

    /** Others that may have something to give back. */
    Iterable<String> others(String node) {
        return claims.entrySet().stream()
                .filter(each -> !each.getKey().equals(node) && each.getValue().counts())
                .map(Map.Entry::getKey)
                .toList();
    }

    boolean busyBut(String node) {
        return claims.entrySet().stream()
                .anyMatch(each ->
                        !each.getKey().equals(node) && each.getValue().state().busy());
    }

    /** What of the total is given away; before it is {@link #opened}, at least. */
    long taken(long now) {
        expire(now);
        long sum = earlier.amount();
        for (Claim claim : claims.values()) {
            sum += claim.held();
        }
        for (Remainder remainder : remainders.values()) {
            sum += remainder.amount;
        }
        return sum;
    }

    /** What others than this node have used. */
    long elsewhere(String node) {
        long sum = earlier.amount();
        for (Map.Entry<String, Claim> each : claims.entrySet()) {
            sum += each.getKey().equals(node) ? 0 : each.getValue().state().used();
        }
        for (Remainder remainder : remainders.values()) {
            sum += remainder.amount;
        }
        return sum;
    }

    /** The node is gone, and nobody knows what it did with its share. */
    void gone(String node, long now) {
        Claim claim = claims.remove(node);
        if (claim != null) {
            remains(node, claim.held(), now);
        }
    }

    /** The node has left in good order. */
    void left(String node, long used, long now) {
        Claim claim = claims.remove(node);
        remainders.remove(node);
        switch (meter.use()) {
            // An attempt to find out what was spent may have failed after this node had told: then it counts that no
            // more.
            case SPENT -> earlier.add(claim == null || opened() ? used : Math.max(used, claim.held()));
            case WINDOW ->
                remains(
                        node,
                        used,
                        now - timing.standing().plus(timing.margin()).toNanos());
            case HELD -> {
                // What it held was over before it left.
            }
        }
    }

    void remains(String node, long amount, long goneNanos) {
        if (amount > 0) {
            remainders.merge(
                    node,
                    new Remainder(amount, goneNanos),
                    (a, b) -> new Remainder(Math.max(a.amount, b.amount), Math.max(a.goneNanos, b.goneNanos)));
        }
    }

    /** They may have used what they had until a while after this. */
    void goneNow(Set<String> nodes, long now) {
        remainders.replaceAll((node, each) ->
                nodes.contains(node) ? new Remainder(each.amount, Math.max(each.goneNanos, now)) : each);
    }

    /** It is back, and says itself what it has. */
    void back(String node) {
        remainders.remove(node);
    }

    private void expire(long now) {
        long lingers = timing.lingersNanos(meter.use());
        if (lingers >= 0) {
            Iterator<Remainder> all = remainders.values().iterator();
            while (all.hasNext()) {
                if (now - all.next().goneNanos >= lingers) {
                    all.remove();
                }
            }
        }
    }

    /** Whether nothing is lost when it is forgotten. What was spent can be found out anew, when no call of then is under way. */
    boolean forgettable(long now) {
        expire(now);
        if (working) {
            return false;
        }
        return meter.use() == Meter.Use.SPENT
                ? now - askedNanos > timing.longestCall().toNanos() && outlived(now)
                : remainders.isEmpty() && claims.values().stream().allMatch(claim -> claim.held() == 0);
    }

    /** Has what a division wrote for another owner say that this must find out what was spent. */
    static void closed(JsonArray state) {
        state.set(1, false);
    }

    /** Of what a division wrote for another owner; a node of an earlier release does not say it. */
    static JsonObject reckoned(JsonArray state) {
        return state.size() > RECKONED ? state.getJsonObject(RECKONED) : new JsonObject();
    }

    /** All that is known, for another owner. */
    JsonArray state(long now) {
        expire(now);
        JsonArray rest = new JsonArray();
        remainders.forEach((node, each) ->
                rest.add(new JsonArray().add(node).add(each.amount).add((now - each.goneNanos) / 1_000_000)));
        JsonArray shares = new JsonArray();
        claims.forEach((node, claim) -> shares.add(new JsonArray().add(node).add(claim.held())));
        return new JsonArray()
                .add(meter.wire())
                .add(earlier.isForOthers())
                .add(earlier.amount())
                .add(shares)
                .add(rest)
                .add(earlier.reckoned().json())
                .add(earlier.doubtful());
    }

    /**
     * Takes over what an owner before knew.
     *
     * @param told nodes that have said themselves what they have; of others it is better than nothing, should they be gone before
     */
    void inherit(JsonArray state, Set<String> told, long now) {
        if (!state.getBoolean(1)) {
            earlier.inheritLeast(state.getLong(2));
        } else if (!earlier.known()) {
            earlier.inherit(state.getLong(2), reckoned(state), state.size() > DOUBTFUL && state.getBoolean(DOUBTFUL));
        }
        for (Object each : state.getJsonArray(3)) {
            JsonArray share = (JsonArray) each;
            if (!told.contains(share.getString(0))) {
                claims.putIfAbsent(
                        share.getString(0),
                        Claim.NONE.with(new Told(new Share.State(share.getLong(1), share.getLong(1), false), 0, 0)));
            }
        }
        for (Object each : state.getJsonArray(4)) {
            JsonArray rest = (JsonArray) each;
            if (told.contains(rest.getString(0))) {
                continue;
            }
            remains(rest.getString(0), rest.getLong(1), now - rest.getLong(2) * 1_000_000);
        }
    }
}
