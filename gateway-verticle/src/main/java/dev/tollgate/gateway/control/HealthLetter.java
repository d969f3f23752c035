package dev.tollgate.gateway.control;

import dev.tollgate.cluster.Letter;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.HealthRound;
import dev.tollgate.protocol.ProbeResult;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A round of health checks on its way to the other nodes, which make none of their own. */
final class HealthLetter {
    static final String TOPIC = "health";

    private HealthLetter() {}

    static Letter of(HealthRound round) {
        JsonArray results = new JsonArray();
        for (ProbeResult result : round.results()) {
            JsonObject one = new JsonObject().put("deployment", result.deploymentId());
            Failure failure = result.failure();
            if (failure != null) {
                one.put("kind", failure.kind().name())
                        .put("status", failure.status())
                        .put("message", failure.message())
                        .put("provider", failure.provider());
            }
            results.add(one);
        }
        return new Letter(TOPIC, new JsonObject().put("results", results).put("at", round.checkedAtMillis()));
    }

    static HealthRound read(Letter letter) {
        List<ProbeResult> results = new ArrayList<>();
        JsonArray told = letter.members().getJsonArray("results", new JsonArray());
        for (int i = 0; i < told.size(); i++) {
            JsonObject one = told.getJsonObject(i);
            results.add(new ProbeResult(one.getString("deployment", ""), failure(one)));
        }
        return new HealthRound(results, letter.members().getLong("at", 0L));
    }

    private static @Nullable Failure failure(JsonObject one) {
        String kind = one.getString("kind");
        if (kind == null) {
            return null;
        }
        String message = one.getString("message", "");
        Failure plain = Failure.of(kind(kind), message);
        return new Failure(
                plain.kind(),
                one.getInteger("status", plain.status()),
                message,
                one.getString("provider"),
                null,
                null,
                null);
    }

    /** One that only a later release knows is still a failure. */
    private static FailureKind kind(String name) {
        for (FailureKind kind : FailureKind.values()) {
            if (kind.name().equals(name)) {
                return kind;
            }
        }
        return FailureKind.UPSTREAM_ERROR;
    }
}
