package dev.tollgate.provider.wire;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Splits newline-delimited JSON into lines, however it is cut; blank lines are skipped. */
public final class LineParser {
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream(512);

    /** Takes the next bytes and calls {@code sink} with each line they complete. */
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
    }

    /** The stream ended: a last line without a newline counts too. */
    public void finish(Consumer<String> sink) {
        String line = pending.toString(StandardCharsets.UTF_8).strip();
        pending.reset();
        if (!line.isEmpty()) {
            sink.accept(line);
        }
    }
}
