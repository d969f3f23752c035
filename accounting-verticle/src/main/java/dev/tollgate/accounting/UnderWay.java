package dev.tollgate.accounting;

import dev.tollgate.accounting.journal.Journal;
import dev.tollgate.accounting.journal.Slate;
import dev.tollgate.accounting.limit.SetAside;
import dev.tollgate.accounting.price.Cost;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Begun;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Settlement;
import dev.tollgate.protocol.Usage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The calls of one lane whose provider is being asked, each with the row that it would have if this program were killed now: nobody knows what
 * it will cost, so it counts what is set aside for it. The row stands on a {@link Slate} until the one of the settled call is in the
 * journal. What a killed run leaves there, {@link Delivery} brings into the ledger at the next start.
 */
final class UnderWay {
    private final Slate slate;
    private final Journal journal;
    private final Function<Begun, SetAside> setAside;
    private final RowWriter records = new RowWriter();
    private final Map<String, Slate.Entry> entries = new HashMap<>();

    /** Of calls whose rows are in memory, because the disk refuses the journal. */
    private final List<Slate.Entry> unwritten = new ArrayList<>();

    /** How many rows the journal had lost when the disk worked last. */
    private long lost;

    UnderWay(Slate slate, Journal journal, Function<Begun, SetAside> setAside) {
        this.slate = slate;
        this.journal = journal;
        this.setAside = setAside;
    }

    /** An attempt is about to be made. */
    void began(Begun begun) {
        Slate.Entry entry = slate.write(records.record(row(begun, setAside.apply(begun))));
        Slate.Entry before = entry == null ? null : entries.put(begun.call().id(), entry);
        if (before != null) {
            slate.wipe(before);
        }
    }

    /** The call is in the journal, or nobody is asked for it any more. */
    void over(String callId) {
        Slate.Entry entry = entries.remove(callId);
        if (entry != null) {
            if (journal.waits()) {
                unwritten.add(entry);
            } else {
                slate.wipe(entry);
            }
        }
    }

    /** To be called now and then: the disk may take the journal again. If that has lost rows, their calls' entries are all that is left of them. */
    void look() {
        slate.retry();
        if (!unwritten.isEmpty() && !journal.waits()) {
            if (journal.lost() == lost) {
                unwritten.forEach(slate::wipe);
            }
            unwritten.clear();
            lost = journal.lost();
        }
    }

    /** The lane ends. */
    void close() {
        slate.close();
    }

    private static SpendRow row(Begun begun, SetAside aside) {
        Call call = begun.call();
        long took = (System.nanoTime() - call.startedNanos()) / 1_000_000;
        Settlement killed = new Settlement(
                call.id(),
                call.surface(),
                call.caller(),
                call.envelope().user(),
                call.envelope().tags(),
                call.envelope().model(),
                null,
                new Answer.Route(
                        begun.group(),
                        begun.deploymentId(),
                        begun.provider(),
                        begun.upstreamModel(),
                        begun.apiBase(),
                        0,
                        0,
                        0,
                        0,
                        0,
                        List.of(),
                        false),
                Usage.NONE,
                call.envelope().stream(),
                System.currentTimeMillis() - took,
                took,
                -1,
                FailureKind.INTERRUPTED.status(),
                FailureKind.INTERRUPTED);
        return CallRows.last(killed, Cost.unpriced(aside.nanos()), aside.charges());
    }
}
