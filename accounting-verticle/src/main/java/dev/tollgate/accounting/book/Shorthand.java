package dev.tollgate.accounting.book;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Documents of the book in fewer bytes, for a node has all of them in memory and seldom reads one. What documents have in common is
 * written as one control character, which JSON text never has outside of its white space; so is the entry's own id, which keys repeat.
 * A document that does have one (somebody wrote it by hand) stays as it is behind a zero byte.
 */
final class Shorthand {
    private static final byte AS_IT_IS = 0;
    private static final byte ID = 1;

    /** A fragment's place tells its character, from 2 on; never one of JSON's white space. They are for this process only. */
    private static final List<String> FRAGMENTS = List.of(
            "{\"token\":\"",
            "\",\"key_name\":\"sk-...",
            "\",\"key_alias\":\"",
            ",\"models\":[",
            ",\"user_id\":\"",
            ",\"team_id\":\"",
            ",\"max_budget\":",
            ",\"budget_duration\":\"",
            ",\"rpm_limit\":",
            ",\"tpm_limit\":",
            ",\"metadata\":{",
            ",\"tags\":[\"",
            ",\"max_parallel_requests\":",
            "\"tags\":[\"",
            ",\"created_at\":\"20",
            "\",\"updated_at\":\"20",
            "\",\"created_by\":\"",
            "\",\"updated_by\":\"",
            "default_user_id",
            ",\"blocked\":false",
            ",\"expires\":\"20",
            ",\"budget_id\":\"",
            ",\"aliases\":{",
            ",\"permissions\":{",
            ",\"model_max_budget\":{",
            ",\"allowed_routes\":[");

    private static final byte[][] TEXTS = new byte[32][];
    private static final int[][] STARTING = new int[128][];

    static {
        int code = ID + 1;
        List<List<Integer>> starting = new ArrayList<>();
        for (int i = 0; i < STARTING.length; i++) {
            starting.add(new ArrayList<>());
        }
        for (String fragment : FRAGMENTS) {
            while (code == '\t' || code == '\n' || code == '\r') {
                code++;
            }
            TEXTS[code] = fragment.getBytes(StandardCharsets.US_ASCII);
            starting.get(fragment.charAt(0)).add(code++);
        }
        for (int i = 0; i < STARTING.length; i++) {
            STARTING[i] = starting.get(i).stream().mapToInt(Integer::intValue).toArray();
        }
    }

    private Shorthand() {}

    /** Shortens the document of the entry with this id. */
    static byte[] of(byte[] document, String id) {
        byte[] own = id.getBytes(StandardCharsets.UTF_8);
        byte[] shorter = new byte[document.length];
        int length = 0;
        for (int at = 0; at < document.length; ) {
            byte next = document[at];
            if (next >= 0 && next < ' ' && next != '\t' && next != '\n' && next != '\r') {
                return asItIs(document);
            }
            int code = code(document, at, own);
            shorter[length++] = code == 0 ? next : (byte) code;
            at += code == 0 ? 1 : code == ID ? own.length : TEXTS[code].length;
        }
        return Arrays.copyOf(shorter, length);
    }

    private static byte[] asItIs(byte[] document) {
        byte[] same = new byte[document.length + 1];
        same[0] = AS_IT_IS;
        System.arraycopy(document, 0, same, 1, document.length);
        return same;
    }

    private static int code(byte[] document, int at, byte[] id) {
        byte next = document[at];
        if (next < 0) {
            return 0;
        }
        int third = at + 2 < document.length ? document[at + 2] : 0;
        for (int code : STARTING[next]) {
            // Many begin with a comma and a quote.
            if (TEXTS[code][2] == third && standsAt(document, at, TEXTS[code])) {
                return code;
            }
        }
        return id.length > 1 && next == id[0] && standsAt(document, at, id) ? ID : 0;
    }

    private static boolean standsAt(byte[] document, int at, byte[] text) {
        int end = at + text.length;
        return end <= document.length && Arrays.equals(document, at, end, text, 0, text.length);
    }

    /** The document as it was. */
    static byte[] full(byte[] shorter, String id) {
        if (shorter.length > 0 && shorter[0] == AS_IT_IS) {
            return Arrays.copyOfRange(shorter, 1, shorter.length);
        }
        byte[] own = id.getBytes(StandardCharsets.UTF_8);
        int length = 0;
        for (byte next : shorter) {
            byte[] text = text(next, own);
            length += text == null ? 1 : text.length;
        }
        byte[] full = new byte[length];
        int at = 0;
        for (byte next : shorter) {
            byte[] text = text(next, own);
            if (text == null) {
                full[at++] = next;
            } else {
                System.arraycopy(text, 0, full, at, text.length);
                at += text.length;
            }
        }
        return full;
    }

    private static byte @Nullable [] text(byte code, byte[] id) {
        return code == ID ? id : code > ID && code < ' ' ? TEXTS[code] : null;
    }
}
