package dev.tollgate.cluster.lease;

import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.lease.Agreement.Phase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who divides totals together. When the nodes change, each tells every other what it has of totals that are the other's now, and with
 * whom it divided before; until all have done so, and agree that this part of the cluster goes on ({@link Agreement}), nothing is given
 * away. A node that nobody answers gives up what it has before others may get it.
 */
final class Membership {
    static final String USED = "lease.used";
    private static final String VIEW = "lease.view";
    private static final String AGREE = "lease.agree";
    private static final String HERE = "lease.here";
    private static final String BYE = "lease.bye";

    private final Vertx vertx;
    private final Wire wire;
    private final Peers peers;
    private final Owner owner;
    private final Timing timing;
    private final Agreement agreement;
    private final Standing standing;
    private final Function<View, Map<String, JsonArray>> shares;
    private final Runnable lapse;
    private final Map<String, Map<Meter, Long>> left = new HashMap<>();
    /** Who has told what it has, at the turn of this view. */
    private final Set<String> told = new HashSet<>();

    private View view = View.NONE;
    /** Who divided when this node last did. */
    private Set<String> lately = Set.of();

    /** The highest that this node has begun or heard of: where it begins anew, others must be able to tell that from all before. */
    private int turn;

    private boolean leaving;
    private boolean strayed;
    private volatile boolean joined;
    private volatile boolean silence;

    Membership(
            Vertx vertx,
            Wire wire,
            Peers peers,
            Owner owner,
            Timing timing,
            LongSupplier nanos,
            Leases.Cut cut,
            Function<View, Map<String, JsonArray>> shares,
            Runnable lapse) {
        this.vertx = vertx;
        this.wire = wire;
        this.peers = peers;
        this.owner = owner;
        this.timing = timing;
        Judge judge = new Judge(vertx, wire, cut.open() ? null : cut.arbiter(), timing);
        this.agreement = new Agreement(cut, judge, new Room());
        this.standing = new Standing(wire, timing, nanos);
        this.shares = shares;
        this.lapse = lapse;
    }

    void start() {
        wire.on(VIEW, this::handedOver);
        wire.on(AGREE, this::agrees);
        wire.on(HERE, letter -> is(letter) ? Future.succeededFuture(new JsonObject()) : Owner.changed());
        wire.on(BYE, this::saidBye);
        wire.on(Backlogs.TELL, this::brought);
        wire.on(
                USED,
                letter -> is(letter) && settled()
                        ? owner.used(Meter.of(letter.getString("meter")))
                                .map(used -> new JsonObject().put("used", used))
                        : Owner.changed());
        peers.onChange(() -> wire.context().runOnContext(_ -> look()));
        look();
        vertx.setPeriodic(timing.beat().toMillis(), _ -> beat());
    }

    View view() {
        return view;
    }

    /** Whether all have said what they have, and this part goes on. */
    boolean settled() {
        return !view.nodes().isEmpty() && agreement.phase() == Phase.DIVIDING && !leaving;
    }

    /** Whether asking again soon cannot help. */
    boolean refuses() {
        return leaving || agreement.refuses() || (agreement.phase() == Phase.DIVIDING && !standing());
    }

    /** Whether this node, or one that it has not divided with before, is just coming. */
    boolean gathers() {
        return !settled() && (lately.isEmpty() || !lately.containsAll(view.nodes()));
    }

    boolean leaving() {
        return leaving;
    }

    /** Why this node may not count on its shares, or null. From any thread. */
    @Nullable String trouble() {
        if (!joined) {
            return "This node has not joined its cluster yet";
        }
        String why = agreement.trouble();
        return why == null && silence ? "Other nodes of the cluster do not answer this one" : why;
    }

    /** Whether a letter is of somebody who sees the same nodes. */
    boolean is(JsonObject letter) {
        return !view.nodes().isEmpty() && view.id().equals(letter.getString("view"));
    }

    JsonObject letter() {
        return new JsonObject().put("view", view.id()).put("node", wire.self());
    }

    private void look() {
        View next = View.of(peers, left.keySet());
        if (!next.id().equals(view.id())) {
            begin(next);
        }
    }

    private void begin(View found) {
        if (!found.nodes().isEmpty()) {
            turn++;
        }
        begin(found, turn);
    }

    private void begin(View found, int at) {
        if (leaving) {
            return;
        }
        View next = found.nodes().isEmpty() ? found : found.at(at);
        Map<String, JsonArray> states = owner.install(next, left);
        view = next;
        agreement.begin(next);
        told.clear();
        left.keySet().retainAll(peers.all().stream().map(Peer::id).toList());
        standing.install(next);
        if (next.nodes().isEmpty()) {
            strayed = true;
            joined = false;
            return;
        }
        tell(next, states);
    }

