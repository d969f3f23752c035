package dev.tollgate.accounting.book;

import dev.tollgate.accounting.book.Definitions.Definition;
import java.util.List;

/** Between a node's book and those of the other nodes of its cluster: tells what was written here, and takes over what they tell. */
interface Herald {

    /** The store is being opened, perhaps in vain. On the thread that asks the store. */
    void start();

    /** These are in the store now. On the thread that asks the store. */
    void wrote(List<Definition> written);

    /** Tells the others, and waits for a moment; names those that did not say that they know of it. */
    List<String> told(List<Definition> written);

    /** Whether this node has what those had that were there when it came; from any thread. */
    default boolean caughtUp() {
        return true;
    }
}
