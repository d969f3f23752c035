package dev.tollgate.accounting;

import dev.tollgate.accounting.journal.Journal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the records of one lane's settled calls: those of one turn of the event loop in one write, for asking the system costs more than
 * what is written. No answer goes out before the record of its call has left the process.
 */
final class GroupCommit {
    private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);

    /** As many bytes are not kept waiting: others on the lane do while they are written. */
    private static final int FULL = 256 << 10;

    private final Journal journal;
    private final Executor behind;
    private List<Buffer> records = new ArrayList<>();
    private List<Promise<Boolean>> answers = new ArrayList<>();
    private int bytes;
    private boolean closed;

    /** {@code behind}: runs something on the lane when all that waits there now has run. */
    GroupCommit(Journal journal, Executor behind) {
        this.journal = journal;
        this.behind = behind;
    }

    /** The records of one call. Completes on the lane: whether they have left the process, or the disk has refused them. */
    Future<Boolean> append(List<Buffer> of) {
        if (answers.isEmpty() && !closed) {
            behind.execute(this::write);
        }
        Promise<Boolean> written = Promise.promise();
        records.addAll(of);
        answers.add(written);
        for (Buffer record : of) {
            bytes += record.length();
        }
        if (bytes >= FULL || closed) {
            write();
        }
        return written.future();
    }

    /** Writes what waits; nothing has to. */
    void write() {
        if (answers.isEmpty()) {
            return;
        }
        List<Buffer> group = records;
        List<Promise<Boolean>> told = answers;
        records = new ArrayList<>(group.size());
        answers = new ArrayList<>(told.size());
        bytes = 0;
        boolean written;
        try {
            written = journal.append(group);
        } catch (RuntimeException | Error e) {
            // Whatever it is: whoever heard nothing would wait for ever.
            LOG.error("The records of {} calls could not be written", told.size(), e);
            told.forEach(answer -> end(() -> answer.fail(e)));
            return;
        }
        told.forEach(answer -> end(() -> answer.complete(written)));
    }

    /** The lane ends: what waits is written, and what still comes is at once. */
    void close() {
        closed = true;
        write();
    }

    /** What one call's listener does wrong is not the others' business: they would wait for ever. */
    private static void end(Runnable answer) {
        try {
            answer.run();
        } catch (RuntimeException | Error e) {
            LOG.error("A call could not be ended after its record was written", e);
        }
    }
}
