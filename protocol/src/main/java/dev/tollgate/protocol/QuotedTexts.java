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

    private QuotedTexts() {}

    /** Texts of ASCII characters, without their quotes. */
    public static QuotedTexts of(String... texts) {
        QuotedTexts made = new QuotedTexts();
        for (String text : texts) {
            made.marks.add(('"' + text + '"').getBytes(StandardCharsets.US_ASCII));
        }
        return made;
    }

    /** How often any of them stands in a body. */
    public int count(byte[] body) {
        int found = 0;
        for (int i = 0; i < body.length; i++) {
            found += body[i] == '"' && standsAt(body, i) ? 1 : 0;
        }
        return found;
    }

    /** Whether any of them does. */
    public boolean in(byte[] body) {
        for (int i = 0; i < body.length; i++) {
            if (body[i] == '"' && standsAt(body, i)) {
                return true;
            }
        }
        return false;
    }

    private boolean standsAt(byte[] body, int start) {
        for (byte[] mark : marks) {
            int end = start + mark.length;
            // The first letter tells nearly all others.
            if (end <= body.length
                    && body[start + 1] == mark[1]
                    && Arrays.equals(body, start, end, mark, 0, mark.length)) {
                return true;
            }
        }
        return false;
    }
}
