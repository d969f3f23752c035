package dev.tollgate.cluster.relay;

import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.StreamRef;
import dev.tollgate.protocol.Usage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An {@link Answer} of a provider as members of a letter, beside which a body travels as it is. It has no route yet: that is the router's. */
final class AnswerCodec {
    private static final String KIND = "kind";
    private static final Buffer NOTHING = Buffer.buffer();

    private AnswerCodec() {}

    /** Adds the answer's members. */
    static JsonObject write(Answer answer, JsonObject members) {
        switch (answer) {
            case Answer.Whole whole -> {
                members.put(KIND, "whole").put("status", whole.status());
                headers(whole.headers(), members);
                model(whole.upstreamModel(), members);
                usage(whole.usage(), members);
            }
            case Answer.Streaming streaming -> {
                members.put(KIND, "streaming");
                headers(streaming.headers(), members);
                if (streaming.continuable()) {
                    members.put("continuable", true);
                }
            }
            case Answer.Refused refused -> {
                members.put(KIND, "refused");
                failure(refused.failure(), members);
                usage(refused.usage(), members);
            }
        }
        return members;
    }

    /** What travels beside the members. */
    static Buffer body(Answer answer) {
        return answer instanceof Answer.Whole whole ? whole.body() : NOTHING;
    }

    /** Reads it; {@code stream}: where its chunks will come from, when it is a stream. */
    static Answer read(JsonObject members, Buffer body, StreamRef stream) {
        Map<String, String> headers = AttemptCodec.headers(members.getJsonObject("headers"));
        return switch (members.getString(KIND)) {
            case "whole" ->
                new Answer.Whole(
                        members.getInteger("status", 200),
                        headers,
                        body,
                        usage(members),
                        members.getString("model"),
                        null);
            case "streaming" -> new Answer.Streaming(headers, stream, null, members.getBoolean("continuable", false));
            case "refused" -> new Answer.Refused(failure(members), null, usage(members));
            case null, default -> throw new IllegalArgumentException("an answer of an unknown kind");
        };
    }

    private static void headers(Map<String, String> headers, JsonObject members) {
        if (!headers.isEmpty()) {
            JsonObject written = new JsonObject();
            headers.forEach(written::put);
            members.put("headers", written);
        }
    }

    /** The model name that the provider says it used. */
    static void model(@Nullable String model, JsonObject members) {
        if (model != null) {
            members.put("model", model);
        }
    }

    /** Only what is not zero. */
    static void usage(Usage usage, JsonObject members) {
        if (usage.equals(Usage.NONE)) {
            return;
        }
        JsonObject written = new JsonObject();
        count(written, "prompt", usage.prompt());
        count(written, "cache_read", usage.cacheRead());
        count(written, "cache_write", usage.cacheWrite());
        count(written, "cache_write_hour", usage.cacheWriteHour());
        count(written, "audio_prompt", usage.audioPrompt());
        count(written, "image_prompt", usage.imagePrompt());
        count(written, "completion", usage.completion());
        count(written, "reasoning", usage.reasoning());
        count(written, "audio_completion", usage.audioCompletion());
        count(written, "image_completion", usage.imageCompletion());
        count(written, "web_searches", usage.webSearches());
        if (usage.reported()) {
            written.put("reported", true);
        }
        if (usage.tier() != null) {
            written.put("tier", usage.tier().word());
        }
        members.put("usage", written);
    }

    private static void count(JsonObject usage, String name, long count) {
        if (count != 0) {
            usage.put(name, count);
        }
    }

    static Usage usage(JsonObject members) {
        JsonObject usage = members.getJsonObject("usage");
        String tier = usage == null ? null : usage.getString("tier");
        return usage == null
                ? Usage.NONE
                : new Usage(
                        usage.getLong("prompt", 0L),
                        usage.getLong("cache_read", 0L),
                        usage.getLong("cache_write", 0L),
                        usage.getLong("cache_write_hour", 0L),
                        usage.getLong("audio_prompt", 0L),
                        usage.getLong("image_prompt", 0L),
                        usage.getLong("completion", 0L),
                        usage.getLong("reasoning", 0L),
                        usage.getLong("audio_completion", 0L),
                        usage.getLong("image_completion", 0L),
                        usage.getLong("web_searches", 0L),
                        usage.getBoolean("reported", false),
                        tier == null ? null : ServiceTier.named(tier));
    }

    static void failure(Failure failure, JsonObject members) {
        Duration wait = failure.retryAfter();
        members.put(
                "failure",
                new JsonObject()
                        .put(KIND, failure.kind().name())
                        .put("status", failure.status())
                        .put("message", failure.message())
                        .put("provider", failure.provider())
                        .put("param", failure.param())
                        .put("code", failure.code())
                        .put("type", failure.type())
                        .put("retry_after", wait == null ? null : (Long) wait.toNanos()));
    }

    static Failure failure(JsonObject members) {
        JsonObject failure = members.getJsonObject("failure", new JsonObject());
        FailureKind kind = kind(failure.getString(KIND), failure.getInteger("status", 500));
        Long wait = failure.getLong("retry_after");
        return new Failure(
                kind,
                failure.getInteger("status", kind.status()),
                failure.getString("message", ""),
                failure.getString("provider"),
                failure.getString("param"),
                failure.getString("code"),
                failure.getString("type"),
                wait == null ? null : Duration.ofNanos(wait));
    }

    /** One that only a later release knows is what its status says. */
    private static FailureKind kind(@Nullable String name, int status) {
        for (FailureKind kind : FailureKind.values()) {
            if (kind.name().equals(name)) {
                return kind;
            }
        }
        return FailureKind.ofUpstreamStatus(status);
    }
}
