package dev.tollgate.cluster.relay;

import dev.tollgate.cluster.Bus;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.ModelShelf;
import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Attempt;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Probe;
import dev.tollgate.protocol.ProbeResult;
import dev.tollgate.protocol.ProviderRequest;
import dev.tollgate.protocol.StreamFrame;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes attempts for other nodes on one lane of a node that plays the provider role: every attempt whose number falls to this lane. What
 * a node that has gone, or that was not heard of for some seconds, had asked for is called off, so that no upstream works for nobody.
 */
final class ServingLane {
    private static final Logger LOG = LoggerFactory.getLogger(ServingLane.class);

    private final Bus bus;
    private final Peers peers;
    private final Function<String, @Nullable String> providerOf;
    private final int lane;
    private final int lanes;
    private final LongSupplier nanos;
    private final Consumer<Runnable> soon;
    private final ModelShelf.Borrower models;
    private final Map<Key, Served> served = new HashMap<>();
    private final Map<Asker, Long> heard = new HashMap<>();
    private boolean leaving;
    private long lastBeat;

    /** A lane of another node. */
    private record Asker(String node, int lane) {}

    /** An attempt of one. */
    private record Key(Asker asker, long number) {
        /** Its name here: no other attempt of this node has it. */
        String leg() {
            return asker.node() + "/" + asker.lane() + "/" + number;
        }
    }

    /** One that is under way; null as long as it has no stream. */
    private static final class Served {
        private @Nullable ServedStream stream;
        private boolean calledOff;
    }

    /**
     * {@code providerOf}: the provider of a deployment, by its id, as this node's configuration has it, or null; {@code models} gets those
     * that only the node that asks has, and completes on this lane.
     */
    ServingLane(
            Bus bus,
            Peers peers,
            Function<String, @Nullable String> providerOf,
            int lane,
            int lanes,
            LongSupplier nanos,
            Consumer<Runnable> soon,
            ModelShelf.Borrower models) {
        this.bus = bus;
        this.peers = peers;
        this.providerOf = providerOf;
        this.lane = lane;
        this.lanes = lanes;
        this.nanos = nanos;
        this.soon = soon;
        this.models = models;
        this.lastBeat = nanos.getAsLong();
    }

    /** Which lane of a node carries an attempt of that number. */
    static int laneOf(long number, int lanes) {
        return (int) Math.floorMod(number, (long) lanes);
    }

    /** Attempts and streams of others under way here. */
    int underway() {
        return served.size();
    }

    /** Bytes of streams that wait here to leave. */
    long piledBytes() {
        return served.values().stream()
                .mapToLong(each -> each.stream == null ? 0 : each.stream.piledBytes())
                .sum();
    }

    /** A letter of a node that asks; a pulse comes to every lane. */
    void heard(JsonObject members, Buffer bytes) {
        Asker asker = new Asker(members.getString(Topics.FROM, ""), members.getInteger(Topics.LANE, 0));
        Key key = new Key(asker, members.getLong(Topics.NUMBER, -1L));
        heard.put(asker, nanos.getAsLong());
        Served one = served.get(key);
        switch (members.getString(Topics.WHAT, "")) {
            case Topics.ATTEMPT -> attempt(key, members, bytes);
            case Topics.PROBE -> probe(key, members);
            case Topics.PULSE -> pulse(asker, key.number(), members.getJsonArray("underway", new JsonArray()));
            case Topics.CANCEL -> {
                if (one != null && one.stream == null) {
                    callOff(key, one);
                }
            }
            case Topics.GRANT -> {
                if (one != null && one.stream != null) {
                    one.stream.room(members.getLong(Topics.ROOM, 0L));
                }
            }
            case Topics.STOP -> {
                if (one != null) {
                    callOff(key, one);
                }
            }
            default -> {}
        }
    }

    private void attempt(Key key, JsonObject members, Buffer body) {
        Served one = new Served();
        served.put(key, one);
        Future<Answer> answered;
        try {
            Attempt attempt = AttemptCodec.read(members, body, key.leg());
            answered = ask(key, one, members, attempt.deploymentId(), attempt);
        } catch (RuntimeException e) {
            answered = Future.failedFuture(e);
        }
        answered.onComplete(answer -> answered(key, one, answer), cause -> {
            LOG.warn("An attempt for another node could not be made: {}", String.valueOf(cause.getMessage()));
            answered(key, one, new Answer.Refused(unmade(members), null));
        });
    }

    /** A front without the variable of an {@code api_base} may see another provider behind it than this node, which has it. */
    private <A> Future<A> ask(Key key, Served one, JsonObject members, String deployment, ProviderRequest request) {
        String stamp = members.getString(Topics.MODELS, "");
        return stamp.isEmpty()
                ? made(members, deployment, request)
                : models.borrow(members.getString(Topics.FROM, ""), stamp)
                        .compose(_ -> one.calledOff || served.get(key) != one
                                // The provider has not heard of it, so it could not be called off there.
                                ? Future.failedFuture("Nobody waits for it any more")
                                : made(members, deployment, request));
    }

    private <A> Future<A> made(JsonObject members, String deployment, ProviderRequest request) {
        String own = providerOf.apply(deployment);
        String provider = own == null ? members.getString("provider", "") : own;
        return bus.<ProviderRequest, A>ask(Addresses.provider(provider), request);
    }

    private static Failure unmade(JsonObject members) {
        return Failure.of(
                // That says nothing of the deployment, which other nodes may serve.
                FailureKind.NODE_LOST,
                "The node that should make the call to " + members.getString("provider") + " cannot; its log says why");
    }

