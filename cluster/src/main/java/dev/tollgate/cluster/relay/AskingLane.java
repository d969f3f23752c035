package dev.tollgate.cluster.relay;

import dev.tollgate.cluster.Bus;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peers;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Attempt;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Probe;
import dev.tollgate.protocol.ProbeResult;
import dev.tollgate.protocol.ProviderRequest;
import dev.tollgate.protocol.StreamCommand;
import dev.tollgate.protocol.StreamFrame;
import dev.tollgate.protocol.StreamRef;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands in for the providers on one lane of a node that does not play their role: hands each attempt to a node that does. To the rooms
 * of the lane it looks like a provider: the same addresses, answers and streams.
 *
 * <p>Once a second each lane tells each such node what it takes to be under way there, and hears what is. So whatever gets lost, a
 * letter, an answer or a node, both sides notice within seconds; a node that the cluster misses is noticed at once.
 */
final class AskingLane {
    private static final Logger LOG = LoggerFactory.getLogger(AskingLane.class);

    /** Between two beats; what is more is a pause of this node. */
    static final Duration LONGEST_BEAT = Duration.ofSeconds(2);

    private static final String LOST_PIECE = "A piece of the stream was lost between two nodes";

    private final Bus bus;
    private final Peers peers;
    private final int lane;
    private final LongSupplier nanos;
    private final Supplier<String> models;
    private final ProviderNodes nodes;
    private final Map<Long, Errand> errands = new HashMap<>();
    private final Map<String, Errand> byLeg = new HashMap<>();
    private final Set<String> providers = new HashSet<>();
    private long next;

    /** Others' silence is measured until here: while this node stood still itself it could not hear them. */
    private long lastBeat;

    /** {@code models}: by what the models of the admin API go that this node has. */
    AskingLane(Bus bus, Peers peers, int lane, LongSupplier nanos, Supplier<String> models) {
        this.bus = bus;
        this.peers = peers;
        this.lane = lane;
        this.nanos = nanos;
        this.models = models;
        this.nodes = new ProviderNodes(peers.self());
        this.lastBeat = nanos.getAsLong();
        bus.<String>receive(Addresses.onLane(Addresses.CANCEL, lane), this::cancel);
        bus.<String, Boolean>answer(Addresses.REACHABLE, _ -> Future.succeededFuture(nodes.reachable(lastBeat)));
    }

    /** Answers for these providers from now on, and for those before. */
    void answerFor(Set<String> names) {
        for (String name : names) {
            if (providers.add(name)) {
                bus.<ProviderRequest, Object>answer(Addresses.provider(name), request -> ask(name, request));
            }
        }
    }

    /** What is under way elsewhere. */
    int underway() {
        return errands.size();
    }

    private Future<Object> ask(String provider, ProviderRequest request) {
        ProviderNode node = request instanceof Probe ? nodes.oldest(lastBeat) : nodes.next(lastBeat);
        if (node == null) {
            return Future.succeededFuture(nobody(request));
        }
        long number = next++;
        Errand errand = new Errand(number, node, provider, request, bus, nanos.getAsLong());
        JsonObject members = about(request instanceof Probe ? Topics.PROBE : Topics.ATTEMPT, number)
                .put("provider", provider);
        String stamp = models.get();
        if (!stamp.isEmpty()) {
            members.put(Topics.MODELS, stamp);
        }
        Letter letter = switch (request) {
            case Attempt attempt ->
                new Letter(
                        Topics.ASKED,
                        AttemptCodec.write(attempt, members),
                        attempt.call().body());
            case Probe probe -> new Letter(Topics.ASKED, members.put("deployment", probe.deploymentId()));
        };
        errands.put(number, errand);
        if (!errand.leg.isEmpty()) {
            byLeg.put(errand.leg, errand);
        }
        node.underway++;
        peers.tell(node.id, letter);
        return errand.answer();
    }

    private Object nobody(ProviderRequest request) {
        Failure failure = Failure.of(
                FailureKind.ROLE_MISSING,
                nodes.none()
                        ? "No node of the cluster plays the provider role now, so nobody can make the call"
                        : "No node that plays the provider role answers now, so nobody can make the call");
        return switch (request) {
            case Attempt _ -> new Answer.Refused(failure, null);
            case Probe probe -> new ProbeResult(probe.deploymentId(), failure);
        };
    }

    private JsonObject about(String what, long number) {
        return new JsonObject()
                .put(Topics.WHAT, what)
                .put(Topics.FROM, peers.self())
                .put(Topics.LANE, lane)
                .put(Topics.NUMBER, number);
    }

    /** Nobody waits for that attempt any more; what it has cost the other node still says. Its stream is stopped by its own command. */
    private void cancel(String leg) {
        Errand errand = byLeg.get(leg);
        if (errand != null && !errand.streams()) {
            errand.callOff();
            tell(errand, Topics.CANCEL);
        }
    }

    private void tell(Errand errand, String what) {
        peers.tell(errand.node.id, new Letter(Topics.ASKED, about(what, errand.number)));
    }

