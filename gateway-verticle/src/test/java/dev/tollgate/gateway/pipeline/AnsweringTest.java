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
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Settled;
import dev.tollgate.protocol.Surface;
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
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A refusal may have cost something: attempts that timed out are paid. */
class AnsweringTest {
    private static final Failure SLOW = Failure.of(FailureKind.TIMEOUT, "slow");

    private final Vertx vertx = Vertx.vertx();
    private final MultiMap headers = MultiMap.caseInsensitiveMultiMap();

    @SuppressWarnings("unchecked")
    private static <T> T proxy(Class<?> type, InvocationHandler handler) {
        return (T) Proxy.newProxyInstance(AnsweringTest.class.getClassLoader(), new Class<?>[] {type}, handler);
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    private static Bus settling(Settled settled) {
        return new Bus() {
            @Override
            @SuppressWarnings("unchecked")
            public <Q, A> Future<A> ask(String address, Q question) {
                return Future.succeededFuture((A) settled);
            }

            @Override
            public <Q, A> void answer(String address, Function<Q, Future<A>> handler) {}

            @Override
            public void send(String address, Object message) {}

            @Override
            public <M> MessageConsumer<M> receive(String address, Handler<M> handler) {
                throw new AssertionError("nobody listens");
            }
        };
    }

    private Visit visit() {
        HttpServerResponse response = proxy(HttpServerResponse.class, (self, method, _) -> switch (method.getName()) {
            case "headers" -> headers;
            case "end" -> Future.succeededFuture();
            default -> method.getReturnType() == boolean.class ? (Object) false : self;
        });
        HttpServerRequest request = proxy(HttpServerRequest.class, (_, method, _) -> switch (method.getName()) {
            case "response" -> response;
            case "headers" -> MultiMap.caseInsensitiveMultiMap();
            case "isEnded" -> true;
            default -> "/v1/chat/completions";
        });
        Visit visit = new Visit(request, new ModelRoutes.Route(Surface.CHAT, null), "call", 0);
        Envelope envelope = new Envelope(
                "m",
                null,
                1,
                true,
                false,
                false,
                null,
                0,
                null,
                List.of(),
                List.of(),
                List.of(),
                Envelope.Overrides.NONE);
        visit.call = new Call("call", Surface.CHAT, Caller.ANYONE, envelope, Map.of(), Buffer.buffer("{}"), 0);
        visit.limits = Map.of("x-litellm-key-spend", "1");
        return visit;
    }

    private Answering answering(Settled settled) {
        var metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Node node =
                new Node(vertx, 1, Path.of("unused"), new Node.ServerOptions("127.0.0.1", 0, "", "test"), metrics, 0);
        Snapshot config =
                new Snapshot(1, "test", ModelTable.empty(), RouterSettings.DEFAULT, GeneralSettings.DEFAULT, List.of());
        LoadBoard board = new LoadBoard() {
            @Override
            public Load load(String deploymentId) {
                return new Load();
            }

            @Override
            public void cool(String deploymentId, long untilMillis) {}
        };
        return new Answering(new Lane(node, 0, settling(settled), board, config), new Meters(metrics));
    }

    private MultiMap refused(Settled settled) {
        headers.clear();
        answering(settled).answer(visit(), new Answer.Refused(SLOW, null));
        return headers;
    }

    @Test
    void aRefusalSaysWhatItCost() {
        MultiMap charged = refused(new Settled(2_500_000, true, 1_002_500_000));
        assertThat(charged.get("x-litellm-response-cost")).isEqualTo("0.0025");
        assertThat(charged.get("x-litellm-key-spend")).isEqualTo("1.0025");
        MultiMap free = refused(new Settled(0, true));
        assertThat(free.get("x-litellm-response-cost")).isEqualTo("0");
        assertThat(free.get("x-litellm-key-spend")).as("before the call").isEqualTo("1");
        assertThat(refused(new Settled(0, false)).contains("x-litellm-response-cost"))
                .as("nobody knows")
                .isFalse();
    }

    @Test
    void whatWasNeverTriedCostsNothing() {
        answering(new Settled(7, true)).refuse(visit(), SLOW);
        assertThat(headers.get("x-litellm-response-cost")).isEqualTo("0");
    }
}