    private void answered(Key key, Served one, Answer answer) {
        if (answer instanceof Answer.Streaming streaming) {
            one.stream = new ServedStream(bus, streaming.stream(), soon, frames -> frames(key, one, frames));
        } else {
            served.remove(key, one);
        }
        tell(key.asker(), AnswerCodec.write(answer, about(Topics.ANSWER, key)), AnswerCodec.body(answer));
        if (one.stream != null && served.get(key) != one) {
            // Whoever asked is not there any more.
            one.stream.stop();
        }
    }

    private void frames(Key key, Served one, List<StreamFrame> frames) {
        if (!(frames.getLast() instanceof StreamFrame.Chunk)) {
            served.remove(key, one);
        }
        tell(key.asker(), FrameCodec.write(frames, about(Topics.FRAMES, key)), FrameCodec.bytes(frames));
    }

    private void probe(Key key, JsonObject members) {
        Served one = new Served();
        served.put(key, one);
        String deployment = members.getString("deployment", "");
        this.<ProbeResult>ask(key, one, members, deployment, new Probe(deployment))
                .otherwise(_ -> new ProbeResult(deployment, unmade(members)))
                .onSuccess(result -> {
                    served.remove(key, one);
                    JsonObject told = about(Topics.PROBED, key).put("deployment", result.deploymentId());
                    if (result.failure() != null) {
                        AnswerCodec.failure(result.failure(), told);
                    }
                    tell(key.asker(), told, Buffer.buffer());
                });
    }

    private JsonObject about(String what, Key key) {
        return new JsonObject()
                .put(Topics.WHAT, what)
                .put(Topics.FROM, peers.self())
                .put(Topics.LANE, key.asker().lane())
                .put(Topics.NUMBER, key.number());
    }

    private void tell(Asker asker, JsonObject members, Buffer bytes) {
        peers.tell(asker.node(), new Letter(Topics.ANSWERED, members, bytes));
    }

    /** It ends with an answer or a last frame, which whoever asked may still want to know. */
    private void callOff(Key key, Served one) {
        if (one.stream == null) {
            one.calledOff = true;
            bus.send(Addresses.onLane(Addresses.CANCEL, lane), key.leg());
        } else {
            one.stream.stop();
        }
    }

    private void pulse(Asker asker, long next, JsonArray numbers) {
        Set<Long> wanted = new HashSet<>();
        JsonArray unknown = new JsonArray();
        for (int i = 0; i + 1 < numbers.size(); i += 2) {
            long number = numbers.getLong(i);
            long room = numbers.getLong(i + 1);
            if (laneOf(number, lanes) == lane) {
                Served one = served.get(new Key(asker, number));
                if (one == null) {
                    unknown.add(number);
                } else if (one.stream != null && room != Topics.UNWANTED) {
                    one.stream.room(room);
                }
                if (room != Topics.UNWANTED) {
                    wanted.add(number);
                }
            }
        }
        callOff(key -> key.asker().equals(asker) && key.number() < next && !wanted.contains(key.number()));
        tellPulse(asker, unknown);
    }

    private void tellPulse(Asker asker, JsonArray unknown) {
        JsonArray streams = new JsonArray();
        int own = 0;
        for (Map.Entry<Key, Served> each : served.entrySet()) {
            if (each.getKey().asker().equals(asker)) {
                own++;
                ServedStream stream = each.getValue().stream;
                if (stream != null) {
                    streams.add(each.getKey().number()).add(stream.sent());
                }
            }
        }
        tell(
                asker,
                about(Topics.PULSE, new Key(asker, 0))
                        .put("there", lane)
                        .put("lanes", lanes)
                        .put("load", served.size())
                        .put("own", own)
                        .put("leaving", leaving)
                        .put("unknown", unknown)
                        .put("streams", streams),
                Buffer.buffer());
    }

    private void callOff(Predicate<Key> which) {
        for (Map.Entry<Key, Served> each : Map.copyOf(served).entrySet()) {
            if (which.test(each.getKey())) {
                callOff(each.getKey(), each.getValue());
            }
        }
    }

    /** Who is there has changed. */
    void members() {
        Set<String> there = peers.all().stream().map(Peer::id).collect(Collectors.toSet());
        forget(asker -> !there.contains(asker.node()));
    }

    /** To be called once a second. */
    void beat() {
        long now = nanos.getAsLong();
        long stoodStill = now - lastBeat - AskingLane.LONGEST_BEAT.toNanos();
        if (stoodStill > 0) {
            heard.replaceAll((_, at) -> at + stoodStill);
        }
        lastBeat = now;
        forget(asker -> now - heard.getOrDefault(asker, now) > ProviderNode.LOST.toNanos());
    }

    private void forget(Predicate<Asker> which) {
        Set<Asker> gone = heard.keySet().stream().filter(which).collect(Collectors.toSet());
        if (!gone.isEmpty()) {
            callOff(key -> gone.contains(key.asker()));
            served.keySet().removeIf(key -> gone.contains(key.asker()));
            heard.keySet().removeAll(gone);
        }
    }

    /** Tells all who ask that they had better ask others. */
    void leaving() {
        leaving = true;
        heard.keySet().forEach(asker -> tellPulse(asker, new JsonArray()));
    }

    /** Ends what is still under way. */
    void callOffAll() {
        callOff(_ -> true);
    }
}
