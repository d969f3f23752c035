package dev.tollgate.gateway.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.gateway.surface.BodyScan;
import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Envelope;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Changes a call as its admission says: another model, fewer tokens to generate. */
final class Granting {
    private static final List<String> MEMBERS = List.of("max_tokens", "max_completion_tokens");

    /** Numbers keep their digits. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private Granting() {}

    static Call applied(Call call, Admission.Granted granted) {
        Call capped = granted.cap() == null ? call : capped(call, granted.cap());
        String model = granted.model();
        Call named = model == null ? capped : capped.with(capped.envelope().withModel(model));
        String region = granted.region();
        return region == null ? named : named.with(named.envelope().within(region));
    }

    /** Seldom needed, only near the end of a budget: so by way of a tree, and the new body is scanned again. */
    static Call capped(Call call, Admission.Cap cap) {
        ObjectNode body = read(call.body());
        boolean given = false;
        for (String member : MEMBERS) {
            JsonNode value = body.get(member);
            if (value != null && !value.isNull()) {
                given = true;
                body.put(member, Math.min(value.asLong(cap.maxTokens()), cap.maxTokens()));
            }
        }
        if (!given) {
            body.put(cap.member(), cap.maxTokens());
        }
        Buffer bytes = written(body);
        if (BodyScan.scan(bytes, pathModel(call)) instanceof BodyScan.Result.Scanned scanned) {
            return call.with(joined(call.envelope(), scanned.envelope()), bytes);
        }
        throw new IllegalStateException("A body with fewer tokens to generate is still a body");
    }

    private static @Nullable String pathModel(Call call) {
        return call.envelope().modelSpan() == null ? call.envelope().model() : null;
    }

    /** Where things stand is new; the model that was granted and what headers and the key said stay. */
    static Envelope joined(Envelope before, Envelope after) {
        return after.withModel(before.model()).with(before.user(), before.tags(), before.overrides(), before.marks());
    }

    private static ObjectNode read(Buffer body) {
        try {
            return (ObjectNode) JSON.readTree(body.getBytes());
        } catch (IOException e) {
            throw new IllegalStateException("A body that was scanned is JSON", e);
        }
    }

    private static Buffer written(ObjectNode body) {
        try {
            return Buffer.buffer(JSON.writeValueAsBytes(body));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("What was read can be written", e);
        }
    }
}
