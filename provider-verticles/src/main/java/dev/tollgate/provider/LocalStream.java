package dev.tollgate.provider;

import dev.tollgate.cluster.Bus;
import dev.tollgate.protocol.StreamRef;
import dev.tollgate.protocol.Usage;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/** A stream whose chunks are known from the start: the echo model's, or a mock answer's. */
final class LocalStream implements StreamOut.Source {
    private final List<Buffer> chunks;
    private final Buffer trailer;
    private final Usage usage;
    private final String model;
    private final StreamOut out;
    private int next;

    LocalStream(Bus bus, StreamRef ref, List<Buffer> chunks, Buffer trailer, Usage usage, String model) {
        this.chunks = chunks;
        this.trailer = trailer;
        this.usage = usage;
        this.model = model;
        this.out = new StreamOut(bus, ref, this);
    }

    @Override
    public void demand(int count) {
        int limit = Math.min(chunks.size(), next + count);
        while (next < limit) {
            out.chunk(chunks.get(next++));
        }
        if (next == chunks.size()) {
            out.end(trailer, usage, model);
        }
    }

    @Override
    public Usage stop() {
        return usage;
    }
}
