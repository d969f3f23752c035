package dev.tollgate.gateway.surface;

import java.util.ArrayDeque;
import java.util.Deque;

/** Bytes of memory that large bodies of one lane may take together; whoever finds none left waits in line. */
final class BodyBudget {
    private final long size;
    private final Deque<Ticket> line = new ArrayDeque<>();
    private long free;

    BodyBudget(long size) {
        this.size = size;
        this.free = size;
    }

    /**
     * Asks for so many bytes; {@code granted} runs now or when others have given theirs back. A body larger than the whole budget
     * waits to be alone.
     */
    Ticket take(long bytes, Runnable granted) {
        Ticket ticket = new Ticket(Math.min(bytes, size), granted);
        line.add(ticket);
        serve();
        return ticket;
    }

    private void serve() {
        for (Ticket next = line.peek(); next != null && next.bytes <= free; next = line.peek()) {
            line.remove();
            free -= next.bytes;
            next.held = true;
            next.granted.run();
        }
    }

    /** A place in line at first, a share of the budget from when it is granted. */
    final class Ticket {
        private final Runnable granted;
        private long bytes;
        private boolean held;
        private boolean released;

        private Ticket(long bytes, Runnable granted) {
            this.bytes = bytes;
            this.granted = granted;
        }

        /** No more than this is needed after all. */
        void shrinkTo(long needed) {
            if (held && !released && needed < bytes) {
                free += bytes - needed;
                bytes = needed;
                serve();
            }
        }

        /** Gives back the share, or the place in line. Again does nothing. */
        void release() {
            if (released) {
                return;
            }
            released = true;
            if (held) {
                free += bytes;
            } else {
                line.remove(this);
            }
            serve();
        }
    }
}
