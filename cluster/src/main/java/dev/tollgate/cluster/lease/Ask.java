package dev.tollgate.cluster.lease;

import io.vertx.core.json.JsonObject;

/**
 * A node needs more.
 *
 * @param node which
 * @param meter of what
 * @param told what it has
 * @param need the least that helps
 * @param want as much would be good
 * @param total what all nodes may use together
 */
record Ask(String node, Meter meter, Told told, long need, long want, long total) {

    /** It needs so much beside that. */
    Ask beside(long more) {
        return new Ask(node, meter, told, need + more, want, total);
    }

    JsonObject letter(String view) {
        return told.put(new JsonObject())
                .put("view", view)
                .put("node", node)
                .put("meter", meter.wire())
                .put("need", need)
                .put("want", want)
                .put("total", total);
    }

    static Ask of(JsonObject letter) {
        return new Ask(
                letter.getString("node"),
                Meter.of(letter.getString("meter")),
                Told.of(letter),
                letter.getLong("need"),
                letter.getLong("want"),
                letter.getLong("total"));
    }
}
