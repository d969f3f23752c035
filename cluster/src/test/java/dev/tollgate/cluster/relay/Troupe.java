package dev.tollgate.cluster.relay;

import dev.tollgate.cluster.Role;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Attempt;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Probe;
import dev.tollgate.protocol.ProbeResult;
import dev.tollgate.protocol.ProviderRequest;
import dev.tollgate.protocol.StreamCommand;
import dev.tollgate.protocol.StreamFrame;
import dev.tollgate.protocol.StreamRef;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Usage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Fronts, provider nodes and clients on a {@link Stage}. What a model answers, its name says. */
final class Troupe {
    static final String PROVIDER = "openai";
    private static final int LANES = 2;

    final Stage stage;
    final Map<String, List<ServingLane>> providers = new TreeMap<>();
    final Map<String, List<AskingLane>> fronts = new TreeMap<>();
    final Map<String, List<Stage.LaneBus>> frontBuses = new HashMap<>();
    final List<Upstream> upstreams = new ArrayList<>();
    final List<String> cancelled = new ArrayList<>();

    /** Attempts by the node that made them. */
    final Map<String, Integer> made = new TreeMap<>();

    /** Provider by deployment, as the provider nodes' configuration has it. */
    final Map<String, String> known = new HashMap<>();

    /** By what the fronts' models of the admin API go. */
    String stamp = "";

    /** Which front's models of which stamp were wanted. */
    final List<String> borrowed = new ArrayList<>();

    /** Completes what was wanted. */
    Promise<Void> lending = Promise.promise();

    private int calls;

    Troupe(Stage stage) {
        this.stage = stage;
    }

    private Future<Void> borrowed(String front, String wanted) {
        borrowed.add(front + " " + wanted);
        return lending.future();
    }

    Troupe provider(String id) {
        Stage.Node node = stage.node(id, EnumSet.of(Role.PROVIDER));
        Map<Integer, Posts.Reader> readers = new HashMap<>();
        for (int i = 0; i < LANES; i++) {
            Stage.LaneBus bus = node.lane(i);
            ServingLane lane =
                    new ServingLane(bus, node, known::get, i, LANES, () -> stage.now, bus::soon, this::borrowed);
            readers.put(i, letter -> lane.heard(letter.members(), letter.bytes()));
            providers.computeIfAbsent(id, _ -> new ArrayList<>()).add(lane);
            node.beats.add(() -> bus.soon(lane::beat));
            node.listeners.add(() -> bus.soon(lane::members));
            Map<String, Promise<Answer>> waiting = new HashMap<>();
            bus.<ProviderRequest, Object>answer(
                    Addresses.provider(PROVIDER), request -> made(id, bus, request, waiting));
            bus.<String>receive(Addresses.onLane(Addresses.CANCEL, i), leg -> {
                cancelled.add(leg);
                Promise<Answer> answer = waiting.remove(leg);
                if (answer != null) {
                    answer.complete(new Answer.Refused(Failure.of(FailureKind.CLIENT_GONE, ""), null, Usage.of(7, 0)));
                }
            });
        }
        node.read(
                Topics.ASKED,
                letter -> letter.members().getString(Topics.WHAT).equals(Topics.PULSE)
                        ? List.of(0, 1)
                        : List.of(ServingLane.laneOf(letter.members().getLong(Topics.NUMBER), LANES)),
                readers);
        return this;
    }

    Troupe front(String id) {
        Stage.Node node = stage.node(id, EnumSet.complementOf(EnumSet.of(Role.PROVIDER)));
        Map<Integer, Posts.Reader> readers = new HashMap<>();
        for (int i = 0; i < LANES; i++) {
            Stage.LaneBus bus = node.lane(i);
            AskingLane lane = new AskingLane(bus, node, i, () -> stage.now, () -> stamp);
            lane.answerFor(Set.of(PROVIDER, "as the front sees it"));
            readers.put(i, letter -> lane.heard(letter.members(), letter.bytes()));
            fronts.computeIfAbsent(id, _ -> new ArrayList<>()).add(lane);
            frontBuses.computeIfAbsent(id, _ -> new ArrayList<>()).add(bus);
            node.beats.add(() -> bus.soon(lane::beat));
            node.listeners.add(() -> bus.soon(lane::members));
            lane.members();
        }
        node.read(Topics.ANSWERED, letter -> List.of(letter.members().getInteger(Topics.LANE)), readers);
        return this;
    }

