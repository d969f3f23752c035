package dev.tollgate.accounting.book;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * All that the admin API manages, of one node: every entry in memory, written through to the store. Reading is at once and from any
 * thread; writing blocks until the store has it.
 */
public interface Book extends Accounts {

    /** The entry as it is now. */
    Optional<Entry> entry(Kind kind, String id);

    /** All entries of a kind, in no order. */
    List<Entry> entries(Kind kind);

    /**
     * Returns when the entries are known. Just after the start they may still be on their way.
     *
     * @throws Unavailable when the store has not said in that time which there are
     */
    void known(Duration longest) throws Unavailable;

    /**
     * Writes all the changes or none, first into the store and then into the memory of this node and of all others, where they hold
     * from the next call on.
     *
     * @return nodes that did not say in time that they know of it
     * @throws Stale when an entry is not any more what a change is based on; nothing is written
     * @throws Unavailable when the store does not take it; nothing is written
     */
    List<String> write(List<Change> changes) throws Stale, Unavailable;

    /** Somebody else changed the entry meanwhile. */
    final class Stale extends Exception {
        private static final long serialVersionUID = 1;

        /** Says which. */
        public Stale(Change change) {
            super("The " + change.kind().storedName() + " was changed by somebody else meanwhile; read it again");
        }
    }

    /** The store is away. */
    final class Unavailable extends Exception {
        private static final long serialVersionUID = 1;

        /** Says what is wrong with the store and what to do. */
        public Unavailable(String message, Throwable cause) {
            super(message, cause);
        }

        /** Says what is not known, and what to do. */
        public Unavailable(String message) {
            super(message);
        }
    }
}
