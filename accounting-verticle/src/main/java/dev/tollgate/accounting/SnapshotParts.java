package dev.tollgate.accounting;

import dev.tollgate.accounting.ledger.TwinLedger;
import dev.tollgate.cluster.Letter;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Shows other nodes all balances of one moment, in letters of bounded size. On the thread that asks the ledger. */
final class SnapshotParts {
    private static final long KEPT_MILLIS = Duration.ofMinutes(1).toMillis();

    private final int partBytes;
    private final InstantSource clock;

    /** By the node that takes it over; one that asks anew is shown a new one. */
    private final Map<String, Shown> shown = new HashMap<>();

    private record Shown(String name, Buffer all, long askedMillis) {}

    SnapshotParts(int partBytes, InstantSource clock) {
        this.partBytes = partBytes;
        this.clock = clock;
    }

    /** The part that a letter asks for. */
    Letter part(TwinLedger ledger, Letter letter) {
        long now = clock.millis();
        String node = BatchLetter.node(letter);
        String name = BatchLetter.name(letter);
        int from = BatchLetter.from(letter);
        @Nullable Shown known = shown.get(node);
        if (name.isEmpty()) {
            known = new Shown(UUID.randomUUID().toString(), BatchLetter.snapshot(ledger.snapshot()), now);
        } else if (known == null
                || !known.name().equals(name)
                || from > known.all().length()) {
            throw new IllegalStateException("That snapshot is gone");
        }
        int to = Math.min(known.all().length(), from + partBytes);
        boolean more = to < known.all().length();
        if (more) {
            shown.put(node, new Shown(known.name(), known.all(), now));
        } else {
            shown.remove(node);
        }
        return BatchLetter.part(known.name(), known.all().getBuffer(from, to), more);
    }

    /** Forgets what nobody has asked for in a while. */
    void tidy() {
        long now = clock.millis();
        shown.values().removeIf(each -> now - each.askedMillis() > KEPT_MILLIS);
    }
}
