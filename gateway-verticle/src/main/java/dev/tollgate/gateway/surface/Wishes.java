package dev.tollgate.gateway.surface;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The members of a body by which a client says how its call is to be routed (LiteLLM's names). */
final class Wishes {
    private static final JsonFactory JSON = new JsonFactory();

    /** What Python holds for false, beside the empty text. */
    private static final Set<String> FALSE = Set.of("null", "false", "0", "0.0", "[]", "{}");

    private @Nullable Integer numRetries;
    private @Nullable Duration timeout;
    private @Nullable Duration streamTimeout;
    private @Nullable List<Fallback> fallbacks;
    private @Nullable List<Fallback> contextWindow;
    private @Nullable List<Fallback> contentPolicy;
    private boolean disableFallbacks;
    private Envelope.@Nullable Rehearsal rehearsal;
    private @Nullable String mockResponse;
    private @Nullable Integer maxFallbacks;
    private boolean any;

    /** A name to fall back to: for one group, or (null) whatever was asked for. */
    private record Fallback(@Nullable String group, String target) {}

    /** Takes a member if it is a wish; the parser stands at its value. A failure is one that means nothing. */
    @Nullable Failure member(String name, JsonToken value, JsonParser parser) throws IOException {
        switch (name) {
            case "num_retries" -> numRetries = count(value, parser);
            case "max_fallbacks" -> maxFallbacks = count(value, parser);
            case "timeout" -> timeout = seconds(value, parser);
            case "stream_timeout" -> streamTimeout = seconds(value, parser);
            case "fallbacks" -> fallbacks = fallbacks(value, parser);
            case "context_window_fallbacks" -> contextWindow = fallbacks(value, parser);
            case "content_policy_fallbacks" -> contentPolicy = fallbacks(value, parser);
            case "disable_fallbacks" -> disableFallbacks = value == JsonToken.VALUE_TRUE;
            case "mock_response" -> {
                mockResponse = mock(value, parser);
                if (mockResponse == null && value != JsonToken.VALUE_NULL) {
                    return Failure.of(
                                    FailureKind.BAD_REQUEST,
                                    "`mock_response` must be the text to answer with; leave it out for a real call")
                            .withParam(name);
                }
            }
            case "mock_testing_fallbacks" -> rehearse(value, Envelope.Rehearsal.FALLBACK);
            case "mock_testing_context_fallbacks" -> rehearse(value, Envelope.Rehearsal.CONTEXT_WINDOW);
            case "mock_testing_content_policy_fallbacks" -> rehearse(value, Envelope.Rehearsal.CONTENT_POLICY);
            case "mock_testing_rate_limit_error" -> rehearse(value, Envelope.Rehearsal.RATE_LIMIT);
            default -> {
                return null;
            }
        }
        any = true;
        return null;
    }

    /**
     * The text that is to be answered; of a value that is no text its JSON, as LiteLLM takes whatever Python holds for true. Null for
     * {@code null} and for what Python holds for false: who says that much about a mock has not asked for a real call.
     */
    private static @Nullable String mock(JsonToken value, JsonParser parser) throws IOException {
        if (value == JsonToken.VALUE_STRING) {
            return parser.getText();
        }
        StringWriter text = new StringWriter();
        try (JsonGenerator copy = JSON.createGenerator(text)) {
            copy.copyCurrentStructure(parser);
        }
        return FALSE.contains(text.toString()) ? null : text.toString();
    }

    private static @Nullable Integer count(JsonToken value, JsonParser parser) throws IOException {
        return value == JsonToken.VALUE_NUMBER_INT ? Math.max(0, parser.getIntValue()) : null;
    }

    private void rehearse(JsonToken value, Envelope.Rehearsal what) {
        if (value == JsonToken.VALUE_TRUE) {
            rehearsal = what;
        }
    }

    /** What was wished for a call of this model. */
    Envelope.Overrides of(String model) {
        if (!any) {
            return Envelope.Overrides.NONE;
        }
        boolean special = contextWindow != null
                || contentPolicy != null
                || rehearsal != null
                || mockResponse != null
                || maxFallbacks != null;
        return new Envelope.Overrides(
                numRetries,
                timeout,
                streamTimeout,
                targets(fallbacks, model),
                disableFallbacks,
                special ? special(model) : Envelope.Special.NONE);
    }

    private Envelope.Special special(String model) {
        return new Envelope.Special(
                targets(contextWindow, model), targets(contentPolicy, model), rehearsal, mockResponse, maxFallbacks);
    }

    private static @Nullable Duration seconds(JsonToken value, JsonParser parser) throws IOException {
        if (!value.isNumeric()) {
            return null;
        }
        double seconds = parser.getDoubleValue();
        return seconds > 0 && seconds < 1e9 ? Duration.ofNanos((long) (seconds * 1e9)) : null;
    }

    /**
     * Names, objects with a {@code model}, or LiteLLM's configuration form {@code {group: [names]}}; none when the list is empty, and
     * null when nothing in it is a name.
     */
    private static @Nullable List<Fallback> fallbacks(JsonToken value, JsonParser parser) throws IOException {
        if (value != JsonToken.START_ARRAY) {
            return null;
        }
        List<Fallback> found = new ArrayList<>();
        boolean empty = true;
        for (JsonToken item = parser.nextToken(); item != JsonToken.END_ARRAY; item = parser.nextToken()) {
            empty = false;
            if (item == JsonToken.VALUE_STRING) {
                found.add(new Fallback(null, parser.getText()));
            } else if (item == JsonToken.START_OBJECT) {
                object(parser, found);
            } else {
                parser.skipChildren();
            }
        }
        return found.isEmpty() && !empty ? null : found;
    }

    private static void object(JsonParser parser, List<Fallback> found) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            JsonToken value = parser.nextToken();
            if (key.equals("model") && value == JsonToken.VALUE_STRING) {
                found.add(new Fallback(null, parser.getText()));
            } else if (value == JsonToken.START_ARRAY) {
                for (String target : BodyScan.strings(parser)) {
                    found.add(new Fallback(key, target));
                }
            }
            parser.skipChildren();
        }
    }

    private static @Nullable List<String> targets(@Nullable List<Fallback> fallbacks, String model) {
        if (fallbacks == null) {
            return null;
        }
        if (fallbacks.isEmpty()) {
            return List.of();
        }
        List<String> targets = fallbacks.stream()
                .filter(one -> one.group() == null
                        || one.group().equals(model)
                        || one.group().equals("*"))
                .map(Fallback::target)
                .toList();
        return targets.isEmpty() ? null : targets;
    }
}
