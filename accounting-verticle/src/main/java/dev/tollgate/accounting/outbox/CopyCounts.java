package dev.tollgate.accounting.outbox;

import dev.tollgate.cluster.Peer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts copies, and says in the log what is wrong with them: each trouble at once, and again once a minute. */
final class CopyCounts {
    private static final Logger LOG = LoggerFactory.getLogger(CopyCounts.class);
    private static final long SAY_AGAIN_NANOS = Duration.ofMinutes(1).toNanos();

    private final Counter copied;
    private final Counter late;
    private final Counter failed;
    private final LongSupplier nanos;
    private final AtomicLong lateSaid;
    private final AtomicLong failureSaid;

    CopyCounts(MeterRegistry metrics, LongSupplier nanos) {
        this.copied = metrics.counter("tollgate_outbox_copied");
        this.late = metrics.counter("tollgate_outbox_late");
        this.failed = metrics.counter("tollgate_outbox_failed");
        this.nanos = nanos;
        long longAgo = nanos.getAsLong() - SAY_AGAIN_NANOS;
        this.lateSaid = new AtomicLong(longAgo);
        this.failureSaid = new AtomicLong(longAgo);
    }

    private boolean due(AtomicLong said) {
        long last = said.get();
        long now = nanos.getAsLong();
        return now - last >= SAY_AGAIN_NANOS && said.compareAndSet(last, now);
    }

    void keeper(Peer peer) {
        LOG.info("{} keeps copies of this node's spend until it is stored", peer.name());
    }

    void copied(List<Source.Piece> pieces) {
        pieces.forEach(piece -> copied.increment(piece.records()));
    }

    /** From any thread. */
    void late(int answers) {
        late.increment(answers);
        if (due(lateSaid)) {
            LOG.warn("{} answers left before another node had a copy of their spend: it takes too long", answers);
        }
    }

    void failed(Peer peer, List<Source.Piece> pieces, String why) {
        pieces.forEach(piece -> failed.increment(piece.records()));
        if (pieces.isEmpty()) {
            // It was only asked whether it would: perhaps it has joined this moment and does not listen yet.
            LOG.debug("{} keeps no copies of this node's spend now: {}", peer.name(), why);
        } else if (due(failureSaid)) {
            LOG.warn(
                    "{} takes no copies of this node's spend ({}); another node is asked, or it later again",
                    peer.name(),
                    why);
        }
    }

    void unreadable(IOException e) {
        if (due(failureSaid)) {
            LOG.error("A journal cannot be read, so no other node gets a copy of it: {}", e.toString());
        }
    }
}
