package dev.tollgate.provider.wire;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.BiConsumer;

/**
 * Splits a byte stream of server-sent events into events, however it is cut (WHATWG HTML, "Server-sent events": lines end in CR,
 * LF or CRLF; an empty line ends an event; {@code data} lines are joined by LF; comments, other fields and a byte order mark at the
 * beginning are skipped).
 *
 * <p>Bytes that do not yet make a line wait in one reused array, bounded by {@link #MAX_LINE}; so are the data of one event.
 */
public final class SseParser {
    /** Longest line accepted, in bytes: a provider that sends more is broken. */
    public static final int MAX_LINE = 32 << 20;

    private static final byte[] DATA = {'d', 'a', 't', 'a'};
    private static final byte[] EVENT = {'e', 'v', 'e', 'n', 't'};

    private byte[] pending = new byte[512];
    private int length;
    private boolean skipLineFeed;
    private String event = "";
    private final StringBuilder data = new StringBuilder();
    private boolean hasData;
    private boolean begun;

    /**
     * Takes the next bytes and calls {@code sink} with name (empty when unnamed) and data of each event they complete.
     *
     * @throws BadPayload when a line, or the data of an event, is longer than {@link #MAX_LINE}
     */
    public void feed(Buffer bytes, BiConsumer<String, String> sink) {
        int size = bytes.length();
        for (int i = 0; i < size; i++) {
            byte b = bytes.getByte(i);
            if (skipLineFeed) {
                skipLineFeed = false;
                if (b == '\n') {
                    continue;
                }
            }
            if (b == '\n' || b == '\r') {
                skipLineFeed = b == '\r';
                line(sink);
            } else {
                append(b);
            }
        }
    }

    private void append(byte b) {
        if (length == pending.length) {
            if (length >= MAX_LINE) {
                throw new BadPayload("The provider sent an event line of more than " + (MAX_LINE >> 20) + " MiB");
            }
            pending = Arrays.copyOf(pending, length * 2);
        }
        pending[length++] = b;
    }

    private void line(BiConsumer<String, String> sink) {
        int start = begun ? 0 : afterByteOrderMark();
        begun = true;
        if (length == start) {
            dispatch(sink);
        } else {
            field(start);
        }
        length = 0;
    }

    private int afterByteOrderMark() {
        return length >= 3 && pending[0] == (byte) 0xEF && pending[1] == (byte) 0xBB && pending[2] == (byte) 0xBF
                ? 3
                : 0;
    }

    private void dispatch(BiConsumer<String, String> sink) {
        String name = event;
        event = "";
        if (hasData) {
            String text = data.toString();
            data.setLength(0);
            hasData = false;
            sink.accept(name, text);
        }
    }

    private void field(int start) {
        int colon = start;
        while (colon < length && pending[colon] != ':') {
            colon++;
        }
        int value = colon + 1;
        if (value < length && pending[value] == ' ') {
            value++;
        }
        int size = Math.max(0, length - value);
        if (named(start, colon, DATA)) {
            if (hasData) {
                data.append('\n');
            }
            hasData = true;
            if (data.length() + size > MAX_LINE) {
                throw new BadPayload("The provider sent an event of more than " + (MAX_LINE >> 20) + " MiB");
            }
            if (size > 0) {
                data.append(new String(pending, value, size, StandardCharsets.UTF_8));
            }
        } else if (named(start, colon, EVENT)) {
            event = size == 0 ? "" : new String(pending, value, size, StandardCharsets.UTF_8);
        }
    }

    private boolean named(int start, int colon, byte[] name) {
        return Arrays.equals(pending, start, colon, name, 0, name.length);
    }
}
