package dev.tollgate.protocol;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
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
    public int count(Buffer body) {
        return count(body, Integer.MAX_VALUE);
    }

    /** Whether any of them does. */
    public boolean in(Buffer body) {
        return count(body, 1) > 0;
    }

    private int count(Buffer body, int most) {
        var bytes = ((BufferInternal) body).getByteBuf();
        return bytes.hasArray()
                ? count(bytes.array(), bytes.arrayOffset() + bytes.readerIndex(), body.length(), most)
                : count(body.getBytes(), 0, body.length(), most);
    }

    private int count(byte[] body, int from, int length, int most) {
        int end = from + length;
        int found = 0;
        for (int i = from; i < end - 1 && found < most; i++) {
            if (body[i] == '"' && begins[body[i + 1] & 0xff] && standsAt(body, i, end)) {
                found++;
            }
        }
        return found;
    }

    private boolean standsAt(byte[] body, int start, int end) {
        for (byte[] mark : marks) {
            int stop = start + mark.length;
            if (stop <= end && Arrays.equals(body, start, stop, mark, 0, mark.length)) {
                return true;
            }
        }
        return false;
    }
}