    private void tell(View next, Map<String, JsonArray> states) {
        Map<String, JsonArray> rows = shares.apply(next);
        for (String node : next.nodes()) {
            JsonObject letter = letter().put("turn", next.turn())
                    .put("strayed", strayed)
                    .put("brought", owner.backlogs().rows())
                    .put("shares", rows.getOrDefault(node, new JsonArray()))
                    .put("states", states.getOrDefault(node, new JsonArray()));
            agreement.put(letter);
            hand(node, VIEW, next, letter);
        }
    }

    /** Again until it is there, or the nodes are others. */
    private void hand(String node, String topic, View to, JsonObject letter) {
        if (view.equals(to)) {
            wire.ask(node, topic, letter, timing.answer())
                    .onFailure(_ -> vertx.setTimer(timing.retry().toMillis(), _ -> hand(node, topic, to, letter)));
        }
    }

    /**
     * All that see the same nodes come to the same turn, the highest of theirs: whoever hears of a higher one begins anew there, once,
     * and what comes from a lower one is not taken, for its sender will hear of this one. So however letters cross, they settle. Who
     * sees other nodes yet only remembers the turn; it comes to these nodes at a higher one, and then is told again.
     */
    private Future<JsonObject> handedOver(JsonObject letter) {
        int at = letter.getInteger("turn");
        turn = Math.max(turn, at);
        if (is(letter)) {
            if (view.turn() < at) {
                begin(view, at);
            }
            if (view.turn() == at) {
                apply(letter);
            }
        }
        return Future.succeededFuture(new JsonObject());
    }

    private void apply(JsonObject letter) {
        String node = letter.getString("node");
        if (told.add(node)) {
            agreement.told(letter);
            owner.backlogs().heard(node, letter.getJsonArray("brought", new JsonArray()));
            owner.handedOver(
                    node,
                    letter.getJsonArray("shares"),
                    letter.getJsonArray("states"),
                    letter.getBoolean("strayed", false));
            if (told.size() == view.nodes().size()) {
                owner.allHere(agreement.heard());
                agreement.decide();
            }
        }
    }

    /** This node has stored what those runs had left. Done when all that it divides with know. */
    Future<Void> brought(Set<String> runs) {
        Future<Void> told = owner.backlogs().add(runs);
        owner.backlogs().tell(view.nodes(), letter());
        return told;
    }

    /** One that is not seen here yet tells it again when it is; one that is gone, when it is started anew. */
    private Future<JsonObject> brought(JsonObject letter) {
        String node = letter.getString("node");
        if (!view.nodes().contains(node)) {
            return Owner.changed();
        }
        owner.backlogs().heard(node, letter.getJsonArray("brought"));
        return Future.succeededFuture(new JsonObject());
    }

    private Future<JsonObject> agrees(JsonObject letter) {
        if (!is(letter)) {
            return Owner.changed();
        }
        agreement.agrees(letter.getString("node"), letter);
        return Future.succeededFuture(new JsonObject());
    }

    /** Where this node agrees with others. */
    private final class Room implements Agreement.Room {
        @Override
        public void tell(String node, JsonObject letter) {
            hand(node, AGREE, view, letter.mergeIn(letter()));
        }

        @Override
        public void divide() {
            joined = true;
            silence = false;
            lately = Set.copyOf(view.nodes());
            standing.renew();
            strayed = !agreement.most();
            owner.divided();
        }

        @Override
        public void distrust() {
            joined = true;
            strayed = true;
            owner.distrust();
        }

        @Override
        public void again() {
            begin(view);
        }
    }

    private Future<JsonObject> saidBye(JsonObject letter) {
        Map<Meter, Long> last = new HashMap<>();
        for (Object each : letter.getJsonArray("shares")) {
            JsonArray row = (JsonArray) each;
            last.put(Meter.of(row.getString(0)), row.getLong(1));
        }
        String node = letter.getString("node");
        left.put(node, last);
        agreement.left(node);
        look();
        return Future.succeededFuture(new JsonObject());
    }

    /** Tells the others what this node has used, at last. */
    Future<Void> bye(JsonArray last) {
        JsonObject letter = letter().put("shares", last);
        List<Future<?>> all = new ArrayList<>();
        for (String node : view.nodes()) {
            if (!node.equals(wire.self())) {
                all.add(wire.ask(node, BYE, letter, timing.answer()));
            }
        }
        leaving = true;
        return Future.join(all).transform(_ -> Future.succeededFuture());
    }

    private void beat() {
        standing.ask(HERE, letter());
        owner.backlogs().tell(view.nodes(), letter());
        if (settled()) {
            owner.backlogs().divided(view.nodes());
            standing.renew();
        }
        if (!leaving && !standing()) {
            silence |= agreement.phase() == Phase.DIVIDING;
            lapse.run();
        } else if (settled()) {
            silence = false;
        }
    }

    /** Whether enough others answer that none of them takes this node for lost. From any thread. */
    boolean standing() {
        return standing.holds();
    }
}