    private Future<Object> made(
            String node, Stage.LaneBus bus, ProviderRequest request, Map<String, Promise<Answer>> waiting) {
        made.merge(node, 1, Integer::sum);
        if (request instanceof Probe probe) {
            return Future.succeededFuture(new ProbeResult(
                    probe.deploymentId(), Failure.upstream(FailureKind.TIMEOUT, 408, PROVIDER, "ill at " + node)));
        }
        Attempt attempt = (Attempt) request;
        String model = attempt.upstreamModel();
        if (model.startsWith("stream ")) {
            Upstream upstream = new Upstream(bus, attempt.leg(), Integer.parseInt(model.substring(7)));
            upstreams.add(upstream);
            return Future.succeededFuture(new Answer.Streaming(Map.of("x", "y"), upstream.ref, null));
        }
        if (model.equals("refuse")) {
            return Future.succeededFuture(new Answer.Refused(
                    Failure.upstream(FailureKind.RATE_LIMIT, 429, PROVIDER, "later")
                            .withRetryAfter(Duration.ofSeconds(3)),
                    null,
                    Usage.of(1, 2)));
        }
        if (model.equals("wait")) {
            Promise<Answer> answer = Promise.promise();
            waiting.put(attempt.leg(), answer);
            return answer.future().map(found -> found);
        }
        return Future.succeededFuture(new Answer.Whole(
                200, Map.of("h", "v"), attempt.call().body().copy().appendString("!"), Usage.of(3, 4), model, null));
    }

    static String chunk(int number) {
        return "data: chunk " + number + "\n\n";
    }

    /** A stream's source: gives what it is granted, and ends after so many chunks. */
    static final class Upstream {
        final StreamRef ref;
        private final Stage.LaneBus bus;
        private final int all;
        private int sent;
        int granted;
        boolean closed;

        Upstream(Stage.LaneBus bus, String leg, int all) {
            this.bus = bus;
            this.ref = new StreamRef(leg);
            this.all = all;
            bus.<StreamCommand>receive(ref.upstream(), this::command);
        }

        private void command(StreamCommand command) {
            if (closed) {
                return;
            }
            switch (command) {
                case StreamCommand.Grant grant -> {
                    granted += grant.chunks();
                    while (sent < granted && sent < all) {
                        bus.send(ref.downstream(), new StreamFrame.Chunk(sent, Buffer.buffer(chunk(sent++))));
                    }
                    if (sent == all) {
                        closed = true;
                        bus.send(
                                ref.downstream(),
                                new StreamFrame.End(sent, Buffer.buffer("[DONE]"), Usage.of(5, all), "m"));
                    }
                }
                case StreamCommand.Cancel _ -> {
                    closed = true;
                    bus.send(ref.downstream(), new StreamFrame.Cancelled(sent, Usage.of(5, sent)));
                }
            }
        }
    }

    Attempt attempt(String model) {
        String id = "call-" + calls++;
        Envelope envelope = new Envelope(
                model,
                null,
                1,
                true,
                model.startsWith("stream"),
                false,
                null,
                0,
                null,
                List.of(),
                List.of(),
                List.of(),
                Envelope.Overrides.NONE);
        Call call = new Call(id, Surface.CHAT, Caller.ANYONE, envelope, Map.of(), Buffer.buffer("{}" + id), 0);
        return new Attempt(call, "d", model, model, Duration.ofSeconds(30));
    }

    /** A client of a front: asks, and reads a stream as the gateway does. */
    final class Client {
        final Attempt attempt;
        final Stage.LaneBus bus;
        final StringBuilder text = new StringBuilder();
        private final int window;
        Answer answer;
        StreamFrame end;
        int got;

        Client(String front, String model, int window) {
            this.attempt = attempt(model);
            this.bus = frontBuses.get(front).get(stage.random.nextInt(LANES));
            this.window = window;
            bus.soon(() -> bus.<Attempt, Answer>ask(Addresses.provider(PROVIDER), attempt)
                    .onSuccess(this::answered));
        }

        private void answered(Answer given) {
            answer = given;
            if (given instanceof Answer.Streaming streaming) {
                bus.<StreamFrame>receive(streaming.stream().downstream(), this::frame);
                bus.send(streaming.stream().upstream(), new StreamCommand.Grant(window));
            }
        }

        private void frame(StreamFrame frame) {
            if (frame instanceof StreamFrame.Chunk chunk) {
                text.append(chunk.bytes());
                got++;
                if (got % window == 0) {
                    bus.send(stream().upstream(), new StreamCommand.Grant(window));
                }
            } else {
                end = frame;
            }
        }

        StreamRef stream() {
            return ((Answer.Streaming) answer).stream();
        }

        void stop() {
            bus.send(stream().upstream(), new StreamCommand.Cancel());
        }

        void callOff() {
            bus.send(Addresses.onLane(Addresses.CANCEL, bus.lane), attempt.leg());
        }

        boolean over() {
            return answer != null && (!(answer instanceof Answer.Streaming) || end != null);
        }
    }

    int underway() {
        return fronts.values().stream()
                .flatMap(List::stream)
                .mapToInt(AskingLane::underway)
                .sum();
    }

    int served() {
        return providers.values().stream()
                .flatMap(List::stream)
                .mapToInt(ServingLane::underway)
                .sum();
    }
}
