package dev.tollgate.gateway.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.cluster.Bus;
import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.Load;
import dev.tollgate.cluster.LoadBoard;
import dev.tollgate.cluster.Node;
import dev.tollgate.config.GeneralSettings;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.gateway.meter.Meters;
import dev.tollgate.gateway.surface.ModelRoutes;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Continue;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.Settled;
import dev.tollgate.protocol.Settlement;
import dev.tollgate.protocol.StreamCommand;
import dev.tollgate.protocol.StreamFrame;
import dev.tollgate.protocol.StreamRef;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Usage;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A defect while a stream is relayed, ended or carried on ends it with an error event: nobody is left waiting. */
class StreamedAnswerTest {
    private static final Buffer WORD =
            Buffer.buffer("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n");

    private final Vertx vertx = Vertx.vertx();
    private final Wire bus = new Wire();
    private final StringBuilder written = new StringBuilder();
    private boolean ended;

    private static final class Wire implements Bus {
        final List<Settlement> settled = new ArrayList<>();
        final List<Object> sent = new ArrayList<>();
        final List<Continue> asked = new ArrayList<>();
        Object continued = "nobody carries on";
        final Map<String, Handler<Object>> receivers = new HashMap<>();

        @Override
        @SuppressWarnings("unchecked")
        public <Q, A> Future<A> ask(String address, Q question) {
            if (question instanceof Continue carriedOn) {
                asked.add(carriedOn);
                return Future.succeededFuture((A) continued);
            }
            settled.add((Settlement) question);
            return Future.succeededFuture((A) new Settled(0, true));
        }

        @Override
        public <Q, A> void answer(String address, Function<Q, Future<A>> handler) {}

        @Override
        public void send(String address, Object message) {
            sent.add(message);
        }

        @Override
        @SuppressWarnings("unchecked")
        public <M> MessageConsumer<M> receive(String address, Handler<M> handler) {
            receivers.put(address, message -> handler.handle((M) message));
            return proxy(MessageConsumer.class, (_, _, _) -> Future.succeededFuture());
        }
    }

    private static final class NoBoard implements LoadBoard {
        @Override
        public Load load(String deploymentId) {
            return new Load();
        }

        @Override
        public void cool(String deploymentId, long untilMillis) {}
    }

    @SuppressWarnings("unchecked")
    private static <T> T proxy(Class<?> type, InvocationHandler handler) {
        return (T) Proxy.newProxyInstance(StreamedAnswerTest.class.getClassLoader(), new Class<?>[] {type}, handler);
    }

