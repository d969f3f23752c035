package dev.tollgate.cluster.relay;

import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Span;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An {@link Envelope} as members; what is at its usual value is left out. Spans are two numbers in a row. */
final class EnvelopeCodec {
    private EnvelopeCodec() {}

    static JsonObject write(Envelope envelope) {
        JsonObject members = new JsonObject().put("model", envelope.model()).put("start", envelope.bodyStart());
        flag(members, "members", envelope.members());
        flag(members, "stream", envelope.stream());
        flag(members, "stream_usage", envelope.streamUsage());
        span(members, "model_span", envelope.modelSpan());
        span(members, "stream_options", envelope.streamOptions());
        if (envelope.maxTokens() != 0) {
            members.put("max_tokens", envelope.maxTokens());
        }
        if (envelope.choices() != 1) {
            members.put("choices", envelope.choices());
        }
        if (envelope.user() != null) {
            members.put("user", envelope.user());
        }
        texts(members, "tags", envelope.tags());
        texts(members, "present", envelope.present());
        if (!envelope.proxyMembers().isEmpty()) {
            JsonArray spans = new JsonArray();
            envelope.proxyMembers().forEach(span -> spans.add(span.start()).add(span.end()));
            members.put("proxy_members", spans);
        }
        if (!envelope.overrides().equals(Envelope.Overrides.NONE)) {
            members.put("overrides", overrides(envelope.overrides()));
        }
        if (!envelope.marks().equals(Envelope.Marks.NONE)) {
            Envelope.Marks marks = envelope.marks();
            members.put(
                    "marks",
                    new JsonObject()
                            .put("session", marks.session())
                            .put("region", marks.region())
                            .put("user_agent", marks.userAgent()));
        }
        return members;
    }

    private static void flag(JsonObject members, String name, boolean value) {
        if (value) {
            members.put(name, true);
        }
    }

    private static void span(JsonObject members, String name, @Nullable Span span) {
        if (span != null) {
            members.put(name, new JsonArray().add(span.start()).add(span.end()));
        }
    }

    private static void texts(JsonObject members, String name, List<String> values) {
        if (!values.isEmpty()) {
            members.put(name, new JsonArray(values));
        }
    }

    private static JsonObject overrides(Envelope.Overrides overrides) {
        JsonObject members = new JsonObject()
                .put("num_retries", overrides.numRetries())
                .put("timeout", nanos(overrides.timeout()))
                .put("stream_timeout", nanos(overrides.streamTimeout()))
                .put("fallbacks", array(overrides.fallbacks()))
                .put("disable_fallbacks", overrides.disableFallbacks());
        Envelope.Special special = overrides.special();
        if (!special.equals(Envelope.Special.NONE)) {
            Envelope.Rehearsal rehearsal = special.rehearsal();
            members.put(
                    "special",
                    new JsonObject()
                            .put("context_window_fallbacks", array(special.contextWindowFallbacks()))
                            .put("content_policy_fallbacks", array(special.contentPolicyFallbacks()))
                            .put("rehearsal", rehearsal == null ? null : rehearsal.name())
                            .put("mock_response", special.mockResponse())
                            .put("max_fallbacks", special.maxFallbacks()));
        }
        return members;
    }

    private static @Nullable Long nanos(@Nullable Duration duration) {
        return duration == null ? null : (Long) duration.toNanos();
    }

    private static @Nullable JsonArray array(@Nullable List<String> values) {
        return values == null ? null : new JsonArray(values);
    }

    static Envelope read(JsonObject members) {
        return new Envelope(
                members.getString("model"),
                span(members.getJsonArray("model_span")),
                members.getInteger("start", 1),
                members.getBoolean("members", false),
                members.getBoolean("stream", false),
                members.getBoolean("stream_usage", false),
                span(members.getJsonArray("stream_options")),
                members.getInteger("max_tokens", 0),
                members.getInteger("choices", 1),
                members.getString("user"),
                texts(members.getJsonArray("tags", new JsonArray())),
                spans(members.getJsonArray("proxy_members", new JsonArray())),
                texts(members.getJsonArray("present", new JsonArray())),
                readOverrides(members.getJsonObject("overrides")),
                marks(members.getJsonObject("marks")));
    }

    private static @Nullable Span span(@Nullable JsonArray both) {
        return both == null ? null : new Span(both.getInteger(0), both.getInteger(1));
    }

    private static List<Span> spans(JsonArray numbers) {
        List<Span> spans = new ArrayList<>(numbers.size() / 2);
        for (int i = 0; i + 1 < numbers.size(); i += 2) {
            spans.add(new Span(numbers.getInteger(i), numbers.getInteger(i + 1)));
        }
        return spans;
    }

    private static List<String> texts(JsonArray values) {
        List<String> texts = new ArrayList<>(values.size());
        values.forEach(value -> texts.add(String.valueOf(value)));
        return texts;
    }

    private static @Nullable List<String> textsOrNull(@Nullable JsonArray values) {
        return values == null ? null : texts(values);
    }

    private static Envelope.Marks marks(@Nullable JsonObject members) {
        return members == null
                ? Envelope.Marks.NONE
                : new Envelope.Marks(
                        members.getString("session"), members.getString("region"), members.getString("user_agent"));
    }

    private static Envelope.Overrides readOverrides(@Nullable JsonObject members) {
        return members == null
                ? Envelope.Overrides.NONE
                : new Envelope.Overrides(
                        members.getInteger("num_retries"),
                        duration(members.getLong("timeout")),
                        duration(members.getLong("stream_timeout")),
                        textsOrNull(members.getJsonArray("fallbacks")),
                        members.getBoolean("disable_fallbacks", false),
                        special(members.getJsonObject("special")));
    }

    private static @Nullable Duration duration(@Nullable Long nanos) {
        return nanos == null ? null : Duration.ofNanos(nanos);
    }

    private static Envelope.Special special(@Nullable JsonObject members) {
        return members == null
                ? Envelope.Special.NONE
                : new Envelope.Special(
                        textsOrNull(members.getJsonArray("context_window_fallbacks")),
                        textsOrNull(members.getJsonArray("content_policy_fallbacks")),
                        rehearsal(members.getString("rehearsal")),
                        members.getString("mock_response"),
                        members.getInteger("max_fallbacks"));
    }

    /** One that only a later release knows is the router's business, and there it is done. */
    private static Envelope.@Nullable Rehearsal rehearsal(@Nullable String name) {
        for (Envelope.Rehearsal rehearsal : Envelope.Rehearsal.values()) {
            if (rehearsal.name().equals(name)) {
                return rehearsal;
            }
        }
        return null;
    }
}
