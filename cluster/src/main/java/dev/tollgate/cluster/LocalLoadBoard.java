package dev.tollgate.cluster;

import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The load board of one lane. Each lane keeps its own plain maps; the counters are the node's, written and read by all lanes
 * ({@link LoadCells}), and a cooldown, being rare, is published to the node's other lanes; {@link LoadExchange} tells other nodes.
 */
public final class LocalLoadBoard implements LoadBoard {
    static final String COOLED = "tollgate.cooled";
    /** Long enough for calls that began with an earlier configuration. */
    static final long FORGET_MILLIS = 600_000;

    static final DeliveryOptions LOCAL = new DeliveryOptions().setLocalOnly(true);

    private final Vertx vertx;
    private final int lane;
    private final NodeLoads node;
    private final Map<String, Load> loads = new HashMap<>();

    /** Deployments that no configuration has, and since when nobody used them here. */
    private final Map<String, Long> idleSince = new HashMap<>();

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
        vertx.eventBus().publish(COOLED, cooled(lane, deploymentId, untilMillis), LOCAL);
    }

    /** {@code lane}: whose decision it was; -1 of another node. */
    static JsonObject cooled(int lane, String deploymentId, long untilMillis) {
        return new JsonObject()
                .put("lane", lane)
                .put("deployment", deploymentId)
                .put("until", untilMillis);
    }

    @Override
    public void renew(String deploymentId) {
        Load load = loads.get(deploymentId);
        if (load != null) {
            load.renew();
        }
    }

    @Override
    public Set<String> sweep(Predicate<String> present, long nowMillis) {
        Set<String> forgotten = new HashSet<>();
        loads.forEach((id, load) -> {
            if (present.test(id) || load.busy(nowMillis)) {
                idleSince.remove(id);
            } else if (nowMillis - idleSince.computeIfAbsent(id, _ -> nowMillis) >= FORGET_MILLIS) {
                forgotten.add(id);
            }
        });
        for (String id : forgotten) {
            loads.remove(id);
            idleSince.remove(id);
            node.forget(id, lane);
        }
        return forgotten;
    }

    /** What this lane measured since this was asked last, by deployment. On the lane's event loop only. */
    Map<String, Load.Measured> collect() {
        Map<String, Load.Measured> collected = new HashMap<>();
        loads.forEach((id, load) -> {
            Load.Measured measured = load.taken();
            if (!measured.isEmpty()) {
                collected.put(id, measured);
            }
        });
        return collected;
    }

    /** Adds what others measured; at most so many are kept of each. On the lane's event loop only. */
    void merge(Map<String, Load.Measured> others, int most) {
        others.forEach((id, measured) -> load(id).merge(measured, most));
    }

    /** Until when deployments are left alone, those that are. On the lane's event loop only. */
    Map<String, Long> cooled(long nowMillis) {
        Map<String, Long> cooled = new HashMap<>();
        loads.forEach((id, load) -> {
            if (load.cooledUntil() > nowMillis) {
                cooled.put(id, load.cooledUntil());
            }
        });
        return cooled;
    }
}
