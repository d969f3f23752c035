package dev.tollgate.accounting;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.ledger.TwinLedger.Batch;
import dev.tollgate.accounting.ledger.TwinLedger.Lacking;
import dev.tollgate.accounting.ledger.TwinLedger.Snapshot;
import dev.tollgate.cluster.Letter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What nodes with a ledger each write to each other. Bodies of batches are the letter's bytes, one behind the other. */
final class BatchLetter {
    /** Tells how many batches a node has. */
    static final String HEARD = "spend.heard";
    /** Asks for what the sender lacks. */
    static final String LACKING = "spend.lacking";
    /** Asks for a part of all balances. */
    static final String PART = "spend.part";

    private BatchLetter() {}

    static Letter heard(String node, Map<String, Long> origins) {
        return new Letter(HEARD, new JsonObject().put("node", node).put("origins", json(origins)));
    }

    static Letter lacking(Map<String, Long> origins) {
        return new Letter(LACKING, new JsonObject().put("origins", json(origins)));
    }

    static String node(Letter letter) {
        return letter.members().getString("node", "");
    }

    private static JsonObject json(Map<String, Long> origins) {
        JsonObject json = new JsonObject();
        origins.forEach(json::put);
        return json;
    }

    static Map<String, Long> origins(Letter letter) {
        return origins(letter.members().getJsonObject("origins", new JsonObject()));
    }

    private static Map<String, Long> origins(JsonObject json) {
        Map<String, Long> origins = new HashMap<>();
        json.fieldNames().forEach(origin -> origins.put(origin, json.getLong(origin)));
        return Map.copyOf(origins);
    }

    static Letter lacking(Lacking found) {
        JsonArray batches = new JsonArray();
        Buffer bodies = Buffer.buffer();
        for (Batch each : found.batches()) {
            batches.add(new JsonArray()
                    .add(each.origin())
                    .add(each.number())
                    .add(each.body().length()));
            bodies.appendBuffer(each.body());
        }
        return new Letter(
                "",
                new JsonObject()
                        .put("batches", batches)
                        .put("more", found.more())
                        .put("cut", found.cut()),
                bodies);
    }

    static Lacking lacking(Letter letter) {
        List<Batch> batches = new ArrayList<>();
        int at = 0;
        for (Object each : letter.members().getJsonArray("batches")) {
            JsonArray batch = (JsonArray) each;
            int end = at + batch.getInteger(2);
            batches.add(new Batch(
                    batch.getString(0), batch.getLong(1), letter.bytes().getBuffer(at, end)));
            at = end;
        }
        return new Lacking(
                batches, letter.members().getBoolean("more"), letter.members().getBoolean("cut"));
    }

    /** {@code name}: of the snapshot that the first part was of, or nothing. */
    static Letter part(String node, String name, int from) {
        return new Letter(
                PART, new JsonObject().put("node", node).put("name", name).put("from", from));
    }

    static Letter part(String name, Buffer bytes, boolean more) {
        return new Letter("", new JsonObject().put("name", name).put("more", more), bytes);
    }

    static String name(Letter letter) {
        return letter.members().getString("name", "");
    }

    static int from(Letter letter) {
        return letter.members().getInteger("from", 0);
    }

    static boolean more(Letter letter) {
        return letter.members().getBoolean("more", false);
    }

    /** A line of origins, and one for each balance. */
    static Buffer snapshot(Snapshot snapshot) {
        Buffer lines = json(snapshot.origins()).toBuffer().appendByte((byte) '\n');
        for (Balance each : snapshot.balances()) {
            Holder holder = each.charge().holder();
            lines.appendBuffer(new JsonArray()
                            .add(holder.kind().storedName())
                            .add(holder.id())
                            .add(each.charge().periodMillis())
                            .add(each.nanos())
                            .toBuffer())
                    .appendByte((byte) '\n');
        }
        return lines;
    }

    /** Of kinds that this release knows. */
    static Snapshot snapshot(Buffer bytes) {
        List<Balance> balances = new ArrayList<>();
        String[] lines = bytes.toString(StandardCharsets.UTF_8).split("\n", -1);
        for (int i = 1; i < lines.length - 1; i++) {
            JsonArray row = new JsonArray(lines[i]);
            Kind.named(row.getString(0))
                    .ifPresent(kind -> balances.add(new Balance(
                            new Charge(new Holder(kind, row.getString(1)), row.getLong(2)), row.getLong(3))));
        }
        return new Snapshot(origins(new JsonObject(lines[0])), balances);
    }
}
