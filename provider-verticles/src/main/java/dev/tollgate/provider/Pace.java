package dev.tollgate.provider;

import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import org.jspecify.annotations.Nullable;

/**
 * Whether a stream that has begun still gets on ({@code min_stream_rate}): some upstreams do not fall silent when they are stuck but drip
 * an event now and then, which no limit on silence ever catches. Events with data are counted in windows of ten seconds, one
 * after the other, so a stall is seen after ten to twenty; comments and pings are no events. A window in which the client had no
 * room is given up: then the client is the slow one.
 */
final class Pace {
    private static final long WINDOW_NANOS = 10_000_000_000L;
    private static final byte[] DATA = {'d', 'a', 't', 'a', ':'};
    private static final byte[] PING = {'"', 'p', 'i', 'n', 'g', '"'};

    /** How far into an event's data its type may stand. */
    private static final int TYPE_WITHIN = 24;

    private final double fewest;
    private long windowBegan;
    private int events;

    private Pace(double fewest, long nowNanos) {
        this.fewest = fewest;
        this.windowBegan = nowNanos;
    }

    /** Null when there is no least rate: then nothing is counted. */
    static @Nullable Pace of(double eventsPerSecond, long nowNanos) {
        return eventsPerSecond > 0 ? new Pace(eventsPerSecond * WINDOW_NANOS / 1e9, nowNanos) : null;
    }

    /** Whole events went to the client. */
    void heard(Buffer chunk) {
        ByteBuf bytes = ((BufferInternal) chunk).getByteBuf();
        int end = bytes.writerIndex();
        for (int line = bytes.readerIndex(); line < end; line = next(bytes, line, end)) {
            if (at(bytes, line, end, DATA) && !ping(bytes, line + DATA.length, end)) {
                events++;
            }
        }
    }

    private static int next(ByteBuf bytes, int from, int end) {
        int feed = bytes.indexOf(from, end, (byte) '\n');
        return feed < 0 ? end : feed + 1;
    }

    private static boolean ping(ByteBuf bytes, int from, int end) {
        int last = Math.min(from + TYPE_WITHIN, end);
        for (int i = from; i < last; i++) {
            if (at(bytes, i, end, PING)) {
                return true;
            }
        }
        return false;
    }

    private static boolean at(ByteBuf bytes, int from, int end, byte[] text) {
        if (from + text.length > end) {
            return false;
        }
        for (int i = 0; i < text.length; i++) {
            if (bytes.getByte(from + i) != text[i]) {
                return false;
            }
        }
        return true;
    }

    /** Asked several times a second. {@code waiting}: the upstream is asked for more, so that it is its turn. */
    boolean tooSlow(long nowNanos, boolean waiting) {
        if (waiting && nowNanos - windowBegan < WINDOW_NANOS) {
            return false;
        }
        boolean slow = waiting && events < fewest;
        windowBegan = nowNanos;
        events = 0;
        return slow;
    }
}
