package dev.tollgate.cluster.relay;

import dev.tollgate.protocol.Attempt;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Surface;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An {@link Attempt} as members of a letter, beside which the body travels as it is. What is at its usual value is left out, and who
 * reads takes the usual value for what is not there, so that a member can be added without a new version. Who calls does not travel:
 * no provider needs to know.
 */
final class AttemptCodec {
    private AttemptCodec() {}

    /** Adds the attempt's members. */
    static JsonObject write(Attempt attempt, JsonObject members) {
        Call call = attempt.call();
        members.put("leg", attempt.leg())
                .put("call", call.id())
                .put("surface", call.surface().name())
                .put("deployment", attempt.deploymentId())
                .put("model", attempt.upstreamModel())
                .put("requested", attempt.requestedModel())
                .put("timeout", attempt.timeout().toNanos())
                .put("first", attempt.firstContent().toNanos())
                .put("envelope", EnvelopeCodec.write(call.envelope()));
        if (attempt.minStreamRate() != 0) {
            members.put("rate", attempt.minStreamRate());
        }
        if (!call.headers().isEmpty()) {
            JsonObject headers = new JsonObject();
            call.headers().forEach(headers::put);
            members.put("headers", headers);
        }
        return members;
    }

    /**
     * Reads it, under another name of the try.
     *
     * @throws RuntimeException when it is no attempt, or one that this release cannot make
     */
    static Attempt read(JsonObject members, Buffer body, String leg) {
        long timeout = members.getLong("timeout");
        Call call = new Call(
                members.getString("call"),
                surface(members.getString("surface")),
                Caller.ANYONE,
                EnvelopeCodec.read(members.getJsonObject("envelope")),
                headers(members.getJsonObject("headers")),
                body,
                System.nanoTime());
        return new Attempt(
                leg,
                call,
                members.getString("deployment"),
                members.getString("model"),
                members.getString("requested"),
                Duration.ofNanos(timeout),
                Duration.ofNanos(members.getLong("first", timeout)),
                members.getDouble("rate", 0d));
    }

    private static Surface surface(String name) {
        for (Surface surface : Surface.values()) {
            if (surface.name().equals(name)) {
                return surface;
            }
        }
        throw new IllegalArgumentException("this node is of a release that does not know the API " + name);
    }

    /** Members whose values are texts. */
    static Map<String, String> headers(@Nullable JsonObject members) {
        if (members == null || members.isEmpty()) {
            return Map.of();
        }
        Map<String, String> headers = new LinkedHashMap<>();
        members.forEach(entry -> headers.put(entry.getKey(), String.valueOf(entry.getValue())));
        return headers;
    }
}
