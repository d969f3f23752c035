package dev.tollgate.gateway.surface;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Span;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a request body once, from front to back, without building a tree: validates it as JSON, notes the few members that
 * routing, limits and accounting need, and where in the bytes the model's name stands so that it can be replaced in place.
 * Measured: 1.0 µs for 1 KB, 49 µs for 100 KB, 0.5 ms for 1 MB (a tree: 3.6 µs, 257 µs, 2.6 ms).
 *
 * <p>The parser refuses nesting deeper than 1,000 levels by itself, and skips what is not needed without decoding it.
 */
public final class BodyScan {
    private static final JsonFactory JSON = new JsonFactory();

    /** Names are remembered, logged and counted by, so they must have an end. */
    private static final int LONGEST_MODEL = 512;

    /** More than any provider takes. */
    private static final int MOST_CHOICES = 4_096;

    /** Members that LiteLLM's clients send to the proxy and that no provider knows; they are left out of the upstream body. */
    private static final Set<String> PROXY_MEMBERS = Set.of(
            "fallbacks",
            "context_window_fallbacks",
            "content_policy_fallbacks",
            "disable_fallbacks",
            "num_retries",
            "timeout",
            "stream_timeout",
            "litellm_metadata",
            "litellm_session_id",
            "litellm_trace_id",
            "allowed_model_region",
            "tags",
            "cache",
            "caching",
            "no-log",
            "guardrails",
            "policies",
            "prompt_id",
            "prompt_variables",
            "drop_params",
            "additional_drop_params",
            "allowed_openai_params",
            "max_fallbacks",
            "mock_response",
            "mock_testing_fallbacks",
            "mock_testing_context_fallbacks",
            "mock_testing_content_policy_fallbacks",
            "mock_testing_rate_limit_error",
            "api_key",
            "api_base",
            "base_url",
            "user_config");

    private final JsonParser parser;
    private final @Nullable String pathModel;
    private final int length;

    private @Nullable String model;
    private @Nullable Span modelSpan;
    private int bodyStart;
    private boolean stream;
    private boolean streamUsage;
    private @Nullable Span streamOptions;
    private int maxTokens;
    private int choices = 1;
    private int prompts = 1;
    private @Nullable String user;
    private List<String> tags = List.of();
    private @Nullable String session;
    private @Nullable String region;
    private final Wishes wishes = new Wishes();
    private final List<Span> proxyMembers = new ArrayList<>(0);
    private final List<String> present = new ArrayList<>(12);

    /** What a scan comes to. */
    public sealed interface Result {
        /** The body is a JSON object that names a model (or the path does). */
        record Scanned(Envelope envelope) implements Result {}

        /** It is not. */
        record Wrong(Failure failure) implements Result {}
    }

    private BodyScan(JsonParser parser, int length, @Nullable String pathModel) {
        this.parser = parser;
        this.length = length;
        this.pathModel = pathModel;
        this.model = pathModel;
    }

    /** Scans a body; {@code pathModel} is the model that the path named, which then wins, or null. */
    public static Result scan(Buffer body, @Nullable String pathModel) {
        var bytes = ((BufferInternal) body).getByteBuf();
        int length = bytes.readableBytes();
        if (length > 1 && (bytes.getByte(bytes.readerIndex()) == 0 || bytes.getByte(bytes.readerIndex() + 1) == 0)) {
            // The parser would understand UTF-16 and UTF-32, but its offsets would not be ours.
            return wrong("Invalid JSON payload: it must be UTF-8 (RFC 8259 §8.1)", "request_body");
        }
        try (JsonParser parser = bytes.hasArray()
                ? JSON.createParser(bytes.array(), bytes.arrayOffset() + bytes.readerIndex(), length)
                : JSON.createParser(body.getBytes())) {
            return new BodyScan(parser, length, pathModel).read();
        } catch (StreamConstraintsException e) {
            return wrong("Invalid JSON payload: " + e.getOriginalMessage(), "request_body");
        } catch (JsonParseException e) {
            return wrong("Invalid JSON payload: " + reason(e), "request_body");
        } catch (JacksonException e) {
            return wrong("Invalid JSON payload: " + e.getOriginalMessage(), "request_body");
        } catch (IOException e) {
            return wrong("Invalid JSON payload: " + e.getMessage(), "request_body");
        }
    }

    /** The parser's words without its note about where the text came from. */
    private static String reason(JsonParseException e) {
        String text = e.getOriginalMessage();
        int source = text.indexOf(" (start marker at");
        return (source < 0 ? text : text.substring(0, source)) + " (at byte "
                + Math.max(0, e.getLocation().getByteOffset()) + ")";
    }

    private static Result wrong(String message, @Nullable String param) {
        return new Result.Wrong(Failure.of(FailureKind.BAD_REQUEST, message).withParam(param));
    }

