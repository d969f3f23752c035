package dev.tollgate.accounting.outbox;

import dev.tollgate.accounting.journal.Journal;
import dev.tollgate.accounting.journal.JournalReader;
import dev.tollgate.accounting.journal.Mark;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One journal, and how much of it the keeper has. What answers wait for goes first; what an earlier keeper had and the store has
 * not is brought besides. All but {@link #stored} on the copying thread.
 */
final class Source {
    private static final Logger LOG = LoggerFactory.getLogger(Source.class);

    private final Path folder;
    private final LaneCopies lane;
    private volatile long stored;
    private long live;
    /** Where what is new to the keeper begins, when the letter that is under way has arrived. */
    private long sent;

    private long backlog;
    private long backlogEnd;
    private @Nullable FileChannel open;
    private int openNumber;

    Source(Path folder, LaneCopies lane) {
        this.folder = folder;
        this.lane = lane;
    }

    /** Part of the journal that is to be sent; {@code next} is where the part behind it begins. */
    record Piece(Source source, boolean isLive, long next, CopyLetter.Part part, int records) {
        /** The keeper has it. */
        void arrived() {
            source.move(isLive, next);
        }
    }

    LaneCopies lane() {
        return lane;
    }

    /** What is stored needs no copy; from the thread that stores. */
    void stored(long mark) {
        stored = Math.max(stored, mark);
    }

    long stored() {
        return stored;
    }

    /** Another keeper, which has nothing yet. Where nobody waits, new answers must not wait for old ones either. */
    void begin() {
        live = lane.waiting() == 0 ? lane.appended() : Math.max(live, stored);
        sent = live;
        backlog = stored;
        backlogEnd = live;
    }

    /** Nobody waits for a keeper now. */
    void letGo() {
        lane.release(lane.appended());
    }

    /** Whether there is something that no letter has had yet. */
    boolean grown() {
        return lane.appended() > Math.max(live, sent);
    }

    /** Whether there is something besides that the keeper has to be brought. */
    boolean isBehind() {
        return backlog < backlogEnd;
    }

    /** What comes next, about {@code room} bytes of it; null: nothing. */
    @Nullable Piece next(boolean isLive, int room) throws IOException {
        if (stored > live) {
            move(true, stored);
        }
        backlog = Math.max(backlog, stored);
        caughtUp();
        long at = isLive ? live : backlog;
        long end = isLive ? lane.appended() : backlogEnd;
        while (at < end) {
            int number = Mark.file(at);
            boolean last = number == Mark.file(end);
            JournalReader.Extract found =
                    extract(number, Mark.position(at), last ? Mark.position(end) : Long.MAX_VALUE, room);
            if (found != null && found.records() > 0) {
                long next = at + found.bytes().length();
                sent = isLive ? next : sent;
                return new Piece(
                        this, isLive, next, new CopyLetter.Part(lane.journal(), at, found.bytes()), found.records());
            }
            at = last ? end : Mark.of(number + 1, 0);
            move(isLive, at);
        }
        return null;
    }

    /** Null: the file was stored and is gone. */
    private JournalReader.@Nullable Extract extract(int number, long from, long until, int room) throws IOException {
        try {
            return JournalReader.extract(opened(number), from, until, room);
        } catch (NoSuchFileException _) {
            return null;
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** A file is read for as long as it is written, up to a thousand times a second. */
    private FileChannel opened(int number) throws IOException {
        FileChannel file = open;
        if (file == null || number != openNumber) {
            close();
            file = FileChannel.open(folder.resolve(Journal.fileName(lane.journal(), number)), StandardOpenOption.READ);
            open = file;
            openNumber = number;
        }
        return file;
    }

    /** Nothing more is read for now. */
    void close() {
        FileChannel file = open;
        open = null;
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                LOG.warn("A journal that was read cannot be closed", e);
            }
        }
    }

    /** What cannot be read cannot be sent. */
    void skip() {
        move(true, lane.appended());
        backlog = backlogEnd;
    }

    private void move(boolean isLive, long to) {
        if (isLive) {
            live = to;
            lane.release(to);
        } else {
            backlog = to;
            caughtUp();
        }
    }

    /** Somebody may have begun to wait just as the keeper changed, for what goes with the old. */
    private void caughtUp() {
        if (backlog >= backlogEnd) {
            lane.release(Math.min(backlogEnd, live));
        }
    }
}