    /** A letter of a node that was asked. */
    void heard(JsonObject members, Buffer bytes) {
        String what = members.getString(Topics.WHAT, "");
        if (what.equals(Topics.PULSE)) {
            pulse(members);
            return;
        }
        Errand errand = errands.get(members.getLong(Topics.NUMBER, -1L));
        if (errand == null || !errand.node.id.equals(members.getString(Topics.FROM))) {
            return;
        }
        try {
            switch (what) {
                case Topics.ANSWER ->
                    errand.answered(
                            AnswerCodec.read(members, bytes, new StreamRef(errand.leg)),
                            command -> wanted(errand, command));
                case Topics.PROBED ->
                    errand.probed(new ProbeResult(
                            members.getString("deployment"),
                            members.containsKey("failure") ? AnswerCodec.failure(members) : null));
                case Topics.FRAMES -> frames(errand, FrameCodec.read(members, bytes));
                default -> {}
            }
        } catch (RuntimeException e) {
            LOG.error("What {} wrote cannot be read", errand.node.name, e);
            lost(errand, "The node that made the call wrote what cannot be read", Topics.STOP);
        }
        forgetIfOver(errand);
    }

    private void wanted(Errand errand, StreamCommand command) {
        switch (command) {
            case StreamCommand.Grant _ ->
                peers.tell(
                        errand.node.id,
                        new Letter(
                                Topics.ASKED, about(Topics.GRANT, errand.number).put(Topics.ROOM, errand.room())));
            case StreamCommand.Cancel _ -> tell(errand, Topics.STOP);
        }
    }

    private void frames(Errand errand, List<StreamFrame> frames) {
        if (!errand.received(frames)) {
            lost(errand, LOST_PIECE, Topics.STOP);
        } else if (!(frames.getLast() instanceof StreamFrame.Chunk)) {
            errand.closed();
        }
    }

    private void lost(Errand errand, String why, @Nullable String order) {
        if (order != null) {
            tell(errand, order);
        }
        errand.lost(why);
        forgetIfOver(errand);
    }

    private void forgetIfOver(Errand errand) {
        if (errand.over() && errands.remove(errand.number, errand)) {
            byLeg.remove(errand.leg, errand);
            errand.node.underway--;
        }
    }

    private void lose(Predicate<Errand> which, String why) {
        for (Errand errand : List.copyOf(errands.values())) {
            if (which.test(errand)) {
                lost(errand, why, null);
            }
        }
    }

    /** Who is there has changed. */
    void members() {
        nodes.are(peers.all(), nanos.getAsLong(), gone -> {
            if (gone.underway > 0) {
                LOG.warn("{} is gone; calls that it was making for this lane: {}", gone.name, gone.underway);
            }
            lose(errand -> errand.node == gone, "The node that made the call is gone");
        });
        nodes.all().forEach(node -> {
            if (!node.known()) {
                tellPulse(node);
            }
        });
    }

    /** To be called once a second. */
    void beat() {
        long now = nanos.getAsLong();
        long stoodStill = now - lastBeat - LONGEST_BEAT.toNanos();
        if (stoodStill > 0) {
            nodes.all().forEach(node -> node.excuse(stoodStill));
        }
        lastBeat = now;
        lose(errand -> errand.node.silent(errand.number, now), "The node that made the call is not heard of any more");
        for (Errand errand : List.copyOf(errands.values())) {
            if (errand.overdue(now)) {
                lost(errand, "The node that made the call did not say in time what came of it", Topics.CANCEL);
            }
        }
        nodes.all().forEach(this::tellPulse);
    }

    /** All that is taken to be under way there, and the number that the next attempt will have. */
    private void tellPulse(ProviderNode node) {
        JsonArray numbers = new JsonArray(new ArrayList<>(2 * node.underway));
        errands.values().stream()
                .filter(errand -> errand.node == node)
                .forEach(errand -> numbers.add(errand.number).add(errand.room()));
        peers.tell(node.id, new Letter(Topics.ASKED, about(Topics.PULSE, next).put("underway", numbers)));
    }

    private void pulse(JsonObject members) {
        ProviderNode node = nodes.of(members.getString(Topics.FROM, ""));
        int lanes = members.getInteger("lanes", 1);
        int there = members.getInteger("there", 0);
        if (node == null || there < 0 || there >= lanes) {
            return;
        }
        node.heard(
                there,
                lanes,
                members.getInteger("load", 0),
                members.getInteger("own", 0),
                members.getBoolean("leaving", false),
                nanos.getAsLong());
        JsonArray unknown = members.getJsonArray("unknown", new JsonArray());
        for (int i = 0; i < unknown.size(); i++) {
            Errand errand = errands.get(unknown.getLong(i));
            if (errand != null && errand.node == node && errand.missed()) {
                lost(errand, "The node that made the call does not know of it any more", null);
            }
        }
        JsonArray streams = members.getJsonArray("streams", new JsonArray());
        for (int i = 0; i + 1 < streams.size(); i += 2) {
            Errand errand = errands.get(streams.getLong(i));
            if (errand != null && errand.node == node && errand.missed(streams.getLong(i + 1))) {
                lost(errand, LOST_PIECE, Topics.STOP);
            }
        }
    }
}
