package dev.tollgate.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.cluster.LocalBus;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.Provider;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Attempt;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.StreamCommand;
import dev.tollgate.protocol.StreamFrame;
import dev.tollgate.protocol.Surface;
import dev.tollgate.provider.wire.Endpoint;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How long an upstream is waited for. Time is what the sweep says it is, so nobody waits here. */
class PatienceTest {
    private static final String GREETING = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n: ping\n\n";
    private static final String WORD = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n";

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final LocalBus bus = new LocalBus(vertx, 0);
    private final Underway underway = new Underway();
    private final Upstream upstream = new Upstream(vertx, Duration.ofMillis(300));

    @AfterEach
    void close() throws Exception {
        result(vertx.close());
    }

    private static <T> T result(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    /** Streams what the upstream sends: first content within a minute, silence up to ten hours, two events a second. */
    private Future<Answer> stream(Consumer<HttpServerResponse> sends) throws Exception {
        int port = result(vertx.createHttpServer()
                        .requestHandler(
                                request -> sends.accept(request.response().setChunked(true)))
                        .listen(0, "127.0.0.1"))
                .actualPort();
        Envelope envelope = new Envelope(
                "m",
                null,
                1,
                true,
                true,
                false,
                null,
                0,
                null,
                List.of(),
                List.of(),
                List.of(),
                Envelope.Overrides.NONE);
        Call call = new Call("call", Surface.CHAT, Caller.ANYONE, envelope, Map.of(), Buffer.buffer("{}"), 0);
        Attempt attempt = new Attempt("call", call, "id", "m", "m", Duration.ofHours(10), Duration.ofMinutes(1), 2.0);
        Deployment deployment = new Deployment(
                "id",
                "m",
                new Provider("openai", "openai", null, List.of(), List.of(), false, false, true, List.of()),
                "m",
                "http://127.0.0.1:" + port,
                null,
                null,
                null,
                Map.of(),
                Map.of(),
                Deployment.Routing.NONE,
                Map.of(),
                Deployment.Info.NONE,
                null,
                null);
        Exchange.Prepared prepared = new Exchange.Prepared(
                new Endpoint("http://127.0.0.1:" + port + "/v1/chat/completions", Map.of()),
                Buffer.buffer("{}"),
                Providers.passage(Surface.CHAT));
        Promise<Answer> answer = Promise.promise();
        context.runOnContext(
                _ -> new Exchange(attempt, deployment, Providers.dialect("openai"), prepared, upstream, bus, underway)
                        .run()
                        .onComplete(answer));
        return answer.future();
    }

    /** From now on it is so much later, and each time that anybody looks, so much later still. */
    private void later(Duration by, Duration step) {
        AtomicLong ahead = new AtomicLong(by.toNanos());
        context.runOnContext(_ ->
                vertx.setPeriodic(20, _ -> underway.sweep(System.nanoTime() + ahead.getAndAdd(step.toNanos()))));
    }

    @Test
    void aStreamThatOnlyGreetsAndPingsIsGivenUpWhenItsTimeToTheFirstContentIsOver() throws Exception {
        Future<Answer> answer = stream(response -> response.write(GREETING));
        later(Duration.ofSeconds(61), Duration.ZERO);
        Answer.Refused refused = (Answer.Refused) result(answer);
        assertThat(refused.failure().kind()).isEqualTo(FailureKind.TIMEOUT);
        assertThat(refused.failure().message()).contains("within 60.0 s");
    }

    @Test
    void aStreamWhoseFirstContentComesInTimeIsNot() throws Exception {
        Future<Answer> answer = stream(response -> {
            response.write(GREETING);
            vertx.setTimer(300, _ -> response.write(WORD));
        });
        later(Duration.ofSeconds(55), Duration.ZERO);
        assertThat(result(answer)).isInstanceOf(Answer.Streaming.class);
    }

    @Test
    void aStreamThatDripsCountsAsStalled() throws Exception {
        Answer.Streaming streaming = (Answer.Streaming) result(stream(response -> {
            response.write(WORD);
            vertx.setPeriodic(100, _ -> response.write(": ping\n\n"));
        }));
        Promise<StreamFrame.Broken> broken = Promise.promise();
        context.runOnContext(_ -> {
            bus.<StreamFrame>receive(streaming.stream().downstream(), frame -> {
                if (frame instanceof StreamFrame.Broken last) {
                    broken.tryComplete(last);
                }
            });
            bus.send(streaming.stream().upstream(), new StreamCommand.Grant(1_000));
        });
        later(Duration.ZERO, Duration.ofSeconds(5));
        StreamFrame.Broken last = result(broken.future());
        assertThat(last.failure().kind()).isEqualTo(FailureKind.TIMEOUT);
        assertThat(last.failure().message()).contains("min_stream_rate");
    }

    /** Calling one off is the gateway's own wish (a client that left, the slower of two), and no error. */
    @Test
    void anAttemptThatIsCalledOffLeavesNoErrorInTheLog() throws Exception {
        List<LogRecord> errors = new CopyOnWriteArrayList<>();
        Handler log = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
                    errors.add(entry);
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger("io.vertx");
        logger.addHandler(log);
        try {
            Future<Answer> answer = stream(response -> response.write(WORD));
            // Before the connection is open: it is dropped when it is.
            context.runOnContext(_ -> underway.cancel("call"));
            assertThat(((Answer.Refused) result(answer)).failure().kind()).isEqualTo(FailureKind.CLIENT_GONE);
            for (int i = 0; i < 3; i++) {
                assertThat(result(stream(response -> response.write(WORD)))).isInstanceOf(Answer.Streaming.class);
            }
            assertThat(errors).extracting(LogRecord::getMessage).isEmpty();
        } finally {
            logger.removeHandler(log);
        }
    }

    /** A full backlog: the kernel answers no further connection. */
    @Test
    void aConnectionThatDoesNotOpenIsGivenUpAfterItsOwnTime() throws Exception {
        List<Socket> waiting = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            fill(full, waiting);
            long began = System.nanoTime();
            assertThatThrownBy(() -> result(
                            upstream.post(new Endpoint("http://127.0.0.1:" + full.getLocalPort() + "/", Map.of()))))
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("connection timed out");
            assertThat(System.nanoTime() - began).isBetween(250_000_000L, 8_000_000_000L);
        } finally {
            for (Socket each : waiting) {
                each.close();
            }
        }
    }

    private static void fill(ServerSocket full, List<Socket> waiting) throws IOException {
        for (int i = 0; i < 20; i++) {
            Socket socket = new Socket();
            waiting.add(socket);
            try {
                socket.connect(new InetSocketAddress("127.0.0.1", full.getLocalPort()), 300);
            } catch (SocketTimeoutException _) {
                return;
            }
        }
    }
}
