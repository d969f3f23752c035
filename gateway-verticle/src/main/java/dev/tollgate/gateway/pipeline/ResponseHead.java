package dev.tollgate.gateway.pipeline;

import dev.tollgate.gateway.http.Headers;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Dollars;
import dev.tollgate.protocol.Settled;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Writes LiteLLM's response headers and our {@code x-tollgate-route}. Numbers are written by hand: formatting costs more than the rest of the head. */
final class ResponseHead {
    private static final int REMEMBERED = 1_000;

    /** Clients and proxies take eight thousand characters for all headers together, often no more. */
    private static final int LONGEST_ROUTE = 2_000;

    /** Numbers that nearly every answer tells. */
    private static final List<CharSequence> FEW = IntStream.range(0, 10)
            .mapToObj(number -> HttpHeaders.createOptimized(Integer.toString(number)))
            .toList();

    private final CharSequence version;

    /** The same few destinations come again and again; their texts are checked and encoded once. */
    private final Map<Destination, Shown> shown = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Destination, Shown> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** Names that limits and providers come with are few, too. */
    private final Map<String, KnownHeader> known = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, KnownHeader> eldest) {
            return size() > REMEMBERED;
        }
    };

    private record Destination(String deployment, String provider, String model, String group, String apiBase) {}

    private record Shown(CharSequence id, CharSequence name, CharSequence group, CharSequence apiBase) {}

    ResponseHead(String version) {
        this.version = HttpHeaders.createOptimized(safe(version));
    }

    /** Headers of every answer, good or bad. */
    void common(MultiMap headers, Visit visit) {
        headers.set(Headers.CALL_ID, visit.callId)
                .set(Headers.VERSION, version)
                .set(Headers.ALLOW_ORIGIN, Headers.ANY_ORIGIN)
                .set(Headers.CONTENT_TYPE_OPTIONS, Headers.NOSNIFF)
                .set(Headers.FRAME_OPTIONS, Headers.DENY)
                .set(Headers.CONTENT_SECURITY_POLICY, Headers.NO_FRAMES);
        if (!visit.limits.isEmpty()) {
            visit.limits.forEach((name, value) -> known(name).setPlain(headers, value));
        }
    }

    private KnownHeader known(String name) {
        KnownHeader header = known.get(name);
        return header != null ? header : known.computeIfAbsent(name, KnownHeader::of);
    }

    /** Headers that tell how the call was routed. */
    void route(MultiMap headers, Answer.Route route) {
        if (!route.deploymentId().isEmpty()) {
            Shown texts = shown.computeIfAbsent(
                    new Destination(
                            route.deploymentId(),
                            route.provider(),
                            route.upstreamModel(),
                            route.modelGroup(),
                            route.apiBase()),
                    ResponseHead::shown);
            headers.set(Headers.MODEL_ID, texts.id())
                    .set(Headers.MODEL_NAME, texts.name())
                    .set(Headers.MODEL_GROUP, texts.group())
                    .set(Headers.MODEL_API_BASE, texts.apiBase())
                    .set(Headers.ATTEMPTED_RETRIES, number(route.retries()))
                    .set(Headers.MAX_RETRIES, number(route.maxRetries()))
                    .set(Headers.ATTEMPTED_FALLBACKS, number(route.fallbacks()))
                    .set(Headers.TIMEOUT, decimal(route.timeoutMillis() / 1000.0));
        }
        if (!route.attempts().isEmpty()) {
            headers.set(Headers.TOLLGATE_ROUTE, safe(route.story(LONGEST_ROUTE)));
        }
    }

    private static Shown shown(Destination to) {
        return new Shown(
                text(to.deployment()), text(to.provider() + "/" + to.model()), text(to.group()), text(to.apiBase()));
    }

    private static CharSequence text(String value) {
        return HttpHeaders.createOptimized(safe(value));
    }

    private static CharSequence number(int value) {
        return value >= 0 && value < FEW.size() ? FEW.get(value) : Integer.toString(value);
    }

    /** The provider's own headers that are passed on. */
    void provider(MultiMap headers, Map<String, String> passed) {
        passed.forEach((name, value) -> known(name).set(headers, value));
    }

    /** Headers known once a whole answer is settled. */
    void settled(MultiMap headers, Visit visit, Answer.Route route, @Nullable Settled settled) {
        double total = visit.elapsedMillis();
        headers.set(Headers.RESPONSE_DURATION_MS, decimal(total))
                .set(Headers.OVERHEAD_DURATION_MS, decimal(Math.max(0, total - route.providerMillis())));
        if (settled != null) {
            cost(headers, settled);
        }
    }

    /** What the call cost, if that is known, and what its key has spent with it. */
    void cost(MultiMap headers, Settled settled) {
        if (settled.priced()) {
            headers.set(Headers.RESPONSE_COST, Dollars.text(settled.costNanos()));
        }
        if (settled.keySpentNanos() >= 0) {
            headers.set(Headers.KEY_SPEND, Dollars.text(settled.keySpentNanos()));
        }
    }

    /** A number with at most three decimals. */
    static String decimal(double value) {
        long thousandths = Math.round(value * 1000);
        long whole = thousandths / 1000;
        int rest = (int) Math.abs(thousandths % 1000);
        if (rest == 0) {
            return Long.toString(whole);
        }
        StringBuilder text = new StringBuilder(12).append(whole).append('.');
        text.append((char) ('0' + rest / 100));
        if (rest % 100 != 0) {
            text.append((char) ('0' + rest / 10 % 10));
            if (rest % 10 != 0) {
                text.append((char) ('0' + rest % 10));
            }
        }
        return text.toString();
    }

    /** Names from a configuration may hold what a header may not. */
    static String safe(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' || c > '~') {
                return replaced(value);
            }
        }
        return value;
    }

    private static String replaced(String value) {
        StringBuilder text = new StringBuilder(value.length());
        value.chars().forEach(c -> text.append(c < ' ' || c > '~' ? '?' : (char) c));
        return text.toString();
    }
}
