package dev.tollgate.cluster.lease;

import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who divides totals together. When the nodes change, each tells every other what it has of totals that are the other's now; until
 * all have done so, nothing is given away. Of a cluster that was cut in two, the part goes on that has most of the nodes that were
 * together before, or half of them with the oldest; a node that nobody answers gives up what it has before others may get it.
 */
final class Membership {
    static final String USED = "lease.used";
    private static final Logger LOG = LoggerFactory.getLogger(Membership.class);
    private static final String VIEW = "lease.view";
    private static final String HERE = "lease.here";
    private static final String BYE = "lease.bye";

    private final Vertx vertx;
    private final Wire wire;
    private final Peers peers;
    private final Owner owner;
    private final Timing timing;
    private final LongSupplier nanos;
    private final boolean evenCutOff;
    private final List<String> before;
    private final Function<View, Map<String, JsonArray>> shares;
    private final Runnable lapse;
    private final Map<String, JsonObject> early = new HashMap<>();
    private final Map<String, Map<Meter, Long>> left = new HashMap<>();
    private final Map<String, Long> heardNanos = new HashMap<>();
    private final Set<String> awaited = new HashSet<>();
    private final List<List<String>> memories = new ArrayList<>();
    private final Set<String> returned = new HashSet<>();
    private Set<String> together = new LinkedHashSet<>();
    private View view = View.NONE;
    private boolean primary;
    private boolean leaving;
    private boolean strayed;
    private long installedNanos;
    private volatile long standingUntilNanos;
    private long epoch;
    private long newest;
    private volatile @Nullable String trouble = "This node has not joined its cluster yet";

    Membership(
            Vertx vertx,
            Wire wire,
            Peers peers,
            Owner owner,
            Timing timing,
            LongSupplier nanos,
            boolean evenCutOff,
            List<String> before,
            Function<View, Map<String, JsonArray>> shares,
            Runnable lapse) {
        this.vertx = vertx;
        this.wire = wire;
        this.peers = peers;
        this.owner = owner;
        this.timing = timing;
        this.nanos = nanos;
        this.evenCutOff = evenCutOff;
        this.before = List.copyOf(before);
        this.standingUntilNanos = nanos.getAsLong();
        this.shares = shares;
        this.lapse = lapse;
    }

    void start() {
        wire.on(VIEW, this::handedOver);
        wire.on(HERE, letter -> is(letter) ? Future.succeededFuture(new JsonObject()) : Owner.changed());
        wire.on(BYE, this::saidBye);
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
        return !view.nodes().isEmpty() && awaited.isEmpty() && primary && !leaving;
    }

    /** Whether asking again soon cannot help. */
    boolean refuses() {
        return leaving || (!view.nodes().isEmpty() && awaited.isEmpty() && !(primary && standing()));
    }

    boolean leaving() {
        return leaving;
    }

    @Nullable String trouble() {
        return trouble;
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
        if (next.id().equals(view.id()) || leaving) {
            return;
        }
        Map<String, JsonArray> states = owner.install(next, left);
        view = next;
        primary = false;
        awaited.clear();
        memories.clear();
        newest = 0;
        returned.clear();
        awaited.addAll(next.nodes());
        left.keySet().retainAll(peers.all().stream().map(Peer::id).toList());
        heardNanos.clear();
        installedNanos = nanos.getAsLong();
        next.nodes().forEach(node -> heardNanos.put(node, installedNanos));
        if (next.nodes().isEmpty()) {
            strayed = true;
            trouble = "This node has not joined its cluster yet";
            return;
        }
        Map<String, JsonArray> rows = shares.apply(next);
        for (String node : next.nodes()) {
            hand(
                    node,
                    next,
                    letter().put("together", new JsonArray(List.copyOf(together)))
                            .put("epoch", epoch)
                            .put("was", new JsonArray(before))
                            .put("strayed", strayed)
                            .put("shares", rows.getOrDefault(node, new JsonArray()))
                            .put("states", states.getOrDefault(node, new JsonArray())));
        }
        List.copyOf(early.values()).stream().filter(this::is).forEach(letter -> {
            early.values().remove(letter);
            apply(letter);
        });
    }

