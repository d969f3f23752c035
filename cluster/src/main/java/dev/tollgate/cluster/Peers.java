package dev.tollgate.cluster;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * The nodes of the cluster as this one sees them, and how to reach them. May be used from any thread; a future that is asked for on a
 * Vert.x context completes there.
 */
public interface Peers {

    /** How far this node is. */
    enum State {
        /** There is no cluster. */
        ALONE,
        /** It looks for the others. */
        JOINING,
        /** It is a member, perhaps the first. */
        JOINED,
        /** It has left, or was cut off and cannot come back. */
        LEFT
    }

    /** How far this node is. */
    State state();

    /** This node's id. */
    String self();

    /** All members, this one included, oldest first. */
    List<Peer> all();

    /**
     * All members but those that have only just come and do not listen to letters yet: the ones to work with. A member that has once
     * listened stays among them as long as it is a member.
     */
    default List<Peer> listening() {
        return all();
    }

    /** {@code changed} runs whenever {@link #state}, {@link #all} or {@link #listening} has changed, on some thread; it must not block. */
    void onChange(Runnable changed);

    /** From now on letters about that topic go to this handler, on some thread; it must not block. */
    void receive(String topic, Function<Letter, Future<Letter>> handler);

    /** Asks one node. Fails when it does not answer in time, or its handler failed. */
    Future<Letter> ask(String node, Letter letter, Duration within);

    /** Tells one node, and does not wait; what cannot be delivered is lost. */
    void tell(String node, Letter letter);

    /** Asks all others at once. Never fails: who does not answer is in the receipt. */
    default Future<Receipt> announce(Letter letter, Duration within) {
        return announce(letter, within, EnumSet.allOf(Role.class));
    }

    /** Asks all others at once that play one of these roles. */
    Future<Receipt> announce(Letter letter, Duration within, Set<Role> roles);

    /** Leaves in good order; afterwards nobody is reached any more. */
    Future<Void> leave();
}
