package dev.tollgate.accounting.journal;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/** Reads what a run that has ended left on a {@link Slate}. */
public final class SlateReader {
    private SlateReader() {}

    /**
     * What is on a slate.
     *
     * @param entries whole ones that were not wiped
     * @param torn how many are not whole: the process died while it wrote them, or the file is damaged
     */
    public record Left(List<Buffer> entries, int torn) {}

    /** Reads the whole file. */
    public static Left read(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        ByteBuffer bytes = ByteBuffer.wrap(content);
        List<Buffer> entries = new ArrayList<>();
        int torn = 0;
        for (int chunk = 0; chunk + Slate.CHUNK <= bytes.limit(); chunk += Slate.CHUNK) {
            int slot = bytes.getInt(chunk);
            if (slot <= Slate.HEADER || slot > Slate.CHUNK) {
                // It was being made.
                continue;
            }
            for (int at = chunk; at + slot <= chunk + Slate.CHUNK; at += slot) {
                int length = bytes.getInt(at + Slate.LENGTH_AT);
                int from = at + Slate.HEADER;
                if (length > 0
                        && length <= slot - Slate.HEADER
                        && sum(content, from, length) == bytes.getInt(at + Slate.SUM_AT)) {
                    entries.add(Buffer.buffer(Arrays.copyOfRange(content, from, from + length)));
                } else if (length != 0) {
                    torn++;
                }
            }
        }
        return new Left(entries, torn);
    }

    private static int sum(byte[] content, int from, int length) {
        CRC32C sum = new CRC32C();
        sum.update(content, from, length);
        return (int) sum.getValue();
    }
}
