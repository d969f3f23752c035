package dev.tollgate.provider;

import dev.tollgate.cluster.Bus;
import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Attempt;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Dialect;
import dev.tollgate.provider.wire.Endpoint;
import dev.tollgate.provider.wire.Passage;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt on its way to an upstream: from the connection to the whole answer, or to the first content of a stream, after which
 * an {@link UpstreamStream} takes over. Ends exactly once, whatever happens first: an answer, a failure, the deadline, or the
 * client's departure; in the last two the upstream request is reset.
 */
final class Exchange implements Underway.Task {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
    private static final Pattern SEARCHING = Pattern.compile("^gpt-.*-search-(preview|api)");
    private static final Handler<Throwable> TOLD_ELSEWHERE = _ -> {};

    private Attempt attempt;
    private final Deployment deployment;
    private final Dialect dialect;
    private final Passage passage;
    private final Endpoint endpoint;
    private Buffer body;
    private final Upstream upstream;
    private final Bus bus;
    private final Underway underway;
    private final Promise<Answer> answer = Promise.promise();
    private final long began = System.nanoTime();
    private @Nullable HttpClientRequest request;
    private boolean ended;

    /** The service tier that the body asked for, once the body has been dropped; null: none that has a price of its own. */
    private @Nullable ServiceTier askedBefore;

    /** Size of what was sent, or 0 as long as nothing was: what the provider is taken to bill when no answer comes of it. */
    private int sentBytes;

    /** The provider began to answer well, so a connection that breaks is no sign that it did nothing. */
    private boolean answering;

    Exchange(
            Attempt attempt,
            Deployment deployment,
            Dialect dialect,
            Prepared prepared,
            Upstream upstream,
            Bus bus,
            Underway underway) {
        this.attempt = attempt;
        this.deployment = deployment;
        this.dialect = dialect;
        this.passage = prepared.passage();
        this.endpoint = prepared.endpoint();
        this.body = prepared.body();
        this.upstream = upstream;
        this.bus = bus;
        this.underway = underway;
    }

    /**
     * What is to be sent and how the answer is to be read.
     *
     * @param endpoint where to
     * @param body request body
     * @param passage reader of the answer
     */
    record Prepared(Endpoint endpoint, Buffer body, Passage passage) {}

    Future<Answer> run() {
        underway.add(attempt.leg(), this);
        upstream.post(endpoint).onComplete(guarded(this::connected), this::unreachable);
        return answer.future();
    }

    private void connected(HttpClientRequest connection) {
        // Whoever waits for the response is told as well; without a handler Vert.x logs a request that we reset
        // ourselves as an error.
        connection.exceptionHandler(TOLD_ELSEWHERE);
        if (ended) {
            connection.reset();
            return;
        }
        request = connection;
        connection.putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
        endpoint.headers().forEach(connection::putHeader);
        connection.response().onComplete(guarded(this::head), this::unreachable);
        sentBytes = body.length();
        connection.end(body);
    }

    private void head(HttpClientResponse response) {
        if (ended) {
            return;
        }
        int status = response.statusCode();
        answering = status < 300;
        if (status >= 400) {
            Collected.of(response, Collected.MOST)
                    .onComplete(
                            guarded(bytes -> fail(dialect.failure(provider(), status, response.headers(), bytes))),
                            _ -> fail(dialect.failure(provider(), status, response.headers(), Buffer.buffer())));
        } else if (status >= 300) {
            fail(Failure.upstream(
                    FailureKind.UPSTREAM_ERROR,
                    502,
                    provider(),
                    "The upstream answered with a redirect (" + status + "); set api_base to the final address"));
            reset();
        } else if (attempt.call().envelope().stream()) {
            UpstreamStream stream = new UpstreamStream(this, response, passage, bus);
            underway.add(attempt.leg(), stream);
            stream.start();
        } else {
            Collected.of(response, Collected.MOST)
                    .onComplete(guarded(bytes -> whole(response, bytes)), this::unreachable);
        }
    }

    private void whole(HttpClientResponse response, Buffer bytes) {
        try {
            Passage.Whole read = passage.whole(bytes, attempt.requestedModel());
            end(new Answer.Whole(
                    response.statusCode(),
                    passedOn(response),
                    read.body(),
                    used(read.usage(), bytes.length()),
                    read.upstreamModel(),
                    null));
        } catch (BadPayload e) {
            fail(nonsense(e), lost());
        }
    }

    /** An answer that does not say what it used is not free. */
    private Usage used(Usage told, int answerBytes) {
        if (told.reported() || told.total() > 0) {
            return billed(told);
        }
        if (attempt.call().surface() == Surface.COUNT_TOKENS) {
            return told;
        }
        Usage prompt = billed(spent().in(told.tier()));
        return attempt.call().surface() == Surface.EMBEDDINGS ? prompt : prompt.withAnswer(answerBytes);
    }

    /**
     * With what is billed though the usage does not say it: OpenAI's searching models search for each answer, and where an answer does
     * not name its service tier, it is the one that was asked for.
     */
    Usage billed(Usage told) {
        if (!hasTiers()) {
            return told;
        }
        Usage all = told.tier() == null ? told.in(askedTier()) : told;
        return searching(attempt.upstreamModel()) ? all.withSearches(1) : all;
    }

    /** The word is looked for first, for hardly any model has it: the pattern alone took a tenth of a microsecond of each call. */
    private static boolean searching(String model) {
        return model.contains("-search-") && SEARCHING.matcher(model).find();
    }

    private boolean hasTiers() {
        String spoken = deployment.provider().dialect();
        return spoken.equals("openai") || spoken.equals("azure");
    }

