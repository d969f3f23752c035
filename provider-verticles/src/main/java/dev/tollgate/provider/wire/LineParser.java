package dev.tollgate.provider.wire;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Splits newline-delimited JSON into lines, however it is cut; blank lines, a carriage return before the newline and a byte order
 * mark are skipped. Bytes wait until their line is whole, so a character cut in half is never decoded alone.
 */
public final class LineParser {
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final ByteArrayOutputStream pending = new ByteArrayOutputStream(512);

    /**
     * Takes the next bytes and calls {@code sink} with each line they complete.
     *
     * @throws BadPayload when a line is longer than {@link SseParser#MAX_LINE}
     */
    public void feed(Buffer bytes, Consumer<String> sink) {
        byte[] chunk = bytes.getBytes();
        int start = 0;
        for (int i = 0; i < chunk.length; i++) {
            if (chunk[i] == '\n') {
                pending.write(chunk, start, i - start);
                start = i + 1;
                finish(sink);
            }
        }
        pending.write(chunk, start, chunk.length - start);
        if (pending.size() > SseParser.MAX_LINE) {
            throw new BadPayload("The provider sent a line of more than " + (SseParser.MAX_LINE >> 20) + " MiB");
        }
    }

    /** The stream ended: a last line without a newline counts too. */
    public void finish(Consumer<String> sink) {
        String line = pending.toString(StandardCharsets.UTF_8);
        pending.reset();
        String text = (line.indexOf(BYTE_ORDER_MARK) == 0 ? line.substring(1) : line).strip();
        if (!text.isEmpty()) {
            sink.accept(text);
        }
    }
}
