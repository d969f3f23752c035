package dev.tollgate.accounting.book;

import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Role;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which nodes this one has to have everything of before it is ready: those that are there when it becomes a member, as long as they are.
 * Who comes later is not waited for. What was found out in an earlier membership does not count in this one, for the others have gone on
 * meanwhile. From any thread.
 */
final class Awaited {
    private static final Logger LOG = LoggerFactory.getLogger(Awaited.class);

    /** A node that hangs must not keep this one from serving for ever. */
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final Peers peers;
    private final LongSupplier nanos;

    /** What went wrong with each so far. */
    private final Map<Peer, String> behind = new LinkedHashMap<>();

    private int membership;
    private boolean met;
    private long since;

    Awaited(Peers peers, LongSupplier nanos) {
        this.peers = peers;
        this.nanos = nanos;
    }

    /** The other nodes with books, in one membership of this one. */
    record Sight(int membership, List<Peer> others) {}

    synchronized boolean isOver() {
        return met && behind.isEmpty();
    }

    synchronized int membership() {
        return membership;
    }

    /** To be called whenever nodes have changed: a node that is no member any more begins from the start. */
    synchronized void changed() {
        if (peers.state() != Peers.State.JOINED) {
            membership++;
            met = false;
            behind.clear();
        }
    }

    /** To be called from time to time. */
    synchronized Sight look() {
        // Before the members: those of a node that has joined are all there.
        boolean joined = peers.state() == Peers.State.JOINED;
        List<Peer> others = peers.all().stream()
                .filter(each -> !each.id().equals(peers.self()) && each.roles().contains(Role.ACCOUNTING))
                .toList();
        if (joined && !met) {
            met = true;
            since = nanos.getAsLong();
            others.forEach(each -> behind.put(each, "no answer yet"));
        }
        behind.keySet()
                .removeIf(each -> others.stream().noneMatch(other -> other.id().equals(each.id())));
        if (!behind.isEmpty() && nanos.getAsLong() - since >= LONGEST.toNanos()) {
            LOG.warn(
                    "This node serves without the keys, users, teams and models that others have made or changed: they could not be"
                            + " fetched within {} s. It goes on asking {}",
                    LONGEST.toSeconds(),
                    behind);
            behind.clear();
        }
        return new Sight(membership, others);
    }

    /** This node has what that one had. */
    synchronized void has(int in, String node) {
        if (in == membership) {
            behind.keySet().removeIf(each -> each.id().equals(node));
        }
    }

    /** What it has could not be fetched, and is asked for again. */
    synchronized void failed(int in, String node, Throwable cause) {
        if (in == membership) {
            behind.replaceAll((each, before) -> each.id().equals(node) ? String.valueOf(cause.getMessage()) : before);
        }
    }
}
