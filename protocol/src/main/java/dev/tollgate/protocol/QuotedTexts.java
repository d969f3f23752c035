package dev.tollgate.protocol;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Looks for some JSON strings, names or values, anywhere in a body, by its bytes: for what stands too deep for the scan and needs no
 * tree. A prompt that quotes such a text counts as well, and one that is written with escapes does not.
 */
public final class QuotedTexts {
    private final List<byte[]> marks = new ArrayList<>();

    /** By their first letters, of which nearly all texts have another. */
    private final boolean[] begins = new boolean[256];

    private QuotedTexts() {}

    /** Texts of ASCII characters, without their quotes. */
    public static QuotedTexts of(String... texts) {
        QuotedTexts made = new QuotedTexts();
        for (String text : texts) {
            byte[] mark = ('"' + text + '"').getBytes(StandardCharsets.US_ASCII);
            made.marks.add(mark);
            made.begins[mark[1]] = true;
        }
        return made;
    }

    /** How often any of them stands in a body. Takes a pass over all of it. */
    public int count(byte[] body) {
        return count(body, Integer.MAX_VALUE);
    }

    /** Whether any of them does. */
    public boolean in(byte[] body) {
        return count(body, 1) > 0;
    }

    private int count(byte[] body, int most) {
        int found = 0;
        for (int i = 0; i < body.length - 1 && found < most; i++) {
            if (body[i] == '"' && begins[body[i + 1] & 0xff] && standsAt(body, i)) {
                found++;
            }
        }
        return found;
    }

    private boolean standsAt(byte[] body, int start) {
        for (byte[] mark : marks) {
            int end = start + mark.length;
            if (end <= body.length && Arrays.equals(body, start, end, mark, 0, mark.length)) {
                return true;
            }
        }
        return false;
    }
}