    /** Bytes that cannot be read, as a defect would have it. */
    private static Buffer unreadable() {
        return proxy(Buffer.class, (_, _, _) -> {
            throw new IllegalStateException("a defect");
        });
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    private Handler<Object> relay(String body) {
        HttpServerResponse response = proxy(HttpServerResponse.class, (self, method, arguments) -> {
            if (method.getName().equals("write") || method.getName().equals("end")) {
                written.append(arguments == null ? "" : arguments[0]);
                ended |= method.getName().equals("end");
                return Future.succeededFuture();
            }
            return method.getReturnType() == boolean.class ? (Object) false : self;
        });
        HttpServerRequest request = proxy(HttpServerRequest.class, (_, method, _) -> switch (method.getName()) {
            case "response" -> response;
            case "headers" -> MultiMap.caseInsensitiveMultiMap();
            default -> "/v1/chat/completions";
        });
        Visit visit = new Visit(request, new ModelRoutes.Route(Surface.CHAT, null), "call", 0);
        Envelope envelope = new Envelope(
                "m",
                null,
                1,
                true,
                true,
                false,
                null,
                0,
                "bob",
                List.of("ci"),
                List.of(),
                List.of(),
                Envelope.Overrides.NONE);
        Call call = new Call("call", Surface.CHAT, Caller.ANYONE, envelope, Map.of(), Buffer.buffer(body), 0);
        Answer.Route route = new Answer.Route("m", "d", "p", "m", "", 0, 0, 0, 0, 0, List.of(), false);
        Answer.Streaming streaming = new Answer.Streaming(Map.of(), new StreamRef("s"), route, true);
        var metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Node node =
                new Node(vertx, 1, Path.of("unused"), new Node.ServerOptions("127.0.0.1", 0, "", "test"), metrics, 0);
        Snapshot config =
                new Snapshot(1, "test", ModelTable.empty(), RouterSettings.DEFAULT, GeneralSettings.DEFAULT, List.of());
        new StreamedAnswer(
                        visit,
                        new Lane(node, 0, bus, new NoBoard(), config),
                        new Settling(bus, "released", new Meters(metrics)),
                        call,
                        route,
                        Continuation.of(visit, call, streaming))
                .relay(streaming);
        return bus.receivers.get("tollgate.stream.down.s");
    }

    private void endsWithAnError(Usage usage, FailureKind kind) {
        assertThat(written.toString()).contains("\"error\"");
        assertThat(ended).isTrue();
        assertThat(bus.settled).singleElement().satisfies(settled -> {
            assertThat(settled.failure()).isEqualTo(kind);
            assertThat(settled.usage()).isEqualTo(usage);
        });
    }

    @Test
    void aChunkThatCannotBePassedOnClosesTheUpstreamAndItsUsageIsPaid() {
        Handler<Object> frames = relay("{}");
        frames.handle(new StreamFrame.Chunk(0, WORD));
        frames.handle(new StreamFrame.Chunk(1, unreadable()));
        assertThat(bus.sent).contains(new StreamCommand.Cancel());
        frames.handle(new StreamFrame.Chunk(2, WORD));
        frames.handle(new StreamFrame.Cancelled(3, Usage.of(3, 2)));
        endsWithAnError(Usage.of(3, 2), FailureKind.INTERNAL);
    }

    @Test
    void aLastPieceThatCannotBePassedOnIsAnError() {
        Handler<Object> frames = relay("{}");
        frames.handle(new StreamFrame.Chunk(0, WORD));
        frames.handle(new StreamFrame.End(1, unreadable(), Usage.of(3, 2), null));
        endsWithAnError(Usage.of(3, 2), FailureKind.INTERNAL);
    }

    @Test
    void aStreamThatCannotBeCarriedOnForADefectEndsWithWhatBrokeIt() {
        Handler<Object> frames = relay("no JSON");
        frames.handle(new StreamFrame.Chunk(0, WORD));
        frames.handle(new StreamFrame.Broken(1, Failure.of(FailureKind.CONNECTION, "cut"), Usage.of(3, 2)));
        endsWithAnError(Usage.of(3, 2), FailureKind.CONNECTION);
    }

    @Test
    void whatWasTriedInVainToCarryAStreamOnIsPaid() {
        Leg spent = new Leg("e", "m", null, Usage.estimated(400), false);
        Answer.Route route = new Answer.Route("m", "e", "p", "m", "", 0, 0, 0, 0, 0, List.of(), false);
        bus.continued = new Answer.Refused(
                Failure.of(FailureKind.TIMEOUT, "slow"), route.withSpent(List.of(spent)), Usage.NONE);
        Handler<Object> frames = relay("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
        frames.handle(new StreamFrame.Chunk(0, WORD));
        frames.handle(new StreamFrame.Broken(1, Failure.of(FailureKind.CONNECTION, "cut"), Usage.of(3, 2)));
        assertThat(bus.settled).singleElement().satisfies(settled -> {
            assertThat(settled.failure()).isEqualTo(FailureKind.CONNECTION);
            assertThat(settled.earlier()).containsExactly(spent);
        });
    }

    /** The body still has the name that the client wrote, which may be the key's own for that model. */
    @Test
    void whatGoesOnIsTheCallThatWasGranted() {
        bus.continued = new Answer.Refused(Failure.of(FailureKind.TIMEOUT, "slow"), null);
        Handler<Object> frames =
                relay("{\"model\":\"alias\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
        frames.handle(new StreamFrame.Chunk(0, WORD));
        frames.handle(new StreamFrame.Broken(1, Failure.of(FailureKind.CONNECTION, "cut"), Usage.of(3, 2)));
        assertThat(bus.asked).singleElement().satisfies(carriedOn -> {
            assertThat(carriedOn.call().envelope().model()).isEqualTo("m");
            assertThat(carriedOn.call().envelope().tags()).containsExactly("ci");
            assertThat(carriedOn.call().envelope().user()).isEqualTo("bob");
            assertThat(carriedOn.call().body().toString()).contains("\"alias\"").contains("cut off");
        });
    }
}