    private @Nullable ServiceTier askedTier() {
        if (askedBefore != null) {
            return askedBefore;
        }
        boolean may = attempt.call().envelope().present().contains(ServiceTier.MEMBER)
                || deployment.defaults().containsKey(ServiceTier.MEMBER)
                || deployment.defaults().containsKey("extra_body");
        String asked = may ? ServiceTier.asked(body) : null;
        ServiceTier tier = asked == null ? ServiceTier.STANDARD : ServiceTier.named(asked);
        return tier == ServiceTier.STANDARD ? null : tier;
    }

    /** What the attempt is taken to have used by now, though nothing says so. */
    Usage spent() {
        return Usage.estimated(sentBytes);
    }

    /** What an attempt that nothing comes of is taken to have used; nothing as long as nothing was sent. */
    private Usage lost() {
        return sentBytes == 0 ? Usage.NONE : billed(spent());
    }

    /** A callback that must not leave its caller waiting when it fails. */
    private <T> Handler<T> guarded(Consumer<T> step) {
        return value -> {
            try {
                step.accept(value);
            } catch (RuntimeException e) {
                reset();
                fail(defect(e));
            }
        };
    }

    Failure defect(RuntimeException e) {
        LOG.error("Call {} on {} failed inside the gateway", attempt.call().id(), deployment.qualifiedModel(), e);
        return Failure.of(
                FailureKind.INTERNAL,
                "Internal error; the log has the details under call id "
                        + attempt.call().id());
    }

    /** A stream has begun, so no attempt will follow: what it took to ask is not needed any more. */
    void dropBody() {
        // What the stream is billed for in the end depends on it where its chunks do not name a tier.
        askedBefore = hasTiers() ? askedTier() : null;
        attempt = attempt.withoutBody();
        body = Buffer.buffer();
    }

    Failure nonsense(BadPayload e) {
        return Failure.upstream(
                FailureKind.UPSTREAM_ERROR, 502, provider(), "The upstream's answer cannot be read: " + e.getMessage());
    }

    /** A connection that breaks before the answer's head costs nothing: it may have been closed before the request came. */
    private void unreachable(Throwable cause) {
        fail(connectionFailure(cause), answering ? lost() : Usage.NONE);
    }

    Failure connectionFailure(Throwable cause) {
        String reason = switch (cause) {
            case UnknownHostException _ -> "the host name is not known";
            case SSLException e -> "TLS failed: " + e.getMessage();
            default ->
                cause.getMessage() == null
                        ? cause.getClass().getSimpleName()
                        // The transport's own prefix says nothing to a reader.
                        : cause.getMessage().replaceFirst("^.*failed with error\\(-\\d+\\): ", "");
        };
        return Failure.upstream(
                FailureKind.CONNECTION,
                FailureKind.CONNECTION.status(),
                provider(),
                "Connection error with " + deployment.apiBase() + ": " + reason);
    }

    @Override
    public void expire(long nowNanos) {
        if (nowNanos - began >= attempt.timeout().toNanos() && !ended) {
            fail(tookTooLong(attempt.timeout()), lost());
            reset();
        }
    }

    /** Whether a stream should have come to its first content by now. */
    boolean contentOverdue(long nowNanos) {
        return nowNanos - began >= attempt.firstContent().toNanos();
    }

    Failure tooSlow() {
        return Failure.upstream(
                FailureKind.TIMEOUT,
                FailureKind.TIMEOUT.status(),
                provider(),
                "The stream stalled: " + deployment.apiBase() + " sent fewer than " + attempt.minStreamRate()
                        + " events a second (min_stream_rate)");
    }

    Failure tookTooLong(Duration limit) {
        return Failure.upstream(
                FailureKind.TIMEOUT,
                FailureKind.TIMEOUT.status(),
                provider(),
                "Request timed out: " + deployment.apiBase() + " did not answer within " + limit.toMillis() / 1000.0
                        + " s");
    }

    @Override
    public void cancel() {
        fail(Failure.of(FailureKind.CLIENT_GONE, "The client closed the connection"), lost());
        reset();
    }

    void reset() {
        if (request != null) {
            request.reset();
        }
    }

    /** Ends the attempt well; a stream goes on as its own task. */
    void end(Answer result) {
        if (!ended) {
            ended = true;
            underway.remove(attempt.leg(), this);
            answer.complete(result);
        }
    }

    void fail(Failure failure) {
        fail(failure, Usage.NONE);
    }

    /** Counting tokens costs nothing. */
    void fail(Failure failure, Usage spent) {
        boolean free = attempt.call().surface() == Surface.COUNT_TOKENS;
        end(new Answer.Refused(failure, null, free ? Usage.NONE : spent));
    }

    Attempt attempt() {
        return attempt;
    }

    Underway underway() {
        return underway;
    }

    String provider() {
        return deployment.provider().name();
    }

    /** Provider headers that clients use: rate limits and request ids, under LiteLLM's {@code llm_provider-} prefix. */
    static Map<String, String> passedOn(HttpClientResponse response) {
        Map<String, String> passed = null;
        for (Map.Entry<String, String> header : response.headers()) {
            if (worthPassing(header.getKey())) {
                passed = passed == null ? new LinkedHashMap<>() : passed;
                passed.put("llm_provider-" + header.getKey(), header.getValue());
            }
        }
        return passed == null ? Map.of() : passed;
    }

    private static boolean worthPassing(String name) {
        return name.regionMatches(true, 0, "x-ratelimit-", 0, 12)
                || name.regionMatches(true, 0, "anthropic-ratelimit-", 0, 20)
                || name.equalsIgnoreCase("x-request-id")
                || name.equalsIgnoreCase("request-id")
                || name.regionMatches(true, 0, "openai-", 0, 7);
    }
}
