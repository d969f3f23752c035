package dev.tollgate.accounting.book;

import dev.tollgate.accounting.book.StampedDefinitions.Stamped;
import dev.tollgate.cluster.Letter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What nodes with a store each write to each other. News have the form of {@link BookNews}, so that a node with another kind of store
 * sees that they are none of its own.
 */
final class TwinLetter {
    /** Asks whether a node has the same entries. */
    static final String SAME = "book.same";
    /** Asks for entries that the sender may lack. */
    static final String LACKING = "book.lacking";
    /** What stands for the store in letters of nodes that have one each: together they are one. */
    static final String STORE = "embedded";

    private TwinLetter() {}

    private static JsonObject from(String node) {
        return new JsonObject().put("store", STORE).put("node", node);
    }

    static Letter news(String node, List<Stamped> written) {
        return new Letter(BookNews.TOPIC, from(node).put("entries", rows(written)));
    }

    static Letter same(String node, long total) {
        return new Letter(SAME, from(node).put("total", Long.toHexString(total)));
    }

    /** {@code after}: what the last answer said about where to go on, or null. */
    static Letter lacking(String node, Buffer digests, @Nullable JsonObject after) {
        return new Letter(LACKING, from(node).put("after", after), digests);
    }

    /** An answer: some entries, and where there are more, or null. */
    static Letter page(List<Stamped> entries, Marks.@Nullable Mark next) {
        JsonObject members = new JsonObject().put("entries", rows(entries));
        return new Letter("", next == null ? members : members.put("next", place(next.holder(), next.stamp())));
    }

    /** Nodes with a database server have nothing to do with those that have a store each. */
    static boolean isOfTwin(Letter letter) {
        return STORE.equals(letter.members().getString("store"));
    }

    static String node(Letter letter) {
        return letter.members().getString("node", "");
    }

    static long total(Letter letter) {
        return Long.parseUnsignedLong(letter.members().getString("total"), 16);
    }

    static @Nullable JsonObject next(Letter page) {
        return page.members().getJsonObject("next");
    }

    static Marks.@Nullable Mark after(Letter letter) {
        JsonObject place = letter.members().getJsonObject("after");
        return place == null
                ? null
                : Kind.named(place.getString("kind"))
                        .map(kind -> Marks.Mark.place(new Holder(kind, place.getString("id")), place.getLong("stamp")))
                        .orElse(null);
    }

    private static JsonObject place(Holder holder, long stamp) {
        return new JsonObject()
                .put("kind", holder.kind().storedName())
                .put("id", holder.id())
                .put("stamp", stamp);
    }

    private static JsonArray rows(List<Stamped> entries) {
        JsonArray rows = new JsonArray();
        for (Stamped each : entries) {
            rows.add(new JsonObject()
                    .put("kind", each.kind().storedName())
                    .put("id", each.id())
                    .put("version", each.stamp())
                    .put("document", each.document())
                    .put("millis", each.millis()));
        }
        return rows;
    }

    /** Kinds that only a later release knows are left out. */
    static List<Stamped> entries(Letter letter) {
        List<Stamped> entries = new ArrayList<>();
        JsonArray rows = letter.members().getJsonArray("entries", new JsonArray());
        for (int i = 0; i < rows.size(); i++) {
            JsonObject row = rows.getJsonObject(i);
            Kind.named(row.getString("kind", ""))
                    .ifPresent(kind -> entries.add(new Stamped(
                            kind,
                            row.getString("id"),
                            row.getLong("version"),
                            row.getString("document"),
                            row.getLong("millis"))));
        }
        return entries;
    }
}
