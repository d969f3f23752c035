package dev.tollgate.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.cluster.LocalBus;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.Provider;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Attempt;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.StreamCommand;
import dev.tollgate.protocol.StreamFrame;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.wire.Endpoint;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an attempt is taken to have used when nobody says so. Requests have 400 bytes: 100 tokens. */
class UnansweredTest {
    private static final Usage PROMPT = Usage.estimated(400);
    private static final String ANSWER =
            "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"}}]";

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final LocalBus bus = new LocalBus(vertx, 0);
    private final Underway underway = new Underway();
    private final Upstream upstream = new Upstream(vertx, Duration.ofSeconds(5));

    @AfterEach
    void close() throws Exception {
        result(vertx.close());
    }

    private static <T> T result(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private Future<Answer> ask(boolean stream, String model, Consumer<HttpServerResponse> answers) throws Exception {
        return ask(stream, model, Buffer.buffer(new byte[400]), List.of(), answers);
    }

    private Future<Answer> ask(
            boolean stream, String model, Buffer body, List<String> members, Consumer<HttpServerResponse> answers)
            throws Exception {
        int port = result(vertx.createHttpServer()
                        .requestHandler(request -> request.body().onSuccess(_ -> answers.accept(request.response())))
                        .listen(0, "127.0.0.1"))
                .actualPort();
        Envelope envelope = new Envelope(
                model,
                null,
                1,
                true,
                stream,
                false,
                null,
                0,
                null,
                List.of(),
                List.of(),
                members,
                Envelope.Overrides.NONE);
        Call call = new Call("call", Surface.CHAT, Caller.ANYONE, envelope, Map.of(), body, 0);
        Attempt attempt = new Attempt(call, "id", model, model, Duration.ofMinutes(1));
        Deployment deployment = new Deployment(
                "id",
                model,
                new Provider("openai", "openai", null, List.of(), List.of(), false, false, true, List.of()),
                model,
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
                body,
                Providers.passage(Surface.CHAT));
        Promise<Answer> answer = Promise.promise();
        context.runOnContext(
                _ -> new Exchange(attempt, deployment, Providers.dialect("openai"), prepared, upstream, bus, underway)
                        .run()
                        .onComplete(answer));
        return answer.future();
    }

    private Usage refused(boolean stream, FailureKind kind, Consumer<HttpServerResponse> answers) throws Exception {
        Answer.Refused refused = (Answer.Refused) result(ask(stream, "m", answers));
        assertThat(refused.failure().kind()).isEqualTo(kind);
        return refused.usage();
    }

    private static void cut(HttpServerResponse response) {
        response.setChunked(true).write("{\"choi").onComplete(_ -> response.reset());
    }

    @Test
    void whatTheProviderHadAndDidNotAnswerIsEstimated() throws Exception {
        Promise<Void> came = Promise.promise();
        Future<Answer> silent = ask(false, "m", _ -> came.complete());
        result(came.future());
        context.runOnContext(
                _ -> underway.sweep(System.nanoTime() + Duration.ofMinutes(2).toNanos()));
        assertThat(((Answer.Refused) result(silent)).usage()).as("given up").isEqualTo(PROMPT);

        Promise<Void> asked = Promise.promise();
        Future<Answer> left = ask(false, "m", _ -> asked.complete());
        result(asked.future());
        context.runOnContext(_ -> underway.cancel("call"));
        assertThat(((Answer.Refused) result(left)).usage())
                .as("the client left")
                .isEqualTo(PROMPT);

        assertThat(refused(false, FailureKind.CONNECTION, UnansweredTest::cut)).isEqualTo(PROMPT);
        assertThat(refused(false, FailureKind.UPSTREAM_ERROR, response -> response.end("Hello?")))
                .isEqualTo(PROMPT);
        assertThat(refused(true, FailureKind.CONNECTION, UnansweredTest::cut)).isEqualTo(PROMPT);
    }

    @Test
    void aRefusalAndAConnectionThatBreaksBeforeTheAnswerCostNothing() throws Exception {
        assertThat(refused(
                        false,
                        FailureKind.UPSTREAM_ERROR,
                        response -> response.setStatusCode(500).end("{}")))
                .isEqualTo(Usage.NONE);
        assertThat(refused(false, FailureKind.CONNECTION, HttpServerResponse::reset))
                .isEqualTo(Usage.NONE);
        Answer.Refused told = (Answer.Refused)
                result(ask(true, "m", response -> response.end("data: {\"error\":{\"message\":\"no\"}}\n\n")));
        assertThat(told.usage()).isEqualTo(Usage.NONE);
    }

    @Test
    void anAnswerWithoutUsageIsEstimatedAndOneWithItIsNot() throws Exception {
        Usage none = ((Answer.Whole) result(ask(false, "m", response -> response.end(ANSWER + "}")))).usage();
        assertThat(none.prompt()).isEqualTo(100);
        assertThat(none.completion()).isEqualTo((ANSWER.length() + 1) / 4);
        assertThat(none.reported()).isFalse();
        String told = ANSWER + ",\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":1,\"total_tokens\":8}}";
        assertThat(((Answer.Whole) result(ask(false, "m", response -> response.end(told)))).usage())
                .isEqualTo(Usage.of(7, 1));
    }

    @Test
    void aModelThatSearchesForEachAnswerIsBilledForASearch() throws Exception {
        String told = ANSWER + ",\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":1,\"total_tokens\":8}}";
        assertThat(((Answer.Whole) result(ask(false, "gpt-4o-search-preview", response -> response.end(told)))).usage())
                .isEqualTo(Usage.of(7, 1).withSearches(1));
    }

    private static final Buffer PRIORITY = Buffer.buffer("{\"model\":\"m\",\"service_tier\":\"priority\"}");
    private static final List<String> MEMBERS = List.of("model", "service_tier");
    private static final String TOLD = ANSWER + ",\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":1}";

    private @Nullable ServiceTier tier(@Nullable String asked, String answered) throws Exception {
        Buffer body = Buffer.buffer("{\"model\":\"m\",\"service_tier\":\"" + asked + "\"}");
        List<String> members = asked == null ? List.of() : List.of("model", "service_tier");
        return ((Answer.Whole) result(ask(false, "m", body, members, response -> response.end(TOLD + answered + "}"))))
                .usage()
                .tier();
    }

    @Test
    void aCallIsBilledInTheTierThatTheAnswerNamesOrElseInTheOneAskedFor() throws Exception {
        assertThat(tier(null, "")).isNull();
        assertThat(tier(null, ",\"service_tier\":\"priority\"")).isEqualTo(ServiceTier.PRIORITY);
        assertThat(tier("priority", ",\"service_tier\":\"default\"")).isEqualTo(ServiceTier.STANDARD);
        assertThat(tier("flex", ",\"service_tier\":\"flex\"")).isEqualTo(ServiceTier.FLEX);
        assertThat(tier("priority", "")).isEqualTo(ServiceTier.PRIORITY);
        assertThat(tier("auto", ",\"service_tier\":null")).isNull();
    }

    /** What the last frame of a stream says, whose client takes all of it. */
    private Usage streamed(String asked, String... events) throws Exception {
        Buffer body = Buffer.buffer("{\"model\":\"m\",\"stream\":true,\"service_tier\":\"" + asked + "\"}");
        String sent = "data: " + String.join("\n\ndata: ", events) + "\n\n";
        Answer.Streaming streaming = (Answer.Streaming) result(
                ask(true, "m", body, List.of("model", "stream", "service_tier"), response -> response.end(sent)));
        Promise<Usage> last = Promise.promise();
        Promise<MessageConsumer<StreamFrame>> reading = Promise.promise();
        context.runOnContext(_ -> {
            reading.complete(bus.receive(streaming.stream().downstream(), frame -> {
                switch (frame) {
                    case StreamFrame.Chunk _ -> {}
                    case StreamFrame.End end -> last.tryComplete(end.usage());
                    case StreamFrame.Broken broken -> last.tryComplete(broken.usage());
                    case StreamFrame.Cancelled cancelled -> last.tryComplete(cancelled.usage());
                }
            }));
            bus.send(streaming.stream().upstream(), new StreamCommand.Grant(1_000));
        });
        Usage usage = result(last.future());
        // The next stream has the same address.
        result(result(reading.future()).unregister());
        return usage;
    }

    /** Its body is dropped with the first content, long before its usage comes. */
    @Test
    void aStreamIsBilledInTheTierThatWasAskedForWhereItsChunksNameNone() throws Exception {
        String word = "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}";
        String end = "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}";
        String usage = "{\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":1}";
        for (ServiceTier tier : List.of(ServiceTier.PRIORITY, ServiceTier.FLEX)) {
            assertThat(streamed(tier.word(), word, end, usage + "}", "[DONE]"))
                    .isEqualTo(Usage.of(7, 1).in(tier));
            assertThat(streamed(tier.word(), word).tier()).as("it broke off").isEqualTo(tier);
        }
        assertThat(streamed("priority", word, end, usage + ",\"service_tier\":\"default\"}", "[DONE]"))
                .isEqualTo(Usage.of(7, 1).in(ServiceTier.STANDARD));
        assertThat(streamed("auto", word, end, usage + "}", "[DONE]")).isEqualTo(Usage.of(7, 1));
    }

    /** A request in a dear tier whose answer does not come to anything. */
    private Usage inVain(Consumer<HttpServerResponse> answers) throws Exception {
        Answer answer = result(ask(false, "m", PRIORITY, MEMBERS, answers));
        return ((Answer.Refused) answer).usage();
    }

    @Test
    void whatNothingComesOfIsBilledInItsTierToo() throws Exception {
        Usage prompt = Usage.estimated(PRIORITY.length()).in(ServiceTier.PRIORITY);
        assertThat(inVain(UnansweredTest::cut)).isEqualTo(prompt);
        assertThat(inVain(response -> response.end("Hello?"))).isEqualTo(prompt);
        Promise<Void> came = Promise.promise();
        Future<Answer> silent = ask(false, "m", PRIORITY, MEMBERS, _ -> came.complete());
        result(came.future());
        context.runOnContext(
                _ -> underway.sweep(System.nanoTime() + Duration.ofMinutes(2).toNanos()));
        assertThat(((Answer.Refused) result(silent)).usage()).as("given up").isEqualTo(prompt);
        Promise<Void> asked = Promise.promise();
        Future<Answer> left = ask(false, "m", PRIORITY, MEMBERS, _ -> asked.complete());
        result(asked.future());
        context.runOnContext(_ -> underway.cancel("call"));
        assertThat(((Answer.Refused) result(left)).usage())
                .as("the client left")
                .isEqualTo(prompt);
    }

    @Test
    void anAnswerWithATierAndNoUsageIsEstimatedInThatTier() throws Exception {
        String told = ANSWER + ",\"service_tier\":\"default\"}";
        Answer answer = result(ask(false, "m", PRIORITY, MEMBERS, response -> response.end(told)));
        Usage usage = ((Answer.Whole) answer).usage();
        assertThat(usage.tier()).as("it asked for a dearer one").isEqualTo(ServiceTier.STANDARD);
        assertThat(usage.completion()).isEqualTo(told.length() / 4);
    }

    @Test
    void ofSeveralWordsForTheTierTheLastOneCounts() throws Exception {
        assertThat(tier("flex\",\"service_tier\":\"priority", "")).isEqualTo(ServiceTier.PRIORITY);
    }
}
