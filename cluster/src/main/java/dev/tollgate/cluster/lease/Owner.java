package dev.tollgate.cluster.lease;

import dev.tollgate.cluster.NotNow;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The totals that this node owns, and copies of those that it would own next. What others have been given, they know themselves;
 * what this node gives itself is told to the next owner before it is used, and so is what nodes that are gone had. Everything here
 * runs on one event loop.
 */
final class Owner {
    static final String RECALL = "lease.recall";
    static final String LOOK = "lease.look";
    static final String COPY = "lease.copy";

    private final Wire wire;
    private final Opener opener;
    private final Timing timing;
    private final LongSupplier nanos;
    private final Backlogs backlogs;
    private final Map<Meter, Division> divisions = new HashMap<>();

    /** What others own from now on, until a while after all divide: they may see other nodes yet, and not take what they are told. */
    private final Map<Meter, Division> handed = new HashMap<>();

    private final Copies copies = new Copies();
    private final Set<String> silent = new HashSet<>();
    private final Set<String> told = new HashSet<>();
    private final Set<String> missed = new HashSet<>();
    private final Set<String> strays = new HashSet<>();
    private final boolean oneStore;
    private final Lost lost;
    private View view = View.NONE;
    /** Nodes have come since all were here last. */
    private boolean came;

    /** All divide, and those that would own totals next may not have heard of them yet. */
    private boolean toBeTold;

    private long dividedNanos;

    Owner(Wire wire, Ends ends, Timing timing, LongSupplier nanos) {
        this.wire = wire;
        this.opener = new Opener(wire, ends, timing);
        this.oneStore = ends.oneStore();
        this.timing = timing;
        this.nanos = nanos;
        this.backlogs = new Backlogs(wire, timing);
        this.lost = new Lost(timing);
        wire.on(COPY, this::copied);
    }

    /** What nodes bring into the store that is not of their present run. */
    Backlogs backlogs() {
        return backlogs;
    }

    private Division division(Meter meter) {
        return divisions.computeIfAbsent(meter, each -> new Division(each, timing, nanos.getAsLong()));
    }

    /** Somebody needs more. Fails when the nodes have changed meanwhile, or one that must be asked does not answer. */
    Future<Grant> ask(Ask ask) {
        Division division = division(ask.meter());
        View asked = view;
        return division.inTurn(() -> still(asked)
                .compose(_ -> opened(division))
                .compose(_ -> given(division, ask, asked))
                .compose(grant -> known(division, ask, grant))
                .compose(grant -> still(asked).map(grant)));
    }

    private Future<Void> still(View asked) {
        return view.equals(asked) ? Future.succeededFuture() : changed();
    }

    static <T> Future<T> changed() {
        return Future.failedFuture(new NotNow("The nodes have changed"));
    }

    private Future<Grant> given(Division division, Ask asks, View asked) {
        long now = nanos.getAsLong();
        division.asked(now);
        // Else nodes that lose what they have while they ask may pass the last of a total round without end.
        Ask ask = asks.beside(division.asks(asks.node(), asks.told()));
        long left = ask.total() - division.taken(now);
        return left >= ask.need()
                ? Future.succeededFuture(grant(division, ask, left, now))
                : recalled(division, ask.node())
                        .compose(_ -> still(asked))
                        .map(_ -> grant(
                                division, ask, ask.total() - division.taken(nanos.getAsLong()), nanos.getAsLong()));
    }

    private static Grant grant(Division division, Ask ask, long left, long now) {
        long by;
        boolean later = false;
        if (left >= ask.need()) {
            long ahead = Math.min(ask.want(), left / division.meter().use().portions());
            by = Math.max(ask.need(), ahead);
        } else {
            later = division.busyBut(ask.node());
            by = later ? 0 : Math.max(0, left);
        }
        long grants = division.grant(ask.node(), by, now);
        return new Grant(by, by >= ask.need(), later, division.elsewhere(ask.node()), grants);
    }

    /** What this node gives itself is known to nobody else, so it would be lost with it. */
    private Future<Grant> known(Division division, Ask ask, Grant grant) {
        String second = view.second(division.meter());
        if (grant.by() == 0 || second == null || !ask.node().equals(wire.self())) {
            return Future.succeededFuture(grant);
        }
        return copy(second, List.of(division)).map(grant);
    }

    private Future<JsonObject> copy(String to, List<Division> all) {
        JsonArray states = new JsonArray();
        all.forEach(each -> states.add(each.state(nanos.getAsLong())));
        return wire.ask(to, COPY, letter().put("states", states), timing.answer());
    }

