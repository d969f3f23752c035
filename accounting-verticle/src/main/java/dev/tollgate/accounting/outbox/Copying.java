package dev.tollgate.accounting.outbox;

import dev.tollgate.accounting.journal.Journal;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends what this node's journals hold and the store does not to one other node, its keeper. One letter is under way at a time and
 * has what came up since the last one: alone it leaves at once, under load it has sixteen calls or more. The bytes are read from the
 * journal's files, so nothing is kept in memory for it, and another keeper is brought up to date in the same way.
 *
 * <p>A node becomes the keeper when it has answered an empty letter, so calls never wait for one that is not up yet. All but
 * {@link #waits}, {@link #grown}, {@link #lane}, {@link #late} and {@link #stored} happens on one thread, in {@link #step}; only that a
 * letter has arrived is noted by whoever hears of it. For to wake that thread takes about as much CPU as a letter, and under load it wakes once
 * for each.
 */
final class Copying {
    private static final int LETTER_BYTES = 256 << 10;
    private static final int LEAST_ROOM = 4 << 10;
    private static final Duration WITHIN = Duration.ofSeconds(2);
    private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

    private final Peers peers;
    private final Path journals;
    private final CopyCounts counts;
    private final Runnable wake;
    private final LongSupplier nanos;
    private final Keepers keepers;
    private final Gap gap;
    private final Telling telling;
    private final List<Source> sources = new CopyOnWriteArrayList<>();
    private final Queue<Runnable> news = new ConcurrentLinkedQueue<>();
    private final ReentrantLock turn = new ReentrantLock();
    private volatile boolean waits;
    private volatile boolean wanted;
    private volatile boolean changed = true;
    private List<Peer> others = List.of();
    private @Nullable Peer keeper;
    private @Nullable Asked copy;
    private @Nullable Asked hello;
    /** There is something to do as soon as the letter that is under way has arrived. */
    private boolean awaited;

    private int number;
    private long lookAt;

    /** A letter that is under way. */
    private record Asked(int number, Peer peer, List<Source.Piece> pieces, long at) {
        boolean is(@Nullable Asked other) {
            return other != null && other.number == number;
        }
    }

    /**
     * Nothing is sent yet.
     *
     * @param journals folder of the journals
     * @param wake brings {@link #step} about soon, from any thread
     */
    Copying(Peers peers, Path journals, CopyCounts counts, Runnable wake, LongSupplier nanos) {
        this.peers = peers;
        this.journals = journals;
        this.counts = counts;
        this.wake = wake;
        this.nanos = nanos;
        this.keepers = new Keepers(peers);
        this.gap = new Gap(nanos.getAsLong());
        this.lookAt = nanos.getAsLong();
        this.telling = new Telling(peers, sources, nanos.getAsLong());
        peers.onChange(() -> {
            changed = true;
            wake.run();
        });
    }

    /** One more journal. {@code loop} runs things where it is written. */
    LaneCopies lane(Journal journal, Executor loop) {
        LaneCopies lane = new LaneCopies(journal, this, loop, nanos);
        sources.add(new Source(journals, lane));
        return lane;
    }

    /** Whether answers are to wait: there is a keeper, and it keeps up. */
    boolean waits() {
        return waits;
    }

    /** A journal has grown. While a letter is under way its answer is soon enough to look. */
    void grown() {
        boolean filled = gap.filled();
        if (wanted || filled) {
            wanted = false;
            wake.run();
        }
    }

    void late(int answers) {
        counts.late(answers);
    }

    /** How far journals are stored, by their names. */
    void stored(Map<String, Long> marks) {
        sources.forEach(source -> source.stored(marks.getOrDefault(source.lane().journal(), 0L)));
        wake.run();
    }

    int waiting() {
        return sources.stream().mapToInt(source -> source.lane().waiting()).sum();
    }

    /** Does what there is to do now; after how many nanoseconds to come again, unless woken. */
    long step() {
        turn.lock();
        try {
            return taken();
        } finally {
            turn.unlock();
        }
    }

    private long taken() {
        long now = nanos.getAsLong();
        for (Runnable each = news.poll(); each != null; each = news.poll()) {
            each.run();
        }
        if (copy != null && now - copy.at() > WITHIN.toNanos()) {
            refused(copy, "it does not answer");
        }
        if (hello != null && now - hello.at() > WITHIN.toNanos()) {
            refused(hello, "it does not answer");
        }
        if (changed || now - lookAt >= 0) {
            changed = false;
            look(now);
        }
        long next = send(now);
        return Math.min(next, telling.tell(others, now));
    }

    private void look(long now) {
        lookAt = now + LOOK_NANOS;
        others = keepers.others();
        if (keeper != null && gone(keeper)) {
            without();
        }
        if (hello != null && !gone(hello.peer())) {
            return;
        }
        hello = null;
        Peer best = keepers.best(others, now);
        if (best != null && (keeper == null || !best.id().equals(keeper.id()))) {
            Asked asked = new Asked(number++, best, List.of(), now);
            hello = asked;
            ask(asked);
        } else if (keeper == null) {
            sources.forEach(Source::letGo);
        }
    }

    private boolean gone(Peer peer) {
        return others.stream().noneMatch(other -> other.id().equals(peer.id()));
    }

    private void without() {
        waits = false;
        keeper = null;
        copy = null;
    }

    /** When to look again. */
    private long send(long now) {
        wanted = false;
        Peer to = keeper;
        if (to == null || copy != null) {
            awaited = true;
            return Math.max(0, lookAt - now);
        }
        long left = gap.left(now);
        if (left > 0) {
            return left;
        }
        List<Source.Piece> pieces = gathered();
        if (pieces.isEmpty()) {
            return idle(now);
        }
        Asked asked = new Asked(number++, to, pieces, now);
        copy = asked;
        awaited = false;
        telling.sent();
        gap.sent(now, fresh(pieces));
        ask(asked);
        return gap.isLong() || sources.stream().anyMatch(Source::isBehind) ? gap.left(now) : idle(now);
    }

    /** A loop: this is never run often enough to be fast as a stream. */
    private static int fresh(List<Source.Piece> pieces) {
        int records = 0;
        for (Source.Piece piece : pieces) {
            records += piece.isLive() ? piece.records() : 0;
        }
        return records;
    }

    /** Whoever writes something wakes this. */
    private long idle(long now) {
        // Said first, then looked: who writes meanwhile sees it, or is seen.
        wanted = true;
        return sources.stream().anyMatch(Source::grown) ? 0 : Math.max(0, lookAt - now);
    }

    private List<Source.Piece> gathered() {
        List<Source.Piece> pieces = new ArrayList<>();
        int room = gather(true, LETTER_BYTES, pieces);
        gather(false, room, pieces);
        return pieces;
    }

    private int gather(boolean live, int room, List<Source.Piece> pieces) {
        int left = room;
        for (Source source : sources) {
            if (left < LEAST_ROOM) {
                break;
            }
            try {
                Source.Piece piece = source.next(live, left);
                if (piece != null) {
                    pieces.add(piece);
                    left -= piece.part().bytes().length();
                }
            } catch (IOException e) {
                counts.unreadable(e);
                source.skip();
            }
        }
        return left;
    }

    private void ask(Asked asked) {
        Letter letter = CopyLetter.copy(
                peers.self(), asked.pieces().stream().map(Source.Piece::part).toList());
        peers.ask(asked.peer().id(), letter, WITHIN).onComplete(answer -> {
            String refusal =
                    answer.failed() ? String.valueOf(answer.cause().getMessage()) : CopyLetter.refusal(answer.result());
            if (refusal != null || !noted(asked)) {
                news.add(() -> answered(asked, refusal));
                wake.run();
            }
        });
    }

    /** Notes at once that a letter has arrived, from any thread; whether that was possible. */
    private boolean noted(Asked asked) {
        if (turn.isHeldByCurrentThread() || !turn.tryLock()) {
            return false;
        }
        try {
            boolean next = awaited || asked.is(hello);
            answered(asked, null);
            if (next) {
                wake.run();
            }
            return true;
        } finally {
            turn.unlock();
        }
    }

    private void answered(Asked asked, @Nullable String refusal) {
        if (!asked.is(copy) && !asked.is(hello)) {
            // Given up before, or from one that has gone.
            return;
        }
        if (refusal != null) {
            refused(asked, refusal);
        } else if (asked.is(hello)) {
            hello = null;
            begin(asked.peer());
        } else {
            copy = null;
            asked.pieces().forEach(Source.Piece::arrived);
            counts.copied(asked.pieces());
        }
    }

    private void begin(Peer peer) {
        keepers.worked(peer.id());
        if (gone(peer)) {
            return;
        }
        counts.keeper(peer);
        keeper = peer;
        copy = null;
        sources.forEach(Source::begin);
        waits = true;
    }

    private void refused(Asked asked, String why) {
        long now = nanos.getAsLong();
        keepers.failed(asked.peer().id(), now);
        counts.failed(asked.peer(), asked.pieces(), why);
        if (asked.is(hello)) {
            hello = null;
        } else {
            without();
        }
        lookAt = now;
    }

    /** To be called when {@link #step} is called no more. */
    void close() {
        sources.forEach(Source::close);
    }

    /** What the others are told last; null: they keep nothing of this node. */
    @Nullable Letter farewell() {
        return telling.last();
    }
}
