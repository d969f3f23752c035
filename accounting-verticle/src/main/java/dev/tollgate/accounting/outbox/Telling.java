package dev.tollgate.accounting.outbox;

import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells the other nodes how far this node's journals are stored, for they keep the rest. Nobody is told while nobody was sent a copy. */
final class Telling {
    private static final long TELL_NANOS = Duration.ofSeconds(1).toNanos();
    /** Somebody may not have heard it, or is just back with what it kept before. */
    private static final long TELL_AGAIN_NANOS = Duration.ofSeconds(10).toNanos();

    private final Peers peers;
    private final List<Source> sources;
    private boolean sent;
    private long toldAt;
    private Map<String, Long> told = Map.of();

    /** {@code sources}: the journals, of which there may be more later. */
    Telling(Peers peers, List<Source> sources, long now) {
        this.peers = peers;
        this.sources = sources;
        this.toldAt = now - TELL_NANOS;
    }

    /** Somebody keeps a copy. */
    void sent() {
        sent = true;
    }

    /** Tells what there is to tell; after how many nanoseconds to come again. */
    long tell(List<Peer> others, long now) {
        if (!sent) {
            return Long.MAX_VALUE;
        }
        long due = toldAt + TELL_NANOS - now;
        if (due > 0) {
            return due;
        }
        Map<String, Long> marks = marks();
        if (marks.equals(told) && now - toldAt < TELL_AGAIN_NANOS) {
            return TELL_NANOS;
        }
        toldAt = now;
        told = marks;
        Letter letter = CopyLetter.stored(peers.self(), marks);
        others.forEach(peer -> peers.tell(peer.id(), letter));
        return TELL_NANOS;
    }

    private Map<String, Long> marks() {
        Map<String, Long> marks = new HashMap<>();
        sources.forEach(source -> marks.put(source.lane().journal(), source.stored()));
        return marks;
    }

    /** What the others are told last; null: they keep nothing of this node. */
    @Nullable Letter last() {
        return sent ? CopyLetter.stored(peers.self(), marks()) : null;
    }
}