    private JsonObject letter() {
        return new JsonObject().put("view", view.id()).put("node", wire.self());
    }

    private Future<JsonObject> copied(JsonObject letter) {
        if (!view.id().equals(letter.getString("view"))) {
            return changed();
        }
        copies.put(letter.getString("node"), letter.getJsonArray("states"));
        return Future.succeededFuture(new JsonObject());
    }

    /** Asks others for what they do not need. Who does not answer keeps it. */
    private Future<Void> recalled(Division division, String node) {
        return said(division, node, RECALL);
    }

    private Future<Void> said(Division division, String node, String topic) {
        List<Future<?>> asked = new ArrayList<>();
        JsonObject letter = letter().put("meter", division.meter().wire());
        View asking = view;
        for (String other : division.others(node)) {
            if (!silent.contains(other)) {
                asked.add(wire.ask(other, topic, letter, timing.answer().dividedBy(4))
                        .onSuccess(answer -> {
                            if (view.equals(asking)) {
                                division.says(other, Told.of(answer), nanos.getAsLong());
                            }
                        })
                        .onFailure(_ -> silent.add(other)));
            }
        }
        return Future.join(asked).transform(_ -> Future.succeededFuture());
    }

    /** The next owner is told first: what it has been told would be wrong from the moment on that nodes begin anew. */
    private Future<Void> opened(Division division) {
        long now = nanos.getAsLong();
        long taken = division.taken(now);
        if (division.isToBeFoundOut(now, backlogs)) {
            division.earlier().close();
        }
        if (division.opened()) {
            return Future.succeededFuture();
        }
        if (unknown(division.meter())) {
            return Future.failedFuture("Those who knew what was given away are gone, and others may still use it");
        }
        View asking = view;
        int loads = backlogs.count();
        String second = view.second(division.meter());
        Future<?> told = second == null ? Future.succeededFuture() : copy(second, List.of(division));
        return told.compose(_ ->
                        opener.open(asking, division.meter(), division.earlier().reckoned()::counts))
                .compose(before -> still(asking).map(before))
                .compose(before -> {
                    if (before.stored()) {
                        division.forgetOutlived(nanos.getAsLong());
                    }
                    before.shares().forEach(division::claims);
                    if (before.stored()) {
                        division.earlier().found(before.spent(), before.brought());
                    } else {
                        long least = Math.max(before.spent(), division.spentAtLeast(taken));
                        division.earlier().guessed(least, nanos.getAsLong() - now, nanos.getAsLong(), loads);
                        division.earlier().joined(asking.nodes());
                    }
                    return Future.succeededFuture();
                });
    }

    /** Whether something came into the store that is in no amount here. */
    private boolean lacks(Division division) {
        return division.earlier().lacks(backlogs);
    }

    /** What all nodes have used of a total, themselves asked. */
    Future<Long> used(Meter meter) {
        Division division = division(meter);
        return division.inTurn(
                () -> opened(division).compose(_ -> said(division, "", LOOK)).map(_ -> division.elsewhere("")));
    }

    /** A node gives back what it does not need. */
    void back(String node, Meter meter, Told told) {
        Division division = divisions.get(meter);
        if (division != null) {
            division.says(node, told, nanos.getAsLong());
        }
    }

    /**
     * The nodes are others now. Answers what each must know of totals that it owns from now on.
     *
     * @param left what nodes that left in good order had used at last
     */
    Map<String, JsonArray> install(View next, Map<String, Map<Meter, Long>> left) {
        long now = nanos.getAsLong();
        Set<String> gone = new HashSet<>(view.nodes());
        gone.removeAll(next.nodes());
        missed.addAll(gone);
        missed.removeAll(next.nodes());
        missed.removeAll(left.keySet());
        came |= !view.nodes().containsAll(next.nodes());
        view = next;
        silent.clear();
        told.clear();
        strays.clear();
        toBeTold = false;
        handed.forEach(divisions::putIfAbsent);
        handed.clear();
        if (next.nodes().isEmpty()) {
            divisions.clear();
            copies.clear();
            return Map.of();
        }
        copies.inherit(gone, (meter, state) -> division(meter).inherit(state, told, now));
        Map<String, JsonArray> moved = new HashMap<>();
        for (Division division : List.copyOf(divisions.values())) {
            lose(division, gone, left, now);
            String owner = next.owner(division.meter());
            if (!owner.equals(wire.self())) {
                // Whoever told of it may be gone before the next owner hears.
                if (lacks(division)) {
                    division.lacksSome();
                }
                moved.computeIfAbsent(owner, _ -> new JsonArray()).add(division.state(now));
                divisions.remove(division.meter());
                handed.put(division.meter(), division);
            }
        }
        return moved;
    }

