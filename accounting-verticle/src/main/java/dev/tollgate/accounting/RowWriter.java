package dev.tollgate.accounting;

import static dev.tollgate.accounting.RowForm.put;
import static dev.tollgate.accounting.RowForm.utf8;

import dev.tollgate.protocol.Usage;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows in their binary form. A key's calls to one deployment are mostly like the one before but for the id and the numbers, so what
 * follows these is encoded once and copied then. For one thread.
 */
public final class RowWriter {
    private static final int REMEMBERED = 256;
    private static final byte[] NO_MARK = {};

    private final Map<Whose, Written> known = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Whose, Written> eldest) {
            return size() > REMEMBERED;
        }
    };

    private record Whose(@Nullable String keyHash, String modelId) {}

    /** A row, and what stands behind its call's id. */
    private record Written(SpendRow row, byte[] tail) {}

    /** The binary form. */
    public Buffer record(SpendRow row) {
        Whose whose = new Whose(row.keyHash(), row.modelId());
        Written before = known.get(whose);
        if (before == null || !alike(row, before.row())) {
            before = new Written(row, tail(row));
            known.put(whose, before);
        }
        return record(row, before.tail());
    }

    /** The same of one row. */
    static Buffer once(SpendRow row) {
        return record(row, tail(row));
    }

    private static Buffer record(SpendRow row, byte[] tail) {
        byte[] id = utf8(row.callId());
        Usage usage = row.usage();
        ByteBuffer bytes = ByteBuffer.allocate(RowForm.FIXED + Integer.BYTES + id.length + tail.length);
        bytes.put(RowForm.VERSION)
                .put(RowForm.flags(row))
                .putInt(row.status())
                .putLong(row.costNanos())
                .putLong(row.startedAtMillis())
                .putDouble(row.durationMillis())
                .putDouble(row.firstTokenMillis())
                .putLong(usage.prompt())
                .putLong(usage.cacheRead())
                .putLong(usage.cacheWrite())
                .putLong(usage.cacheWriteHour())
                .putLong(usage.audioPrompt())
                .putLong(usage.completion())
                .putLong(usage.reasoning())
                .putLong(usage.audioCompletion())
                .putLong(usage.webSearches());
        put(bytes, id);
        bytes.put(tail);
        return BufferInternal.buffer(Unpooled.wrappedBuffer(bytes.flip()));
    }

    /** Texts are encoded first: a buffer that grows, or has room for the longest, costs more than all that is put in. */
    private static byte[] tail(SpendRow row) {
        byte[] @Nullable [] texts = texts(row);
        String version = row.priceVersion();
        byte[] mark = version == null
                ? NO_MARK
                : utf8(PriceMark.of(version, row.usage()).text());
        boolean[] told = Charges.told(row);
        ByteBuffer bytes = ByteBuffer.allocate(room(texts) + Charges.room(row, told) + mark.length + 1);
        for (byte[] text : texts) {
            put(bytes, text);
        }
        if (!row.charges().isEmpty()) {
            Charges.write(row, told, bytes);
        }
        if (version != null) {
            bytes.put(mark).put((byte) mark.length);
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private static byte[] @Nullable [] texts(SpendRow row) {
        return new byte[] @Nullable [] {
            utf8(row.callType()),
            encoded(row.keyHash()),
            encoded(row.user()),
            encoded(row.team()),
            encoded(row.endUser()),
            utf8(row.requestedModel()),
            utf8(row.model()),
            utf8(row.modelId()),
            utf8(row.modelGroup()),
            utf8(row.provider()),
            utf8(row.apiBase()),
            utf8(row.tags()),
            utf8(row.route()),
            encoded(row.failure())
        };
    }

    private static byte @Nullable [] encoded(@Nullable String text) {
        return text == null ? null : utf8(text);
    }

    private static int room(byte[] @Nullable [] texts) {
        int room = Integer.BYTES * texts.length;
        for (byte[] text : texts) {
            room += text == null ? 0 : text.length;
        }
        return room;
    }

    /** Whether two rows are the same behind their calls' ids. What differs most often is looked at first. */
    private static boolean alike(SpendRow one, SpendRow other) {
        return one.requestedModel().equals(other.requestedModel())
                && one.route().equals(other.route())
                && one.model().equals(other.model())
                && one.tags().equals(other.tags())
                && Objects.equals(one.endUser(), other.endUser())
                && Objects.equals(one.failure(), other.failure())
                && one.charges().equals(other.charges())
                && Objects.equals(one.priceVersion(), other.priceVersion())
                && one.usage().imagePrompt() == other.usage().imagePrompt()
                && one.usage().imageCompletion() == other.usage().imageCompletion()
                && one.callType().equals(other.callType())
                && Objects.equals(one.keyHash(), other.keyHash())
                && Objects.equals(one.user(), other.user())
                && Objects.equals(one.team(), other.team())
                && one.modelId().equals(other.modelId())
                && one.modelGroup().equals(other.modelGroup())
                && one.provider().equals(other.provider())
                && one.apiBase().equals(other.apiBase());
    }
}
