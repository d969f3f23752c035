package dev.tollgate.accounting.book;

import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a node's own store, which the other nodes of its cluster keep in theirs as well. Versions count the changes of this
 * store; beside them each entry has a stamp, which is the same in all stores. See decision 0016.
 */
public interface StampedDefinitions extends Definitions {
    /** For how long the deletion of an entry is told to nodes that come back, in milliseconds. */
    long REMEMBERED_MILLIS = 90 * 86_400_000L;

    /**
     * One entry as every node has it.
     *
     * @param kind what it is about
     * @param id its id among those
     * @param stamp where the change stands in the order of all, from 1: later than all that its writer knew of
     * @param document its fields as JSON text, or null: it was deleted
     * @param millis when it was written, in milliseconds since 1970 UTC by the writer's clock
     */
    record Stamped(
            Kind kind, String id, long stamp, @Nullable String document, long millis) {

        /**
         * Whether this one is to be kept, and not that other state of the same entry. Of two that were written by two nodes at once a
         * deletion is kept, for what was taken away must not come back by chance, and else the greater text: all decide alike.
         */
        public boolean beats(long otherStamp, @Nullable String other) {
            if (stamp != otherStamp) {
                return stamp > otherStamp;
            }
            return other != null && (document == null || document.compareTo(other) > 0);
        }

        /** Whose account it is. */
        public Holder holder() {
            return new Holder(kind, id);
        }
    }

    /** Gives all there are, in no order, deletions included. */
    void stamped(Consumer<Stamped> each);

    /** Those of these entries that are there, deletions included, in that order; {@code enough} ends it after any of them. */
    List<Stamped> stamped(Collection<Holder> of, Enough enough);

    /** Tells when something is enough. */
    @FunctionalInterface
    interface Enough {
        /** Asked once for each, in order. */
        boolean after(Stamped each);
    }

    /**
     * Takes over what other nodes have, where it {@linkplain Stamped#beats beats} what is here; durably, all or nothing. What is written
     * here from now on has a later stamp than any of it.
     *
     * @param nowMillis the time, in milliseconds since 1970 UTC
     * @return what was taken, with the versions that it has in this store, oldest first
     */
    Taken merge(List<Stamped> found, long nowMillis);

    /**
     * What came of it.
     *
     * @param stamped what was taken, as all nodes have it
     * @param definitions the same as this store has it
     */
    record Taken(List<Stamped> stamped, List<Definition> definitions) {
        /** Nothing was new. */
        public static final Taken NOTHING = new Taken(List.of(), List.of());

        public Taken {
            stamped = List.copyOf(stamped);
            definitions = List.copyOf(definitions);
        }
    }
}
