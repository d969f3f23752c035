package dev.tollgate.accounting;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.TwinLedger;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Role;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Keeps the ledgers of a cluster alike whose nodes have one each: every node tells how many batches of each origin it has, and whoever
 * has less fetches them. Journals are told as stored only when another node has what they hold. See decision 0016.
 */
final class LedgerTwins {
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final int LETTER_BYTES = 256 << 10;
    private static final long TELL_MILLIS = 5_000;
    private static final long CUT_MILLIS = 5_000;

    private final Peers peers;
    private final InstantSource clock;

    /** Answers other nodes; never waits for whoever writes. */
    private final TwinThread answering = new TwinThread("tollgate-twins-answer");

    private final TwinThread adding = new TwinThread("tollgate-twins-add");
    private final TwinFetching fetching;
    private final SnapshotParts parts;
    private final Map<String, Map<String, Long>> theirs = new ConcurrentHashMap<>();
    private final Deque<Stored> stored = new ArrayDeque<>();
    private final AtomicBoolean looking = new AtomicBoolean();
    private final AtomicBoolean cutting = new AtomicBoolean();
    private volatile Map<String, Long> mine = Map.of();
    private volatile boolean tell = true;
    private volatile long cutMillis;
    private boolean open;

    /** On the answering thread. */
    private long toldMillis;

    /** How far journals are stored, when this run had so many batches. */
    private record Stored(long batches, Map<String, Long> marks, Consumer<Map<String, Long>> told) {}

    /**
     * Listens from now on.
     *
     * @param changedByHand hears of balances that another node has changed by hand, or that were taken over from it
     */
    LedgerTwins(Peers peers, Consumer<List<Balance>> changedByHand, InstantSource clock) {
        this.peers = peers;
        this.clock = clock;
        this.fetching = new TwinFetching(peers, adding, this::others, changedByHand, clock);
        this.parts = new SnapshotParts(LETTER_BYTES, clock);
        peers.receive(BatchLetter.HEARD, this::heard);
        peers.receive(
                BatchLetter.LACKING,
                letter -> answering.ask(
                        own -> BatchLetter.lacking(own.lacking(BatchLetter.origins(letter), LETTER_BYTES))));
        peers.receive(BatchLetter.PART, this::part);
        peers.onChange(() -> tell = true);
    }

    /** Whoever takes balances over finds its own calls among them, each once, whoever brought it. */
    private Future<Letter> part(Letter letter) {
        Future<Void> first = BatchLetter.name(letter).isEmpty()
                ? fetching.whatIsKept(BatchLetter.node(letter))
                : Future.succeededFuture();
        return first.transform(_ -> answering.ask(own -> parts.part(own, letter)));
    }

    private List<String> others() {
        return peers.all().stream()
                .filter(each -> !each.id().equals(peers.self()) && each.roles().contains(Role.ACCOUNTING))
                .map(Peer::id)
                .toList();
    }

    /** From time to time, on the ledger's thread, after what earlier runs left was stored. */
    void round(Ledger own) {
        if (!open) {
            open = true;
            answering.open(own::openTwin);
            adding.open(own::openTwin);
        }
        release(own);
        if (!looking.getAndSet(true)) {
            answering
                    .ask(each -> {
                        tell(each.origins());
                        return true;
                    })
                    .onComplete(_ -> looking.set(false));
        }
        if (clock.millis() >= cutMillis && !cutting.getAndSet(true)) {
            theirs.keySet().retainAll(others());
            adding.ask(TwinLedger::cut)
                    .onSuccess(more -> cutMillis = more ? 0 : clock.millis() + CUT_MILLIS)
                    .onComplete(_ -> cutting.set(false));
        }
    }

    /** On the answering thread. */
    private void tell(Map<String, Long> origins) {
        parts.tidy();
        long now = clock.millis();
        boolean news = !origins.equals(mine);
        mine = origins;
        if (news || tell || now - toldMillis >= TELL_MILLIS) {
            tell = false;
            toldMillis = now;
            Letter letter = BatchLetter.heard(peers.self(), origins);
            others().forEach(each -> peers.tell(each, letter));
        }
    }

    /** Journals are stored here up to these marks; {@code told} hears of it when another node has their rows, too. */
    void stored(Ledger own, Map<String, Long> marks, Consumer<Map<String, Long>> told) {
        Ledger.Own batches = own.own();
        Stored last = stored.peekLast();
        if (batches != null && (last == null || !last.marks().equals(marks))) {
            // The first is kept, for its turn comes soonest; between it and the last there need be none.
            if (stored.size() > 1) {
                stored.removeLast();
            }
            stored.addLast(new Stored(batches.number(), marks, told));
        }
        release(own);
    }

    private void release(Ledger own) {
        Ledger.Own batches = own.own();
        long known = batches == null
                ? -1
                : others().stream()
                        .mapToLong(each -> theirs.getOrDefault(each, Map.of()).getOrDefault(batches.origin(), 0L))
                        .max()
                        .orElse(-1);
        while (!stored.isEmpty() && stored.getFirst().batches() <= known) {
            Stored first = stored.removeFirst();
            first.told().accept(first.marks());
        }
    }

    /** Answers when what the other has is here, or cannot be had. */
    private Future<Letter> heard(Letter letter) {
        String node = BatchLetter.node(letter);
        Map<String, Long> there = BatchLetter.origins(letter);
        theirs.put(node, there);
        Map<String, Long> here = mine;
        boolean lacks =
                there.entrySet().stream().anyMatch(each -> each.getValue() > here.getOrDefault(each.getKey(), 0L));
        return lacks ? fetching.from(node).transform(_ -> origins()) : Future.succeededFuture(answer(here));
    }

    private Future<Letter> origins() {
        return answering.ask(TwinLedger::origins).map(this::answer);
    }

    private Letter answer(Map<String, Long> origins) {
        return BatchLetter.heard(peers.self(), origins);
    }

    /** Completes when the others have all that is stored here, or after a moment. Before this node leaves. */
    Future<Void> handOver() {
        return origins()
                .compose(letter -> peers.announce(letter, ANSWER, EnumSet.of(Role.ACCOUNTING)))
                .map(receipt -> {
                    receipt.answers().forEach((peer, answer) -> theirs.put(peer.id(), BatchLetter.origins(answer)));
                    return null;
                });
    }

    /** Completes when all that other nodes had when this was called is in this node's ledger. */
    Future<Void> catchUp() {
        return Future.all(others().stream().map(fetching::from).toList()).mapEmpty();
    }

    /** What a holder spent in the period that began last, in all ledgers together; fails when one of them cannot be asked. */
    Future<Optional<Balance>> balance(Holder holder) {
        return catchUp().compose(_ -> adding.ask(own -> Optional.ofNullable(own.balance(holder))));
    }

    /** After the ledger is closed, which is asked no more. */
    Future<Void> close() {
        return Future.join(answering.close(), adding.close()).mapEmpty();
    }
}
