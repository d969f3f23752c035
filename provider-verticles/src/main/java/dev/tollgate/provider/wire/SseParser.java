package dev.tollgate.provider.wire;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.BiConsumer;

/**
 * Splits a byte stream of server-sent events into events, however it is cut (WHATWG HTML, "Server-sent events": lines end in CR,
 * LF or CRLF; an empty line ends an event; {@code data} lines are joined by LF; comments and other fields are skipped).
 *
 * <p>Bytes that do not yet make a line wait in one reused array, bounded by {@link #MAX_LINE}.
 */
public final class SseParser {
    /** Longest line accepted, in bytes: a provider that sends more is broken. */
    public static final int MAX_LINE = 32 << 20;

    private byte[] pending = new byte[512];
    private int length;
    private boolean skipLineFeed;
    private String event = "";
    private final StringBuilder data = new StringBuilder();
    private boolean hasData;

    /**
     * Takes the next bytes and calls {@code sink} with name (empty when unnamed) and data of each event they complete.
     *
     * @throws BadPayload when a line is longer than {@link #MAX_LINE}
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
        if (length == 0) {
            if (hasData) {
                String text = data.toString();
                String name = event;
                data.setLength(0);
                hasData = false;
                event = "";
                sink.accept(name, text);
            } else {
                event = "";
            }
            return;
        }
        int colon = 0;
        while (colon < length && pending[colon] != ':') {
            colon++;
        }
        int value = colon + 1;
        if (value < length && pending[value] == ' ') {
            value++;
        }
        if (colon == 4 && pending[0] == 'd' && pending[1] == 'a' && pending[2] == 't' && pending[3] == 'a') {
            if (hasData) {
                data.append('\n');
            }
            hasData = true;
            if (value < length) {
                data.append(new String(pending, value, length - value, StandardCharsets.UTF_8));
            }
        } else if (colon == 5
                && value <= length
                && new String(pending, 0, 5, StandardCharsets.US_ASCII).equals("event")) {
            event = new String(pending, value, length - value, StandardCharsets.UTF_8);
        }
        length = 0;
    }
}
