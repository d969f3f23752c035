package dev.tollgate.accounting.outbox;

import dev.tollgate.cluster.Letter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What nodes write to each other about copies of spend. Names in them become names of files, so they are checked here. */
final class CopyLetter {
    /** Journals' bytes, to be kept. */
    static final String COPY = "outbox.copy";

    /** How far journals are stored. */
    static final String STORED = "outbox.stored";

    /** How records are framed: as in a journal. A form that a node does not know it refuses. */
    private static final int FORM = 1;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,99}");

    private CopyLetter() {}

    /**
     * Bytes of a journal.
     *
     * @param journal its name
     * @param mark where they begin
     * @param bytes whole records as they stand there
     */
    record Part(String journal, long mark, Buffer bytes) {}

    static Letter copy(String from, List<Part> parts) {
        JsonArray described = new JsonArray();
        Buffer bytes = Buffer.buffer();
        for (Part part : parts) {
            described.add(new JsonObject()
                    .put("journal", part.journal())
                    .put("mark", part.mark())
                    .put("length", part.bytes().length()));
            bytes.appendBuffer(part.bytes());
        }
        return new Letter(COPY, about(from).put("parts", described), bytes);
    }

    static Letter stored(String from, Map<String, Long> marks) {
        JsonObject each = new JsonObject();
        marks.forEach(each::put);
        return new Letter(STORED, about(from).put("stored", each));
    }

    private static JsonObject about(String from) {
        return new JsonObject().put("form", FORM).put("from", from);
    }

    static Letter refused(String why) {
        return new Letter("", new JsonObject().put("refused", why));
    }

    /** Why the copies were not taken; null: they were. */
    static @Nullable String refusal(Letter answer) {
        return answer.members().getString("refused");
    }

    /**
     * Which node wrote it.
     *
     * @throws IllegalArgumentException when this node does not understand it
     */
    static String from(Letter letter) {
        int form = letter.members().getInteger("form", 0);
        if (form != FORM) {
            throw new IllegalArgumentException("copies of form " + form + " are not known here");
        }
        return name(letter.members().getString("from", ""));
    }

    /**
     * What is to be kept.
     *
     * @throws IllegalArgumentException when it is not what {@link #copy} wrote
     */
    static List<Part> parts(Letter letter) {
        List<Part> parts = new ArrayList<>();
        JsonArray described = letter.members().getJsonArray("parts", new JsonArray());
        int at = 0;
        for (int i = 0; i < described.size(); i++) {
            JsonObject each = described.getJsonObject(i);
            int length = each.getInteger("length");
            long mark = each.getLong("mark");
            if (length < 0 || mark < 0 || length > letter.bytes().length() - at) {
                throw new IllegalArgumentException("copies that are cut short");
            }
            parts.add(new Part(
                    name(each.getString("journal", "")), mark, letter.bytes().slice(at, at + length)));
            at += length;
        }
        return parts;
    }

    /** How far each journal is stored, as {@link #stored} wrote it. */
    static Map<String, Long> marks(Letter letter) {
        Map<String, Long> marks = new HashMap<>();
        JsonObject each = letter.members().getJsonObject("stored", new JsonObject());
        each.fieldNames().forEach(journal -> marks.put(name(journal), each.getLong(journal)));
        return marks;
    }

    private static String name(String text) {
        if (!NAME.matcher(text).matches()) {
            throw new IllegalArgumentException("a name that is none");
        }
        return text;
    }
}