    private Result read() throws IOException {
        JsonToken first = parser.nextToken();
        if (first != JsonToken.START_OBJECT) {
            return wrong(
                    "Invalid JSON payload: expected an object, got " + (first == null ? "nothing" : "something else"),
                    "request_body");
        }
        bodyStart = end();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            int start = PROXY_MEMBERS.contains(name) ? start() : -1;
            present.add(name);
            JsonToken value = parser.nextToken();
            Failure failure = member(name, value);
            if (failure != null) {
                return new Result.Wrong(failure);
            }
            parser.skipChildren();
            if (start >= 0) {
                proxyMembers.add(new Span(start, end()));
            }
        }
        if (parser.nextToken() != null) {
            return wrong("Invalid JSON payload: something follows the object", "request_body");
        }
        if (model == null || model.isEmpty()) {
            return wrong(
                    "Invalid model name passed in model=None. Call `/v1/models` to view available models for your key.",
                    "model");
        }
        if (model.length() > LONGEST_MODEL) {
            return wrong("`model` is longer than " + LONGEST_MODEL + " characters", "model");
        }
        return new Result.Scanned(envelope(model));
    }

    private Envelope envelope(String named) {
        return new Envelope(
                named,
                modelSpan,
                bodyStart,
                !present.isEmpty(),
                stream,
                streamUsage,
                streamOptions,
                maxTokens,
                prompts * Math.max(1, choices),
                user,
                tags,
                proxyMembers,
                present,
                wishes.of(named),
                session == null && region == null ? Envelope.Marks.NONE : new Envelope.Marks(session, region, null));
    }

    private @Nullable Failure member(String name, JsonToken value) throws IOException {
        switch (name) {
            case "model" -> {
                return model(value);
            }
            case "stream" -> stream = value == JsonToken.VALUE_TRUE;
            case "stream_options" -> streamOptions(value);
            case "max_tokens", "max_completion_tokens" ->
                maxTokens = Math.max(maxTokens, whole(value, Integer.MAX_VALUE));
            case "n", "best_of" -> choices = Math.max(choices, whole(value, MOST_CHOICES));
            case "prompt" -> prompts(value);
            case "user" -> user = value == JsonToken.VALUE_STRING ? parser.getText() : null;
            case "metadata", "litellm_metadata" -> metadata(value);
            case "litellm_session_id" -> session = value == JsonToken.VALUE_STRING ? parser.getText() : session;
            case "allowed_model_region" -> region = value == JsonToken.VALUE_STRING ? parser.getText() : null;
            case "tags" -> tags = strings(value, tags);
            default -> {
                if (PROXY_MEMBERS.contains(name)) {
                    return wishes.member(name, value, parser);
                }
            }
        }
        return null;
    }

    /** A second {@code model} member would let the check and the upstream see different models. */
    private @Nullable Failure model(JsonToken value) throws IOException {
        if (modelSpan != null) {
            return Failure.of(FailureKind.BAD_REQUEST, "Invalid JSON payload: `model` is given twice")
                    .withParam("model");
        }
        if (value != JsonToken.VALUE_STRING) {
            return Failure.of(FailureKind.BAD_REQUEST, "`model` must be a string")
                    .withParam("model");
        }
        int start = start();
        String text = parser.getText();
        modelSpan = new Span(start, end());
        if (pathModel == null) {
            model = text;
        }
        return null;
    }

    /** Fractions and texts that hold a number count as well, rounded up: some providers take them. */
    private int whole(JsonToken value, int most) throws IOException {
        if (!value.isNumeric() && value != JsonToken.VALUE_STRING) {
            return 0;
        }
        try {
            double number = value.isNumeric()
                    ? parser.getDoubleValue()
                    : Double.parseDouble(parser.getText().strip());
            return Double.isNaN(number) ? 0 : (int) Math.clamp(Math.ceil(number), 0, most);
        } catch (NumberFormatException _) {
            return 0;
        }
    }

    /** One prompt is a string or a list of token numbers; several are a list of those. */
    private void prompts(JsonToken value) throws IOException {
        if (value != JsonToken.START_ARRAY) {
            return;
        }
        int several = 0;
        for (JsonToken item = parser.nextToken(); item != JsonToken.END_ARRAY; item = parser.nextToken()) {
            several += item == JsonToken.VALUE_STRING || item == JsonToken.START_ARRAY ? 1 : 0;
            parser.skipChildren();
        }
        prompts = Math.clamp(several, 1, MOST_CHOICES);
    }

    private void streamOptions(JsonToken value) throws IOException {
        int start = start();
        if (value == JsonToken.START_OBJECT) {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean usage = parser.currentName().equals("include_usage");
                JsonToken option = parser.nextToken();
                if (usage) {
                    streamUsage = option == JsonToken.VALUE_TRUE;
                }
                parser.skipChildren();
            }
        }
        streamOptions = new Span(start, end());
    }

    private void metadata(JsonToken value) throws IOException {
        if (value != JsonToken.START_OBJECT) {
            return;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            JsonToken inner = parser.nextToken();
            if (key.equals("tags")) {
                tags = strings(inner, tags);
            } else if (key.equals("session_id") && inner == JsonToken.VALUE_STRING && session == null) {
                session = parser.getText();
            } else if (key.equals("user_id") && inner == JsonToken.VALUE_STRING && user == null) {
                user = parser.getText();
            }
            parser.skipChildren();
        }
    }

    private List<String> strings(JsonToken value, List<String> otherwise) throws IOException {
        return value == JsonToken.START_ARRAY ? strings(parser) : otherwise;
    }

    /** The strings of the array that the parser has just entered. */
    static List<String> strings(JsonParser parser) throws IOException {
        List<String> found = new ArrayList<>();
        for (JsonToken item = parser.nextToken(); item != JsonToken.END_ARRAY; item = parser.nextToken()) {
            if (item == JsonToken.VALUE_STRING) {
                found.add(parser.getText());
            } else {
                parser.skipChildren();
            }
        }
        return found;
    }

    private int start() {
        return (int) parser.currentTokenLocation().getByteOffset();
    }

    private int end() throws IOException {
        parser.finishToken();
        return (int) Math.min(length, parser.currentLocation().getByteOffset());
    }
}
