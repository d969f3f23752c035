package dev.tollgate.gateway.control;

import dev.tollgate.cluster.Lane;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.ModelAccess;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/** Lists what can be asked for, in OpenAI's shape: {@code /v1/models}. */
final class Models {
    /** LiteLLM shows this constant for every model (2023-02-28). */
    private static final long CREATED = 1_677_610_602L;

    private final Lane lane;

    Models(Lane lane) {
        this.lane = lane;
    }

    void list(RoutingContext context) {
        JsonArray data = new JsonArray();
        ModelAccess access = ControlPlane.caller(context).models();
        for (String name : lane.config().models().names()) {
            if (access.allows(name)) {
                data.add(model(name));
            }
        }
        ControlPlane.json(context, new JsonObject().put("data", data).put("object", "list"));
    }

    void one(RoutingContext context) {
        String id =
                URLDecoder.decode(String.valueOf(context.pathParam("id")).replace("+", "%2B"), StandardCharsets.UTF_8);
        if (lane.config().models().resolve(id) == null
                || !ControlPlane.caller(context).models().allows(id)) {
            ControlPlane.failed(
                    context,
                    Failure.of(FailureKind.NOT_FOUND, "The model `" + id + "` does not exist. See /v1/models")
                            .withParam("model")
                            .withCode("model_not_found"));
        } else {
            ControlPlane.json(context, model(id));
        }
    }

    private static JsonObject model(String name) {
        return new JsonObject()
                .put("id", name)
                .put("object", "model")
                .put("created", CREATED)
                .put("owned_by", "openai");
    }
}
