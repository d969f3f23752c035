package dev.tollgate.gateway.pipeline;

import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Envelope;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * LiteLLM's request headers that change how a call is routed or booked; what the body says wins over them, except for tags, which add up.
 * Each call is asked for all of them, so their names are hashed once.
 */
final class RequestHeaders {
    private static final CharSequence TIMEOUT = HttpHeaders.createOptimized("x-litellm-timeout");
    private static final CharSequence STREAM_TIMEOUT = HttpHeaders.createOptimized("x-litellm-stream-timeout");
    private static final CharSequence RETRIES = HttpHeaders.createOptimized("x-litellm-num-retries");
    private static final CharSequence TAGS = HttpHeaders.createOptimized("x-litellm-tags");
    private static final CharSequence END_USER = HttpHeaders.createOptimized("x-litellm-end-user-id");
    private static final CharSequence CUSTOMER = HttpHeaders.createOptimized("x-litellm-customer-id");

    private RequestHeaders() {}

    /** Headers that only some settings ask for are not even looked up without them. */
    static Envelope applied(Envelope envelope, MultiMap headers, RouterSettings.Choosing choosing) {
        Envelope.Marks marks = envelope.marks();
        boolean wanted = choosing.userAgents()
                || !choosing.affinity().isEmpty()
                || !choosing.groupAffinity().isEmpty();
        if (wanted) {
            String session = headers.get("x-litellm-session-id");
            marks = new Envelope.Marks(
                    marks.session() != null ? marks.session() : session,
                    marks.region(),
                    choosing.userAgents() ? headers.get("user-agent") : null);
        }
        String timeout = headers.get(TIMEOUT);
        String streamTimeout = headers.get(STREAM_TIMEOUT);
        String retries = headers.get(RETRIES);
        String tags = headers.get(TAGS);
        String named = headers.get(END_USER);
        String endUser = named != null ? named : headers.get(CUSTOMER);
        if (timeout == null && streamTimeout == null && retries == null && tags == null && endUser == null && !wanted) {
            return envelope;
        }
        Envelope.Overrides asked = envelope.overrides();
        Envelope.Overrides overrides = new Envelope.Overrides(
                asked.numRetries() != null ? asked.numRetries() : count(retries),
                asked.timeout() != null ? asked.timeout() : seconds(timeout),
                asked.streamTimeout() != null ? asked.streamTimeout() : seconds(streamTimeout),
                asked.fallbacks(),
                asked.disableFallbacks(),
                asked.special());
        return envelope.with(
                envelope.user() != null ? envelope.user() : endUser,
                tags == null ? envelope.tags() : joined(envelope.tags(), tags),
                overrides,
                marks);
    }

    private static @Nullable Duration seconds(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            double seconds = Double.parseDouble(text.strip());
            return seconds > 0 && seconds < 1e9 ? Duration.ofNanos((long) (seconds * 1e9)) : null;
        } catch (NumberFormatException _) {
            return null;
        }
    }

    private static @Nullable Integer count(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            int count = Integer.parseInt(text.strip());
            return count >= 0 ? count : null;
        } catch (NumberFormatException _) {
            return null;
        }
    }

    private static List<String> joined(List<String> tags, String more) {
        List<String> all = new ArrayList<>(tags);
        for (String tag : more.split(",", -1)) {
            String stripped = tag.strip();
            if (!stripped.isEmpty() && !all.contains(stripped)) {
                all.add(stripped);
            }
        }
        return all;
    }
}
