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

    /** Without anything that comes: a node that hangs must not keep this one from serving for ever. */
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final Peers peers;
    private final LongSupplier nanos;

    private final Map<Peer, Wait> behind = new LinkedHashMap<>();

    private int membership;
    private boolean met;

    /**
     * How it stands with one of them.
     *
     * @param since when something came of it last, by the clock's nanoseconds
     * @param trouble what went wrong so far
     */
    private record Wait(long since, String trouble) {
        @Override
        public String toString() {
            return trouble;
        }
    }

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
        long now = nanos.getAsLong();
        List<Peer> others = peers.all().stream()
                .filter(each -> !each.id().equals(peers.self()) && each.roles().contains(Role.ACCOUNTING))
                .toList();
        if (joined && !met) {
            met = true;
            others.forEach(each -> behind.put(each, new Wait(now, "no answer yet")));
        }
        behind.keySet()
                .removeIf(each -> others.stream().noneMatch(other -> other.id().equals(each.id())));
        giveUp(now);
        return new Sight(membership, others);
    }

    private void giveUp(long now) {
        Map<Peer, Wait> hopeless = new LinkedHashMap<>(behind);
        hopeless.values().removeIf(each -> now - each.since() < LONGEST.toNanos());
        if (!hopeless.isEmpty()) {
            LOG.warn(
                    "This node serves without the keys, users, teams and models that others have made or changed: they could not be"
                            + " fetched within {} s. It goes on asking {}",
                    LONGEST.toSeconds(),
                    hopeless);
            behind.keySet().removeAll(hopeless.keySet());
        }
    }

    /** This node has what that one had. */
    synchronized void has(int in, String node) {
        if (in == membership) {
            behind.keySet().removeIf(each -> each.id().equals(node));
        }
    }

    /** Some of what that node has came, and there is more: a long fetch is waited for as long as it goes on. */
    synchronized void goesOn(String node) {
        behind.replaceAll(
                (each, before) -> each.id().equals(node) ? new Wait(nanos.getAsLong(), before.trouble()) : before);
    }

    /** What it has could not be fetched, and is asked for again. */
    synchronized void failed(int in, String node, Throwable cause) {
        if (in == membership) {
            behind.replaceAll((each, before) ->
                    each.id().equals(node) ? new Wait(before.since(), String.valueOf(cause.getMessage())) : before);
        }
    }
}