    /** Again until it is there, or the nodes are others. */
    private void hand(String node, View to, JsonObject letter) {
        if (view.equals(to)) {
            wire.ask(node, VIEW, letter, timing.answer())
                    .onFailure(_ -> vertx.setTimer(timing.retry().toMillis(), _ -> hand(node, to, letter)));
        }
    }

    /** Whether enough of the nodes that were together are here, or are here again: one that was started anew is dead for sure. */
    private boolean goesOn(List<String> were) {
        long kept = were.stream().filter(this::here).count();
        return 2 * kept > were.size() || (2 * kept == were.size() && here(were.getFirst()));
    }

    private boolean here(String node) {
        return view.nodes().contains(node) || returned.contains(node);
    }

    private Future<JsonObject> handedOver(JsonObject letter) {
        if (is(letter)) {
            apply(letter);
        } else {
            early.put(letter.getString("node"), letter);
        }
        return Future.succeededFuture(new JsonObject());
    }

    private void apply(JsonObject letter) {
        String node = letter.getString("node");
        if (awaited.remove(node)) {
            List<String> were = letter.getJsonArray("together").stream()
                    .map(String.class::cast)
                    .toList();
            remember(were, letter.getLong("epoch", 0L));
            letter.getJsonArray("was", new JsonArray()).forEach(was -> returned.add(String.valueOf(was)));
            owner.handedOver(
                    node,
                    letter.getJsonArray("shares"),
                    letter.getJsonArray("states"),
                    letter.getBoolean("strayed", false));
            if (awaited.isEmpty()) {
                settle();
            }
        }
    }

    /** Who was together last, as far as any of these knows, decides; who was left behind before remembers older times. */
    private void remember(List<String> were, long then) {
        if (were.isEmpty() || then < newest) {
            return;
        }
        if (then > newest) {
            memories.clear();
            newest = then;
        }
        memories.add(were);
    }

    private void settle() {
        boolean most = memories.isEmpty() || memories.stream().anyMatch(this::goesOn);
        primary = evenCutOff || most;
        if (primary) {
            epoch = newest + 1;
            together = new LinkedHashSet<>(view.nodes());
            together.removeAll(left.keySet());
            standingUntilNanos = installedNanos + timing.standing().toNanos();
            strayed = !most;
            trouble = null;
            owner.tellSeconds();
        } else {
            strayed = true;
            owner.distrust();
            trouble = "This node is cut off from most others of its cluster";
            LOG.error(
                    "{}. What it may still use of budgets and limits it uses; then calls that have them are refused until"
                            + " enough of those that were together are back: {}",
                    trouble,
                    memories);
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
        together.remove(node);
        look();
        return Future.succeededFuture(new JsonObject());
    }

    /** Tells the others what this node has used, at last. */
    Future<Void> bye(JsonArray shares) {
        JsonObject letter = letter().put("shares", shares);
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
        View asking = view;
        long now = nanos.getAsLong();
        for (String node : view.nodes()) {
            if (node.equals(wire.self())) {
                heardNanos.put(node, now);
            } else {
                wire.ask(node, HERE, letter(), timing.answer()).onSuccess(_ -> {
                    if (view.equals(asking)) {
                        heardNanos.put(node, now);
                    }
                });
            }
        }
        if (settled()) {
            // A part that goes on without this node has at least half of the others.
            List<Long> heardLast = heardNanos.values().stream()
                    .sorted(Comparator.reverseOrder())
                    .toList();
            long heard = heardLast.get(heardLast.size() / 2);
            standingUntilNanos = heard + timing.standing().toNanos();
        }
        if (!leaving && !standing()) {
            if (primary) {
                trouble = "Other nodes of the cluster do not answer this one";
            }
            lapse.run();
        } else if (settled()) {
            trouble = null;
        }
    }

    /** Whether enough others answer that none of them takes this node for lost. From any thread. */
    boolean standing() {
        return nanos.getAsLong() - standingUntilNanos < 0;
    }
}
