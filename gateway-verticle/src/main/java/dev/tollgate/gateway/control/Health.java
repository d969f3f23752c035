package dev.tollgate.gateway.control;

import dev.tollgate.cluster.Lane;
import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Probe;
import dev.tollgate.protocol.ProbeResult;
import dev.tollgate.protocol.Query;
import dev.tollgate.protocol.QueryResult;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** {@code /health} asks every deployment for one token and says which answered; {@code /health/readiness} says whether this node serves. */
final class Health {
    private static final int AT_ONCE = 10;

    private final Lane lane;

    Health(Lane lane) {
        this.lane = lane;
    }

    /**
     * LiteLLM's {@code db} tells of the store of spend; ours is embedded unless another is configured, so it is "connected" as long as
     * it takes what it is given. When it does not, calls are still served and their spend waits in the journal: still 200.
     */
    void readiness(RoutingContext context) {
        lane.bus()
                .<Query, QueryResult>ask(Addresses.LEDGER, new Query(Query.STORE, Map.of()))
                .map(result -> result.json() != null
                        && Boolean.TRUE.equals(result.json().toJsonObject().getBoolean("works")))
                .otherwise(false)
                .onSuccess(works -> ControlPlane.json(
                        context,
                        new JsonObject()
                                .put("status", "healthy")
                                .put("db", works ? "connected" : "Not connected")
                                .put("tollgate_version", lane.node().options().version())));
    }

    void probe(RoutingContext context, boolean open) {
        String model = context.queryParams().get("model");
        List<Deployment> asked = new ArrayList<>();
        for (Deployment deployment : lane.config().models().deployments()) {
            boolean wild = deployment.upstreamModel().contains("*");
            if ((model == null || model.equals(deployment.group()))
                    && (!wild || deployment.info().healthCheckModel() != null)) {
                asked.add(deployment);
            }
        }
        List<JsonObject> well = new ArrayList<>();
        List<JsonObject> ill = new ArrayList<>();
        Iterator<Deployment> rest = asked.iterator();
        List<Future<Void>> workers = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            workers.add(next(rest, well, ill));
        }
        Future.all(workers).onComplete(_ -> {
            JsonObject body = new JsonObject();
            if (open) {
                body.put("status", "healthy");
            }
            ControlPlane.json(
                    context,
                    body.put("healthy_endpoints", new JsonArray(well))
                            .put("unhealthy_endpoints", new JsonArray(ill))
                            .put("healthy_count", well.size())
                            .put("unhealthy_count", ill.size()));
        });
    }

    private Future<Void> next(Iterator<Deployment> rest, List<JsonObject> well, List<JsonObject> ill) {
        if (!rest.hasNext()) {
            return Future.succeededFuture();
        }
        Deployment deployment = rest.next();
        return lane.bus()
                .<Probe, ProbeResult>ask(
                        Addresses.provider(deployment.provider().name()), new Probe(deployment.id()))
                .otherwise(cause -> new ProbeResult(
                        deployment.id(), Failure.of(FailureKind.OVERLOADED, String.valueOf(cause.getMessage()))))
                .compose(result -> {
                    JsonObject endpoint = new JsonObject()
                            .put("model", deployment.qualifiedModel())
                            .put("model_name", deployment.group())
                            .put("model_id", deployment.id())
                            .put("api_base", deployment.apiBase());
                    if (result.failure() == null) {
                        well.add(endpoint);
                    } else {
                        ill.add(endpoint.put("error", result.failure().message()));
                    }
                    return next(rest, well, ill);
                });
    }
}
