package dev.tollgate.cluster.lease;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * What a node tells of its share.
 *
 * @param state how it stands
 * @param grants how many answers with something in them it has had since the nodes changed
 * @param shrinks how often it has given something up
 */
record Told(Share.State state, long grants, long shrinks) {

    JsonObject put(JsonObject letter) {
        return letter.put("granted", state.granted())
                .put("used", state.used())
                .put("busy", state.busy())
                .put("grants", grants)
                .put("shrinks", shrinks);
    }

    static Told of(JsonObject letter) {
        return new Told(
                new Share.State(letter.getLong("granted"), letter.getLong("used"), letter.getBoolean("busy")),
                letter.getLong("grants"),
                letter.getLong("shrinks"));
    }

    JsonArray row(Meter meter) {
        return new JsonArray()
                .add(meter.wire())
                .add(state.granted())
                .add(state.used())
                .add(state.busy())
                .add(shrinks);
    }

    /** After the nodes have changed; nothing has been granted since then. */
    static Told of(JsonArray row) {
        return new Told(new Share.State(row.getLong(1), row.getLong(2), row.getBoolean(3)), 0, row.getLong(4));
    }
}
