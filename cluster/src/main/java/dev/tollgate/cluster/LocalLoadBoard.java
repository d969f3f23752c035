package dev.tollgate.cluster;

import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;

/**
 * The load board of a node that stands alone. Each lane keeps its own plain maps; counters are written by one lane and read by all
 * ({@link LoadCells}), and a cooldown, being rare, is published to the node's other lanes.
 */
public final class LocalLoadBoard implements LoadBoard {
    private static final String COOLED = "tollgate.cooled";

    private final Vertx vertx;
    private final int lane;
    private final NodeLoads node;
    private final Map<String, Load> loads = new HashMap<>();

    /** Must be made on the lane's event loop: it listens there. */
    public LocalLoadBoard(Vertx vertx, int lane, NodeLoads node) {
        this.vertx = vertx;
        this.lane = lane;
        this.node = node;
        vertx.eventBus().<JsonObject>localConsumer(COOLED, message -> {
            JsonObject cooled = message.body();
            if (cooled.getInteger("lane") != lane) {
                load(cooled.getString("deployment")).coolUntil(cooled.getLong("until"));
            }
        });
    }

    @Override
    public Load load(String deploymentId) {
        Load load = loads.get(deploymentId);
        if (load == null) {
            load = node.of(deploymentId, lane);
            loads.put(deploymentId, load);
        }
        return load;
    }

    @Override
    public void cool(String deploymentId, long untilMillis) {
        load(deploymentId).coolUntil(untilMillis);
        vertx.eventBus()
                .publish(
                        COOLED,
                        new JsonObject()
                                .put("lane", lane)
                                .put("deployment", deploymentId)
                                .put("until", untilMillis),
                        new DeliveryOptions().setLocalOnly(true));
    }
}