    /** What was told of it may be from a time when nodes were here that went before those. */
    private void lose(Division division, Set<String> gone, Map<String, Map<Meter, Long>> left, long now) {
        Set<String> all = new HashSet<>(gone);
        division.others("").forEach(all::add);
        all.removeAll(view.nodes());
        for (String node : all) {
            Long used = left.getOrDefault(node, Map.of()).get(division.meter());
            if (used == null) {
                division.gone(node, now);
            } else {
                division.left(node, used, now);
            }
        }
    }

    /**
     * All nodes see that others are gone, so none of these answers those any more: from now on they stand for a while, and no longer.
     *
     * @param before who may have divided until now
     */
    void allHere(List<Memory> before) {
        long now = nanos.getAsLong();
        divisions.values().forEach(division -> division.goneNow(missed, now));
        handed.values().forEach(division -> {
            division.goneNow(missed, now);
            // Whoever owns it now may divide it before this node hears of that, and knows better then.
            division.earlier().close();
        });
        missed.clear();
        if (came && !oneStore) {
            // They have stores of their own, which may know of more than was counted here.
            divisions.values().forEach(division -> division.earlier().misses());
            copies.close();
        }
        came = false;
        reckonAll();
        lost.allHere(view, before, now);
    }

    /**
     * Who has told of something that was stored may be gone now, so it is noted with each total. From now on all that are here count, but
     * for those that the others went on without: what they spent meanwhile is found out first.
     */
    private void reckonAll() {
        Set<String> come = new HashSet<>(view.nodes());
        come.removeAll(strays);
        for (Division division : divisions.values()) {
            if (division.meter().use() == Meter.Use.SPENT && division.opened()) {
                if (lacks(division)) {
                    division.lacksSome();
                }
                division.earlier().joined(come);
            }
        }
        copies.allHere(view, wire.self(), backlogs);
        backlogs.only(view.nodes());
    }

    /** Whether a total was owned by a node that is gone, with the one that would have been next, and their shares may be in use. */
    private boolean unknown(Meter meter) {
        return lost.knew(meter, view, nanos.getAsLong());
    }

    /**
     * What another node knows of totals that are this node's now, and what it has of them.
     *
     * @param strayed whether the others went on without it for a while
     */
    void handedOver(String node, JsonArray shares, JsonArray states, boolean strayed) {
        long now = nanos.getAsLong();
        told.add(node);
        if (strayed) {
            strays.add(node);
        }
        for (Object each : states) {
            JsonArray state = (JsonArray) each;
            division(Meter.of(state.getString(0))).inherit(state, told, now);
        }
        divisions.values().forEach(division -> {
            division.claimsNothing(node);
            division.back(node);
        });
        for (Object each : shares) {
            JsonArray share = (JsonArray) each;
            Division division = division(Meter.of(share.getString(0)));
            division.claims(node, Told.of(share));
            if (strayed) {
                // What it spent may have been found out meanwhile, and counts twice then.
                division.doubt();
            }
        }
    }

    /** This node was cut off from most others; what it knows of its totals is out of date. */
    void distrust() {
        divisions.values().forEach(Division::distrust);
        handed.values().forEach(Division::distrust);
    }

    /** All that are here divide, each having told every other what it had. */
    void divided() {
        toBeTold = true;
        dividedNanos = nanos.getAsLong();
        tellSeconds();
    }

    /** The next owners are told what they could not know otherwise. Never fails: who does not answer is gone soon. */
    Future<Void> tellSeconds() {
        Map<String, List<Division>> told = new HashMap<>();
        divisions.values().forEach(division -> {
            String second = view.second(division.meter());
            if (second != null) {
                told.computeIfAbsent(second, _ -> new ArrayList<>()).add(division);
            }
        });
        List<Future<?>> all = new ArrayList<>();
        told.forEach((node, each) -> all.add(copy(node, each)));
        return Future.join(all).transform(_ -> Future.succeededFuture());
    }

    /** Forgets what has not been asked for in a long time; what was spent is found out anew when it is. */
    void tidy() {
        long now = nanos.getAsLong();
        silent.clear();
        divisions.values().removeIf(division -> division.forgettable(now));
        handed.values().removeIf(division -> division.forgettable(now));
        if (toBeTold && now - dividedNanos > 2 * timing.answer().toNanos()) {
            // By now those that would own them next have been told; what comes later comes from those who own them.
            toBeTold = false;
            handed.clear();
            copies.only(view, wire.self());
        }
    }
}
