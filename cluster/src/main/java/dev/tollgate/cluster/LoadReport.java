package dev.tollgate.cluster;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;

/**
 * What one node tells the others of its deployments. Counts are whole figures, not differences, so one that is lost does no harm;
 * measurements are those since the report before.
 *
 * @param counts by deployment, those that changed
 * @param measured by deployment
 * @param cooledUntil by deployment, in milliseconds since 1970
 */
record LoadReport(Map<String, Counts> counts, Map<String, Load.Measured> measured, Map<String, Long> cooledUntil) {
    static final String TOPIC = "load";

    boolean isEmpty() {
        return counts.isEmpty() && measured.isEmpty() && cooledUntil.isEmpty();
    }

    Letter letter() {
        JsonObject deployments = new JsonObject();
        counts.forEach((id, count) -> of(deployments, id)
                .put("minute", count.minute())
                .put("in_flight", count.inFlight())
                .put("begun", count.begun())
                .put("succeeded", count.succeeded())
                .put("tokens", count.tokens()));
        measured.forEach((id, times) -> {
            JsonObject one = of(deployments, id);
            put(one, "per_token", times.perToken());
            put(one, "first_token", times.firstToken());
            put(one, "whole", times.whole());
        });
        cooledUntil.forEach((id, until) -> of(deployments, id).put("cooled_until", until));
        return new Letter(TOPIC, new JsonObject().put("deployments", deployments));
    }

    private static JsonObject of(JsonObject deployments, String id) {
        JsonObject one = deployments.getJsonObject(id);
        if (one == null) {
            one = new JsonObject();
            deployments.put(id, one);
        }
        return one;
    }

    private static void put(JsonObject one, String name, Samples.Taken taken) {
        if (!taken.isEmpty()) {
            JsonArray pairs = new JsonArray();
            for (int i = 0; i < taken.seconds().length; i++) {
                pairs.add(taken.seconds()[i]).add(taken.atMillis()[i]);
            }
            one.put(name, pairs);
        }
    }

    static LoadReport of(Letter letter) {
        Map<String, Counts> counts = new HashMap<>();
        Map<String, Load.Measured> measured = new HashMap<>();
        Map<String, Long> cooled = new HashMap<>();
        JsonObject deployments = letter.members().getJsonObject("deployments", new JsonObject());
        for (String id : deployments.fieldNames()) {
            JsonObject one = deployments.getJsonObject(id);
            if (one.containsKey("in_flight")) {
                counts.put(
                        id,
                        new Counts(
                                one.getLong("minute", 0L),
                                one.getLong("in_flight", 0L),
                                one.getLong("begun", 0L),
                                one.getLong("succeeded", 0L),
                                one.getLong("tokens", 0L)));
            }
            Load.Measured times =
                    new Load.Measured(taken(one, "per_token"), taken(one, "first_token"), taken(one, "whole"));
            if (!times.isEmpty()) {
                measured.put(id, times);
            }
            if (one.containsKey("cooled_until")) {
                cooled.put(id, one.getLong("cooled_until"));
            }
        }
        return new LoadReport(counts, measured, cooled);
    }

    private static Samples.Taken taken(JsonObject one, String name) {
        JsonArray pairs = one.getJsonArray(name);
        if (pairs == null) {
            return Samples.Taken.NOTHING;
        }
        int count = pairs.size() / 2;
        double[] seconds = new double[count];
        long[] at = new long[count];
        for (int i = 0; i < count; i++) {
            seconds[i] = pairs.getDouble(2 * i);
            at[i] = pairs.getLong(2 * i + 1);
        }
        return new Samples.Taken(seconds, at);
    }

    /** Of one deployment, measured by several lanes. */
    static Load.Measured both(Load.Measured one, Load.Measured other) {
        return new Load.Measured(
                both(one.perToken(), other.perToken()),
                both(one.firstToken(), other.firstToken()),
                both(one.whole(), other.whole()));
    }

    private static Samples.Taken both(Samples.Taken one, Samples.Taken other) {
        int first = one.seconds().length;
        int second = other.seconds().length;
        double[] seconds = new double[first + second];
        long[] at = new long[first + second];
        System.arraycopy(one.seconds(), 0, seconds, 0, first);
        System.arraycopy(other.seconds(), 0, seconds, first, second);
        System.arraycopy(one.atMillis(), 0, at, 0, first);
        System.arraycopy(other.atMillis(), 0, at, first, second);
        return new Samples.Taken(seconds, at);
    }
}
